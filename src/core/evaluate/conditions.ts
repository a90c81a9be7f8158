/** Parsed conditions of each catalog, made when first needed. */
import { type Condition, parseCondition } from '../condition/condition.ts';
import type { Catalog } from '../snapshot/catalog.ts';

const conditionsOf = new WeakMap<Catalog, (Condition | null | undefined)[]>();

/** @returns null for one that does not parse, which is an error whenever it is asked */
export function conditionAt(catalog: Catalog, index: number): Condition | null {
  let parsed = conditionsOf.get(catalog);
  if (parsed === undefined) {
    parsed = [];
    conditionsOf.set(catalog, parsed);
  }
  let condition = parsed[index];
  if (condition === undefined) {
    try {
      condition = parseCondition(catalog.conditions[index]!);
    } catch {
      condition = null;
    }
    parsed[index] = condition;
  }
  return condition;
}
