/** Where a project lies and who owns it, as a caller wants it: references resolved, no cycle, nothing left outside. */
import { compareCodePoints } from '../../core/sets/compare.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { isReservedGroup, parseRef } from '../../core/terms/ref.ts';
import { resolvePrincipal } from '../assignments/wanted.ts';
import type { ControlTools, Lookup } from '../control-ports.ts';
import { inspectGraph } from '../manifest/graph.ts';
import { type Problems, quote } from '../manifest/problems.ts';
import { describeCycle } from '../manifest/resolve/cycles.ts';
import { checkNameText } from '../manifest/resolve/names.ts';
import type { NamedOwner, StoredProject } from './ports.ts';

const GROUP_PREFIX = 'group:';
const PROJECT_PREFIX = 'project:';
/** assignments that a refusal names */
const SHOWN = 100;
/** more edges than that above one project are no hierarchy that anybody can follow */
const MAX_EDGES_ABOVE = 10_000;
/** each group among them is looked up, and a request may ask the database so often only; a group can stand for any number */
const MAX_OWNERS = 200;

export async function resolveParents(
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

export async function resolveOwners(
  { lookup }: ControlTools,
  wanted: readonly { readonly subject: string; readonly kind?: string | undefined }[],
  problems: Problems,
): Promise<readonly NamedOwner[]> {
  const owners = new Map<string, NamedOwner>();
  if (wanted.length > MAX_OWNERS) {
    problems.add('too_many', 'owners', `must not be more than ${MAX_OWNERS}: let a group own it`);
    return [];
  }
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

/**
 * What belongs to a project is assigned there and below it only: so nothing leaves a project that has a role or policy of it.
 * @throws BitgateError `outside_project` (409)
 */
export async function refuseLeaving({ projects }: ControlTools, before: StoredProject, parents: readonly string[]): Promise<void> {
  const { resource } = before.resource;
  const projectsAbove = async (from: readonly string[]): Promise<string[]> => {
    const edges = await projects.above(from, MAX_EDGES_ABOVE);
    return [...from, ...edges.map(({ parent }) => parent)].filter((each) => each.startsWith(PROJECT_PREFIX) && each !== resource);
  };
  const kept = new Set(await projectsAbove(parents));
  const left = (await projectsAbove(before.parents)).filter((each) => !kept.has(each)).map((each) => each.slice(PROJECT_PREFIX.length));
  if (left.length === 0) return;
  const items = await projects.outside([...new Set(left)], resource, parents, SHOWN);
  if (items.length === 0) return;
  const message = `assignments below \`${resource}\` are of or to what belongs to a project that it would leave: take them away first`;
  throw new BitgateError('outside_project', 409, message, { assignments: { items } });
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
