/** What a request may ask for beyond what is at hand: a revision, an age, an organization that isn't known; and the bounds of each organization. */
import { describe, expect, it } from 'vitest';
import { boundsOf, DEFAULT_BOUNDS } from '../../src/pdp/bounds.ts';
import { World, warmWorld } from '../support/data-plane.ts';

const STALE = { code: 'stale', status: 503, details: { reason: 'stale' } };

describe('min_revision', () => {
  it('above what is held: the Publisher is asked at once', async () => {
    const world = await warmWorld();
    world.locationWorks = true;
    await world.publish({ revision: 8 });
    expect(await world.open({ minRevision: 8 })).toMatchObject({ revision: 8 });
    expect(await world.open({ minRevision: 7 })).toMatchObject({ revision: 8 });
  });

  it('is asked of the Publisher itself: what the location shares may be from before', async () => {
    const world = await warmWorld();
    world.locationWorks = true;
    await world.clock.advance(1_500);
    await world.open({}, world.isolate());
    await world.publish({ revision: 8 });
    expect(await world.open({ minRevision: 8 })).toMatchObject({ revision: 8 });
  });

  it('above what the Publisher has: 503 stale, remembered for 1 s', async () => {
    const world = await warmWorld();
    for (let i = 0; i < 100; i++) await expect(world.open({ minRevision: 9 })).rejects.toMatchObject(STALE);
    expect(world.asked.publisherPointer).toBe(2);
    await world.clock.advance(1_000);
    await expect(world.open({ minRevision: 9 })).rejects.toMatchObject(STALE);
    expect(world.asked.publisherPointer).toBe(3);
  });

  it('a refusal of a far revision does not refuse the next one', async () => {
    const world = await warmWorld();
    await expect(world.open({ minRevision: 999 })).rejects.toMatchObject(STALE);
    await world.publish({ revision: 8 });
    expect(await world.open({ minRevision: 8 })).toMatchObject({ revision: 8 });
  });

  it('a flood of different ones asks the Publisher one at a time', async () => {
    const world = await warmWorld();
    world.publisher = 100;
    const refused = Promise.allSettled(
      Array.from({ length: 500 }, (_, i) => Promise.resolve(world.pdp.open('acme', { minRevision: 1_000 - i }, world.life))),
    );
    expect((await world.clock.settle(refused)).every((outcome) => outcome.status === 'rejected')).toBe(true);
    expect(world.asked.publisherPointer).toBeLessThanOrEqual(3);
  });

  it('may be satisfied by KV when the Publisher is down', async () => {
    const world = await warmWorld();
    await world.publish({ revision: 8 });
    world.publisher = 'down';
    expect(await world.open({ minRevision: 8 })).toMatchObject({ revision: 8, ageMs: 0 });
    await expect(world.open({ minRevision: 9 })).rejects.toMatchObject(STALE);
  });
});

describe('max_age_ms', () => {
  it('below 1,000 asks the source now, past the location cache, however young the knowledge is', async () => {
    const world = new World();
    world.locationWorks = true;
    await world.publish({ revision: 7 });
    await world.open();
    await world.publish({ revision: 8 });
    expect(await world.open({ maxAgeMs: 0 })).toMatchObject({ revision: 8, ageMs: 0 });
    expect(await world.open({ maxAgeMs: 999 })).toMatchObject({ revision: 8 });
    expect(world.asked.publisherPointer).toBe(3);
  });

  it('below 1,000 is met by an answer that was long on its way, since the question left after the request came', async () => {
    const world = await warmWorld();
    world.publisher = 700;
    expect(await world.open({ maxAgeMs: 0 })).toMatchObject({ ageMs: 700 });
  });

  it('below 1,000 is not met by a question that had left before', async () => {
    const world = await warmWorld();
    await world.clock.advance(2_000);
    world.publisher = 400;
    await world.open();
    await world.clock.advance(100);
    await world.open({ maxAgeMs: 0 });
    expect(world.asked.publisherPointer).toBe(3);
  });

  it('asks when the knowledge is older, and not when it is younger', async () => {
    const world = await warmWorld();
    await world.clock.advance(1_500);
    expect(await world.open({ maxAgeMs: 1_500 })).toMatchObject({ ageMs: 1_500 });
    expect(await world.open({ maxAgeMs: 1_499 })).toMatchObject({ ageMs: 0 });
  });

  it('that can not be met is 503, never an older answer', async () => {
    const world = await warmWorld();
    world.publisher = 'down';
    await world.clock.advance(5_000);
    await expect(world.open({ maxAgeMs: 4_000 })).rejects.toMatchObject(STALE);
    await expect(world.open({ maxAgeMs: 0 })).rejects.toMatchObject(STALE);
    expect(await world.open({ maxAgeMs: 6_000 })).toMatchObject({ revision: 7 });
  });

  it('below 1,000 is not met while the Publisher is behind', async () => {
    const world = await warmWorld();
    world.publisherPointer = { ...world.publisherPointer!, behindSince: world.clock.now() - 5_000 };
    await expect(world.open({ maxAgeMs: 0 })).rejects.toMatchObject(STALE);
  });

  it('never allows more than the bounds do', async () => {
    const world = await warmWorld();
    world.publisher = 'down';
    world.kv = 'down';
    await world.clock.advance(300_001);
    await expect(world.open({ maxAgeMs: 10_000_000 })).rejects.toMatchObject(STALE);
  });
});

