/** Random schedules over stores that go stale: what happens in them, and how they are played. */
import fc from 'fast-check';
import type { Session, Want } from '../../src/pdp/pdp.ts';
import type { Health } from '../support/data-plane.ts';
import { subject } from '../support/snapshot.ts';
import { type Isolate, Location, StaleStores } from '../support/stale-stores.ts';

export type Step =
  | { readonly do: 'publish'; readonly catalog: boolean; readonly allows: boolean }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'ask'; readonly isolates: readonly number[]; readonly want: 'any' | 'newest' | 'unpublished' | number }
  | { readonly do: 'publisher' | 'kv'; readonly isolate: number | null; readonly health: Health }
  | { readonly do: 'lag'; readonly ms: number; readonly takes: boolean };

/** skews of the clocks of three isolates, the first two of one location; and whether locations share */
export interface Setting {
  readonly skews: readonly [number, number, number];
  readonly shares: boolean;
}

export const SKEWS: readonly number[] = [0, 0, -3_000, -700, 400, 3_000];
export const settings: fc.Arbitrary<Setting> = fc.record({
  skews: fc.tuple(fc.constantFrom(...SKEWS), fc.constantFrom(...SKEWS), fc.constantFrom(...SKEWS)),
  shares: fc.boolean(),
});

/** What may happen to the stores: how they may be, how late KV may see writes (ms), and whether it takes them all. */
export interface Weather {
  readonly publisher: readonly Health[];
  readonly kv: readonly Health[];
  readonly lags: readonly number[];
  readonly loses: boolean;
}

export function schedules({ publisher, kv, lags, loses }: Weather): fc.Arbitrary<Step[]> {
  const isolate = fc.constantFrom(0, 1, 2);
  const one: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('publish' as const), catalog: fc.boolean(), allows: fc.boolean() }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('pass' as const),
        ms: fc.constantFrom(5, 300, 900, 2_100, 5_000, 9_900, 10_100, 45_000, 200_000),
      }),
    },
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constant('ask' as const),
        isolates: fc.array(isolate, { minLength: 1, maxLength: 6 }),
        want: fc.oneof(
          { weight: 5, arbitrary: fc.constant('any' as const) },
          { weight: 2, arbitrary: fc.constant('newest' as const) },
          { weight: 1, arbitrary: fc.constant('unpublished' as const) },
          { weight: 2, arbitrary: fc.constantFrom(0, 999, 1_000, 1_500, 8_000) },
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('publisher' as const),
        isolate: fc.option(isolate),
        health: fc.constantFrom(...publisher),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('kv' as const), isolate: fc.option(isolate), health: fc.constantFrom(...kv) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('lag' as const),
        ms: fc.constantFrom(...lags),
        takes: loses ? fc.boolean() : fc.constant(true),
      }),
    },
  );
  return fc.array(one, { minLength: 15, maxLength: 60 });
}

/** One answer, or one refusal. Times are true ones, ms. */
export interface Outcome {
  readonly isolate: Isolate;
  readonly want: Want;
  /** the isolate had given a session before it was asked */
  readonly warm: boolean;
  readonly askedAt: number;
  readonly at: number;
  /** the newest revision when it was asked */
  readonly newest: number;
  readonly session?: Session;
  readonly error?: unknown;
}

export interface Play {
  readonly stores: StaleStores;
  readonly isolates: readonly Isolate[];
  /** by revision: may alice read? */
  readonly allows: boolean[];
  /** when a line last changed, ms */
  changedAt: number;
}

/**
 * Plays a schedule, from one published revision on.
 * @param look called for each outcome, in the order in which they came
 */
export async function play(setting: Setting, steps: readonly Step[], look: (outcome: Outcome, play: Play) => void | Promise<void>) {
  const stores = new StaleStores();
  const here = new Location(setting.shares);
  const there = new Location(setting.shares);
  const isolates = setting.skews.map((skewMs, i) => stores.isolate({ location: i < 2 ? here : there, skewMs }));
  const allows: boolean[] = [false];
  const playing: Play = { stores, isolates, allows, changedAt: stores.clock.now() };
  await publish(playing, true, false);
  for (const step of steps) await one(playing, step, look);
}

async function one(playing: Play, step: Step, look: (outcome: Outcome, play: Play) => void | Promise<void>): Promise<void> {
  const { stores, isolates } = playing;
  if (step.do === 'publish') await publish(playing, step.allows, step.catalog);
  else if (step.do === 'pass') await stores.clock.advance(step.ms);
  else if (step.do === 'lag') {
    stores.kvLagMs = step.ms;
    stores.kvTakes = step.takes;
  } else if (step.do === 'ask') {
    const want = wantOf(step.want, stores.newest);
    const outcomes: Outcome[] = [];
    const asking = step.isolates.map(async (i) => outcomes.push(await ask(stores, isolates[i]!, want)));
    await stores.clock.settle(Promise.all(asking));
    for (const outcome of outcomes) await look(outcome, playing);
  } else {
    const line = step.isolate === null ? stores : isolates[step.isolate]!;
    line[step.do] = step.health;
    playing.changedAt = stores.clock.now();
  }
}

async function publish(
  { stores, allows }: Play & { readonly allows: readonly boolean[] },
  reads: boolean,
  catalog: boolean,
): Promise<void> {
  const parts = catalog ? { catalog: { settings: JSON.stringify({ n: stores.newest }) } } : {};
  await stores.publish({ ...parts, principals: [subject('user:alice', reads)] });
  allows[stores.newest] = reads;
}

function wantOf(want: (Step & { readonly do: 'ask' })['want'], newest: number): Want {
  if (want === 'any') return {};
  if (want === 'newest') return { minRevision: newest };
  return want === 'unpublished' ? { minRevision: newest + 1 } : { maxAgeMs: want };
}

async function ask(stores: StaleStores, isolate: Isolate, want: Want): Promise<Outcome> {
  const asked = { isolate, want, warm: isolate.opened, askedAt: stores.clock.now(), newest: stores.newest };
  try {
    const session = await isolate.open(want);
    return { ...asked, at: stores.clock.now(), session };
  } catch (error) {
    return { ...asked, at: stores.clock.now(), error };
  }
}
