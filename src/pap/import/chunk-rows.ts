/** The lines of a chunk → the rows that they want, and what has to be looked up for them. Faults are told with `#<line>` before their path. */

import { LIMITS } from '../../core/terms/limits.ts';
import { ORG_SCOPE, PROJECT_TYPE } from '../../core/terms/ref.ts';
import { type Route, readRoute } from '../../core/terms/route.ts';
import { shadowedRoutes } from '../../core/terms/route-order.ts';
import type { GroupMemberRow, ProjectRow, ResourceOwnerRow, ResourceRow, RouteRow, SubjectRow } from '../../core/terms/rows.ts';
import type { Edge } from '../manifest/graph.ts';
import { quote } from '../manifest/problems.ts';
import { type Holding, holdingKey, resolveAssignment } from '../manifest/resolve/assignments.ts';
import type { Resolution } from '../manifest/resolve/context.ts';
import { checkNesting, type Nesting } from '../manifest/resolve/groups.ts';
import { findNamed, findPrincipal } from '../manifest/resolve/references.ts';
import { type ParentEdge, referenceOf, resolveOwners, resolveParents, resolveResource } from '../manifest/resolve/resources.ts';
import { resolveRoute } from '../manifest/resolve/routes.ts';
import { resolveSubject } from '../manifest/resolve/subjects.ts';
import { isKeySubject } from '../manifest/tables.ts';
import type { ChunkLines } from './sorted.ts';

const GROUP_PREFIX = 'group:';

/** A resource with all that its line says. */
export interface WantedResource {
  readonly line: number;
  readonly row: ResourceRow;
  readonly parents: readonly ParentEdge[];
  readonly owners: readonly ResourceOwnerRow[];
  /** present when it is a project */
  readonly project: ProjectRow | null;
}

/** `#17`: before every path of a line. */
export function at(line: number): string {
  return `#${line}`;
}

/** Every subject that lines name and that would be a key. */
export function keysNamed(lines: ChunkLines): string[] {
  const named = [
    ...[...lines.assignment.values()].map(({ subject }) => subject),
    ...[...lines.membership.values()].map(({ member }) => member),
    ...[...lines.resource.values(), ...lines.project.values()].flatMap(({ owners = [] }) => owners.map(({ subject }) => subject)),
  ];
  return [...new Set(named.filter(isKeySubject))];
}

/** What lies above these has to be known. */
export function placesNamed(lines: ChunkLines, roles: Resolution['roles'], policies: Resolution['policies']): string[] {
  const ofProject = (name: string | undefined, index: Pick<Resolution['roles'] | Resolution['policies'], 'find'>): boolean =>
    name !== undefined && index.find(name, '').some(({ project }) => project !== '');
  // What is made in this very chunk isn't in the indices yet.
  const unsure = lines.role.size + lines.policy.size > 0;
  const scopes = [...lines.assignment.values()]
    .filter(({ role, policy }) => unsure || ofProject(role, roles) || ofProject(policy, policies))
    .map(({ scope }) => scope);
  const mapped = [...lines.settings.values()].flatMap(({ claim_mappings = [] }) => claim_mappings.map(({ scope = ORG_SCOPE }) => scope));
  const parents = [...lines.resource.values(), ...lines.project.values()].flatMap(({ parents: above = [] }) => above);
  return [...new Set([...scopes, ...mapped, ...parents])].filter((scope) => scope !== ORG_SCOPE);
}

export function wantedSubjects(lines: ChunkLines, { problems }: Resolution): Map<number, SubjectRow> {
  const rows = new Map<number, SubjectRow>();
  for (const [line, item] of lines.subject) {
    const row = resolveSubject(item, at(line), problems);
    if (row === null) continue;
    if (isKeySubject(row.subject)) problems.add('reserved_type', `${at(line)}.type`, 'API keys are not imported');
    else rows.set(line, row);
  }
  return rows;
}

