/** A project as a caller wants it → its rows, and the way from one state to the other. Every wrong field is told. */
import { compareCodePoints } from '../../core/sets/compare.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { isReservedGroup, parseRef } from '../../core/terms/ref.ts';
import type { ResourceOwnerRow } from '../../core/terms/rows.ts';
import { resolvePrincipal } from '../assignments/wanted.ts';
import type { ControlTools, Lookup } from '../control-ports.ts';
import { sameRow } from '../manifest/fields.ts';
import { inspectGraph } from '../manifest/graph.ts';
import { Problems, quote } from '../manifest/problems.ts';
import { describeCycle } from '../manifest/resolve/cycles.ts';
import { checkNameText } from '../manifest/resolve/names.ts';
import { resolveProperties } from '../manifest/resolve/properties.ts';
import type { ProjectItem } from '../manifest/schema.ts';
import type { RowChanges, TableChange } from '../ports.ts';
import type { NamedOwner, PlacedResource, StoredProject } from './ports.ts';

/** Undefined: stays as it is. */
export type ProjectChange = {
  readonly [Key in 'nickname' | 'parents' | 'access' | 'owners' | 'properties']?: ProjectItem[Key] | undefined;
};

/** What a body leaves out has when it replaces everything. */
export const PROJECT_DEFAULTS: ProjectChange = { nickname: '', parents: [], access: 'inherit', owners: [], properties: {} };

const GROUP_PREFIX = 'group:';
/** more edges than that above one project are no hierarchy that anybody can follow */
const MAX_EDGES_ABOVE = 10_000;

/**
 * Only what is named is judged: the rest may be as somebody typed it.
 * @throws BitgateError `invalid_project` (422)
 */
export async function changedProject(tools: ControlTools, before: StoredProject, change: ProjectChange): Promise<StoredProject> {
  const problems = new Problems();
  const { nickname, access, properties } = change;
  if (nickname !== undefined && nickname !== '') checkNameText(nickname, 'nickname', problems);
  const after: StoredProject = {
    row: { id: before.row.id, nickname: nickname ?? before.row.nickname },
    resource: {
      ...before.resource,
      access: access ?? before.resource.access,
      properties: properties === undefined ? before.resource.properties : resolveProperties(properties, 'properties', problems),
    },
    parents: change.parents === undefined ? before.parents : await resolveParents(tools, before, change.parents, problems),
    owners: change.owners === undefined ? before.owners : await resolveOwners(tools, change.owners, problems),
  };
  problems.throwIfAny('invalid_project', 'the project');
  return after;
}

async function resolveParents(
  { projects }: ControlTools,
  { resource: { resource } }: StoredProject,
  wanted: readonly string[],
  problems: Problems,
): Promise<readonly string[]> {
  const places = new Map<string, string>();
  for (const [i, parent] of wanted.entries()) {
    const place = `parents[${i}]`;
    if (!places.has(parent) && isReference(parent, place, problems)) places.set(parent, place);
  }
  const parents = [...places.keys()].sort(compareCodePoints);
  const above = await projects.above(
    parents.filter((parent) => parent !== resource),
    MAX_EDGES_ABOVE + 1,
  );
  if (above.length > MAX_EDGES_ABOVE) problems.add('too_many_ancestors', 'parents', `more than ${MAX_EDGES_ABOVE} parents above it`);
  const edges = parents.map((parent) => ({ from: resource, to: parent }));
  for (const row of above) if (row.resource !== resource) edges.push({ from: row.resource, to: row.parent });
  const { cycles, tooLong } = inspectGraph(edges, LIMITS.ancestorDepth);
  for (const { nodes } of cycles) {
    // Another one was there before, typed by hand.
    if (nodes[0] !== resource) continue;
    const path = describeCycle(nodes, (node) => node);
    problems.add('cycle', places.get(nodes[1] ?? '') ?? 'parents', `resources are their own ancestors: ${path}`);
  }
  if (tooLong.length > 0) problems.add('too_deep', 'parents', `a resource must not have ancestors more than ${LIMITS.ancestorDepth} deep`);
  return parents;
}

