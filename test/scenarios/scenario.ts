/** Cases as data: a named small world and what must be decided in it, by every implementation and through every face. */
import type { Reason } from '../../src/core/terms/decision.ts';
import type { JsonObject } from '../../src/core/terms/json.ts';
import type { Action, CheckOptions, CheckRequest, Entity } from '../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';

/**
 * Subject, action, resource (none: the organization itself), decision, reason. A text is split at its first colon;
 * whoever has properties, a context or options to give writes them out.
 */
export type Case = readonly [
  subject: string | Entity,
  action: string | Action,
  resource: string | Entity | undefined,
  decision: 'allow' | 'deny',
  reason: Reason,
  more?: { readonly context?: JsonObject; readonly options?: CheckOptions },
];

export interface Scenario {
  /** a sentence about behaviour */
  readonly name: string;
  readonly rows: OrganizationRows;
  readonly cases: readonly Case[];
}

/** 2027-01-01, in ms. Every window of a scenario ends before 2020 or begins after 2090, so that a face with a clock of its own agrees. */
export const SCENARIO_NOW = Date.UTC(2027, 0, 1);

export function requestOfCase([subject, action, resource, , , more]: Case): CheckRequest {
  return {
    subject: entity(subject),
    action: typeof action === 'string' ? { name: action } : action,
    ...(resource === undefined ? {} : { resource: entity(resource) }),
    ...(more?.context === undefined ? {} : { context: more.context }),
  };
}

/** `user:bob may read doc:plan`, for the name of a test. */
export function describeCase([subject, action, resource, decision, reason]: Case): string {
  const text = (of: string | Entity): string => (typeof of === 'string' ? of : `${of.type}:${of.id}`);
  const place = resource === undefined ? '' : ` on ${text(resource)}`;
  return `${decision} ${text(subject)} ${typeof action === 'string' ? action : action.name}${place}: ${reason}`;
}

function entity(given: string | Entity): Entity {
  if (typeof given !== 'string') return given;
  const colon = given.indexOf(':');
  return { type: given.slice(0, colon), id: given.slice(colon + 1) };
}
