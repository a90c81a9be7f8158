/** What the evaluator says of a row of which nothing is known but its type and what it lies below. */
import type { Held, Outcome, Outcomes } from '../../client/scopes.ts';
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { Catalog } from '../../core/snapshot/catalog.ts';
import type { Decision } from '../../core/terms/decision.ts';
import { PROJECT_TYPE } from '../../core/terms/ref.ts';
import type { CheckOptions, Clause, Clauses, Entity, OpenQuestion } from '../../core/terms/request.ts';
import type { Scan } from '../scan.ts';
import { type Asking, checkOn } from './question.ts';

/** The request says all but what the row is. */
const TOLD: OpenQuestion['told'] = new Set(['subject', 'action', 'context', 'now']);

/** Below a scope (undefined: below `org`), or on the row itself, beside whatever it lies below. */
type Place = 'below' | 'itself';

/** @param inProject what lies here lies in a project */
export async function outcomesOf(scan: Scan, asking: Asking, place: Place, at: Entity | undefined, inProject: boolean): Promise<Outcomes> {
  const project = await outcomeOf(scan, asking, place, at, true);
  if (inProject || asking.question.type === PROJECT_TYPE) return { project };
  return { org: await outcomeOf(scan, asking, place, at, false), project };
}

async function outcomeOf(scan: Scan, { question, now, options }: Asking, place: Place, at: Entity | undefined, project: boolean) {
  const clauses: Clauses = { allows: [], denies: [] };
  const itself = place === 'itself';
  const below = { project, restricted: itself, itself, type: question.type };
  const open: CheckOptions = { ...options, open: { counting: 'least', until: now, below, told: TOLD, clauses } };
  const decision = await scan.decide(checkOn(question, at), now, open);
  return outcome(decision, clauses, scan.snapshot.catalog);
}

/** Conditions of each catalog by their clauses: the same text in every outcome, not a copy of 2,048 characters in each. */
const conditions = new WeakMap<Catalog, Map<string, unknown>>();

/** A deny hides what it denies; an allow that holds for certain needs no conditions. */
function outcome({ decision, reason }: Decision, { allows, denies }: Clauses, catalog: Catalog): Outcome {
  if (reason === 'denied_by_policy') return { allow: 'no', deny: 'yes' };
  const allow_when = decision ? [] : conditionsOf(allows, catalog);
  const deny_when = conditionsOf(denies, catalog);
  const held = (sure: boolean, conditions: readonly string[]): Held => (sure ? 'yes' : conditions.length > 0 ? 'open' : 'no');
  const outcome = { allow: held(decision, allow_when), deny: held(false, deny_when) };
  return allow_when.length + deny_when.length === 0 ? outcome : { ...outcome, open: { allow_when, deny_when } };
}

/** Types are known and no window is open: a condition is all that a clause can be under. */
function conditionsOf(clauses: readonly Clause[], catalog: Catalog): string[] {
  if (clauses.length === 0) return [];
  let known = conditions.get(catalog);
  if (known === undefined) {
    known = new Map();
    conditions.set(catalog, known);
  }
  const found = new Set<string>();
  for (const { under } of clauses) {
    const condition = known.get(under) ?? JSON.parse(under)[0];
    known.set(under, condition);
    if (typeof condition === 'string') found.add(condition);
  }
  return [...found].sort(compareCodePoints);
}

/** Equal in all that is told, conditions included. */
export function sameOutcome(a: Outcome | undefined, b: Outcome | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
