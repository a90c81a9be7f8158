/** Decides questions in an isolate: on the real snapshot, and as a hand-written Map of Sets would. Answers are 1 for allow and 0 for deny. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { evaluate } from '../../../src/core/evaluate/evaluate.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import type { MapOfSets } from './map-of-sets.ts';
import type { Question } from './population.ts';

export const NOW = Date.UTC(2026, 10, 21);

/** @throws Error when a leaf isn't at hand */
export function decide(snapshot: Snapshot, { subject, action, resourceType, resource }: Question): boolean {
  const asked = { subject: { type: 'user', id: subject }, action: { name: action }, resource: { type: resourceType, id: resource } };
  const decision = evaluate(snapshot, asked, NOW);
  if ('missing' in decision) throw new Error('a leaf is not at hand');
  return decision.decision;
}

export function runBitgate(snapshot: Snapshot, questions: readonly Question[], answers: Uint8Array): void {
  for (let i = 0; i < questions.length; i++) answers[i] = decide(snapshot, questions[i]!) ? 1 : 0;
}

export function runMap(map: MapOfSets, questions: readonly Question[], answers: Uint8Array): void {
  for (let i = 0; i < questions.length; i++) answers[i] = map.check(questions[i]!) ? 1 : 0;
}

/** @throws Error that tells the first question with two answers */
export function proveSame(questions: readonly Question[], ours: Uint8Array, theirs: Uint8Array, who: string): void {
  for (let i = 0; i < questions.length; i++)
    if (ours[i] !== theirs[i]) throw new Error(`bitgate says ${ours[i]} and ${who} says ${theirs[i]} to ${JSON.stringify(questions[i])}`);
}

setFlagsFromString('--expose-gc');
/** Of the young alone: going through a world's gigabytes takes a second, and empties the processor's caches. */
const collectYoung: (options: { type: 'minor' }) => void = runInNewContext('gc');

/**
 * Nanoseconds of this thread's CPU that `work` takes, after the garbage of what came before is gone: the time of a core, whoever else has it
 * between whiles.
 */
export function time(work: () => void): number {
  collectYoung({ type: 'minor' });
  const start = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) * 1_000;
}
