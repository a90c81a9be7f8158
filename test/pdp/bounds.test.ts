/**
 * The bounds of freshness as properties: whatever is published, asked, cut, slow or stale, in whatever order, over several isolates whose
 * clocks differ. The clock is the test's; what is compared is what answers say of themselves and what was true.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_BOUNDS } from '../../src/pdp/bounds.ts';
import type { Want } from '../../src/pdp/pdp.ts';
import { ALICE_READS, type Health } from '../support/data-plane.ts';
import type { Isolate } from '../support/stale-stores.ts';
import { type Outcome, type Play, play, type Setting, schedules, settings, type Weather } from './schedules.ts';

const STALE = { code: 'stale', status: 503, details: { reason: 'stale' } };
const RUNS = { numRuns: 60 };
/** of one property: schedules are long, and machines differ */
const TIMEOUT_MS = 300_000;
const BOUNDS = DEFAULT_BOUNDS;
const ANSWERING: readonly Health[] = ['up', 20, 100];
const ANY: readonly Health[] = ['up', 'up', 20, 300, 900, 3_000, 'down', 'hang'];
/** what a location cache may hide of an answer's age when clocks differ: the time there, and the way to the Publisher */
const HIDDEN_MS = 1_000 + BOUNDS.publisherWaitMs;

/** How much younger than it is an answer may seem, ms: nothing, unless isolates of one location share answers and their clocks differ. */
function hidden({ skews: [a, b], shares }: Setting, isolate: Isolate, { isolates }: Play): number {
  return shares && isolate !== isolates[2] ? Math.min(Math.abs(a - b), HIDDEN_MS) : 0;
}

describe('while the Publisher answers', () => {
  const calm: Weather = { publisher: ['up', 20, 50], kv: ['up', 20, 50], lags: [0, 20_000, 90_000], loses: true };
  const slowKv: Weather = { ...calm, publisher: ANSWERING, kv: ANY };

  /** What can't be had: a revision that isn't there; where KV is slow or down also knowledge that is younger than its loading takes. */
  function mayBeRefused({ minRevision, maxAgeMs }: Want, newest: number, weather: Weather): boolean {
    // What was not there a second ago may be there now.
    if (minRevision !== undefined) return minRevision >= newest;
    return maxAgeMs !== undefined && weather === slowKv;
  }

  it.each([
    ['', calm],
    [', be KV slow, down or hanging', slowKv],
  ])(
    'no answer rests on knowledge older than 10 s, and nobody is refused what there is%s',
    async (_name, weather) => {
      let answers = 0;
      await fc.assert(
        fc.asyncProperty(settings, schedules(weather), async (setting, steps) => {
          await play(setting, steps, ({ session, want, at, newest, error, isolate }, playing) => {
            if (session === undefined) {
              expect(error).toMatchObject(STALE);
              expect(mayBeRefused(want, newest, weather), JSON.stringify(want)).toBe(true);
              return;
            }
            answers++;
            const outdated = playing.stores.outdatedFor(session.revision, at);
            const slack = hidden(setting, isolate, playing);
            expect(outdated).toBeLessThanOrEqual(BOUNDS.maxAgeMs + slack);
            expect(session.ageMs).toBeLessThanOrEqual(BOUNDS.maxAgeMs);
            expect(session.ageMs).toBeGreaterThanOrEqual(outdated - slack);
            if (want.minRevision !== undefined) expect(session.revision).toBeGreaterThanOrEqual(newest);
          });
        }),
        RUNS,
      );
      console.log(`${answers} answers while the Publisher answered`);
      expect(answers).toBeGreaterThan(500);
    },
    TIMEOUT_MS,
  );
});

