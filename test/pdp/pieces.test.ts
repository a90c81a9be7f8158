/** What breaks in the stores, and what users see: a piece that is missing, slow or wrong is never an answer. */
import { describe, expect, it } from 'vitest';
import { BitgateError } from '../../src/core/terms/problem.ts';
import { ALICE_READS, flipped, World } from '../support/data-plane.ts';
import { apiKey, subject } from '../support/snapshot.ts';

const STALE = { code: 'stale', status: 503 };
const GRANTED = { decision: true, reason: 'granted' };

const manyPeople = (reads: boolean) => Array.from({ length: 60 }, (_, i) => subject(`user:p${String(i).padStart(2, '0')}`, reads));

describe('KV', () => {
  it('down: warm isolates are unaffected, cold ones are served from the Publisher', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.kv = 'down';
    expect(await world.decide(await world.open())).toEqual(GRANTED);
    await world.clock.advance(20_000);
    expect(await world.decide(await world.open())).toEqual(GRANTED);
  });

  it('slow: the Publisher is asked after half a second, once for manifest and catalog, and whoever is first and right answers', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.kv = 'hang';
    const before = world.clock.now();
    expect(await world.decide(await world.open())).toEqual(GRANTED);
    // the leaf is asked for by itself
    expect(world.clock.now() - before).toBe(1_000);
    expect(world.metrics).toMatchObject({ piecesFromKv: 0, piecesFromPublisher: 3, alarms: 0 });
  });

  it('slow, and the Publisher down: KV is waited for', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    await world.open();
    world.publisher = 'down';
    world.kv = 900;
    expect(await world.decide(await world.open())).toEqual(GRANTED);
    expect(world.metrics.piecesFromKv).toBe(3);
  });

  it('lacks a new piece: it is fetched from the Publisher, and a miss is never an answer', async () => {
    const world = new World();
    await world.publish({ revision: 7 }, false);
    expect(await world.decide(await world.open())).toEqual(GRANTED);
    expect(world.metrics).toMatchObject({ piecesFromKv: 0, piecesFromPublisher: 3, alarms: 0 });
  });

  it('lies: the copy of the Publisher is taken, and an alarm raised', async () => {
    const world = new World();
    const { blobs } = await world.publish({ revision: 7 });
    for (const [hash, bytes] of blobs) world.kvBlobs.set(hash, flipped(bytes, bytes.length >> 1));
    expect(await world.decide(await world.open())).toEqual(GRANTED);
    expect(world.metrics).toMatchObject({ alarms: 3, piecesFromPublisher: 3 });
  });
});

it('a well-formed piece under the name of another one is not taken for it', async () => {
  const world = new World();
  const wrong = await world.publish({ revision: 6 });
  const right = await world.publish({ revision: 7, principals: [subject('user:alice', false)] });
  const leaf = wrong.blobs.get(wrong.principalLeaves[0]!)!;
  world.kvBlobs.set(right.principalLeaves[0]!, leaf);
  expect(await world.decide(await world.open())).toEqual({ decision: false, reason: 'no_grant' });
  world.publisherBlobs.set(right.principalLeaves[0]!, leaf);
  const session = await world.clock.settle(world.isolate().open('acme', {}, world.life));
  await expect(world.decide(session)).rejects.toMatchObject(STALE);
});

describe('any flipped or missing byte', () => {
  /** Replaces a piece at both stores by something else; then nothing but 503 may come, and an alarm. */
  async function neverAnAllow(
    which: 'manifest' | 'catalog' | 'leaf',
    damage: (bytes: Uint8Array) => Uint8Array | undefined,
  ): Promise<void> {
    const world = new World();
    const built = await world.publish({ revision: 7 });
    const hash = which === 'manifest' ? built.pointer.manifest : which === 'catalog' ? built.catalogHash : built.principalLeaves[0]!;
    const bytes = damage(built.blobs.get(hash)!);
    for (const store of [world.kvBlobs, world.publisherBlobs]) {
      if (bytes === undefined) store.delete(hash);
      else store.set(hash, bytes);
    }
    const outcome = world.open().then((session) => world.decide(session));
    await expect(outcome).rejects.toMatchObject(STALE);
    expect(world.metrics.alarms).toBeGreaterThan(0);
  }

  for (const which of ['manifest', 'catalog', 'leaf'] as const) {
    it(`of a ${which} is detected: missing, empty, cut short, longer, or another piece in its place`, async () => {
      await neverAnAllow(which, () => undefined);
      await neverAnAllow(which, () => new Uint8Array(0));
      await neverAnAllow(which, (bytes) => bytes.slice(0, -1));
      await neverAnAllow(which, (bytes) => Uint8Array.from([...bytes, 0]));
      await neverAnAllow(which, () => new TextEncoder().encode('bgc1'));
    });

    it(`of a ${which} is detected: one bit anywhere`, async () => {
      for (let part = 0; part < 8; part++) await neverAnAllow(which, (bytes) => flipped(bytes, Math.floor((bytes.length * part) / 8)));
    });
  }

  it('of a new revision: the last good one is kept, its age grows, an alarm is raised, and once repaired it is taken', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    await world.open();
    const eight = await world.publish({ revision: 8, principals: [] });
    const { manifest } = eight.pointer;
    const good = eight.blobs.get(manifest)!;
    for (const store of [world.kvBlobs, world.publisherBlobs]) store.set(manifest, flipped(good, 40));
    await world.clock.advance(10_000);
    const session = await world.open();
    expect(session).toMatchObject({ revision: 7, ageMs: 10_000 });
    expect(await world.decide(session)).toEqual(GRANTED);
    expect(world.metrics.alarms).toBeGreaterThan(0);
    expect(world.metrics.lastAlarm).toContain(manifest);
    for (const store of [world.kvBlobs, world.publisherBlobs]) store.set(manifest, good);
    await world.clock.advance(10_000);
    expect(await world.open()).toMatchObject({ revision: 8, ageMs: 0 });
  });
});

