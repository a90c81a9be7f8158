/** Many requests at once, requests that die, answers in any order: the same answers as one after the other. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_BOUNDS } from '../../src/pdp/bounds.ts';
import type { Session } from '../../src/pdp/pdp.ts';
import { ALICE_READS, type Health, World } from '../support/data-plane.ts';
import { subject } from '../support/snapshot.ts';

const GRANTED = { decision: true, reason: 'granted' };

function openMany(world: World, count: number): Promise<PromiseSettledResult<Session>[]> {
  const sessions = Array.from({ length: count }, () => Promise.resolve(world.pdp.open('acme', {}, world.life)));
  return world.clock.settle(Promise.allSettled(sessions));
}

function decideMany(world: World, session: Session, count: number): Promise<PromiseSettledResult<unknown>[]> {
  const decisions = Array.from({ length: count }, async () => await session.decide(ALICE_READS, world.clock.now()));
  return world.clock.settle(Promise.allSettled(decisions));
}

describe('1,000 requests at once in a cold isolate', () => {
  it('load one manifest, one catalog and one leaf', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.publisher = 30;
    world.kv = 60;
    const opened = await openMany(world, 1_000);
    expect(opened.every((outcome) => outcome.status === 'fulfilled' && outcome.value.revision === 7)).toBe(true);
    expect(world.asked).toMatchObject({ publisherPointer: 1, kvBlob: 2, publisherBlob: 0 });
    const decided = await decideMany(world, await world.open(), 1_000);
    expect(decided.every((outcome) => outcome.status === 'fulfilled')).toBe(true);
    expect(world.asked).toMatchObject({ publisherPointer: 1, kvBlob: 3, publisherBlob: 0 });
  });

  it('each from its first question to its decision: the same pieces once, and the same answers as one after the other', async () => {
    const world = new World();
    await world.publish({ revision: 7, principals: [subject('user:alice', true), subject('user:bob', false)] });
    world.publisher = 30;
    world.kv = 60;
    const asks = Array.from({ length: 1_000 }, (_, i) => ({
      ...ALICE_READS,
      subject: { type: 'user', id: i % 2 === 0 ? 'alice' : 'bob' },
    }));
    const answers = asks.map(async (question) => {
      const session = await world.pdp.open('acme', {}, world.life);
      return (await session.decide(question, world.clock.now())).reason;
    });
    const reasons = await world.clock.settle(Promise.all(answers));
    expect(reasons).toEqual(asks.map(({ subject: { id } }) => (id === 'alice' ? 'granted' : 'no_grant')));
    expect(world.asked).toMatchObject({ publisherPointer: 1, kvPointer: 0, kvBlob: 3, publisherBlob: 0 });
  });

  it('over slow stores load a few times, not a thousand', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.publisher = 700;
    world.kv = 700;
    const opened = await openMany(world, 1_000);
    expect(opened.every((outcome) => outcome.status === 'fulfilled')).toBe(true);
    expect(world.asked.kvBlob).toBeLessThan(20);
  });

  it('over stores that are down ask once, and all fail closed', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.publisher = 'down';
    world.kv = 'down';
    const opened = await openMany(world, 1_000);
    expect(opened.every((outcome) => outcome.status === 'rejected' && outcome.reason.code === 'stale')).toBe(true);
    expect(world.asked.publisherPointer).toBe(1);
  });

  it('over stores that hang end within a bounded time, and ask a few times', async () => {
    const world = new World();
    world.publisher = 'hang';
    world.kv = 'hang';
    const before = world.clock.now();
    const opened = await openMany(world, 1_000);
    expect(opened.every((outcome) => outcome.status === 'rejected')).toBe(true);
    expect(world.clock.now() - before).toBeLessThanOrEqual(DEFAULT_BOUNDS.coldWaitMs + DEFAULT_BOUNDS.refreshWaitMs);
    expect(world.asked.publisherPointer).toBeLessThan(20);
  });
});

describe('SEC-15 a request that dies while it loads', () => {
  /** The request's I/O and timers never come back, as on Workers when its client has gone. */
  async function die(world: World, begin: () => unknown): Promise<void> {
    world.publisher = 'hang';
    world.kv = 'hang';
    begin();
    await world.clock.advance(0);
    world.clock.dropTimers();
    world.publisher = 'up';
    world.kv = 'up';
  }

  it('the first load of an organization: the next request waits a moment and loads itself', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    await die(world, () => world.pdp.open('acme', {}, world.life));
    const before = world.clock.now();
    expect(await world.decide(await world.open())).toEqual(GRANTED);
    expect(world.clock.now() - before).toBeLessThanOrEqual(DEFAULT_BOUNDS.loaderPatienceMs + 100);
  });

  it('between pointer and manifest', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    world.kv = 'hang';
    world.pdp.open('acme', {}, world.life);
    await world.clock.advance(10);
    expect(world.asked).toMatchObject({ publisherPointer: 1, kvBlob: 1 });
    world.clock.dropTimers();
    world.kv = 'up';
    const opened = await openMany(world, 1_000);
    expect(opened.every((outcome) => outcome.status === 'fulfilled')).toBe(true);
    expect(world.asked).toMatchObject({ publisherPointer: 2, kvBlob: 3 });
  });

  it('a leaf: the next request loads it', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    const session = await world.open();
    await die(world, () => session.decide(ALICE_READS, world.clock.now()));
    const before = world.clock.now();
    const decided = await decideMany(world, session, 1_000);
    expect(decided.every((outcome) => outcome.status === 'fulfilled')).toBe(true);
    expect(world.clock.now() - before).toBeLessThanOrEqual(DEFAULT_BOUNDS.loaderPatienceMs + 100);
    expect(world.asked.kvBlob).toBe(4);
  });

  it('a refresh of old knowledge: the next request is answered within its second', async () => {
    const world = new World();
    await world.publish({ revision: 7 });
    await world.open();
    await world.clock.advance(10_000);
    await die(world, () => world.pdp.open('acme', {}, world.life));
    const before = world.clock.now();
    expect(await world.open()).toMatchObject({ revision: 7 });
    expect(world.clock.now() - before).toBeLessThanOrEqual(1_000);
    await world.clock.advance(1_000);
    expect(await world.open()).toMatchObject({ ageMs: 0 });
  });
});