describe('whatever fails', () => {
  // What a read of KV may hide is what a cold isolate starts with: 30 s until it sees a write, 30 s that it keeps what it saw.
  const weather = { publisher: ANY, kv: ANY, lags: [0, 30_000], loses: false };

  /** When each isolate knew for sure, at best, by the true clock: the last question that the Publisher answered in its location. */
  function confirmedAt({ isolates }: Play, { shares }: Setting, isolate: Isolate, firstOpenedAt: number): number {
    const sharing = isolates.filter((other) => other === isolate || (shares && other.location === isolate.location));
    return Math.max(firstOpenedAt - BOUNDS.kvStartAgeMs, ...sharing.map((other) => other.answeredAt));
  }

  interface Seen {
    revision: number;
    /** when it first gave a session, ms */
    openedAt: number;
  }

  function proveAnswer(outcome: Outcome, playing: Play, setting: Setting, seen: Map<Isolate, Seen>): void {
    const { session, want, warm, at, askedAt, isolate, error } = outcome;
    const before = seen.get(isolate) ?? { revision: 0, openedAt: Number.POSITIVE_INFINITY };
    seen.set(isolate, before);
    expect(at - askedAt).toBeLessThanOrEqual(warm ? BOUNDS.refreshWaitMs : BOUNDS.coldWaitMs + BOUNDS.refreshWaitMs);
    if (session === undefined) {
      expect(error).toMatchObject(STALE);
      return;
    }
    before.openedAt = Math.min(before.openedAt, at);
    const { revision, ageMs } = session;
    const slack = hidden(setting, isolate, playing);
    expect(revision).toBeGreaterThanOrEqual(Math.max(before.revision, want.minRevision ?? 0));
    before.revision = revision;
    expect(ageMs).toBeLessThanOrEqual(BOUNDS.maxStaleMs);
    expect(playing.stores.outdatedFor(revision, at)).toBeLessThanOrEqual(BOUNDS.maxStaleMs + slack);
    expect(at - ageMs).toBeLessThanOrEqual(confirmedAt(playing, setting, isolate, before.openedAt) + slack);
    if (want.maxAgeMs === undefined) return;
    if (want.maxAgeMs >= BOUNDS.minimumMaxAgeMs) expect(ageMs).toBeLessThanOrEqual(want.maxAgeMs);
    else expect(isolate.answeredAt).toBeGreaterThanOrEqual(askedAt);
  }

  it(
    'ages are true, no isolate goes back, KV makes nothing younger, and what is older than 5 minutes is 503',
    async () => {
      const tally = { answers: 0, refusals: 0, old: 0 };
      await fc.assert(
        fc.asyncProperty(settings, schedules(weather), async (setting, steps) => {
          const seen = new Map<Isolate, Seen>();
          await play(setting, steps, async (outcome, playing) => {
            proveAnswer(outcome, playing, setting, seen);
            const { session } = outcome;
            tally[session === undefined ? 'refusals' : 'answers']++;
            if (session === undefined) return;
            if (session.ageMs > BOUNDS.maxAgeMs) tally.old++;
            const { clock } = playing.stores;
            const decided = await clock.settle(session.decide(ALICE_READS, clock.now())).catch((error: unknown) => error);
            if (decided instanceof Error) expect(decided).toMatchObject(STALE);
            else expect(decided).toMatchObject({ decision: playing.allows[session.revision] });
          });
        }),
        RUNS,
      );
      console.log(`whatever fails: ${JSON.stringify(tally)}`);
      for (const count of Object.values(tally)) expect(count).toBeGreaterThan(20);
    },
    TIMEOUT_MS,
  );

  it(
    'within moments after the Publisher answers again, no answer rests on knowledge older than 10 s',
    async () => {
      // A try that was under way ends, its failure is remembered for a second; a load whose pieces hang is taken for dead.
      const MOMENTS_MS = BOUNDS.refreshPatienceMs + BOUNDS.refusalMs;
      // KV tells nothing new meanwhile: it would hide what the isolate itself doesn't ask.
      const outages: Weather = { publisher: ['up', 'up', 'down', 'hang', 900], kv: ['up', 'down', 'hang'], lags: [90_000], loses: true };
      let answers = 0;
      await fc.assert(
        fc.asyncProperty(settings, schedules(outages), async (setting, steps) => {
          await play(setting, steps, ({ session, at, askedAt, isolate }, playing) => {
            const { stores, isolates, changedAt } = playing;
            const ailing = [stores, ...isolates].some(({ publisher }) => publisher !== null && !ANSWERING.includes(publisher));
            if (ailing || session === undefined || askedAt - changedAt < MOMENTS_MS) return;
            answers++;
            expect(stores.outdatedFor(session.revision, at)).toBeLessThanOrEqual(BOUNDS.maxAgeMs + hidden(setting, isolate, playing));
          });
        }),
        RUNS,
      );
      console.log(`${answers} answers after outages`);
      expect(answers).toBeGreaterThan(100);
    },
    TIMEOUT_MS,
  );
});
