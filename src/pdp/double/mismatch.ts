/** What a person needs to ask again the question that was answered otherwise than the rows say: ids and times. Properties may hold anything: never they. */
import type { Decision } from '../../core/terms/decision.ts';
import type { Entity } from '../../core/terms/request.ts';
import type { Facts } from '../../log.ts';
import type { Answered } from '../answered.ts';

export function mismatchLine(answered: Answered, again: Decision): Facts {
  const { organization, revision, at, face, caller, decision } = answered;
  const { subject, action, resource, context } = answered.request;
  const { assert = false, groups = [], roles = [] } = answered.options ?? {};
  const parts = { subject: subject.properties, action: action.properties, resource: resource?.properties, context };
  return {
    ...{ organization, revision, at, face, caller },
    ...{ subject: refOf(subject), action: action.name, resource: resource === undefined ? null : refOf(resource) },
    ...claimOf(resource),
    /** parts of the request that had properties */
    properties: Object.entries(parts).flatMap(([part, properties]) => (properties === undefined ? [] : [part])),
    ...{ assert, groups, roles },
    ...{ answered: decision, from_rows: again },
  };
}

const CLAIMED = 20;

/** What lies above an unregistered resource by the request itself. */
function claimOf(resource: Entity | undefined): object {
  const { parents, project } = resource?.properties ?? {};
  return {
    parents: Array.isArray(parents) ? parents.filter((parent) => typeof parent === 'string').slice(0, CLAIMED) : [],
    project: typeof project === 'string' ? project : null,
  };
}

function refOf({ type, id }: Entity): string {
  return `${type}:${id}`;
}
