/** What an isolate holds: within its limit, shared between revisions, least recently used out first. */
import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/pdp/pdp.ts';
import { World } from '../support/data-plane.ts';
import { subject } from '../support/snapshot.ts';

const READ = { name: 'read' };
const ids = Array.from({ length: 80 }, (_, i) => `p${String(i).padStart(2, '0')}`);
const people = (denied?: string) => ids.map((id) => subject(`user:${id}`, id !== denied));
const asks = (id: string) => ({ subject: { type: 'user', id }, action: READ });

function residents(session: Session): number {
  return session.snapshot.principals.filter((leaf) => leaf !== undefined).length;
}

async function decideAll(world: World, session: Session): Promise<void> {
  for (const id of ids) expect(await world.decide(session, asks(id))).toMatchObject({ decision: true });
}

describe('from one revision to the next', () => {
  it('leaves and catalog that are the same are carried over as the same objects; only what changed is loaded', async () => {
    const world = new World();
    const before = await world.publish({ revision: 7, principals: people(), leafLimit: 400 });
    const old = await world.open();
    await decideAll(world, old);
    const after = await world.publish({ revision: 8, principals: people('p40'), leafLimit: 400 });
    const changed = after.principalLeaves.filter((hash) => !before.principalLeaves.includes(hash));
    expect(changed).toHaveLength(1);
    world.blobsAsked.length = 0;
    const now = await world.open({ minRevision: 8 });
    expect(world.blobsAsked).toEqual([after.pointer.manifest]);
    expect(now.snapshot.catalog).toBe(old.snapshot.catalog);
    expect(residents(now)).toBe(residents(old) - 1);
    now.snapshot.principals.forEach((leaf) => {
      if (leaf !== undefined) expect(old.snapshot.principals).toContain(leaf);
    });
    expect(await world.decide(now, asks('p40'))).toMatchObject({ decision: false });
    expect(await world.decide(now, asks('p41'))).toMatchObject({ decision: true });
    expect(await world.decide(old, asks('p40'))).toMatchObject({ decision: true });
  });

  it('a leaf keeps its object when its place changes', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: people(), leafLimit: 400 });
    const old = await world.open();
    await decideAll(world, old);
    const more = [...Array.from({ length: 20 }, (_, i) => subject(`user:a${String(i).padStart(2, '0')}`, true)), ...people()];
    await world.publish({ revision: 8, principals: more, leafLimit: 400 });
    const now = await world.open({ minRevision: 8 });
    expect(now.snapshot.principals.length).toBeGreaterThan(old.snapshot.principals.length);
    expect(residents(now)).toBeGreaterThan(residents(old) / 2);
    await decideAll(world, now);
  });

  it('what an old session still loads is its own', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: people() });
    const old = await world.open();
    await world.publish({ revision: 8, principals: people('p40') });
    const now = await world.open({ minRevision: 8 });
    const { cachedBytes } = world.pdp;
    expect(await world.decide(old, asks('p40'))).toMatchObject({ decision: true });
    expect(world.pdp.cachedBytes).toBe(cachedBytes);
    expect(await world.decide(now, asks('p40'))).toMatchObject({ decision: false });
  });

  it('a new catalog binds the leaves anew', async () => {
    const world = new World();
    const first = await world.publish({ revision: 7, principals: people() });
    await decideAll(world, await world.open());
    const privileges = [
      { name: 'list', org: true, project: true, types: [], impliesAll: false },
      { name: 'read', org: true, project: true, types: [], impliesAll: false },
    ];
    const second = await world.publish({ revision: 8, principals: people(), catalog: { privileges } });
    expect(second.principalLeaves).toEqual(first.principalLeaves);
    const session = await world.open({ minRevision: 8 });
    expect(session.decide(asks('p00'), world.clock.now())).toMatchObject({ decision: false });
    expect(session.decide({ ...asks('p00'), action: { name: 'list' } }, world.clock.now())).toMatchObject({ decision: true });
  });
});

describe('the limit', () => {
  const LIMIT = 40_000;

  it('is kept: leaves go one by one, and come again when they are needed', async () => {
    const world = new World({}, LIMIT);
    await world.publish({ revision: 7, principals: people(), leafLimit: 400 });
    const session = await world.open();
    for (let round = 0; round < 3; round++) {
      for (const id of ids) {
        expect(await world.decide(session, asks(id))).toMatchObject({ decision: true });
        expect(world.pdp.cachedBytes).toBeLessThanOrEqual(LIMIT);
      }
    }
    expect(world.metrics.evictions).toBeGreaterThan(10);
    expect(residents(session)).toBeGreaterThan(1);
    expect(residents(session)).toBeLessThan(session.snapshot.principals.length);
  });

  it('lets go of what was used longest ago', async () => {
    const world = new World({}, 28_000);
    await world.publish({ revision: 7, principals: people(), leafLimit: 400 });
    const session = await world.open();
    for (const id of ids) {
      await world.decide(session, asks(id));
      await world.decide(session, asks('p00'));
    }
    expect(world.metrics.evictions).toBeGreaterThan(5);
    expect(world.blobsAsked.filter((hash) => hash === session.snapshot.manifest.directories.principals.hash(0))).toHaveLength(1);
    expect(session.snapshot.principals[0]).toBeDefined();
    expect(session.snapshot.principals[1]).toBeUndefined();
  });

  it('counts all organizations together; one of which nothing is left is loaded again', async () => {
    const world = new World({}, LIMIT);
    await world.publish({ revision: 7 });
    expect(await world.decide(await world.open())).toMatchObject({ decision: true });
    for (let i = 0; i < 6; i++) {
      await world.publish({ organization: `o${i}`, revision: 1 });
      await world.clock.settle(world.pdp.open(`o${i}`, {}, world.life));
      expect(world.pdp.cachedBytes).toBeLessThanOrEqual(LIMIT);
    }
    expect(world.pdp.open('o5', {}, world.life)).not.toBeInstanceOf(Promise);
    expect(world.pdp.open('acme', {}, world.life)).toBeInstanceOf(Promise);
    expect(await world.decide(await world.open())).toMatchObject({ decision: true });
  });

  it('smaller than one organization needs: that one is still served', async () => {
    const world = new World({}, 1);
    await world.publish({ revision: 7, principals: people(), leafLimit: 400 });
    await decideAll(world, await world.open());
  });
});
