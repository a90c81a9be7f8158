/**
 * All that was derived is lost, and only D1 is left: the next publish, or the sweep, brings back the same pieces, under a new revision, since isolates were
 * told meanwhile that there is nothing.
 */
import { createScheduledController, evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { Pdp } from '../../src/pdp/pdp.ts';
import { kvBlobStore } from '../../src/storage/kv/blob-store.ts';
import { organizationPrefix } from '../../src/storage/kv/keys.ts';
import { publisherPort } from '../../src/storage/publisher-port.ts';
import { sha256Hex } from '../../src/storage/sha256.ts';
import worker from '../../src/worker.ts';
import { Breakable } from './organization.ts';

const REQUEST = { subject: { type: 'user', id: 'ann' }, action: { name: 'read' } };
const MINUTE = 60_000;

/** KV has nothing of it, and its object is a new one. */
async function loseAllButD1(org: Breakable): Promise<void> {
  const { keys } = await env.KV.list({ prefix: organizationPrefix(org.id) });
  for (const { name } of keys) await env.KV.delete(name);
  await runInDurableObject(org.stub, async (_, { storage }) => {
    await storage.deleteAlarm();
    await storage.deleteAll();
  });
  await evictDurableObject(org.stub);
  await org.wire();
  expect(await org.stub.pointer()).toBeNull();
}

async function published(id: string, more = 3): Promise<Breakable> {
  const org = await new Breakable(id).create();
  await org.note();
  await org.publish();
  for (let n = 0; n < more; n++) {
    org.time += MINUTE;
    await org.change(`INSERT INTO assignments (org, principal, role, scope) VALUES ($org, 'user:u${n}', 'rol_reader', 'org')`);
    await org.publish();
  }
  return org;
}

/** An isolate over the real stores, with the clock of the test. */
function isolate(org: Breakable): Pdp {
  // `as`: the stub's methods are those of the Publisher, which the binding's own type doesn't say
  const namespace = env.PUBLISHER as unknown as Parameters<typeof publisherPort>[0];
  const ports = {
    publisher: publisherPort(namespace, org.id),
    blobs: kvBlobStore(env.KV, org.id),
    location: { get: async () => null, put: async () => undefined },
  };
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  return new Pdp(() => ports, { now: () => org.time, random: Math.random, sleep, sha256: (bytes) => sha256Hex(bytes) });
}

const life = { waitUntil: () => undefined };

describe('when only D1 is left', () => {
  it('SEC-16 the next publish brings back the same pieces, above all that was, in every store', async () => {
    const org = await published('lost');
    const before = (await org.expectWhole())!;
    const [, ...pieces] = await org.piecesOf(before);
    await loseAllButD1(org);
    await org.publish();
    await org.note();
    const after = (await org.expectWhole())!;
    expect(after.revision).toBeGreaterThan(before.revision);
    expect((await org.piecesOf(after)).slice(1)).toEqual(pieces);
    await org.settle();
    await org.expectNothingLeaked();
  });

  it('the sweep finds it within a turn, though D1 says that all is published', async () => {
    const orgs: Breakable[] = [];
    for (let i = 0; i < 12; i++) orgs.push(await published(`swept-${i}`, 0));
    const before = await Promise.all(orgs.map((org) => org.stub.pointer()));
    for (const org of orgs) await loseAllButD1(org);
    for (let minute = 0; minute < 5; minute++) {
      const context = createScheduledController({ scheduledTime: new Date(minute * MINUTE) });
      // `as`: the Worker's own bindings
      await worker.scheduled(context, env as unknown as Parameters<typeof worker.scheduled>[1]);
    }
    for (const [i, org] of orgs.entries()) {
      await org.note();
      expect((await org.expectWhole())!.revision).toBeGreaterThan(before[i]!.revision);
    }
  }, 60_000);

  it('an isolate that held it is told that there is none, allows nothing, and goes on with keys and all once it is published again', async () => {
    const org = await published('held');
    const pdp = isolate(org);
    const first = await pdp.open(org.id, {}, life);
    expect(await first.decide(REQUEST, org.time)).toMatchObject({ decision: true });
    await loseAllButD1(org);
    expect(await first.decide(REQUEST, org.time), 'an open session stays as it is').toMatchObject({ decision: true });
    expect(pdp.open(org.id, {}, life), 'and so does what is known, while it is young').toMatchObject({ revision: first.revision });
    org.time += 11_000;
    await expect(pdp.open(org.id, {}, life)).rejects.toMatchObject({ code: 'unknown_organization' });
    await org.publish();
    org.time += 2_000;
    const again = await pdp.open(org.id, {}, life);
    expect(again.revision).toBeGreaterThan(first.revision);
    expect(await again.decide(REQUEST, org.time)).toMatchObject({ decision: true });
    expect(await again.key('k1')).toMatchObject({ key: 'k1' });
  });

  it('the past is told honestly: revisions that were kept are dropped now, others never were', async () => {
    const org = await published('past');
    const [oldest] = [...org.truth.keys()];
    const held = await org.stub.kept({ revision: oldest! });
    expect(held).toMatchObject({ revision: oldest });
    await loseAllButD1(org);
    expect(await org.stub.kept({ revision: oldest! }), 'nothing is published').toBeNull();
    await org.publish();
    const newest = (await org.stub.pointer())!.revision;
    expect(await org.stub.kept({ revision: oldest! })).toMatchObject({ refused: 'dropped', next: newest });
    expect(await org.stub.kept({ revision: 1_000_000 })).toMatchObject({ refused: 'unknown' });
    expect(await org.stub.kept({ revision: newest })).toMatchObject({ revision: newest });
  });

  it('SEC-16 rows as they were long ago are published above all that was, with the bytes of a compile of them', async () => {
    const org = await published('set-back');
    const before = (await org.stub.pointer())!;
    await env.DB.batch([
      env.DB.prepare('DROP TRIGGER changes_keep_newest'),
      env.DB.prepare('DROP TRIGGER changes_pruned_marked'),
      env.DB.prepare("DELETE FROM assignments WHERE org = 'set-back' AND principal LIKE 'user:u%'"),
      env.DB.prepare("DELETE FROM changes WHERE org = 'set-back' AND seq > (SELECT min(seq) FROM changes WHERE org = 'set-back') + 4"),
    ]);
    await org.publish();
    await org.note();
    const after = (await org.expectWhole())!;
    expect(after.revision).toBeGreaterThan(before.revision);
    const pdp = isolate(org);
    const session = await pdp.open(org.id, { minRevision: after.revision }, life);
    expect(await session.decide({ ...REQUEST, subject: { type: 'user', id: 'u1' } }, org.time)).toMatchObject({ decision: false });
  });
});
