/** What a condition sees (RULE.md §8), put together only when one is asked. */
import { type ConditionOutcome, evaluateCondition, type Activation as Variables } from '../condition/condition.ts';
import type { Catalog } from '../snapshot/catalog.ts';
import type { PrincipalLeaf } from '../snapshot/principal-leaf.ts';
import type { JsonObject } from '../terms/json.ts';
import type { CheckOptions, CheckRequest } from '../terms/request.ts';
import { conditionAt } from './conditions.ts';
import type { Hierarchy } from './hierarchy.ts';

const NONE: JsonObject = {};

export class Activation {
  #request!: CheckRequest;
  #options!: CheckOptions;
  #now = 0;
  #hierarchy!: Hierarchy;
  #subjectLeaf: PrincipalLeaf | undefined;
  #subjectEntry = -1;
  #variables: Variables | undefined;
  /** by condition; null: none was asked */
  #outcomes: Map<number, ConditionOutcome> | null = null;

  /** @param subjectLeaf the leaf of a registered subject, else undefined */
  begin(
    request: CheckRequest,
    options: CheckOptions,
    now: number,
    hierarchy: Hierarchy,
    subjectLeaf: PrincipalLeaf | undefined,
    subjectEntry: number,
  ): void {
    this.#request = request;
    this.#options = options;
    this.#now = now;
    this.#hierarchy = hierarchy;
    this.#subjectLeaf = subjectLeaf;
    this.#subjectEntry = subjectEntry;
    this.#variables = undefined;
    this.#outcomes = null;
  }

  /** Once for each condition: a thousand grants may be under one. @param index of a condition of the question's catalog */
  outcome(catalog: Catalog, index: number): ConditionOutcome {
    this.#outcomes ??= new Map();
    let outcome = this.#outcomes.get(index);
    if (outcome === undefined) {
      const condition = conditionAt(catalog, index);
      outcome = condition === null ? 'error' : evaluateCondition(condition, this.variables());
      this.#outcomes.set(index, outcome);
    }
    return outcome;
  }

  variables(): Variables {
    this.#variables ??= this.#build();
    return this.#variables;
  }

  #build(): Variables {
    const { subject, resource, action, context } = this.#request;
    return {
      subject: { type: subject.type, id: subject.id, properties: this.#subjectProperties() },
      resource: resource
        ? { type: resource.type, id: resource.id, properties: this.#resourceProperties() }
        : { type: '', id: '', properties: NONE },
      action: { name: action.name, properties: action.properties ?? NONE },
      context: context ?? NONE,
      now: this.#now,
    };
  }

  #subjectProperties(): JsonObject {
    const given = this.#request.subject.properties ?? NONE;
    if (this.#subjectLeaf === undefined) return given;
    const stored = parse(this.#subjectLeaf.properties(this.#subjectEntry));
    return this.#options.assert ? { ...stored, ...given } : stored;
  }

  #resourceProperties(): JsonObject {
    const given = this.#request.resource?.properties ?? NONE;
    const { leaf, entry } = this.#hierarchy;
    return leaf === undefined ? given : { ...given, ...parse(leaf.leaf.properties(entry)) };
  }
}

function parse(text: string): JsonObject {
  return text === '' ? NONE : JSON.parse(text);
}
