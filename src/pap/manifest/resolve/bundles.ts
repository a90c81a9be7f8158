/** Policies and roles of all levels → rows of `policies`, `roles`, `role_policies` and `role_inherits`. */
import { LIMITS } from '../../../core/terms/limits.ts';
import type { PolicyRow, RoleRow } from '../../../core/terms/rows.ts';
import { type Edge, inspectGraph } from '../graph.ts';
import type { ManifestDocument, PolicyItem, RoleItem } from '../schema.ts';
import { type KnownConditions, links, policyColumns, roleColumns } from './bundle.ts';
import type { Resolution } from './context.ts';
import { describeCycle } from './cycles.ts';
import { type Definition, identify } from './names.ts';

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
  const conditions: KnownConditions = new Map();
  for (const [i, { path, project, item }] of policies.entries()) {
    const columns = policyColumns(item, path, project, resolution, conditions);
    const row: PolicyRow = { id: ids[i]!, project, ...columns, system: resolution.system ? 1 : 0 };
    resolution.tables.policies.push(row);
    resolution.policies.add(row);
  }
}

function resolveRoles(roles: readonly Definition<RoleItem>[], ids: readonly string[], resolution: Resolution): void {
  const rows = roles.map(({ path, project, item }, i): RoleRow => {
    return { id: ids[i]!, project, ...roleColumns(item, path, project, resolution), system: resolution.system ? 1 : 0 };
  });
  for (const row of rows) {
    resolution.tables.roles.push(row);
    resolution.roles.add(row);
  }
  const inherits: (Edge & { readonly path: string })[] = [];
  for (const [i, { path, project, item }] of roles.entries()) {
    const role = ids[i]!;
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

export function roleName(id: string, { roles }: Pick<Resolution, 'roles'>): string {
  const role = roles.byId(id);
  return role === undefined ? id : role.project === '' ? role.name : `${role.project}/${role.name}`;
}