async function resolveOwners(
  { lookup }: ControlTools,
  wanted: readonly { readonly subject: string; readonly kind?: string | undefined }[],
  problems: Problems,
): Promise<readonly NamedOwner[]> {
  const owners = new Map<string, NamedOwner>();
  for (const [i, { subject, kind = '' }] of wanted.entries()) {
    const place = `owners[${i}].subject`;
    if (kind !== '') checkNameText(kind, `owners[${i}].kind`, problems);
    if (isReservedGroup(subject)) {
      problems.add('reserved_group', place, `${quote(subject)} is a reserved group: it can only hold assignments`);
      continue;
    }
    const owner = await resolvePrincipal(subject, lookup, (_path, code, message) => problems.add(code, place, message));
    owners.set(JSON.stringify([owner, kind]), { owner, kind, subject: await nameOf(lookup, owner) });
  }
  return [...owners.values()].sort((a, b) => compareCodePoints(a.owner, b.owner) || compareCodePoints(a.kind, b.kind));
}

/** Groups by name, whether they were named so or by id. */
async function nameOf(lookup: Lookup, owner: string): Promise<string> {
  if (!owner.startsWith(GROUP_PREFIX)) return owner;
  const id = owner.slice(GROUP_PREFIX.length);
  const group = (await lookup.named('groups', id)).find((found) => found.id === id);
  return group === undefined ? owner : `${GROUP_PREFIX}${group.name}`;
}

function isReference(text: string, place: string, problems: Problems): boolean {
  try {
    parseRef(text);
    return true;
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    problems.add(error.code, place, error.message);
    return false;
  }
}

/** Null when both are the same. @param present what is there already of the resource of a new project; of an old one it is the project */
export function projectChanges(before: StoredProject | null, present: PlacedResource, after: StoredProject): RowChanges | null {
  const { resource } = after.resource;
  const parents = partChange(present.parents, after.parents, (parent) => ({ resource, parent }));
  const owners = partChange(present.owners.map(ownerKey), after.owners.map(ownerKey), (key) => ownerRow(resource, key));
  const changes: RowChanges = {
    ...(before === null
      ? { projects: insertion(after.row) }
      : sameRow(before.row, after.row)
        ? {}
        : { projects: update(before.row, after.row) }),
    ...(present.resource === null
      ? { resources: insertion(after.resource) }
      : sameRow(present.resource, after.resource)
        ? {}
        : { resources: update(present.resource, after.resource) }),
    ...(parents === null ? {} : { resource_parents: parents }),
    ...(owners === null ? {} : { resource_owners: owners }),
  };
  return Object.keys(changes).length === 0 ? null : changes;
}

function ownerKey({ owner, kind }: NamedOwner): string {
  return JSON.stringify([owner, kind]);
}

function ownerRow(resource: string, key: string): ResourceOwnerRow {
  const [owner, kind]: [string, string] = JSON.parse(key);
  return { resource, owner, kind };
}

function insertion<Row>(row: Row): TableChange<Row> {
  return { insert: [row], update: [], delete: [] };
}

function update<Row>(before: Row, after: Row): TableChange<Row> {
  return { insert: [], update: [{ before, after }], delete: [] };
}

function partChange<Row>(before: readonly string[], after: readonly string[], row: (key: string) => Row): TableChange<Row> | null {
  const insert = after.filter((key) => !before.includes(key)).map(row);
  const gone = before.filter((key) => !after.includes(key)).map(row);
  return insert.length === 0 && gone.length === 0 ? null : { insert, update: [], delete: gone };
}

/** For the audit. */
export function projectAudit({ row, resource, parents, owners }: StoredProject): object {
  const { access, properties } = resource;
  return { ...row, access, properties, parents, owners: owners.map(({ owner, kind }) => ({ owner, kind })) };
}
