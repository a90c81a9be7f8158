/** A decision as it was answered, and what it rests on: what those who look on are told. */
import type { Decision } from '../core/terms/decision.ts';
import type { CheckOptions, CheckRequest } from '../core/terms/request.ts';

export interface Answered {
  /** where it was asked for */
  readonly face: string;
  readonly organization: string;
  readonly revision: number;
  /** staleness of the revision, ms */
  readonly ageMs: number;
  /** the time that the decision is of, ms since 1970 */
  readonly at: number;
  /** asked about a kept revision or a past time */
  readonly past: boolean;
  /** `root`, or the subject that asked, `type:id` */
  readonly caller: string;
  readonly request: CheckRequest;
  readonly options: CheckOptions | undefined;
  readonly decision: Decision;
}
