/** The first question of an isolate that holds nothing: what is read, what is read together, and what nobody can make it read. */
import { expect, it } from 'vitest';
import { kindOf } from '../../src/core/snapshot/sections.ts';
import type { Session } from '../../src/pdp/pdp.ts';
import { ALICE_READS, flipped, ORG, World } from '../support/data-plane.ts';
import { apiKey, subject } from '../support/snapshot.ts';

const GRANTED = { decision: true, reason: 'granted' };
const dataset = (id: string, parents: readonly string[] = []) => ({
  key: `dataset:${id}`,
  restricted: false,
  parents,
  owners: [],
  properties: '',
});

/** Every entry in a leaf of its own. */
async function coldWorld(): Promise<World> {
  const world = new World();
  world.tellsWhole = true;
  await world.publish({
    revision: 7,
    keys: [apiKey('k1'), apiKey('k2')],
    principals: [subject('api_key:k1', true), subject('user:alice', true), subject('user:bob', false)],
    resources: [dataset('d1', ['dataset:d2']), dataset('d2')],
    leafLimit: 1,
  });
  return world;
}

function openWithKey(world: World, key: string): Promise<Session> {
  return world.clock.settle(Promise.resolve(world.pdp.open(ORG, {}, world.life, key)));
}

/** What was asked for, in order. */
function kinds(world: World): string[] {
  return world.blobsAsked.map((hash) => kindOf(world.publisherBlobs.get(hash)!));
}

it('the manifest comes with the pointer, and the leaf of the claimed key beside the catalog', async () => {
  const world = await coldWorld();
  world.kv = 20;
  const before = world.clock.now();
  const session = await openWithKey(world, 'k1');
  expect(kinds(world).sort()).toEqual(['catalog', 'keys']);
  expect(world.clock.now() - before).toBe(20);
  expect(session.keyAtHand('k1')).toBe(true);
  expect(await session.key('k1')).toEqual(apiKey('k1'));
});

it('a claimed key makes no more be read than the one leaf that would hold it', async () => {
  const world = await coldWorld();
  const session = await openWithKey(world, 'k1-nobody-has-this-one');
  expect(await session.key('k1-nobody-has-this-one')).toBeUndefined();
  expect(kinds(world).sort()).toEqual(['catalog', 'keys']);
});

it('a key below every other one makes nothing be read', async () => {
  const world = await coldWorld();
  const session = await openWithKey(world, 'a');
  expect(await session.key('a')).toBeUndefined();
  expect(kinds(world)).toEqual(['catalog']);
});

it('an isolate that holds a snapshot doesn’t ask for the manifest with the pointer, nor for a leaf that a key claims', async () => {
  const world = await coldWorld();
  await openWithKey(world, 'k1');
  await world.publish({ revision: 8, keys: [apiKey('k1'), apiKey('k2', true)], leafLimit: 1 });
  await world.clock.advance(10_000);
  const asked = world.blobsAsked.length;
  expect(await openWithKey(world, 'k2')).toMatchObject({ revision: 8 });
  expect(kinds(world).slice(asked)).toEqual(['manifest']);
});

it('a manifest that the Publisher sends wrong is taken from elsewhere, and an alarm raised', async () => {
  const world = await coldWorld();
  const { manifest } = world.publisherPointer!;
  world.publisherBlobs.set(manifest, flipped(world.publisherBlobs.get(manifest)!, 100));
  expect(await world.decide(await world.open())).toEqual(GRANTED);
  expect(world.metrics).toMatchObject({ alarms: 1 });
});

it('a leaf of keys that nobody has doesn’t keep the organization from opening', async () => {
  const world = await coldWorld();
  const { blobs } = await world.publish({ revision: 8, keys: [apiKey('k1')] });
  const lost = [...blobs].find(([, bytes]) => kindOf(bytes) === 'keys')![0];
  world.kvBlobs.delete(lost);
  world.publisherBlobs.delete(lost);
  const session = await openWithKey(world, 'k1');
  expect(await world.decide(session)).toEqual(GRANTED);
  await expect(world.clock.settle(Promise.resolve(session.key('k1')))).rejects.toMatchObject({ code: 'stale' });
});

it('isolates of a location share the pointer alone', async () => {
  const world = await coldWorld();
  world.locationWorks = true;
  await world.open();
  await world.finishBackground();
  expect(world.location?.pointer).toEqual(world.publisherPointer);
});

it('what a question names is brought in one round, and then it lacks only what that names', async () => {
  const world = await coldWorld();
  world.kv = 20;
  const session = await world.open();
  const question = { ...ALICE_READS, resource: { type: 'dataset', id: 'd1' } };
  const before = world.clock.now();
  await world.clock.settle(session.bring(question));
  expect(world.clock.now() - before).toBe(20);
  expect(kinds(world).slice(1).sort()).toEqual(['principals', 'resources']);
  expect(await world.decide(session, question)).toEqual(GRANTED);
  expect(world.clock.now() - before).toBe(40);
  expect(kinds(world)).toHaveLength(4);
});

it('groups are read beside what lies above the resource', async () => {
  const world = new World();
  await world.publish({
    revision: 7,
    catalog: { groups: [{ id: 'g1', name: 'g1', above: [] }] },
    principals: [
      { ...subject('group:g1', true), registered: false },
      { ...subject('user:carl', false), groups: ['g1'] },
    ],
    resources: [dataset('d1', ['dataset:d2']), dataset('d2')],
    leafLimit: 1,
  });
  world.kv = 20;
  const session = await world.open();
  const question = { ...ALICE_READS, subject: { type: 'user', id: 'carl' }, resource: { type: 'dataset', id: 'd1' } };
  const before = world.clock.now();
  expect(await world.decide(session, question)).toEqual(GRANTED);
  expect(world.clock.now() - before).toBe(40);
  expect(kinds(world).slice(2).sort()).toEqual(['principals', 'principals', 'resources', 'resources']);
});

it('what can’t be brought is said when it is decided', async () => {
  const world = await coldWorld();
  const session = await world.open();
  world.kv = 'down';
  world.publisher = 'down';
  await world.clock.settle(session.bring(ALICE_READS));
  await expect(world.decide(session)).rejects.toMatchObject({ code: 'stale' });
});
