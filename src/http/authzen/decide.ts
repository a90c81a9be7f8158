/** One evaluation as AuthZEN answers it (§6.2): `{"decision":true}`, and nothing beside it unless the reason was asked for. */
import type { Decision } from '../../core/terms/decision.ts';
import type { CheckOptions } from '../../core/terms/request.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { Evaluation } from './wire.ts';

const IMPOSSIBLE: Decision = { decision: false, reason: 'no_grant' };

export function decide(
  session: Session,
  evaluation: Evaluation,
  now: number,
  options: CheckOptions | undefined,
): Decision | Promise<Decision> {
  return evaluation === null ? IMPOSSIBLE : session.decide(evaluation, now, options);
}

/** Reasons are plain words: nothing has to be escaped. */
export function evaluationText({ decision, reason }: Decision, withReason: boolean): string {
  return withReason ? `{"decision":${decision},"context":{"reason":"${reason}"}}` : `{"decision":${decision}}`;
}
