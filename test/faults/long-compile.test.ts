/** A compile of many invocations that breaks at its n-th operation, in the publish or in any alarm that goes on with it: old or new, whole, and it ends. */
import { beforeAll, describe, expect, it } from 'vitest';
import { MOST_OPERATIONS } from '../../src/storage/publisher/budget.ts';
import type { Publisher } from '../../src/storage/publisher/publisher.ts';
import { breakOwnStorage } from './breaking.ts';
import { atFault, forEveryOperation } from './every.ts';
import { Breakable } from './organization.ts';

/** so little that each invocation does one step */
const LITTLE = 75;
const MOST_STEPS = 12;

beforeAll(breakOwnStorage);

/** Publishes all anew, with all the alarms that it takes. @returns how many those were */
async function compileLong(org: Breakable, instance: Publisher): Promise<number> {
  let report = await instance.publish({ org: org.id, full: true });
  let alarms = 0;
  for (; report.compiling !== undefined && alarms < MOST_STEPS; alarms++) {
    org.time += 5_000;
    await instance.alarm();
    report = { ...report, compiling: (await instance.publish({ org: org.id })).compiling! };
  }
  return alarms;
}

describe('a compile of many invocations', () => {
  it.each(['refused', 'stopped'] as const)(
    'SEC-15 whose n-th operation is %s: old or new, whole; it ends by alarms, and nothing leaks',
    async (fault) => {
      const org = await new Breakable(`long-${fault}`).create();
      await org.note();
      await org.publish();
      let alarms = 0;
      await forEveryOperation('a compile of many invocations', fault, async (n) => {
        const before = (await org.stub.pointer())!;
        const newest = await org.change(
          `INSERT OR REPLACE INTO resources (org, resource, properties) VALUES ($org, 'dataset:d1', '{"n":${n}}')`,
          `INSERT OR REPLACE INTO subjects (org, subject, properties) VALUES ($org, 'user:ann', '{"n":${n}}')`,
        );
        org.most = LITTLE;
        await org.broken(fault, n, async (instance) => {
          alarms = Math.max(alarms, await compileLong(org, instance));
        });
        org.most = MOST_OPERATIONS;
        await atFault(org, n, async () => {
          expect([before.revision, newest]).toContain((await org.expectWhole())!.revision);
          await org.publish();
          await org.endCompile();
          expect(await org.expectWhole()).toMatchObject({ revision: newest, behindSince: null });
          await org.settle();
          await org.expectNothingLeaked();
        });
        return org;
      });
      console.info(`a compile of many invocations: ${alarms} alarms`);
      expect(alarms).toBeGreaterThan(1);
    },
    240_000,
  );
});
