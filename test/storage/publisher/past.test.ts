/** What the Publisher says of revisions of the past, by number and by time, on the real Durable Object and D1. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { KeptRefusal, KeptRevision, WantedRevision } from '../../../src/pdp/ports.ts';
import { d1OrganizationLife } from '../../../src/storage/d1/organization-life.ts';
import type { Publisher } from '../../../src/storage/publisher/publisher.ts';
import { randomFrom } from '../../properties/random.ts';
import { DAY, HOUR, MINUTE, Organization } from './organization.ts';

const STATES = ['INACTIVE', 'ACTIVE', 'DRAFT'] as const;

/** With the clock of the organization: an object that was asked from outside may have gone to sleep and have lost it. */
function within<T>(org: Organization, work: (instance: Publisher, state: DurableObjectState) => T | Promise<T>): Promise<T> {
  return runInDurableObject(org.stub, (instance, state) => {
    instance.now = () => org.time;
    return work(instance, state);
  });
}

const ask = (org: Organization, wanted: WantedRevision): Promise<KeptRevision | KeptRefusal | null> =>
  within(org, (instance) => instance.kept(wanted));
const refusedAs = (answer: KeptRevision | KeptRefusal | null): string | null =>
  answer !== null && 'refused' in answer ? answer.refused : null;