export function wantedResources(lines: ChunkLines, resolution: Resolution): WantedResource[] {
  const { problems } = resolution;
  const wanted: WantedResource[] = [];
  const add = (line: number, type: string, item: Parameters<typeof resolveResource>[1] & Placed, project: ProjectRow | null): void => {
    const path = at(line);
    const resource = referenceOf(type, item.id, `${path}.id`, resolution);
    if (resource === null) return;
    const row = resolveResource(resource, item, path, problems);
    const parents = resolveParents(resource, item.parents ?? [], `${path}.parents`, problems);
    wanted.push({ line, row, parents, owners: resolveOwners(resource, item.owners ?? [], `${path}.owners`, resolution), project });
  };
  for (const [line, item] of lines.project) add(line, PROJECT_TYPE, item, { id: item.id, nickname: item.nickname ?? '' });
  for (const [line, item] of lines.resource) {
    if (item.type === PROJECT_TYPE) problems.add('reserved_type', `${at(line)}.type`, `write ${quote(item.id)} as a \`project\``);
    else add(line, item.type, item, null);
  }
  return wanted;
}

interface Placed {
  readonly id: string;
  readonly parents?: readonly string[] | undefined;
  readonly owners?: Parameters<typeof resolveOwners>[1] | undefined;
}

/** @param nested the memberships of groups that there are */
export function wantedMembers(lines: ChunkLines, nested: readonly GroupMemberRow[], resolution: Resolution): Map<number, GroupMemberRow> {
  const rows = new Map<number, GroupMemberRow>();
  const nestings: Nesting[] = [];
  for (const [line, item] of lines.membership) {
    const group = findNamed(resolution.groups, 'group', item.group, '', `${at(line)}.group`, resolution);
    const member = findPrincipal(item.member, `${at(line)}.member`, false, resolution);
    if (group === null || member === null) continue;
    rows.set(line, { group_id: group.id, member });
    if (member.startsWith(GROUP_PREFIX)) nestings.push({ ...edgeOf({ group_id: group.id, member }), path: `${at(line)}.member` });
  }
  if (nestings.length > 0) checkNesting([...nested.map((row) => ({ ...edgeOf(row), path: '' })), ...nestings], resolution);
  return rows;
}

function edgeOf({ group_id, member }: GroupMemberRow): Edge {
  return { from: group_id, to: member.slice(GROUP_PREFIX.length) };
}

/** Each once, with the first line that says it. */
export function wantedAssignments(lines: ChunkLines, resolution: Resolution): Map<string, Holding> {
  const wanted = new Map<string, Holding>();
  for (const [line, item] of lines.assignment) {
    const holding = resolveAssignment(item, at(line), resolution);
    if (holding !== null) wanted.set(holdingKey(holding), holding);
  }
  return wanted;
}

/**
 * The whole map: a route's place is its position from 0 on, whatever numbers the stored rows have.
 * @returns null where no line speaks of routes
 */
export function wantedRoutes(lines: ChunkLines, present: readonly RouteRow[], resolution: Resolution): RouteRow[] | null {
  if (lines.route.size === 0) return null;
  const { problems } = resolution;
  const routes = [...present].sort((a, b) => a.position - b.position).map(({ route }) => route);
  const own = new Map<number, number>();
  for (const [line, { kind: _kind, position, ...item }] of [...lines.route].sort(([, a], [, b]) => a.position - b.position)) {
    if (position > routes.length) problems.add('invalid_value', `${at(line)}.position`, `there is no route at position ${position - 1}`);
    routes[Math.min(position, routes.length)] = resolveRoute(item, at(line), resolution);
    own.set(position, line);
  }
  if (routes.length > LIMITS.routes)
    problems.add('too_many_routes', at(Math.max(...own.values())), `a route map has at most ${LIMITS.routes} routes`);
  else if (!problems.any) {
    for (const { position, by } of shadowedRoutes(routes.map(readStored))) {
      const line = own.get(position) ?? own.get(by);
      if (line !== undefined)
        problems.add('unreachable_route', `${at(line)}.path`, `the route at position ${by} takes all of the one at ${position}`);
    }
  }
  return routes.map((route, position) => ({ position, route }));
}

/** The database holds nothing but JSON there. */
function readStored(route: string): Route | undefined {
  return readRoute(JSON.parse(route));
}
