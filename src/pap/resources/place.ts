/**
 * Where a resource lies and who owns it, judged as a manifest judges it. Whoever moves something manages where it goes and where it was:
 * the parents that it gets and those that it loses, the organization when it is left with none.
 */
import { compareCodePoints } from '../../core/sets/compare.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ResourceOwnerRow, ResourceRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { principalReferences } from '../groups/principals.ts';
import { Problems, quote } from '../manifest/problems.ts';
import { checkAncestors, type ParentEdge, resolveOwners, resolveParents, resolveResource } from '../manifest/resolve/resources.ts';
import type { ResourceItem } from '../manifest/schema.ts';
import { type Moment, requireRight } from '../write/moment.ts';
import { USERS_NAMED } from '../write/refusals.ts';
import type { NamedOwner, PlacedResource, ResourceLookup } from './ports.ts';
import { isResource, MANAGE_RESOURCES } from './stored-resource.ts';

/** What a resource may be given; what is undefined stays as it is. */
export type WantedPlace = Pick<ResourceItem, 'parents' | 'access' | 'owners' | 'properties'>;

/** The rows that it shall have, and how its owners are called. */
export interface ResolvedPlace {
  readonly row: ResourceRow;
  readonly parents: readonly string[];
  readonly owners: readonly NamedOwner[];
}

/**
 * @param before null: it is not registered yet
 * @throws BitgateError `missing_privilege` (403), `outside_project` (409), `invalid_resource` (422)
 */
export async function resolvePlace(
  tools: ControlTools,
  moment: Moment,
  resource: string,
  wanted: WantedPlace,
  before: PlacedResource | null,
): Promise<ResolvedPlace> {
  if (wanted.parents !== undefined || before === null) await requireToMove(moment, before, wanted.parents ?? []);
  const problems = new Problems();
  const row = {
    ...(before?.row ?? resolveResource(resource, {}, 'resource', problems)),
    ...given(resource, wanted, problems),
  };
  const edges = resolveParents(resource, wanted.parents ?? [], 'resource.parents', problems);
  if (edges.length > 0) await checkAbove(tools.resources, resource, edges, problems);
  const owners = wanted.owners === undefined ? (before?.owners ?? []) : await ownersOf(tools, resource, wanted.owners, problems);
  problems.throwIfAny('invalid_resource', 'the resource', 'resource.');
  const parents = wanted.parents === undefined && before !== null ? before.parents : edges.map(({ to }) => to).sort(compareCodePoints);
  if (wanted.parents !== undefined && before !== null) await refuseLeavingProject(tools.resources, resource, parents);
  return { row, parents, owners };
}

async function requireToMove(moment: Moment, before: PlacedResource | null, wanted: readonly string[]): Promise<void> {
  const present = new Set(before?.parents ?? []);
  const parents = new Set(wanted.filter(isResource));
  const scopes = [...parents].filter((parent) => !present.has(parent));
  scopes.push(...[...present].filter((parent) => !parents.has(parent)));
  // What nothing lies above lies in the organization alone. What lay there already isn't moved.
  if (parents.size === 0 && (before === null || present.size > 0)) scopes.push(ORG_SCOPE);
  for (const scope of scopes) await requireRight(moment, MANAGE_RESOURCES, scope);
}

function given(resource: string, { access, properties }: WantedPlace, problems: Problems): Partial<ResourceRow> {
  const row = resolveResource(resource, { access, properties }, 'resource', problems);
  return {
    ...(access === undefined ? {} : { access: row.access }),
    ...(properties === undefined ? {} : { properties: row.properties }),
  };
}

/** Refuses a cycle, with its path, and ancestors that get too deep: above the resource, and above all that lies below it. */
async function checkAbove(lookup: ResourceLookup, resource: string, edges: readonly ParentEdge[], problems: Problems): Promise<void> {
  const place = edges[0]?.path ?? '';
  const above = await lookup.above(edges.map(({ to }) => to));
  const stored = above.filter((row) => row.resource !== resource).map((row) => ({ from: row.resource, to: row.parent, path: place }));
  const cycle = above.some((row) => row.parent === resource);
  const below = cycle ? 0 : await lookup.depthBelow(resource, LIMITS.ancestorDepth + 1);
  checkAncestors([...edges, ...stored], { problems }, Math.min(below, LIMITS.ancestorDepth));
}

async function ownersOf(
  { groups }: ControlTools,
  resource: string,
  owners: NonNullable<ResourceItem['owners']>,
  problems: Problems,
): Promise<NamedOwner[]> {
  const texts = owners.map(({ subject }) => subject);
  const references = await principalReferences(groups, texts, problems);
  const rows = resolveOwners(resource, owners, 'resource.owners', references);
  const name = (row: ResourceOwnerRow): string => {
    const group = references.groups.byId(row.owner.replace(/^group:/, ''));
    return row.owner.startsWith('group:') && group !== undefined ? `group:${group.name}` : row.owner;
  };
  const named = rows.map((row) => ({ ...row, subject: name(row) }));
  return named.sort((a, b) => compareCodePoints(a.owner, b.owner) || compareCodePoints(a.kind, b.kind));
}

/** What belongs to a project holds there and below it only, so nothing where such things are held can leave it. @param parents null: it goes */
export async function refuseLeavingProject(lookup: ResourceLookup, resource: string, parents: readonly string[] | null): Promise<void> {
  const stray = await lookup.strayAssignments(resource, parents, USERS_NAMED);
  const [first] = stray;
  if (first === undefined) return;
  const items = stray.map(({ id, principal, scope, project }) => ({ id, principal, scope, project }));
  const holding = `what ${quote(first.principal)} holds at ${quote(first.scope)} belongs to the project ${quote(first.project)}`;
  const message = `${quote(resource)} can't leave its project: ${holding} and holds there only; take it away first`;
  throw new BitgateError('outside_project', 409, message, { assignments: { items } });
}
