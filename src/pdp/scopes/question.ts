/** What scopes are asked for, where the answer goes on, and what a page of it says. */
import type { ScopesPage } from '../../client/scopes.ts';
import type { JsonObject } from '../../core/terms/json.ts';
import type { Action, CheckOptions, CheckRequest, Entity } from '../../core/terms/request.ts';

export interface ScopesQuestion {
  readonly of: 'scopes';
  readonly subject: Entity;
  readonly action: Action;
  /** of the rows */
  readonly type: string;
  /** what rows may lie below, as far as it is told; absent: anything */
  readonly parent_types?: readonly string[] | undefined;
  readonly context?: JsonObject | undefined;
}

/** A question with all that its checks have in common. */
export interface Asking {
  readonly question: ScopesQuestion;
  /** ms since 1970; of every page of one answer the same */
  readonly now: number;
  readonly options: CheckOptions | undefined;
}

/** Where an answer goes on: scopes come first, then rows, each ascending by code point. */
export interface ScopesFrom {
  readonly part: 'scopes' | 'rows';
  /** `type:id`: all up to here was looked at; null: nothing of this part */
  readonly after: string | null;
}

export const SCOPES_START: ScopesFrom = { part: 'scopes', after: null };

export interface Surveyed extends ScopesPage {
  /** null: that was all */
  readonly next: ScopesFrom | null;
}

export function checkOn({ subject, action, context }: ScopesQuestion, resource: Entity | undefined): CheckRequest {
  return { subject, action, resource, context };
}

export function entityOf(key: string): Entity {
  const colon = key.indexOf(':');
  return { type: key.slice(0, colon), id: key.slice(colon + 1) };
}
