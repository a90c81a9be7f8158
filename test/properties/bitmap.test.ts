/**
 * Bitmap documents against the evaluator, through encoding, signature and decoder: for every question of random worlds, at several times of a
 * document's life and with whatever properties and context, what the decoder answers is the decision, or it is `ask`. Never another one.
 */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/terms/json.ts';
import type { Entity } from '../../src/core/terms/request.ts';
import type { Span } from '../../src/pdp/bitmap/rows.ts';
import { claimedParents, makeBitmap } from '../support/memory-bitmap.ts';
import { memoryReading } from '../support/memory-reading.ts';
import { ask, snapshotOf } from '../support/memory-snapshot.ts';
import { type Random, randomFrom } from './random.ts';
import { IDS, RESOURCE_TYPES, randomContext, randomProperties } from './vocabulary.ts';
import { actionOf, entityOf, randomWorld, type World } from './world.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_122);
const COMPARISONS = Number(process.env.BITGATE_COMPARISONS ?? 400_000);
/** light leaves, so that small worlds have many */
const LEAF_WEIGHTS = [1, 90, undefined];

/** What is asked about, and what the decoder is told of it. */
interface Thing {
  readonly kind: 'nothing' | 'registered' | 'unregistered' | 'unregistered, with parents';
  readonly resource: Entity | undefined;
  readonly parents: readonly string[];
}

function thingsOf(random: Random, world: World): Thing[] {
  const registered = world.rows.resources.map((row) => row.resource);
  const types = [...RESOURCE_TYPES, 'project', 'unheard'];
  const made = Array.from({ length: 4 }, () => `${random.pick(types)}:${random.pick(IDS)}`);
  const scopes = world.rows.assignments.map((row) => row.scope).filter((scope) => scope !== 'org');
  const parents = (): string[] => random.sample([...registered, ...registered, ...made, ...scopes, 'nothing'], random.between(1, 2));
  const claiming = made.flatMap((ref) => [
    entityOf(ref),
    entityOf(ref, { ...randomProperties(random), parents: parents() }),
    entityOf(ref, { parents: [random.pick(registered)] }),
  ]);
  const stored = registered.map((ref) => entityOf(ref, { ...randomProperties(random), parents: parents() }));
  const asked = [
    ...world.resources,
    ...claiming,
    ...stored,
    ...scopes.map((scope) => entityOf(scope, random.chance(0.5) ? { parents: parents() } : {})),
  ];
  return asked.map((resource): Thing => {
    if (resource === undefined) return { kind: 'nothing', resource, parents: [] };
    const claimed = claimedParents(resource.properties);
    if (registered.includes(`${resource.type}:${resource.id}`)) return { kind: 'registered', resource, parents: claimed };
    return { kind: claimed.length > 0 ? 'unregistered, with parents' : 'unregistered', resource, parents: claimed };
  });
}

function spanOf(random: Random, world: World): Span {
  const iat = world.now / 1_000 - random.pick([0, 0, 1, 30]);
  return { iat, exp: iat + random.pick([1, 31, 90]) };
}

function timesIn({ iat, exp }: Span, now: number): number[] {
  const [from, until] = [iat * 1_000, exp * 1_000 - 1];
  return [from, now - 1, now, now + 1, now + 999, now + 1_000, until].filter((time) => time >= from && time <= until);
}

interface Tally {
  comparisons: number;
  readonly answers: Map<string, { allow: number; deny: number; ask: number }>;
}

function count(tally: Tally, kind: string, answer: 'allow' | 'deny' | 'ask'): void {
  tally.comparisons++;
  const counts = tally.answers.get(kind) ?? { allow: 0, deny: 0, ask: 0 };
  counts[answer]++;
  tally.answers.set(kind, counts);
}

async function compareWorld(seed: number, n: number, tally: Tally): Promise<void> {
  const random = randomFrom(seed);
  const world = randomWorld(random);
  const { snapshot, pieces } = await snapshotOf(world.rows, LEAF_WEIGHTS[n % LEAF_WEIGHTS.length]);
  const reading = memoryReading(snapshot, pieces);
  const things = thingsOf(random, world);
  const context = (): JsonObject | undefined => (random.chance(0.3) ? undefined : randomContext(random));
  const actions = [...world.actions, 'view', 'dataset:dataset:read', 'nothing'];
  for (const subject of world.subjects) {
    const span = spanOf(random, world);
    const limited = random.chance(0.2);
    const { groups, roles } = random.chance(0.5) ? world.options : {};
    const question = {
      subject,
      proven: { groups, roles },
      privileges: limited ? random.sample(actions, 3) : undefined,
      resources: random.chance(0.3)
        ? things.slice(0, 2).flatMap(({ resource }) => (resource ? [`${resource.type}:${resource.id}`] : []))
        : [],
    };
    let now = span.iat * 1_000;
    const { bitmap, document } = await makeBitmap(reading, question, span, () => now);
    for (const { kind, resource, parents } of things) {
      for (const action of actions) {
        for (const time of random.sample(timesIn(span, world.now), 2)) {
          now = time;
          const answer = bitmap.decide(action, resource && `${resource.type}:${resource.id}`, parents);
          count(tally, kind, answer);
          if (answer === 'ask') continue;
          const request = { subject, action: actionOf(world, action), resource, context: context() };
          const { decision, reason } = ask(snapshot, pieces, request, time, question.proven);
          if (decision !== (answer === 'allow')) {
            const where = `world ${seed}, ${kind}, at ${time} of ${JSON.stringify(span)}`;
            throw new Error(`${where}: ${JSON.stringify(request)} is ${reason}, the document says ${answer}: ${JSON.stringify(document)}`);
          }
        }
      }
    }
  }
}

describe('bitmap documents and the evaluator', () => {
  it(`never differ on ${COMPARISONS} questions (seed ${SEED})`, async () => {
    const tally: Tally = { comparisons: 0, answers: new Map() };
    for (let n = 0; tally.comparisons < COMPARISONS; n++) await compareWorld(SEED + n, n, tally);
    const shares: string[] = [];
    for (const [kind, { allow, deny, ask: open }] of tally.answers) {
      const all = allow + deny + open;
      shares.push(`${kind}: ${all}, ask ${((100 * open) / all).toFixed(1)} %, allow ${((100 * allow) / all).toFixed(1)} %`);
      expect(allow / all, `${kind}: allowed`).toBeGreaterThan(0.02);
      expect(open / all, `${kind}: ask`).toBeLessThan(0.8);
    }
    console.log(`${tally.comparisons} comparisons, seed ${SEED}; ${shares.join('; ')}`);
  }, 600_000);
});
