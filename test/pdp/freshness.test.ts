/** The bounds of freshness, sentence by sentence. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_BOUNDS } from '../../src/pdp/bounds.ts';
import { World, warmWorld } from '../support/data-plane.ts';

const STALE = { code: 'stale', status: 503, details: { reason: 'stale' } };

describe('ages', () => {
  it('younger than 2 s: answers at once, without a promise, and asks nobody', async () => {
    const world = await warmWorld();
    await world.clock.advance(1_999);
    const session = world.pdp.open('acme', {}, world.life);
    expect(session).not.toBeInstanceOf(Promise);
    expect(session).toMatchObject({ revision: 7, ageMs: 1_999 });
    await world.clock.advance(1_000);
    expect(world.asked.publisherPointer).toBe(1);
  });

  it('from 2 s on: answers at once and refreshes in the background, one refresh at a time', async () => {
    const world = await warmWorld();
    await world.publish({ revision: 8 });
    world.publisher = 300;
    await world.clock.advance(2_000);
    for (let i = 0; i < 100; i++) expect(world.pdp.open('acme', {}, world.life)).toMatchObject({ revision: 7, ageMs: 2_000 });
    expect(world.background).toHaveLength(1);
    await world.finishBackground();
    expect(world.asked.publisherPointer).toBe(2);
    expect(await world.open()).toMatchObject({ revision: 8 });
  });

  it('spreads background refreshes over a while', async () => {
    const world = await warmWorld();
    world.random = 0.5;
    await world.clock.advance(2_000);
    await world.open();
    await world.clock.advance(DEFAULT_BOUNDS.jitterMs / 2 - 1);
    expect(world.asked.publisherPointer).toBe(1);
    await world.clock.advance(1);
    expect(world.asked.publisherPointer).toBe(2);
  });

  it('a background refresh that died is replaced by another one', async () => {
    const world = await warmWorld();
    await world.clock.advance(2_000);
    world.publisher = 'hang';
    world.kv = 'hang';
    await world.open();
    await world.clock.advance(0);
    world.clock.dropTimers();
    world.publisher = 'up';
    await world.clock.advance(DEFAULT_BOUNDS.refreshPatienceMs);
    await world.open();
    await world.clock.advance(0);
    expect(world.asked.publisherPointer).toBe(3);
    expect(await world.open()).toMatchObject({ ageMs: 0 });
  });

  it('from 10 s on: refreshes first', async () => {
    const world = await warmWorld();
    await world.publish({ revision: 8 });
    await world.clock.advance(10_000);
    expect(await world.open()).toMatchObject({ revision: 8, ageMs: 0 });
  });

  it('waits for a refresh 1 s at most, then the last good snapshot answers', async () => {
    const world = await warmWorld();
    world.publisher = 'hang';
    world.kv = 'hang';
    await world.clock.advance(10_000);
    const before = world.clock.now();
    expect(await world.open()).toMatchObject({ revision: 7, ageMs: 11_000 });
    expect(world.clock.now() - before).toBe(1_000);
  });

  it('does not wait again and again for a source that is down, and finds it again within a second or so', async () => {
    const world = await warmWorld();
    world.publisher = 'hang';
    await world.clock.advance(10_000);
    await world.open();
    await world.clock.advance(0);
    const before = world.clock.now();
    for (let i = 0; i < 50; i++) expect(await world.open()).toMatchObject({ revision: 7 });
    expect(world.clock.now()).toBe(before);
    expect(world.asked.publisherPointer).toBe(2);
    world.publisher = 'up';
    await world.clock.advance(1_000);
    await world.open();
    await world.clock.advance(0);
    expect(await world.open()).toMatchObject({ ageMs: 0 });
  });

  it('a second after a try failed the source is asked again, and one request waits for it: what works again is not passed over', async () => {
    const world = await warmWorld();
    world.publisher = 'down';
    world.kv = 'down';
    await world.clock.advance(10_000);
    expect(await world.open()).toMatchObject({ revision: 7, ageMs: 10_000 });
    await world.publish({ revision: 8 });
    world.publisher = 'up';
    await world.clock.advance(999);
    expect(await world.open()).toMatchObject({ revision: 7, ageMs: 10_999 });
    await world.clock.advance(1);
    expect(await world.open()).toMatchObject({ revision: 8, ageMs: 0 });
  });

  it('while one request tries a source again that failed, the others go on', async () => {
    const world = await warmWorld();
    world.publisher = 'down';
    world.kv = 'down';
    await world.clock.advance(10_000);
    await world.open();
    world.publisher = 'hang';
    world.kv = 'hang';
    await world.clock.advance(1_000);
    const trying = Promise.resolve(world.pdp.open('acme', {}, world.life));
    const before = world.clock.now();
    for (let i = 0; i < 50; i++) expect(await world.open()).toMatchObject({ revision: 7 });
    expect(world.clock.now()).toBe(before);
    expect(await world.clock.settle(trying)).toMatchObject({ revision: 7, ageMs: 12_000 });
  });

  it('goes on with the last good snapshot for 5 minutes, and then answers 503', async () => {
    const world = await warmWorld();
    world.publisher = 'down';
    world.kv = 'down';
    await world.clock.advance(300_000);
    expect(await world.open()).toMatchObject({ revision: 7, ageMs: 300_000 });
    await world.clock.advance(1);
    await expect(world.open()).rejects.toMatchObject(STALE);
    world.publisher = 'up';
    await world.clock.advance(10_000);
    expect(await world.open()).toMatchObject({ revision: 7, ageMs: 0 });
  });

  it('measures from before the question left', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.publisher = 400;
    expect(await world.open()).toMatchObject({ ageMs: 400 });
  });

  it('a clock that is put back makes nothing young for ever', async () => {
    const world = await warmWorld();
    world.clock.correct(-3_600_000);
    world.publisher = 'down';
    world.kv = 'down';
    expect(await world.open()).toMatchObject({ ageMs: 60_000 });
    await world.clock.advance(240_001);
    await expect(world.open()).rejects.toMatchObject(STALE);
    world.publisher = 'up';
    await world.clock.advance(10_000);
    expect(await world.open()).toMatchObject({ ageMs: 0 });
  });
});

describe('KV in the place of the Publisher', () => {
  it('a cold isolate that has KV alone starts at an age of 60 s', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.publisher = 'down';
    expect(await world.open()).toMatchObject({ revision: 7, ageMs: 60_000 });
    await world.clock.advance(240_000);
    expect(await world.open()).toMatchObject({ ageMs: 300_000 });
    await world.clock.advance(1);
    await expect(world.open()).rejects.toMatchObject(STALE);
  });

  it('raises the revision and never lowers the age', async () => {
    const world = await warmWorld();
    await world.publish({ revision: 8 });
    world.publisher = 'down';
    await world.clock.advance(20_000);
    expect(await world.open()).toMatchObject({ revision: 8, ageMs: 20_000 });
  });

  it('is ignored when it is behind', async () => {
    const world = new World();
    const old = await world.publish({ revision: 6 });
    await world.publish({ revision: 7 });
    await world.open();
    world.kvPointer = old.pointer;
    world.publisher = 'down';
    await world.clock.advance(20_000);
    expect(await world.open()).toMatchObject({ revision: 7, ageMs: 20_000 });
  });

  it('of the same revision changes nothing', async () => {
    const world = new World();
    const other = await world.publish({ revision: 7, principals: [] });
    const held = await world.publish({ revision: 7 });
    await world.open();
    world.kvPointer = other.pointer;
    world.publisher = 'down';
    await world.clock.advance(20_000);
    const session = await world.open();
    expect(session.snapshot.manifest.pieces()).toContain(held.principalLeaves[0]);
  });

  it('is asked beside a Publisher that hangs', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.publisher = 'hang';
    const before = world.clock.now();
    expect(await world.open()).toMatchObject({ revision: 7, ageMs: 60_000 });
    expect(world.clock.now() - before).toBeLessThanOrEqual(1_000);
  });

  it('that is slow costs a refresh its half second once, not for each piece', async () => {
    const world = await warmWorld();
    await world.publish({ revision: 8, catalog: { settings: '{"n":1}' } });
    world.kv = 'hang';
    world.publisher = 100;
    const before = world.clock.now();
    expect(await world.open({ maxAgeMs: 0 })).toMatchObject({ revision: 8 });
    expect(world.clock.now() - before).toBeLessThan(DEFAULT_BOUNDS.refreshWaitMs);
  });

  it('neither answers: 503, and a moment later the next request asks again', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.publisher = 'down';
    world.kv = 'down';
    await expect(world.open()).rejects.toMatchObject(STALE);
    world.publisher = 'up';
    expect(await world.open()).toMatchObject({ revision: 7 });
  });
});

describe('a Publisher that is behind', () => {
  it('age counts from when it fell behind', async () => {
    const world = await warmWorld();
    await world.clock.advance(10_000);
    world.publisherPointer = { ...world.publisherPointer!, behindSince: world.clock.now() - 90_000 };
    expect(await world.open()).toMatchObject({ revision: 7, ageMs: 90_000 });
  });

  it('past 5 minutes answers are 503: a stuck publish can not hide revocations', async () => {
    const world = await warmWorld();
    await world.clock.advance(10_000);
    world.publisherPointer = { ...world.publisherPointer!, behindSince: world.clock.now() - 300_001 };
    await expect(world.open()).rejects.toMatchObject(STALE);
    const { publisherPointer } = world.asked;
    for (let i = 0; i < 20; i++) await expect(world.open()).rejects.toMatchObject(STALE);
    expect(world.asked.publisherPointer).toBe(publisherPointer);
    world.publisherPointer = { ...world.publisherPointer!, behindSince: null };
    await world.clock.advance(2_000);
    expect(await world.open()).toMatchObject({ ageMs: 0 });
  });

  it('KV can not say that it caught up', async () => {
    const world = await warmWorld();
    await world.clock.advance(10_000);
    world.publisherPointer = { ...world.publisherPointer!, behindSince: world.clock.now() - 90_000 };
    await world.open();
    await world.publish({ revision: 8 });
    world.publisher = 'down';
    await world.clock.advance(10_000);
    expect(await world.open()).toMatchObject({ revision: 8, ageMs: 100_000 });
    const { pointer } = await world.publish({ revision: 9 });
    world.kvPointer = { ...pointer, behindSince: world.clock.now() };
    await world.clock.advance(10_000);
    expect(await world.open({ minRevision: 9 })).toMatchObject({ revision: 9, ageMs: 110_000 });
  });
});

describe('the location cache', () => {
  it('answers another isolate, and the time spent there counts as age', async () => {
    const world = new World();
    world.locationWorks = true;
    await world.publish({ revision: 7 });
    world.publisher = 200;
    await world.open();
    await world.clock.advance(600);
    expect(await world.open({}, world.isolate())).toMatchObject({ revision: 7, ageMs: 800 });
    expect(world.asked.publisherPointer).toBe(1);
  });

  it('never confirms anything in the future', async () => {
    const world = new World();
    const { pointer } = await world.publish({ revision: 7 });
    world.location = { pointer, confirmedAt: world.clock.now() + 60_000, putAt: world.clock.now() };
    await world.open();
    await world.clock.advance(1_000);
    expect(await world.open()).toMatchObject({ ageMs: 1_000 });
  });

  it('does not take an isolate back', async () => {
    const world = new World();
    const { pointer } = await world.publish({ revision: 7 });
    await world.publish({ revision: 8 });
    await world.open();
    await world.clock.advance(10_000);
    world.location = { pointer, confirmedAt: world.clock.now() - 100, putAt: world.clock.now() };
    expect(await world.open()).toMatchObject({ revision: 8, ageMs: 0 });
    expect(world.asked.publisherPointer).toBe(2);
  });

  it('is left aside when it hangs', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.locationHangs = true;
    const before = world.clock.now();
    expect(await world.open()).toMatchObject({ revision: 7 });
    expect(world.clock.now() - before).toBeLessThanOrEqual(DEFAULT_BOUNDS.locationWaitMs);
  });
});

describe('SEC-16 never backwards', () => {
  it('the Publisher itself can not take an isolate to an older revision; an alarm is raised and the age grows', async () => {
    const world = new World();
    const { pointer } = await world.publish({ revision: 7 });
    await world.publish({ revision: 8 });
    await world.open();
    world.publisherPointer = pointer;
    await world.clock.advance(10_000);
    expect(await world.open()).toMatchObject({ revision: 8, ageMs: 10_000 });
    expect(world.metrics.alarms).toBe(1);
  });

  /** Begins a refresh behind an answer whose pieces take 3 s, and goes on until others take it for dead. */
  async function slowRefresh(world: World): Promise<void> {
    await world.clock.advance(2_000);
    world.kv = 3_000;
    await world.open();
    await world.clock.advance(100);
    world.publisher = 3_000;
    await world.clock.advance(DEFAULT_BOUNDS.refreshPatienceMs);
    world.kv = 'up';
    world.publisher = 'up';
  }

  it('a slow answer does not overwrite a newer one', async () => {
    const world = await warmWorld();
    await world.publish({ revision: 8 });
    await slowRefresh(world);
    await world.publish({ revision: 9 });
    expect(await world.open({ minRevision: 9 })).toMatchObject({ revision: 9 });
    await world.finishBackground();
    expect(await world.open()).toMatchObject({ revision: 9 });
    expect(world.metrics.alarms).toBe(0);
  });

  it('a slow answer does not make the knowledge older either', async () => {
    const world = await warmWorld();
    await world.publish({ revision: 8 });
    await slowRefresh(world);
    expect(await world.open({ maxAgeMs: 0 })).toMatchObject({ revision: 8 });
    const confirmedAt = world.clock.now();
    await world.finishBackground();
    expect(await world.open()).toMatchObject({ revision: 8, ageMs: world.clock.now() - confirmedAt });
  });

  it('a try that fails after a newer one succeeded says nothing of the source', async () => {
    const world = await warmWorld();
    await world.publish({ revision: 8 });
    await world.clock.advance(2_000);
    await world.open();
    world.kv = 'hang';
    await world.clock.advance(100);
    world.publisher = 'hang';
    await world.clock.advance(DEFAULT_BOUNDS.refreshPatienceMs);
    world.kv = 'up';
    world.publisher = 'up';
    expect(await world.open({ maxAgeMs: 0 })).toMatchObject({ revision: 8 });
    await world.finishBackground();
    expect(world.metrics.refreshFailures).toBe(1);
    await world.publish({ revision: 9 });
    expect(await world.open({ minRevision: 9 })).toMatchObject({ revision: 9 });
  });

  it('an older pointer costs no reads of its pieces', async () => {
    const world = new World();
    const { pointer } = await world.publish({ revision: 7 });
    await world.publish({ revision: 8 });
    await world.open();
    world.blobsAsked.length = 0;
    world.publisherPointer = pointer;
    await expect(world.open({ maxAgeMs: 0 })).rejects.toMatchObject(STALE);
    expect(world.blobsAsked).toEqual([]);
  });

  it('not even after the snapshot was dropped to make room', async () => {
    const world = new World({}, 1);
    const { pointer } = await world.publish({ revision: 7 });
    const { blobs } = await world.publish({ revision: 8 });
    await world.publish({ organization: 'other', revision: 1 });
    await world.open();
    await world.clock.settle(world.pdp.open('other', {}, world.life));
    expect(world.metrics.evictions).toBe(1);
    world.publisherPointer = pointer;
    world.kvPointer = pointer;
    await expect(world.open()).rejects.toMatchObject(STALE);
    world.publisherPointer = { ...pointer, revision: 8, manifest: [...blobs.keys()].at(-1)! };
    expect(await world.open()).toMatchObject({ revision: 8 });
  });
});