describe('unknown organizations', () => {
  it('are 404, remembered for 1 s', async () => {
    const world = new World();
    for (let i = 0; i < 100; i++) await expect(world.open()).rejects.toMatchObject({ code: 'unknown_organization', status: 404 });
    expect(world.asked.publisherPointer).toBe(1);
    await world.publish({ revision: 1 });
    await world.clock.advance(1_000);
    expect(await world.open()).toMatchObject({ revision: 1 });
  });

  it('a flood of made-up names takes no place from a real one', async () => {
    const world = await warmWorld();
    const asked = Array.from({ length: 3_000 }, (_, i) => Promise.resolve(world.pdp.open(`x${i}`, {}, world.life)));
    const outcomes = await world.clock.settle(Promise.allSettled(asked));
    expect(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason.status === 404)).toBe(true);
    expect(world.pdp.open('acme', {}, world.life)).toMatchObject({ revision: 7 });
  });

  it('an organization that is deleted ends, and an old pointer in KV does not bring it back', async () => {
    const world = await warmWorld();
    const { kvPointer } = world;
    world.publisherPointer = null;
    await world.clock.advance(10_000);
    await expect(world.open()).rejects.toMatchObject({ status: 404 });
    expect(world.pdp.cachedBytes).toBe(0);
    world.publisher = 'down';
    world.kvPointer = kvPointer;
    await world.clock.advance(1_000);
    await expect(world.open()).rejects.toMatchObject(STALE);
    world.publisher = 'up';
    await world.publish({ revision: 9 });
    expect(await world.open()).toMatchObject({ revision: 9, ageMs: 0 });
  });
});

describe('the bounds of an organization', () => {
  it('come from its settings', async () => {
    const world = new World();
    const settings = '{"freshness":{"max_age_ms":3000,"max_stale_ms":5000,"refresh_after_ms":1000}}';
    await world.publish({ revision: 7, catalog: { settings } });
    await world.open();
    world.publisher = 'down';
    world.kv = 'down';
    await world.clock.advance(5_000);
    expect(await world.open()).toMatchObject({ ageMs: 5_000 });
    await world.clock.advance(1);
    await expect(world.open()).rejects.toMatchObject(STALE);
  });

  it('are kept in order and within what makes sense; what can not be read leaves the default', () => {
    const of = (freshness: unknown) => {
      const { freshMs, maxAgeMs, maxStaleMs } = boundsOf(JSON.stringify({ freshness }), DEFAULT_BOUNDS);
      return [freshMs, maxAgeMs, maxStaleMs];
    };
    expect(of({})).toEqual([2_000, 10_000, 300_000]);
    expect(of({ max_age_ms: 0, max_stale_ms: 0, refresh_after_ms: 0 })).toEqual([0, 1_000, 1_000]);
    expect(of({ max_stale_ms: 5_000 })).toEqual([2_000, 5_000, 5_000]);
    expect(of({ refresh_after_ms: 60_000 })).toEqual([10_000, 10_000, 300_000]);
    expect(of({ max_age_ms: -1, max_stale_ms: '9', refresh_after_ms: null })).toEqual([2_000, 10_000, 300_000]);
    expect(of({ max_stale_ms: 1e300 })).toEqual([2_000, 10_000, 86_400_000]);
    expect(of([1])).toEqual([2_000, 10_000, 300_000]);
    expect(of(null)).toEqual([2_000, 10_000, 300_000]);
    expect(boundsOf('{}', DEFAULT_BOUNDS)).toBe(DEFAULT_BOUNDS);
  });
});
