/** What questions cost beyond the request that brings them, whose first decision is paid with it. */
import type { BatchItem } from '../checks/batch.ts';
import { isComposite } from '../checks/composite.ts';
import type { Question } from '../checks/wire.ts';
import { COSTS } from './costs.ts';

/** @returns units; none of a plain check */
export function questionCost(question: Question): number {
  const actions = isComposite(question) ? question.actions.length : 1;
  return question.why?.explain === true ? actions * COSTS.explanation : beyondFirst(actions);
}

/** @returns units of a batch; an item that is refused costs what others do */
export function batchCost(items: readonly BatchItem[]): number {
  let decisions = 0;
  for (const item of items) decisions += 'actions' in item ? item.actions.length : 1;
  return beyondFirst(decisions);
}

function beyondFirst(decisions: number): number {
  return Math.max(0, decisions - 1) * COSTS.decision;
}