describe('a manifest', () => {
  it('of another organization is refused, however right its hash is', async () => {
    const world = new World();
    const foreign = await world.publish({ organization: 'other', revision: 7, principals: [subject('user:alice', true)] });
    world.publisherPointer = foreign.pointer;
    await expect(world.open()).rejects.toMatchObject(STALE);
    expect(world.metrics.lastAlarm).toContain(foreign.pointer.manifest);
  });

  it('of another revision than its pointer says is refused: it would bar all later ones', async () => {
    const world = new World();
    const { pointer } = await world.publish({ revision: 7 });
    await world.open();
    world.publisher = 'down';
    world.kvPointer = { ...pointer, revision: 1_000 };
    await world.clock.advance(10_000);
    expect(await world.open()).toMatchObject({ revision: 7 });
    expect(world.metrics.alarms).toBeGreaterThan(0);
  });
});

describe('leaves', () => {
  it('are loaded when a check needs them, and only those', async () => {
    const world = new World();
    const built = await world.publish({ revision: 7, principals: manyPeople(true), leafLimit: 400 });
    expect(built.principalLeaves.length).toBeGreaterThan(5);
    const session = await world.open();
    world.blobsAsked.length = 0;
    const request = { subject: { type: 'user', id: 'p31' }, action: { name: 'read' } };
    expect(session.decide(request, world.clock.now())).toBeInstanceOf(Promise);
    expect(await world.decide(session, request)).toEqual(GRANTED);
    expect(new Set(world.blobsAsked).size).toBe(1);
    expect(session.decide(request, world.clock.now())).toEqual(GRANTED);
  });

  it('that can not be loaded are 503 for who needs them, and for nobody else', async () => {
    const world = new World();
    const built = await world.publish({ revision: 7, principals: manyPeople(true), leafLimit: 400 });
    const lost = built.principalLeaves.at(-1)!;
    world.kvBlobs.delete(lost);
    world.publisherBlobs.delete(lost);
    const session = await world.open();
    await expect(world.decide(session, { subject: { type: 'user', id: 'p59' }, action: { name: 'read' } })).rejects.toMatchObject(STALE);
    expect(await world.decide(session, { subject: { type: 'user', id: 'p00' }, action: { name: 'read' } })).toEqual(GRANTED);
  });

  it('of subject and resource are loaded together', async () => {
    const world = new World();
    const resources = [{ key: 'dataset:d', restricted: false, parents: [], owners: [], properties: '' }];
    await world.publish({ revision: 7, resources });
    const session = await world.open();
    world.kv = 100;
    const before = world.clock.now();
    expect(await world.decide(session, { ...ALICE_READS, resource: { type: 'dataset', id: 'd' } })).toEqual(GRANTED);
    expect(world.clock.now() - before).toBe(100);
  });

  it('of keys: a key is found through them, at once when they are at hand', async () => {
    const world = new World();
    await world.publish({ revision: 7, keys: [apiKey('k1'), apiKey('k2', true)] });
    const session = await world.open();
    expect(await world.clock.settle(session.key('k2'))).toMatchObject({ key: 'k2', disabled: true });
    expect(session.key('k1')).toMatchObject({ key: 'k1', disabled: false });
    expect(session.key('k3')).toBeUndefined();
    expect(session.key('a')).toBeUndefined();
  });

  it('a session stays at its revision, whatever is published meanwhile', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    const old = await world.open();
    await world.publish({ revision: 8, principals: [subject('user:alice', false)] });
    const now = await world.open({ minRevision: 8 });
    expect(await world.decide(old)).toEqual(GRANTED);
    expect(await world.decide(now)).toEqual({ decision: false, reason: 'no_grant' });
    expect([old.revision, now.revision]).toEqual([7, 8]);
  });
});

it('errors name no secret and carry the reason', async () => {
  const world = new World();
  world.publisher = 'down';
  const error = await world.open().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(BitgateError);
  expect(error).toMatchObject({ details: { reason: 'stale' } });
});
