/** What a list is of, where it goes on, and what a page of it says. */
import { canonicalJson } from '../../core/sets/canonical-json.ts';
import type { Json, JsonObject } from '../../core/terms/json.ts';
import type { Action, CheckOptions, CheckRequest, Entity } from '../../core/terms/request.ts';
import type { ScopesQuestion } from '../scopes/question.ts';

/** Everybody, everything, or every privilege name, of which a check with the rest of the question is allowed. */
export type ListQuestion =
  | {
      readonly of: 'subjects';
      /** absent: of every type */
      readonly type?: string | undefined;
      readonly action: Action;
      readonly resource?: Entity | undefined;
      readonly context?: JsonObject | undefined;
    }
  | {
      readonly of: 'resources';
      readonly type?: string | undefined;
      readonly subject: Entity;
      readonly action: Action;
      readonly context?: JsonObject | undefined;
    }
  | {
      readonly of: 'actions';
      readonly subject: Entity;
      readonly resource?: Entity | undefined;
      readonly context?: JsonObject | undefined;
    };

/** Where a list goes on. All of it is of one revision and one time: whoever keeps it keeps these two beside it. */
export interface ListFrom {
  /** everything up to here was looked at; null: nothing yet */
  readonly after: string | null;
  /** members that were given so far */
  readonly given: number;
  /** members there are; null while they are not all counted */
  readonly total: number | null;
  /** while they are not: how many were counted, and up to where */
  readonly counted: number;
  readonly upTo: string | null;
}

export const LIST_START: ListFrom = { after: null, given: 0, total: null, counted: 0, upTo: null };

export interface ListPage {
  /** `type:id`, or names of privileges; ascending by code point */
  readonly items: readonly string[];
  readonly total: number | null;
  /** null: that was all */
  readonly next: ListFrom | null;
}

/** The check that decides whether `candidate` is a member. */
export function checkOf(question: ListQuestion, candidate: string): CheckRequest {
  switch (question.of) {
    case 'subjects':
      return { subject: entityOf(candidate), action: question.action, resource: question.resource, context: question.context };
    case 'resources':
      return { subject: question.subject, action: question.action, resource: entityOf(candidate), context: question.context };
    case 'actions':
      return { subject: question.subject, action: { name: candidate }, resource: question.resource, context: question.context };
  }
}

function entityOf(key: string): Entity {
  const colon = key.indexOf(':');
  return { type: key.slice(0, colon), id: key.slice(colon + 1) };
}

/** Equal texts for equal questions, and for no others. */
export function questionText(
  question: ListQuestion | ScopesQuestion,
  options: Pick<CheckOptions, 'assert' | 'groups' | 'roles'> = {},
): string {
  // Of parsed JSON, and undefined where something is absent, which the types of `Json` leave out. (JSON.stringify would make a null of 1e999.)
  const { assert = false, groups = [], roles = [] } = options;
  // What a token gives stands in the token's order: the next one of the same user may have another.
  const held = roles.map(({ role, scope }) => JSON.stringify([role, scope])).sort();
  return canonicalJson([question, assert, [...groups].sort(), held] as unknown as Json);
}
