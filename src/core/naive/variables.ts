/** RULE.md section 8 for the naive evaluator: what a condition looks at, and what may come of it. */
import type { JsonObject } from '../terms/json.ts';

/** What a condition may look at. */
export interface Variables {
  readonly subject: { readonly type: string; readonly id: string; readonly properties: JsonObject };
  readonly resource: { readonly type: string; readonly id: string; readonly properties: JsonObject };
  readonly action: { readonly name: string; readonly properties: JsonObject };
  readonly context: JsonObject;
  readonly now: Date;
}

/** `false` is any value but exactly `true`; `error` is anything thrown, when parsing, when checking types or when evaluating. */
export type Outcome = 'true' | 'false' | 'error';

export type OutcomeOf = (condition: string, variables: Variables) => Outcome;