describe('a revision of the past', () => {
  it('is the one of that number or time, or none, for more than a year of publishes and collections', async () => {
    const org = await new Organization('timeline').create();
    const random = randomFrom(11);
    for (let i = 0; i < 60; i++) {
      org.time += random.pick([1, MINUTE, 20 * MINUTE, 3 * HOUR, 9 * DAY]);
      await org.toggle(STATES[i % 3]!);
      if (random.chance(0.3)) await org.collect();
    }
    await org.collect();
    const { published } = org;
    const kept = new Set(await org.kept());
    expect(kept.size, 'some are dropped').toBeLessThan(published.length);
    const seen = { kept: 0, dropped: 0 };
    for (const [i, { revision, at, pieces }] of published.entries()) {
      const until = published[i + 1]?.at ?? org.time + DAY;
      const [manifest] = pieces;
      for (const wanted of [{ revision }, { time: at }, { time: (at + until) / 2 }, { time: until - 1 }]) {
        const answer = await ask(org, wanted);
        if (kept.has(revision)) expect(answer, JSON.stringify(wanted)).toEqual({ revision, manifest });
        else {
          expect(answer, JSON.stringify(wanted)).toMatchObject({ refused: 'dropped' });
          const { nearest, next } = answer as KeptRefusal; // it is one, as was just seen
          expect(next).toBe(Math.min(...[...kept].filter((other) => other > revision)));
          const before = Math.max(...[...kept].filter((other) => other < revision));
          expect([before, next]).toContain(nearest);
        }
        seen[kept.has(revision) ? 'kept' : 'dropped']++;
      }
    }
    expect(Math.min(seen.kept, seen.dropped)).toBeGreaterThan(20);
    const first = published[0]!;
    const oldest = Math.min(...kept);
    expect(await ask(org, { time: first.at - 1 })).toEqual({ refused: 'unknown', nearest: oldest, next: oldest });
  }, 60_000);

  it('is not collected while it is asked about, nor for some minutes more', async () => {
    const org = await new Organization('held').create();
    for (const state of STATES) {
      org.time += MINUTE;
      await org.toggle(state);
    }
    const [, second, third, last] = org.published.map(({ revision }) => revision);
    const at = org.published[2]!.at;
    org.time += 1_000 * DAY;
    await within(org, async (instance) => {
      expect(await instance.kept({ revision: second! })).toMatchObject({ revision: second });
      expect(await instance.kept({ time: at })).toMatchObject({ revision: third });
    });
    await runDurableObjectAlarm(org.stub);
    expect(await org.kept()).toEqual([second, third, last]);
    org.time += 9 * MINUTE;
    expect(await ask(org, { revision: second! })).toMatchObject({ revision: second });
    await org.collect();
    await org.collect();
    expect(await org.kept()).toEqual([last]);
    for (const wanted of [{ revision: second! }, { time: at }])
      expect(await ask(org, wanted)).toEqual({ refused: 'dropped', nearest: last, next: last });
    await org.expectWhole();
  });

  it('is not held anew by every question', async () => {
    const org = await new Organization('often').create();
    const { revision } = org.published[0]!;
    const until = (): Promise<number> =>
      within(org, async (instance, { storage }) => {
        await instance.kept({ revision });
        return storage.sql.exec<{ until: number }>('SELECT until FROM held WHERE revision = ?', revision).one().until;
      });
    const first = await until();
    org.time += 59_000;
    expect(await until()).toBe(first);
    org.time += 2_000;
    expect(await until()).toBe(first + 61_000);
    expect(first).toBe(org.time - 61_000 + 10 * MINUTE);
  });

  it('never was when the number is none of this organization, and is not published yet when it is committed', async () => {
    const org = await new Organization('numbers').create();
    const { revision } = org.published[0]!;
    const other = await new Organization('numbers-of-another').create();
    for (const wanted of [0, -1, revision + 1_000_000, 1.5, other.published[0]!.revision])
      expect(refusedAs(await ask(org, { revision: wanted })), String(wanted)).toBe('unknown');
    await org.sql("UPDATE policies SET state = 'DRAFT' WHERE org = $org AND id = 'pol_x'");
    const { seq } = (await env.DB.prepare('SELECT max(seq) AS seq FROM changes WHERE org = ?1').bind(org.id).first<{ seq: number }>())!;
    expect(await ask(org, { revision: seq })).toEqual({ refused: 'unpublished', nearest: revision, next: null });
    await org.sql("UPDATE policies SET state = 'INACTIVE' WHERE org = $org AND id = 'pol_x'");
    await org.publish();
    const next = org.published.at(-1)!.revision;
    expect(await ask(org, { revision: seq })).toEqual({ refused: 'dropped', nearest: next, next });
  });

  it('keeps its time when it is published again', async () => {
    const org = await new Organization('again').create();
    org.time += HOUR;
    await org.toggle('INACTIVE');
    const [first, second] = org.published;
    org.time += HOUR;
    await org.stub.publish({ org: org.id, full: true });
    expect(await ask(org, { time: second!.at - 1 })).toMatchObject({ revision: first!.revision });
    expect(await ask(org, { time: second!.at })).toMatchObject({ revision: second!.revision });
    expect((await org.stub.revisions()).map(({ at }) => at)).toEqual([second!.at, first!.at]);
  });

  it('is not claimed of a time when nobody noted until when it stood', async () => {
    const org = await new Organization('unnoted').create();
    org.time += HOUR;
    await org.toggle('INACTIVE');
    const [first, second] = org.published;
    await within(org, (_instance, { storage }) => void storage.sql.exec('DELETE FROM replaced'));
    expect(refusedAs(await ask(org, { time: first!.at }))).toBe('dropped');
    expect(refusedAs(await ask(org, { time: first!.at - 1 })), 'there may have been one').toBe('dropped');
    expect(await ask(org, { revision: first!.revision })).toMatchObject({ revision: first!.revision });
    expect(await ask(org, { time: second!.at })).toMatchObject({ revision: second!.revision });
  });

  it('is none of an organization that is deleted, nor of the next one of that name', async () => {
    const org = await new Organization('reborn').create();
    const [first] = org.published;
    await org.sql("UPDATE organizations SET state = 'deleting' WHERE id = $org");
    expect(await d1OrganizationLife(env.DB, org.id).sweep()).toBe(true);
    await org.stub.publish({ org: org.id });
    for (const wanted of [{ revision: first!.revision }, { time: first!.at }]) expect(await ask(org, wanted)).toBeNull();
    org.time += HOUR;
    await org.create();
    expect(refusedAs(await ask(org, { time: first!.at }))).toBe('unknown');
    expect(await ask(org, { time: org.time })).toMatchObject({ revision: org.published.at(-1)!.revision });
  });

  it('is none of an organization that never was, and asking stores nothing', async () => {
    const stub = env.PUBLISHER.get(env.PUBLISHER.idFromName('nowhere')) as DurableObjectStub<Publisher>;
    expect(await stub.kept({ revision: 1 })).toBeNull();
    expect(await stub.kept({ time: 0 })).toBeNull();
    await runInDurableObject(stub, (_instance, { storage }) => {
      expect(storage.sql.exec("SELECT name FROM sqlite_schema WHERE name NOT LIKE '\\_%' ESCAPE '\\'").toArray()).toEqual([]);
    });
  });

  it('is neither unknown nor dropped while D1 can not be asked: the question fails', async () => {
    const org = await new Organization('no-database').create();
    const { revision } = org.published[0]!;
    await within(org, async (instance) => {
      const down = { prepare: () => ({ bind: () => ({ first: () => Promise.reject(new Error('down')) }) }) };
      Object.assign(instance, { env: { ...env, DB: down } });
      await expect(instance.kept({ revision: revision - 1 })).rejects.toThrow('down');
      expect(await instance.kept({ revision })).toMatchObject({ revision });
      Object.assign(instance, { env });
    });
  });
});
