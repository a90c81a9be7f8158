/** Decides in a snapshot of which leaves may be missing: they are put at hand, and the question is asked again. */
import { evaluate, type Missing } from '../core/evaluate/evaluate.ts';
import type { LeafRef, Snapshot } from '../core/snapshot/snapshot.ts';
import type { Decision } from '../core/terms/decision.ts';
import type { CheckOptions, CheckRequest } from '../core/terms/request.ts';
import { stale } from './freshness.ts';

/** Each round makes at least one leaf resident; a check that needs more than this is not worth an isolate's memory. */
export const MAX_ROUNDS = 64;

/**
 * @param first what the first evaluation lacked
 * @param load puts leaves at hand in `snapshot`
 * @throws BitgateError `stale` (503) when it needs too many
 */
export async function decideLoading(
  snapshot: Snapshot,
  first: Missing,
  load: (refs: readonly LeafRef[]) => Promise<void>,
  request: CheckRequest,
  now: number,
  options?: CheckOptions,
): Promise<Decision> {
  return askLoading(first, load, () => evaluate(snapshot, request, now, options));
}

/**
 * The same of anything that is asked of the evaluator.
 * @param ask what the answer is, or what is still missing
 * @throws BitgateError `stale` (503) when it needs too many
 */
export async function askLoading<Answer extends object>(
  first: Missing,
  load: (refs: readonly LeafRef[]) => Promise<void>,
  ask: () => Answer | Missing,
): Promise<Answer> {
  let { missing } = first;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    await load(missing);
    const answer = ask();
    if (!('missing' in answer)) return answer;
    missing = answer.missing;
  }
  throw stale(`the check needs more than ${MAX_ROUNDS} rounds of leaves`);
}
