/**
 * Every way of asking says the same: each is held against `POST /check`, on every subject × action × resource of random worlds, through
 * the real Worker, and `POST /check` against the naive evaluator. The clock stands at the worlds' own time, so that every window is met at
 * its edge.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askerFor } from '../oracle/oracle.ts';
import { NOW } from '../properties/vocabulary.ts';
import { truthOf } from './agreement/checks.ts';
import type { Stocked } from './agreement/face.ts';
import { FACES } from './agreement/faces.ts';
import { stock } from './agreement/stocked.ts';

/** Of most random worlds few questions hang on conditions: of these many do, on properties, on the context and on the action. */
const SEEDS = [
  { seed: 20_261_179, bare: false },
  { seed: 20_261_187, bare: true },
  { seed: 20_261_204, bare: false },
] as const;

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
});
afterAll(() => {
  vi.useRealTimers();
});

interface Decided {
  readonly decision: boolean;
  readonly reason: string;
}

const worlds: { readonly world: Stocked; readonly truth: readonly Decided[] }[] = [];

describe(`random worlds (seeds ${SEEDS.map(({ seed }) => seed).join(', ')})`, () => {
  it('are answered by /check as the naive evaluator answers', async () => {
    for (const { seed, bare } of SEEDS) {
      const world = await stock(seed, bare);
      const truth = await truthOf(world);
      const naive = askerFor(world.rows, world.now, { assert: world.assert });
      for (const [i, { subject, action, resource, context }] of world.questions.entries()) {
        const { decision, reason } = naive.about(subject, resource).decide(action, context);
        expect(truth[i], `${world.org}: ${JSON.stringify(world.questions[i])}`).toMatchObject({ decision, reason });
      }
      worlds.push({ world, truth });
    }
    const asked = worlds.flatMap(({ truth }) => truth);
    const allows = asked.filter(({ decision }) => decision).length;
    console.log(`${asked.length} questions in ${SEEDS.length} worlds, ${((100 * allows) / asked.length).toFixed(1)} % allows`);
    expect(allows).toBeGreaterThan(asked.length / 10);
  }, 300_000);

  it.each(FACES.map((face) => [face.name, face] as const))(
    '%s agrees with /check',
    async (_name, face) => {
      const tally = { asked: 0, ask: 0, compared: 0 };
      for (const { world, truth } of worlds) {
        const said = await face.answers(world);
        expect(said).toHaveLength(truth.length);
        for (const [i, decision] of said.entries()) {
          tally.asked++;
          if (decision === null) continue;
          if (decision === 'ask') {
            tally.ask++;
            continue;
          }
          tally.compared++;
          if (decision === truth[i]?.decision) continue;
          const question = `${JSON.stringify(world.questions[i])} in ${world.org}`;
          throw new Error(`${face.name} says ${decision} to ${question}, /check says ${JSON.stringify(truth[i])}`);
        }
      }
      const share = (count: number): string => `${count} of ${tally.asked} (${((100 * count) / tally.asked).toFixed(1)} %)`;
      console.log(`${face.name}: compared ${share(tally.compared)}${tally.ask === 0 ? '' : `, ask ${share(tally.ask)}`}`);
      expect(tally.compared).toBeGreaterThan(tally.asked / 10);
    },
    300_000,
  );
});
