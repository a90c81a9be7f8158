/**
 * `projects` and `resources` → rows of `projects`, `resources`, `resource_parents` and `resource_owners`. A project is the resource
 * `project:<id>`.
 */
import { LIMITS } from '../../../core/terms/limits.ts';
import { BitgateError } from '../../../core/terms/problem.ts';
import { formatRef, PROJECT_TYPE } from '../../../core/terms/ref.ts';
import type { ResourceOwnerRow, ResourceRow } from '../../../core/terms/rows.ts';
import { type Edge, inspectGraph } from '../graph.ts';
import { type Problems, quote } from '../problems.ts';
import type { ManifestDocument, OwnerItem, ResourceItem } from '../schema.ts';
import type { References, Resolution } from './context.ts';
import { describeCycle } from './cycles.ts';
import { checkNameText } from './names.ts';
import { resolveProperties } from './properties.ts';
import { checkReference, findPrincipal } from './references.ts';

type Place = Pick<ResourceItem, 'parents' | 'access' | 'owners' | 'properties'>;
export type ParentEdge = Edge & { readonly path: string };

/** The ids alone, before anything refers to `<project>/<name>`. */
export function resolveProjects(document: ManifestDocument, resolution: Resolution): void {
  const { problems, projects, tables } = resolution;
  for (const [i, item] of (document.projects ?? []).entries()) {
    const path = `projects[${i}]`;
    const nickname = item.nickname ?? '';
    if (nickname !== '') checkNameText(nickname, `${path}.nickname`, problems);
    if (projects.has(item.id)) problems.add('duplicate_id', `${path}.id`, `the project ${quote(item.id)} is there twice`);
    else tables.projects.push({ id: item.id, nickname });
    projects.add(item.id);
  }
}

export function resolveResources(document: ManifestDocument, resolution: Resolution): void {
  const edges: ParentEdge[] = [];
  const seen = new Set<string>();
  for (const [i, item] of (document.projects ?? []).entries()) {
    addResource(PROJECT_TYPE, item.id, item, `projects[${i}]`, seen, edges, resolution);
  }
  for (const [i, item] of (document.resources ?? []).entries()) {
    const path = `resources[${i}]`;
    if (item.type === PROJECT_TYPE) {
      resolution.problems.add('reserved_type', `${path}.type`, `a project is written under \`projects\`: ${quote(item.id)}`);
    } else addResource(item.type, item.id, item, path, seen, edges, resolution);
  }
  const owned = new Set(resolution.tables.resource_owners.map((row) => JSON.stringify([row.resource, row.owner, row.kind])));
  for (const row of resolution.kept.resource_owners) {
    const key = JSON.stringify([row.resource, row.owner, row.kind]);
    if (resolution.parents.has(row.resource) && !owned.has(key)) resolution.tables.resource_owners.push(row);
  }
  checkAncestors(edges, resolution);
}

function addResource(
  type: string,
  id: string,
  item: Place,
  path: string,
  seen: Set<string>,
  edges: ParentEdge[],
  resolution: Resolution,
): void {
  const { problems, tables } = resolution;
  const resource = referenceOf(type, id, `${path}.id`, resolution);
  if (resource === null) return;
  if (seen.has(resource)) {
    // Two projects of one id were told already.
    if (type !== PROJECT_TYPE) problems.add('duplicate_id', `${path}.id`, `the resource ${quote(resource)} is there twice`);
    return;
  }
  seen.add(resource);
  tables.resources.push(resolveResource(resource, item, path, problems));
  const parents = resolveParents(resource, item.parents ?? [], `${path}.parents`, problems);
  for (const { from, to } of parents) tables.resource_parents.push({ resource: from, parent: to });
  edges.push(...parents);
  resolution.parents.set(
    resource,
    parents.map(({ to }) => to),
  );
  tables.resource_owners.push(...resolveOwners(resource, item.owners ?? [], `${path}.owners`, resolution));
}

/** Its own row. */
export function resolveResource(
  resource: string,
  item: Pick<Place, 'access' | 'properties'>,
  path: string,
  problems: Problems,
): ResourceRow {
  const properties = resolveProperties(item.properties, `${path}.properties`, problems);
  return { resource, access: item.access ?? 'inherit', properties };
}

/** Each parent once. @param path of the list */
export function resolveParents(resource: string, parents: readonly string[], path: string, problems: Problems): ParentEdge[] {
  const edges = new Map<string, ParentEdge>();
  for (const [i, parent] of parents.entries()) {
    const place = `${path}[${i}]`;
    if (!edges.has(parent) && checkReference(parent, place, { problems })) edges.set(parent, { from: resource, to: parent, path: place });
  }
  return [...edges.values()];
}

/** Each owner once by kind. @param path of the list */
export function resolveOwners(resource: string, owners: readonly OwnerItem[], path: string, references: References): ResourceOwnerRow[] {
  const rows = new Map<string, ResourceOwnerRow>();
  for (const [i, item] of owners.entries()) {
    const owner = findPrincipal(item.subject, `${path}[${i}].subject`, false, references);
    const kind = item.kind ?? '';
    if (kind !== '') checkNameText(kind, `${path}[${i}].kind`, references.problems);
    if (owner !== null) rows.set(JSON.stringify([owner, kind]), { resource, owner, kind });
  }
  return [...rows.values()];
}

/** `type:id`, or null when the parts could not be told apart again. */
export function referenceOf(type: string, id: string, path: string, { problems }: Pick<Resolution, 'problems'>): string | null {
  try {
    return formatRef(type, id);
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    problems.add(error.code, path, error.message);
    return null;
  }
}

/** @param below how deep resources already lie below the lowest edge */
export function checkAncestors(edges: readonly ParentEdge[], { problems }: Pick<Resolution, 'problems'>, below = 0): void {
  const { cycles, tooLong } = inspectGraph(edges, LIMITS.ancestorDepth - below);
  for (const cycle of cycles) {
    problems.add('cycle', cycle.edge.path, `resources are their own ancestors: ${describeCycle(cycle.nodes, (node) => node)}`);
  }
  for (const edge of tooLong)
    problems.add('too_deep', edge.path, `a resource must not have ancestors more than ${LIMITS.ancestorDepth} deep`);
}
