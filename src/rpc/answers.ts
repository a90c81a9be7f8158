/**
 * What goes back over RPC. Refusals are values, because an error would lose its code on the way; a refused check says `decision: false`
 * too.
 */
import type { Decision } from '../core/terms/decision.ts';
import type { BitgateError } from '../core/terms/problem.ts';
import { type Denial, denial, type Resting, restingOn } from '../http/common/checks/answer.ts';
import type { CompositeDecision } from '../http/common/checks/composite.ts';
import type { Counts } from '../http/common/counts.ts';
import { foreseen } from '../http/common/errors.ts';
import type { ListMembers } from '../http/common/list-answer.ts';
import type { Session } from '../pdp/pdp.ts';

/** What an answer rests on; what HTTP says in headers too. */
export interface Provenance extends Resting {
  /** staleness: age of the knowledge that this revision is the newest */
  readonly age_ms: number;
}

export type CheckAnswer = (Decision | CompositeDecision) & Provenance;

/** Of what asks why, or what if. */
export type WhyAnswer = CheckAnswer & {
  /** decided as if what the question assumes were there */
  readonly assumed?: true;
  /** an `Explanation`, as JSON; of `any_of` and `all_of` one stands with each of `actions` */
  readonly explanation?: object;
};

export interface BatchAnswer extends Provenance {
  /** in the order of the questions */
  readonly results: readonly (Decision | CompositeDecision | Refusal)[];
}

export type ListAnswer = ListMembers & Provenance;

export interface RpcError {
  readonly error: {
    /** stable, for programs; those of HTTP */
    readonly code: string;
    readonly message: string;
    /** JSON, by code */
    readonly details: object;
  };
}

export type Refusal = Denial & RpcError;

export function provenance(session: Session): Provenance {
  return { ...restingOn(session), age_ms: Math.round(session.ageMs) };
}

/** What `work` answers, or why it doesn't: a check that is refused is denied. Never rejects. */
export async function answered<T>(counts: Counts, work: () => Promise<T>): Promise<T | Refusal> {
  try {
    const answer = await work();
    counts.answered('rpc', 200);
    return answer;
  } catch (error) {
    const known = failed(counts, error);
    return { ...denial(known), ...told(known) };
  }
}

/** The same of what is no check. */
export async function listed<T>(counts: Counts, work: () => Promise<T>): Promise<T | RpcError> {
  try {
    const answer = await work();
    counts.answered('rpc', 200);
    return answer;
  } catch (error) {
    return told(failed(counts, error));
  }
}

/** Counted as HTTP would have answered it. */
function failed(counts: Counts, error: unknown): BitgateError {
  const known = foreseen(counts, error, null);
  counts.answered('rpc', known.status);
  return known;
}

function told({ code, message, details }: BitgateError): RpcError {
  return { error: { code, message, details: details ?? {} } };
}
