/** Revisions of the past: asked by number or by time, read beside the newest, and never taken for it. */
import { describe, expect, it } from 'vitest';
import type { Session, WantedPast } from '../../src/pdp/pdp.ts';
import { ORG, World } from '../support/data-plane.ts';
import { subject } from '../support/snapshot.ts';

const HOUR = 3_600_000;

/** Revision 7: alice reads; an hour later 8: she doesn't; an hour later 9: she does again. Another hour, and the newest is at hand. */
async function threeHours(): Promise<{ readonly world: World; readonly start: number }> {
  const world = new World();
  const start = world.clock.now();
  for (const [revision, reads] of [
    [7, true],
    [8, false],
    [9, true],
  ] as const) {
    await world.publish({ revision, principals: [subject('user:alice', reads)] });
    await world.clock.advance(HOUR);
  }
  await world.open();
  return { world, start };
}

const openKept = (world: World, wanted: WantedPast, organization: string = ORG): Promise<Session> =>
  world.clock.settle(world.pdp.openKept(organization, wanted));

describe('a kept revision', () => {
  it('decides as then, while checks go on with the newest', async () => {
    const { world, start } = await threeHours();
    const held = world.pdp.cachedBytes;
    const past = await openKept(world, { revision: 8 });
    expect([past.revision, past.at, past.ageMs]).toEqual([8, null, 0]);
    expect(await world.decide(past)).toEqual({ decision: false, reason: 'no_grant' });
    const then = await openKept(world, { time: start + 1 });
    expect([then.revision, then.at, then.ageMs]).toEqual([7, start + 1, 0]);
    expect((await world.decide(then)).decision).toBe(true);
    expect(world.pdp.cachedBytes, 'nothing of it stays among the newest').toBe(held);
    const now = await world.open();
    expect([now.revision, now.at, (await world.decide(now)).decision]).toEqual([9, null, true]);
    expect(world.holds).toEqual([8, 7]);
  });

  it.each([
    [0, 7],
    [HOUR - 1, 7],
    [HOUR, 8],
    [2 * HOUR - 1, 8],
    [2 * HOUR, 9],
    [3 * HOUR, 9],
  ])('%i ms after the first is revision %i', async (ms, revision) => {
    const { world, start } = await threeHours();
    const session = await openKept(world, { time: start + ms });
    expect([session.revision, session.at]).toEqual([revision, start + ms]);
  });

  it('is asked with the clock of another time', async () => {
    const { world, start } = await threeHours();
    const session = await openKept(world, { revision: 7, time: start - HOUR });
    expect([session.revision, session.at]).toEqual([7, start - HOUR]);
  });

  it('is not read twice, and the Publisher is asked again when ten seconds are over, in which it holds it', async () => {
    const { world } = await threeHours();
    await world.decide(await openKept(world, { revision: 8 }));
    const { length } = world.blobsAsked;
    const again = await openKept(world, { revision: 8 });
    expect((await world.decide(again)).decision).toBe(false);
    expect([world.holds, world.blobsAsked.length]).toEqual([[8], length]);
    await world.clock.advance(10_001);
    await openKept(world, { revision: 8 });
    expect([world.holds, world.blobsAsked.length]).toEqual([[8, 8], length]);
    world.drop(8);
    await world.clock.advance(10_001);
    await expect(openKept(world, { revision: 8 })).rejects.toMatchObject({ code: 'revision_dropped' });
  });

  it('is held by those who will come back to it, once a minute', async () => {
    const { world } = await threeHours();
    for (const [ms, holds] of [
      [0, [8]],
      [59_000, [8]],
      [2_000, [8, 8]],
    ] as const) {
      await world.clock.advance(ms);
      world.pdp.keep(ORG, 8, world.life);
      await world.finishBackground();
      expect(world.holds).toEqual(holds);
    }
    world.publisher = 'down';
    world.pdp.keep(ORG, 7, world.life);
    await world.finishBackground();
  });

  it('is what is at hand when it is the newest: nobody is asked', async () => {
    const { world, start } = await threeHours();
    const asked = structuredClone(world.asked);
    const current = await openKept(world, { revision: 9 });
    const then = await openKept(world, { revision: 9, time: start });
    expect([current.snapshot, current.at, then.at]).toEqual([(await world.open()).snapshot, null, start]);
    expect(world.asked).toEqual(asked);
    // By a time it has to be asked which one it was, and nothing more.
    const { length } = world.blobsAsked;
    expect((await openKept(world, { time: world.clock.now() })).snapshot).toBe(current.snapshot);
    expect([world.asked.publisherKept, world.blobsAsked.length]).toEqual([1, length]);
  });

  it('the newest at hand does not answer when what is known of it is too old: then the Publisher is asked', async () => {
    const { world } = await threeHours();
    await world.clock.advance(11_000);
    expect((await openKept(world, { revision: 9 })).revision).toBe(9);
    expect(world.asked.publisherKept).toBe(1);
    world.publisher = 'down';
    await world.clock.advance(11_000);
    await expect(openKept(world, { revision: 9 })).rejects.toMatchObject({ code: 'stale', status: 503 });
  });

  it('is loaded once by requests that come together, and each decides', async () => {
    const { world } = await threeHours();
    const sessions = await Promise.all([1, 2, 3].map(() => openKept(world, { revision: 8 })));
    for (const session of sessions) expect((await world.decide(session)).decision).toBe(false);
    expect(new Set(sessions.map(({ snapshot }) => snapshot)).size).toBe(1);
  });
});