it('1,000 requests that need a refresh first share one', async () => {
  const world = new World();
  await world.publish({ revision: 7 });
  await world.open();
  await world.publish({ revision: 8 });
  await world.clock.advance(10_000);
  world.publisher = 100;
  const opened = await openMany(world, 1_000);
  expect(opened.every((outcome) => outcome.status === 'fulfilled' && outcome.value.revision === 8)).toBe(true);
  expect(world.asked.publisherPointer).toBe(2);
});

describe('whatever fails, in any order', () => {
  const HEALTHS: readonly Health[] = ['up', 'up', 'up', 'down', 'hang', 20, 300, 900];

  /** mulberry32: the seed is in the test's name */
  function randomOf(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
    };
  }

  for (const seed of [1, 2, 3, 4]) {
    it(`an isolate never goes back, never understates the age, and decides by the revision it names (seed ${seed})`, async () => {
      const random = randomOf(seed);
      const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
      const world = new World();
      world.locationWorks = true;
      const publishedAt = [0];
      const allows: boolean[] = [];
      const publish = async (): Promise<void> => {
        const revision = publishedAt.length;
        allows[revision] = random() < 0.5;
        await world.publish({ revision, principals: [subject('user:alice', allows[revision]!)] }, random() < 0.7);
        publishedAt.push(world.clock.now());
      };
      await publish();
      const isolates = [world.pdp, world.isolate()];
      const seen = [0, 0];
      let answers = 0;
      for (let step = 0; step < 250; step++) {
        const dice = random();
        if (dice < 0.15) await publish();
        else if (dice < 0.3) world.publisher = pick(HEALTHS);
        else if (dice < 0.4) world.kv = pick(HEALTHS);
        else if (dice < 0.6) await world.clock.advance(pick([10, 500, 3_000, 20_000, 200_000]));
        world.random = random();
        const which = random() < 0.5 ? 0 : 1;
        const want = pick([{}, {}, { maxAgeMs: pick([0, 1_500, 8_000]) }, { minRevision: publishedAt.length - 1 }]);
        let session: Session;
        try {
          session = await world.open(want, isolates[which]);
        } catch (error) {
          expect(error).toMatchObject({ code: 'stale', status: 503 });
          continue;
        }
        answers++;
        const { revision, ageMs } = session;
        expect(revision).toBeGreaterThanOrEqual(Math.max(seen[which]!, want.minRevision ?? 0));
        seen[which] = revision;
        const supersededAt = publishedAt[revision + 1];
        if (supersededAt !== undefined) expect(ageMs).toBeGreaterThanOrEqual(world.clock.now() - supersededAt);
        expect(ageMs).toBeLessThanOrEqual(DEFAULT_BOUNDS.maxStaleMs);
        if (want.maxAgeMs !== undefined && want.maxAgeMs >= 1_000) expect(ageMs).toBeLessThanOrEqual(want.maxAgeMs);
        const decision = await world.decide(session).catch((error: unknown) => error);
        if (!(decision instanceof Error)) expect(decision).toMatchObject({ decision: allows[revision] });
      }
      expect(answers).toBeGreaterThan(100);
    });
  }
});
