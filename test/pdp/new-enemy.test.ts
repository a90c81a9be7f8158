/**
 * SEC-16 The new enemy: somebody's right is taken, and then something is put where they could have seen it. Over several isolates whose
 * stores are stale. Who gives the revision of the change is never answered with the old rights; and that this is what keeps the enemy out
 * is shown by who doesn't give it.
 */
import { describe, expect, it } from 'vitest';
import type { Want } from '../../src/pdp/pdp.ts';
import type { Health } from '../support/data-plane.ts';
import { subject } from '../support/snapshot.ts';
import { type Isolate, Location, StaleStores } from '../support/stale-stores.ts';

const FOLDER = 'folder:shared';
const reads = (id: string) => ({ subject: { type: 'user', id: 'eve' }, action: { name: 'read' }, resource: { type: 'doc', id } });

interface State {
  /** eve reads in the shared folder */
  readonly eve: boolean;
  /** the document `moved` lies there; `kept` always does */
  readonly moved: boolean;
}

/** Publishes the state; its revision is what the administration would answer. */
async function publish(stores: StaleStores, { eve, moved }: State): Promise<number> {
  const place = (id: string, parent: string) => ({
    key: `doc:${id}`,
    restricted: false,
    parents: [parent],
    owners: [],
    properties: '{}',
  });
  const principal = subject('user:eve', eve);
  await stores.publish({
    principals: [{ ...principal, grants: principal.grants.map((grant) => ({ ...grant, scope: FOLDER })) }],
    resources: [place('kept', FOLDER), place('moved', moved ? FOLDER : 'folder:private')],
  });
  return stores.newest;
}

/** `granted`, another reason, or `stale` */
async function asked(stores: StaleStores, isolate: Isolate, doc: string, want: Want): Promise<string> {
  const { clock } = stores;
  const answer = isolate.open(want).then((session) => session.decide(reads(doc), clock.now()));
  return clock.settle(answer).then(
    ({ reason }) => reason,
    (error: { code: string }) => error.code,
  );
}

const ISOLATES = 4;

/** Isolates that know what was before: two of one location, and their clocks differ. */
async function knowing(): Promise<{ stores: StaleStores; isolates: Isolate[] }> {
  const stores = new StaleStores();
  const here = new Location(true);
  const isolates = Array.from({ length: ISOLATES }, (_, i) =>
    stores.isolate({ location: i < 2 ? here : new Location(true), skewMs: (i - 1) * 1_500 }),
  );
  await publish(stores, { eve: true, moved: false });
  for (const isolate of isolates) expect(await asked(stores, isolate, 'kept', {})).toBe('granted');
  return { stores, isolates };
}

/** Eve's right is taken, then the document is put into the folder, and the other one gets a new content. @returns the change's revision */
async function revokeThenChange(stores: StaleStores): Promise<number> {
  await publish(stores, { eve: false, moved: false });
  return publish(stores, { eve: false, moved: true });
}

describe('over stores that are stale', () => {
  it('without the revision of the change the old rights meet the new content: the enemy is real', async () => {
    const { stores, isolates } = await knowing();
    stores.kvLagMs = 60_000;
    await revokeThenChange(stores);
    for (const isolate of isolates) expect(await asked(stores, isolate, 'kept', {})).toBe('granted');
  });

  it('with it they never do, whoever is asked', async () => {
    const { stores, isolates } = await knowing();
    stores.kvLagMs = 60_000;
    const minRevision = await revokeThenChange(stores);
    for (const isolate of isolates) {
      for (const doc of ['kept', 'moved']) expect(await asked(stores, isolate, doc, { minRevision })).toBe('no_grant');
      // and from then on nobody gets the old ones there
      expect(await asked(stores, isolate, 'kept', {})).toBe('no_grant');
    }
  });

  const LINES: readonly (readonly [Health, Health])[] = [
    ['up', 'hang'],
    ['down', 'up'],
    ['hang', 'up'],
    ['down', 'down'],
    [300, 900],
    [3_000, 20],
  ];
  it.each(LINES)('nor where the Publisher is %s and KV %s: refused, or answered rightly', async (publisher, kv) => {
    const { stores, isolates } = await knowing();
    const reasons = new Set<string>();
    for (const lag of [0, 60_000]) {
      stores.kvLagMs = lag;
      const minRevision = await revokeThenChange(stores);
      stores.publisher = publisher;
      stores.kv = kv;
      for (const isolate of [...isolates, stores.isolate()]) {
        for (const doc of ['kept', 'moved']) reasons.add(await asked(stores, isolate, doc, { minRevision }));
      }
      stores.publisher = 'up';
      stores.kv = 'up';
      await stores.clock.advance(100_000);
      await publish(stores, { eve: true, moved: false });
      for (const isolate of isolates) expect(await asked(stores, isolate, 'kept', { minRevision: stores.newest })).toBe('granted');
    }
    for (const reason of reasons) expect(['no_grant', 'stale']).toContain(reason);
  });

  it('rights and places of different revisions never meet: old knowledge is old as a whole', async () => {
    const { stores, isolates } = await knowing();
    const sessions = await Promise.all(isolates.map((isolate) => stores.clock.settle(isolate.open())));
    await revokeThenChange(stores);
    await stores.clock.advance(9_000);
    for (const session of sessions) {
      const decided = await stores.clock.settle(session.decide(reads('moved'), stores.clock.now()));
      expect([session.revision, decided.reason]).toEqual([1, 'no_grant']);
    }
    for (const isolate of isolates) expect(await asked(stores, isolate, 'moved', {})).toBe('no_grant');
  });

  it('without a revision the old rights end within 10 s, whoever is asked', async () => {
    const { stores, isolates } = await knowing();
    stores.kvLagMs = 60_000;
    await revokeThenChange(stores);
    // the two of one location share what they hear, and their clocks differ by less than this
    await stores.clock.advance(10_000 + 1_500);
    for (const isolate of isolates) expect(await asked(stores, isolate, 'kept', {})).toBe('no_grant');
  });
});
