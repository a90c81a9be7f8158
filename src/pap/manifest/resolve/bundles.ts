/** Policies and roles of all levels → rows of `policies`, `roles`, `role_policies` and `role_inherits`. */
import { parseCondition } from '../../../core/condition/condition.ts';
import { LIMITS } from '../../../core/terms/limits.ts';
import { BitgateError } from '../../../core/terms/problem.ts';
import type { PolicyRow, RoleRow } from '../../../core/terms/rows.ts';
import { type Edge, inspectGraph } from '../graph.ts';
import { type Position, type Problems, quote } from '../problems.ts';
import type { ManifestDocument, PolicyItem, RoleItem } from '../schema.ts';
import { canonicalSet } from '../text-set.ts';
import type { Resolution } from './context.ts';
import { describeCycle } from './cycles.ts';
import { type Definition, identify } from './names.ts';
import { checkPrivileges, findNamed } from './references.ts';
import { checkTypes } from './types.ts';

export function resolveBundles(document: ManifestDocument, resolution: Resolution): void {
  const policies = definitions(document.policies, document, 'policies');
  const roles = definitions(document.roles, document, 'roles');
  const replaceable = <T extends { readonly system: 0 | 1 }>(rows: readonly T[]): T[] => rows.filter((row) => row.system === 0);
  const { kept, present, problems } = resolution;
  const policyIds = identify('pol', policies, replaceable(present.policies), kept.policies, resolution);
  const roleIds = identify('rol', roles, replaceable(present.roles), kept.roles, resolution);
  resolvePolicies(policies, policyIds, resolution);
  resolveRoles(roles, roleIds, resolution);
  for (const table of ['policies', 'roles'] as const) {
    if (resolution.tables[table].length <= LIMITS[table]) continue;
    problems.add('too_many', table, `an organization must not have more than ${LIMITS[table]} ${table}, those of the system included`);
  }
}

/** At the top and in every project. */
function definitions<K extends 'policies' | 'roles'>(
  top: readonly NonNullable<ManifestDocument[K]>[number][] | undefined,
  document: ManifestDocument,
  section: K,
): Definition<NonNullable<ManifestDocument[K]>[number]>[] {
  const found = (top ?? []).map((item, i) => ({ path: `${section}[${i}]`, project: '', item }));
  for (const [i, project] of (document.projects ?? []).entries()) {
    const items: readonly NonNullable<ManifestDocument[K]>[number][] = project[section] ?? [];
    for (const [j, item] of items.entries()) found.push({ path: `projects[${i}].${section}[${j}]`, project: project.id, item });
  }
  return found;
}

function resolvePolicies(policies: readonly Definition<PolicyItem>[], ids: readonly string[], resolution: Resolution): void {
  const conditions = new Map<string, ConditionFault | null>();
  for (const [i, { path, project, item }] of policies.entries()) {
    const row: PolicyRow = {
      id: ids[i]!,
      project,
      name: item.name,
      description: item.description ?? '',
      effect: item.effect ?? 'allow',
      state: item.state ?? 'ACTIVE',
      privileges: canonicalSet(item.privileges),
      resource_types: canonicalSet(item.resource_types ?? []),
      condition: item.condition ?? null,
      system: resolution.system ? 1 : 0,
    };
    checkPrivileges(item.privileges, `${path}.privileges`, project, resolution);
    checkTypes(item.resource_types ?? [], `${path}.resource_types`, resolution.problems);
    if (row.condition !== null) checkCondition(row.condition, `${path}.condition`, conditions, resolution.problems);
    resolution.tables.policies.push(row);
    resolution.policies.add(row);
  }
}

interface ConditionFault {
  readonly code: string;
  readonly message: string;
  readonly position: Position | undefined;
}

/** @param known faults by source: policies often share one */
function checkCondition(source: string, path: string, known: Map<string, ConditionFault | null>, problems: Problems): void {
  let fault = known.get(source);
  if (fault === undefined) {
    fault = conditionFault(source);
    known.set(source, fault);
  }
  if (fault !== null) problems.add(fault.code, path, fault.message, fault.position);
}

function conditionFault(source: string): ConditionFault | null {
  try {
    parseCondition(source);
    return null;
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    const position = error.details?.position as Position | undefined; // what `parseCondition` promises of this error
    return { code: error.code, message: error.message, position };
  }
}

function resolveRoles(roles: readonly Definition<RoleItem>[], ids: readonly string[], resolution: Resolution): void {
  const rows = roles.map(({ project, item }, i): RoleRow => {
    return {
      id: ids[i]!,
      project,
      name: item.name,
      title: item.title ?? '',
      description: item.description ?? '',
      privileges: canonicalSet(item.privileges ?? []),
      all_privileges: item.all_privileges === true ? 1 : 0,
      reaches_restricted: item.reaches_restricted === true ? 1 : 0,
      system: resolution.system ? 1 : 0,
    };
  });
  for (const row of rows) {
    resolution.tables.roles.push(row);
    resolution.roles.add(row);
  }
  const inherits: (Edge & { readonly path: string })[] = [];
  for (const [i, { path, project, item }] of roles.entries()) {
    const role = ids[i]!;
    checkPrivileges(item.privileges ?? [], `${path}.privileges`, project, resolution);
    for (const policy of links(item.policies, 'policy', `${path}.policies`, project, resolution)) {
      resolution.tables.role_policies.push({ role, policy: policy.id });
    }
    for (const parent of links(item.inherits, 'role', `${path}.inherits`, project, resolution)) {
      resolution.tables.role_inherits.push({ role, parent: parent.id });
      inherits.push({ from: role, to: parent.id, path: parent.path });
    }
  }
  for (const cycle of inspectGraph(inherits, Number.POSITIVE_INFINITY).cycles) {
    const name = (id: string): string => roleName(id, resolution);
    resolution.problems.add('cycle', cycle.edge.path, `roles inherit in a cycle: ${describeCycle(cycle.nodes, name)}`);
  }
}

/** What a role names, each once. A project's role may bundle what is the organization's; nothing bundles what is another project's. */
function links(
  names: readonly string[] | undefined,
  kind: 'policy' | 'role',
  path: string,
  project: string,
  resolution: Resolution,
): { readonly id: string; readonly path: string }[] {
  const found = new Map<string, string>();
  for (const [i, name] of (names ?? []).entries()) {
    const place = `${path}[${i}]`;
    const index: Resolution['policies'] | Resolution['roles'] = kind === 'policy' ? resolution.policies : resolution.roles;
    const item = findNamed<PolicyRow | RoleRow>(index, kind, name, project, place, resolution);
    if (item === null) continue;
    if (item.project !== '' && item.project !== project) {
      resolution.problems.add(
        'wrong_project',
        place,
        `${quote(name)} belongs to the project ${quote(item.project)}: only that project can use it`,
      );
    } else if (!found.has(item.id)) found.set(item.id, place);
  }
  return [...found].map(([id, place]) => ({ id, path: place }));
}

function roleName(id: string, { roles }: Resolution): string {
  const role = roles.byId(id);
  return role === undefined ? id : role.project === '' ? role.name : `${role.project}/${role.name}`;
}
