/** Counts what random worlds reach: how often each reason is given, and how often each part of the rule decides. */
import type { Feature } from '../../src/core/naive/features.ts';
import { FEATURES } from '../../src/core/naive/features.ts';
import type { Reason } from '../../src/core/terms/decision.ts';
import type { World } from '../properties/world.ts';
import { actionOf, worldFromSeed } from '../properties/world.ts';
import type { Asker } from './oracle.ts';
import { askerFor } from './oracle.ts';

export interface Coverage {
  /** decisions made */
  readonly decisions: number;
  readonly allows: number;
  readonly reasons: ReadonlyMap<Reason, number>;
  /** decisions that were asked again without each feature */
  readonly sampled: number;
  /** of the sampled decisions, those whose decision or reason changes when the rule lacks the feature */
  readonly decided: ReadonlyMap<Feature, number>;
}

/**
 * Makes the worlds of `seed`, `seed + 1` … until `atLeast` decisions are made.
 * @param sampleEvery one world in so many is asked again without each feature
 */
export function coverageOf(seed: number, atLeast: number, sampleEvery: number): Coverage {
  const reasons = new Map<Reason, number>();
  const decided = new Map<Feature, number>(FEATURES.map((feature) => [feature, 0]));
  let decisions = 0;
  let sampled = 0;
  for (let i = 0; decisions < atLeast; i++) {
    const world = worldFromSeed(seed + i);
    const answers = answersOf(world, askerFor(world.rows, world.now, world.options));
    decisions += answers.length;
    for (const reason of answers) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    if (i % sampleEvery !== 0) continue;
    sampled += answers.length;
    for (const feature of FEATURES) {
      const others = answersOf(world, askerFor(world.rows, world.now, { ...world.options, without: feature }));
      decided.set(feature, (decided.get(feature) ?? 0) + answers.filter((reason, at) => others[at] !== reason).length);
    }
  }
  return { decisions, allows: reasons.get('granted') ?? 0, reasons, sampled, decided };
}

/** The reason of every subject × resource × action of the world, in that order; a reason says its decision too. */
function answersOf(world: World, asker: Asker): Reason[] {
  const actions = world.actions.map((name) => actionOf(world, name));
  const answers: Reason[] = [];
  for (const subject of world.subjects) {
    for (const resource of world.resources) {
      const about = asker.about(subject, resource);
      for (const action of actions) answers.push(about.decide(action, world.context).reason);
    }
  }
  return answers;
}

/** Lines such as `granted 31.2 %`, for people. */
export function describeCoverage(coverage: Coverage): string {
  const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;
  const lines = [`${coverage.decisions} decisions, ${percent(coverage.allows, coverage.decisions)} allows`];
  for (const [reason, count] of coverage.reasons) lines.push(`  reason ${reason}: ${percent(count, coverage.decisions)}`);
  lines.push(`${coverage.sampled} decisions asked again without each feature; it decides`);
  for (const [feature, count] of coverage.decided) lines.push(`  ${feature}: ${percent(count, coverage.sampled)}`);
  return lines.join('\n');
}
