/**
 * Conditions for the second evaluation: by the Worker's own CEL, whose work is bounded. What the tests' oracle has instead would let one hostile condition
 * keep the isolate busy.
 */
import { type Condition, evaluateCondition, parseCondition } from '../../core/condition/condition.ts';
import { workDone } from '../../core/condition/work.ts';
import { UnreadableRow } from '../../core/naive/facts.ts';
import type { OutcomeOf } from '../../core/naive/variables.ts';
import { PAUSE_WORK } from '../effort.ts';

export class TooMuchWork extends Error {}

/** @param before the work that was done when the decision began; what it returns throws UnreadableRow, TooMuchWork */
export function boundedOutcome(before: number): OutcomeOf {
  return (source, { now, ...entities }) => {
    if (workDone() - before >= PAUSE_WORK) throw new TooMuchWork();
    return evaluateCondition(parsed(source), { ...entities, now: now.getTime() });
  };
}

/** What can't be parsed was typed into the database by hand, and left out or reported when published. */
function parsed(source: string): Condition {
  try {
    return parseCondition(source);
  } catch {
    throw new UnreadableRow('not a condition');
  }
}
