/**
 * Composite checks against the naive evaluator: random lists of actions, asked as `any_of` and as `all_of` of every subject and resource of random worlds.
 * Decision, reason, and what each action by itself is answered.
 */
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/core/terms/decision.ts';
import { decideComposite } from '../../src/http/common/checks/composite.ts';
import { askerFor } from '../oracle/oracle.ts';
import { ask, snapshotOf } from '../support/memory-snapshot.ts';
import { type Random, randomFrom } from './random.ts';
import { actionOf, randomWorld, type World } from './world.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_122);
const WORLDS = 40;
const LONGEST = 6;

/** Said once more, without the words of the one that is tested: who decides is whoever would change what the others say. */
function naive(needs: 'any_of' | 'all_of', each: readonly Decision[]): Decision {
  if (each.length === 0) return { decision: false, reason: 'no_grant' };
  let said = each[0]!;
  for (const next of each.slice(1)) {
    if (needs === 'any_of' && !said.decision && next.decision) said = next;
    if (needs === 'all_of' && said.decision && !next.decision) said = next;
  }
  return { decision: said.decision, reason: said.reason };
}

/** Actions may be named twice; a third of the lists are of one kind of answer, so that neither way of asking ends the same always. */
function randomNames(random: Random, world: World, alike: readonly string[]): string[] {
  const from = random.chance(0.3) && alike.length > 0 ? alike : world.actions;
  return Array.from({ length: random.between(0, LONGEST) }, () => random.pick(from));
}

describe('composite checks and the naive evaluator', () => {
  it(`agree on random lists of actions in ${WORLDS} worlds (seed ${SEED})`, async () => {
    const tally = new Map<string, number>();
    for (let n = 0; n < WORLDS; n++) {
      const random = randomFrom(SEED + n);
      const world = randomWorld(random);
      const { snapshot, pieces } = await snapshotOf(world.rows);
      const session: Parameters<typeof decideComposite>[0] = {
        decide: (request, now, options) => ask(snapshot, pieces, request, now, options),
      };
      const oracle = askerFor(world.rows, world.now, world.options);
      for (const subject of world.subjects) {
        for (const resource of world.resources) {
          const about = oracle.about(subject, resource);
          const expected = (name: string): Decision => about.decide(actionOf(world, name), world.context);
          const allowed = world.actions.filter((name) => expected(name).decision);
          for (const needs of ['any_of', 'all_of'] as const) {
            const names = randomNames(
              random,
              world,
              needs === 'all_of' ? allowed : world.actions.filter((name) => !allowed.includes(name)),
            );
            const request = { subject, resource, context: world.context, needs, actions: names.map((name) => actionOf(world, name)) };
            const got = await decideComposite(session, request, world.now, world.options);
            const actions = names.map((name) => ({ action: name, ...expected(name) }));
            expect(got, `world ${SEED + n}: ${JSON.stringify(request)}`).toEqual({ ...naive(needs, actions), actions });
            const kind = `${needs} ${got.reason}`;
            tally.set(kind, (tally.get(kind) ?? 0) + 1);
          }
        }
      }
    }
    const total = [...tally.values()].reduce((sum, count) => sum + count, 0);
    console.log(`${total} composite checks, seed ${SEED}; ${[...tally].map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
    for (const kind of [
      'any_of granted',
      'any_of no_grant',
      'any_of denied_by_policy',
      'all_of granted',
      'all_of no_grant',
      'all_of denied_by_policy',
    ])
      expect(tally.get(kind) ?? 0, kind).toBeGreaterThan(total / 100);
  }, 120_000);
});
