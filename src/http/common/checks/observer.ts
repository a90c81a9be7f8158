/** Who looks on at decisions that were answered: the decision log, the second evaluation. Looking on delays nothing, changes nothing and fails nothing. */
import type { Answered } from '../../../pdp/answered.ts';
import type { RequestLife } from '../../../pdp/ports.ts';

/** Where a decision was asked for. */
export type DecidingFace = 'check' | 'batch' | 'authzen' | 'forward-auth' | 'rpc';

export interface Observed extends Answered {
  readonly face: DecidingFace;
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