describe('a revision that can not be asked', () => {
  it('is unknown when there never was one of that number, or none at that time', async () => {
    const { world, start } = await threeHours();
    await expect(openKept(world, { revision: 1_000 })).rejects.toMatchObject({ code: 'unknown_revision', status: 404 });
    await expect(openKept(world, { time: start - 1 })).rejects.toMatchObject({
      code: 'unknown_revision',
      status: 404,
      details: { at_time: new Date(start - 1).toISOString(), next: 7 },
    });
  });

  it('is gone when it was dropped: never another one in its place', async () => {
    const { world, start } = await threeHours();
    world.drop(8);
    for (const [wanted, named] of [
      [{ revision: 8 }, { revision: 8 }],
      [{ time: start + HOUR }, { at_time: new Date(start + HOUR).toISOString() }],
      [{ time: start + 2 * HOUR - 1 }, { at_time: new Date(start + 2 * HOUR - 1).toISOString() }],
    ] as const)
      await expect(openKept(world, wanted)).rejects.toMatchObject({
        code: 'revision_dropped',
        status: 410,
        details: { ...named, nearest: 9, next: 9 },
      });
    expect((await openKept(world, { time: start + HOUR - 1 })).revision, 'the one before it was replaced by it').toBe(7);
  });

  it('is gone when it was published together with a later one, which is named', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.committed.add(8);
    await world.publish({ revision: 9 });
    await expect(openKept(world, { revision: 8 })).rejects.toMatchObject({ code: 'revision_dropped', status: 410, details: { next: 9 } });
  });

  it('is stale while it is committed and not published', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.committed.add(8);
    await expect(openKept(world, { revision: 8 })).rejects.toMatchObject({ code: 'stale', status: 503, details: { reason: 'stale' } });
  });

  it('is of no organization when there is none, or it was deleted', async () => {
    const { world } = await threeHours();
    const refusal = { code: 'unknown_organization', status: 404 };
    await expect(openKept(world, { revision: 7 }, 'another')).rejects.toMatchObject(refusal);
    await openKept(world, { revision: 7 });
    world.publisherPointer = null;
    await world.clock.advance(10_001);
    await expect(openKept(world, { revision: 7 })).rejects.toMatchObject(refusal);
  });

  it.each(['down', 'hang'] as const)('is stale when the Publisher is %s, also when it was read before', async (health) => {
    const { world, start } = await threeHours();
    await openKept(world, { revision: 7 });
    world.publisher = health;
    await world.clock.advance(10_001);
    for (const wanted of [{ revision: 7 }, { time: start }])
      await expect(openKept(world, wanted)).rejects.toMatchObject({ code: 'stale', status: 503 });
  });

  it('is stale when its pieces are gone, and when its manifest is of another revision or organization', async () => {
    const { world } = await threeHours();
    const refusal = { code: 'stale', status: 503 };
    const [first] = world.kept;
    const open = (organization: string, revision: number): Promise<Session> =>
      world.clock.settle(world.pdp.openRevision(organization, { ...first!, revision }));
    await expect(open(ORG, 6)).rejects.toMatchObject(refusal);
    await expect(open('another', 7)).rejects.toMatchObject(refusal);
    expect((await open(ORG, 7)).revision).toBe(7);
    await expect(open(ORG, 6), 'also from memory').rejects.toMatchObject(refusal);
    for (const blobs of [world.kvBlobs, world.publisherBlobs]) blobs.clear();
    const fresh = world.isolate();
    await expect(world.clock.settle(fresh.openKept(ORG, { revision: 7 }))).rejects.toMatchObject(refusal);
  });
});

describe('the memory of the past', () => {
  it('stays within its bytes, whatever is asked, and every answer is right', async () => {
    const LIMIT = 200_000;
    const world = new World();
    const pdp = world.isolate({}, undefined, LIMIT);
    const id = (i: number, revision: number): string => `${String(i).padStart(4, '0')}-${revision}`;
    for (let revision = 1; revision <= 40; revision++) {
      const principals = Array.from({ length: 200 }, (_, i) => subject(`user:${id(i, revision)}`, i % 2 === revision % 2));
      await world.publish({ revision, principals, leafLimit: 200 });
    }
    for (let i = 0; i < 400; i++) {
      const revision = 1 + ((i * 17) % 39);
      const session = await world.clock.settle(pdp.openKept(ORG, { revision }));
      const who = (i * 37) % 200;
      const request = { subject: { type: 'user', id: id(who, revision) }, action: { name: 'read' } };
      expect((await world.decide(session, request)).decision).toBe(who % 2 === revision % 2);
      expect(pdp.pastBytes).toBeLessThanOrEqual(LIMIT);
    }
    expect(pdp.pastBytes).toBeGreaterThan(LIMIT / 2);
    expect(pdp.metrics.evictions).toBeGreaterThan(0);
    expect(pdp.cachedBytes).toBe(0);
  });
});

describe('a revision that somebody will come back to', () => {
  const keep = async (world: World, revision: number): Promise<void> => {
    world.pdp.keep(ORG, revision, world.life);
    await world.finishBackground();
  };

  it('is held once a minute, however often it is asked for, and another one at once', async () => {
    const { world } = await threeHours();
    for (let i = 0; i < 5; i++) await keep(world, 9);
    expect(world.holds).toEqual([9]);
    await keep(world, 8);
    await world.clock.advance(60_000);
    await keep(world, 8);
    expect(world.holds).toEqual([9, 8, 8]);
  });

  it('is asked for again when the Publisher could not be asked, and nothing is thrown', async () => {
    const { world } = await threeHours();
    world.publisher = 'down';
    await keep(world, 9);
    expect(world.holds).toEqual([]);
    world.publisher = 'up';
    await keep(world, 9);
    expect(world.holds).toEqual([9]);
  });
});
