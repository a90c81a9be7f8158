/** Who looks on at decisions that were answered: the decision log, the second evaluation. Looking on delays nothing, changes nothing and fails nothing. */
import type { Decision } from '../../../core/terms/decision.ts';
import type { CheckOptions, CheckRequest } from '../../../core/terms/request.ts';
import type { RequestLife } from '../../../pdp/ports.ts';

/** Where a decision was asked for. */
export type DecidingFace = 'check' | 'batch' | 'authzen' | 'forward-auth' | 'rpc';

/** A decision as it was answered, and what it rests on. */
export interface Observed {
  readonly face: DecidingFace;
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

/** `decided` returns at once and never throws; work of its own goes into `life.waitUntil`. */
export interface DecisionObserver {
  /** Whether it is to be told of a decision, of which it knows nothing: asked once for each. Absent: of every one */
  wants?(): boolean;
  decided(observed: Observed, life: RequestLife): void;
}

const NOBODY: readonly DecisionObserver[] = [];

/** Those of them that are to be told of one decision. */
export function wanting(observers: readonly DecisionObserver[]): readonly DecisionObserver[] {
  let wanted = NOBODY;
  for (const observer of observers) if (observer.wants?.() !== false) wanted = [...wanted, observer];
  return wanted;
}
