/** A publish that breaks at its n-th operation, for every n: the old revision is served or the new one, whole, and the next publish completes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { breakOwnStorage } from './breaking.ts';
import { atFault, FAULTS, forEveryOperation } from './every.ts';
import { Breakable } from './organization.ts';

interface Scenario {
  readonly name: string;
  /** rows that the publish is of; never the same ones twice */
  change(n: number): string;
  readonly full?: boolean;
  /** something else is written before the next publish */
  readonly meanwhile?: boolean;
}

const assign = (n: number | string): string =>
  `INSERT INTO assignments (org, principal, role, scope) VALUES ($org, 'user:fault${n}', 'rol_reader', 'dataset:d1')`;

const SCENARIOS: readonly Scenario[] = [
  { name: 'an incremental publish', change: assign },
  { name: 'an incremental publish, before further changes', change: assign, meanwhile: true },
  { name: 'a publish of the catalog alone', change: (n) => `UPDATE roles SET name = 'Reader ${n}' WHERE org = $org AND id = 'rol_reader'` },
  {
    name: 'a full publish',
    change: (n) => `INSERT OR REPLACE INTO resources (org, resource, properties) VALUES ($org, 'dataset:d${n}', '{"n":${n}}')`,
    full: true,
  },
];

beforeAll(breakOwnStorage);

describe.each(SCENARIOS)('$name', ({ name, change, full = false, meanwhile = false }) => {
  it.each(FAULTS)(
    'SEC-15 whose n-th operation is %s: old or new, whole; the next one completes, and nothing leaks',
    async (fault) => {
      const org = await new Breakable(`${name.replaceAll(/\W+/g, '-')}-${fault}`).create();
      await org.note();
      await org.publish();
      await forEveryOperation(name, fault, async (n) => {
        const before = (await org.stub.pointer())!;
        const changed = await org.change(change(n));
        const { failed } = await org.broken(fault, n, (instance) => instance.publish({ org: org.id, full }));
        await atFault(org, n, async () => {
          const after = (await org.expectWhole())!;
          expect(failed ? [before.revision, changed] : [changed]).toContain(after.revision);
          const newest = meanwhile ? await org.change(assign(`${n}-meanwhile`)) : changed;
          await org.publish();
          expect(await org.expectWhole()).toMatchObject({ revision: newest, behindSince: null });
          await org.settle();
          await org.expectNothingLeaked();
        });
        return org;
      });
    },
    240_000,
  );
});

describe('the first publish of all', () => {
  it.each(FAULTS)(
    'SEC-15 whose n-th operation is %s: none or the first, whole; the next one completes, and nothing leaks',
    async (fault) => {
      await forEveryOperation('the first publish of all', fault, async (n) => {
        const org = await new Breakable(`first-${fault}-${n}`).create();
        const first = await org.note();
        const { failed } = await org.broken(fault, n, (instance) => instance.publish({ org: org.id }));
        await atFault(org, n, async () => {
          const after = await org.expectWhole();
          if (!failed) expect(after).toMatchObject({ revision: first });
          await org.publish();
          expect(await org.expectWhole()).toMatchObject({ revision: first });
          await org.settle();
          expect(await org.expectWhole()).toMatchObject({ revision: first });
          await org.expectNothingLeaked();
        });
        return org;
      });
    },
    240_000,
  );
});
