/** RULE.md section 2, and the walk of section 6 through restricted resources: the resource in question and what is above it. */
import type { Json, JsonObject } from '../terms/json.ts';
import type { Entity } from '../terms/request.ts';
import type { Facts, StoredResource } from './facts.ts';
import type { NaiveOptions } from './features.ts';

export interface Place {
  /** undefined: the question is about the organization itself */
  readonly resource: Entity | undefined;
  readonly registered: boolean;
  readonly stored: StoredResource | undefined;
  /** direct parents, stored or claimed */
  readonly parents: readonly string[];
  readonly owners: StoredResource['owners'];
  readonly level: 'org' | 'project';
  readonly scopes: ReadonlySet<string>;
}

export function placeOf(facts: Facts, resource: Entity | undefined, options: NaiveOptions): Place {
  if (resource === undefined) {
    return { resource, registered: false, stored: undefined, parents: [], owners: [], level: 'org', scopes: new Set(['org']) };
  }
  const ref = `${resource.type}:${resource.id}`;
  const stored = facts.resources.get(ref);
  const claimed = options.without === 'claimed_parents' ? [] : claimedParents(ref, resource.properties ?? {});
  const parents = stored ? stored.parents : claimed;
  const ancestors = ancestorsOf(facts, ref, parents);
  const isProject = (text: string): boolean => text.startsWith('project:');
  return {
    resource,
    registered: stored !== undefined,
    stored,
    parents,
    owners: stored?.owners ?? [],
    level: isProject(ref) || [...ancestors].some(isProject) ? 'project' : 'org',
    scopes: new Set([ref, ...(options.without === 'inheritance' ? [] : ancestors), 'org']),
  };
}

/** The claim of a request about a resource that is not registered. */
function claimedParents(ref: string, properties: JsonObject): string[] {
  const parents: Json[] = Array.isArray(properties.parents) ? [...properties.parents] : [];
  if (typeof properties.project === 'string') parents.push(`project:${properties.project}`);
  return parents.filter((item) => typeof item === 'string' && item !== ref && isRef(item)).map(String);
}

/** `type:id`, split at the first colon, neither part empty */
function isRef(text: string): boolean {
  const colon = text.indexOf(':');
  return colon > 0 && colon < text.length - 1;
}

function ancestorsOf(facts: Facts, ref: string, parents: readonly string[]): Set<string> {
  const ancestors = new Set(parents);
  // a Set that grows while it is iterated is visited to its end
  for (const ancestor of ancestors) for (const above of facts.resources.get(ancestor)?.parents ?? []) ancestors.add(above);
  ancestors.delete(ref);
  return ancestors;
}

/** Whether some path from the scope down to the resource enters no restricted resource, the scope itself excepted. */
export function reaches(facts: Facts, scope: string, place: Place): boolean {
  if (place.resource === undefined) return true;
  const ref = `${place.resource.type}:${place.resource.id}`;
  // a Set that grows while it is iterated is visited to its end: each once, however many paths lead there
  const open = new Set([ref]);
  for (const at of open) {
    if (at === scope) return true;
    const stored = facts.resources.get(at);
    if (stored?.restricted) continue;
    const parents = at === ref ? place.parents : (stored?.parents ?? []);
    if (parents.length === 0 && scope === 'org') return true;
    for (const parent of parents) open.add(parent);
  }
  return false;
}
