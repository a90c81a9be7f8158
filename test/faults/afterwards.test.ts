/** What comes after publishes, broken at its n-th operation: the end of an organization, the collection of old revisions, alarms that make up for KV. */
import { beforeAll, describe, expect, it } from 'vitest';
import { DAY } from '../storage/publisher/organization.ts';
import { breakOwnStorage } from './breaking.ts';
import { atFault, FAULTS, forEveryOperation } from './every.ts';
import { Breakable } from './organization.ts';

beforeAll(breakOwnStorage);

async function published(name: string): Promise<Breakable> {
  const org = await new Breakable(name).create();
  await org.note();
  await org.publish();
  return org;
}

describe('the end of an organization', () => {
  it.each(FAULTS)(
    'SEC-15 whose n-th operation is %s: as before or gone; the next publish ends it, and nothing is left',
    async (fault) => {
      await forEveryOperation('the end of an organization', fault, async (n) => {
        const org = await published(`end-${fault}-${n}`);
        const before = await org.stub.pointer();
        await org.sql("UPDATE organizations SET state = 'deleting' WHERE id = $org");
        const { failed } = await org.broken(fault, n, (instance) => instance.publish({ org: org.id }));
        await atFault(org, n, async () => {
          const after = await org.expectWhole();
          if (failed) expect([before, null]).toContainEqual(after);
          else expect(after).toBeNull();
          await org.publish();
          expect(await org.stub.pointer()).toBeNull();
          await org.settle();
          await org.expectNothingLeaked();
        });
        return org;
      });
    },
    240_000,
  );

  it.each(FAULTS)(
    'SEC-16 whose n-th operation is %s: made again, it lies above what it was',
    async (fault) => {
      await forEveryOperation('an organization that is made again', fault, async (n) => {
        const org = await published(`again-${fault}-${n}`);
        const before = (await org.stub.pointer())!;
        await org.sql("UPDATE organizations SET state = 'deleting' WHERE id = $org");
        await org.broken(fault, n, (instance) => instance.publish({ org: org.id }));
        await atFault(org, n, async () => {
          await org.sql("UPDATE organizations SET state = 'active' WHERE id = $org");
          await org.note();
          await org.publish();
          const after = (await org.expectWhole())!;
          expect(after.revision).toBeGreaterThan(before.revision);
          await org.settle();
          await org.expectNothingLeaked();
        });
        return org;
      });
    },
    240_000,
  );
});

describe('the collection of old revisions', () => {
  it.each(FAULTS)(
    'SEC-15 whose n-th operation is %s: no kept revision lacks a piece; it goes on, and nothing leaks',
    async (fault) => {
      const org = await published(`collection-${fault}`);
      await forEveryOperation('a collection', fault, async (n) => {
        for (const name of ['a', 'b']) {
          org.time += DAY;
          await org.change(`UPDATE policies SET name = '${name}${n}' WHERE org = $org AND id = 'pol_x'`);
          await org.publish();
        }
        org.time += 500 * DAY;
        const { failed } = await org.broken(fault, n, (instance) => instance.alarm());
        await atFault(org, n, async () => {
          await org.expectWhole();
          await org.expectKeptWhole();
          if (failed) await org.alarmAgain();
          await org.expectKeptWhole();
          await org.settle();
          await org.expectNothingLeaked();
        });
        return org;
      });
    },
    240_000,
  );
});

describe('an alarm that gives KV what it did not take', () => {
  it.each(FAULTS)(
    'SEC-15 whose n-th operation is %s: the next one gives it, and nothing leaks',
    async (fault) => {
      await forEveryOperation('an alarm', fault, async (n) => {
        const org = await new Breakable(`alarm-${fault}-${n}`).create();
        await org.note();
        org.breaking.down.add('KV');
        await org.publish();
        org.breaking.down.clear();
        org.time += 2_000;
        const { failed } = await org.broken(fault, n, (instance) => instance.alarm());
        await atFault(org, n, async () => {
          await org.expectWhole();
          if (failed) await org.alarmAgain();
          await org.settle();
          await org.expectWhole();
          await org.expectNothingLeaked();
        });
        return org;
      });
    },
    240_000,
  );
});
