/** Catalog, policies, roles and groups as a document writes them. System rows and `bitgate:*` privileges are not written. */
import { compareCodePoints } from '../../../core/sets/compare.ts';
import type { GroupRow, PolicyRow, PrivilegeRow, RoleRow } from '../../../core/terms/rows.ts';
import type { GroupItem, PolicyItem, PrivilegeItem, RoleItem } from '../schema.ts';
import { isKeySubject, RESERVED_PREFIX } from '../tables.ts';
import { type Export, groupBy, nameOf, orNothing, ownId, principalName } from './context.ts';

export function exportCatalog(from: Export): PrivilegeItem[] {
  return from.tables.privileges
    .filter((row) => !row.name.startsWith(RESERVED_PREFIX))
    .sort((a, b) => compareCodePoints(a.name, b.name) || compareCodePoints(a.levels, b.levels))
    .map((row) => privilegeItem(row, from));
}

function privilegeItem(row: PrivilegeRow, { stored }: Export): PrivilegeItem {
  const path = `privileges/${row.name}`;
  return {
    name: row.name,
    title: row.title || undefined,
    description: row.description || undefined,
    levels: row.levels === 'both' ? undefined : [row.levels],
    resource_types: stored.texts(row.resource_types, `${path}/resource_types`),
    applies_to: stored.texts(row.applies_to, `${path}/applies_to`),
    implies: stored.texts(row.implies, `${path}/implies`),
    implies_all: row.implies_all || undefined,
  };
}

/** By level: `''` is the organization's. */
export function exportPolicies(from: Export): Map<string, PolicyItem[]> {
  const rows = from.tables.policies.filter((row) => row.system === 0).sort(byName);
  return mapLists(
    groupBy(rows, (row) => row.project),
    (row) => policyItem(row, from),
  );
}

function policyItem(row: PolicyRow, { stored }: Export): PolicyItem {
  const path = `policies/${row.id}`;
  return {
    name: row.name,
    id: ownId('pol', row),
    description: row.description || undefined,
    effect: row.effect === 'allow' ? undefined : row.effect,
    state: row.state === 'ACTIVE' ? undefined : row.state,
    privileges: stored.texts(row.privileges, `${path}/privileges`) ?? [],
    resource_types: stored.texts(row.resource_types, `${path}/resource_types`),
    condition: row.condition ?? undefined,
  };
}

/** By level: `''` is the organization's. */
export function exportRoles(from: Export): Map<string, RoleItem[]> {
  const policies = groupBy(from.tables.role_policies, (row) => row.role);
  const parents = groupBy(from.tables.role_inherits, (row) => row.role);
  const rows = from.tables.roles.filter((row) => row.system === 0).sort(byName);
  const item = (row: RoleRow): RoleItem => ({
    name: row.name,
    id: ownId('rol', row),
    title: row.title || undefined,
    description: row.description || undefined,
    policies: namesOf((policies.get(row.id) ?? []).map((link) => nameOf(from.policies, link.policy, row.project, linkPath(row), from))),
    inherits: namesOf((parents.get(row.id) ?? []).map((link) => nameOf(from.roles, link.parent, row.project, linkPath(row), from))),
    privileges: from.stored.texts(row.privileges, `roles/${row.id}/privileges`),
    all_privileges: row.all_privileges === 1 || undefined,
    reaches_restricted: row.reaches_restricted === 1 || undefined,
  });
  return mapLists(
    groupBy(rows, (row) => row.project),
    item,
  );
}

function linkPath(row: RoleRow): string {
  return `roles/${row.id}`;
}

export function exportGroups(from: Export): GroupItem[] {
  const members = groupBy(
    from.tables.group_members.filter((row) => !isKeySubject(row.member)),
    (row) => row.group_id,
  );
  const item = (row: GroupRow): GroupItem => ({
    name: row.name,
    id: ownId('grp', { ...row, project: '' }),
    description: row.description || undefined,
    members: namesOf((members.get(row.id) ?? []).map(({ member }) => principalName(member, from))),
  });
  return [...from.tables.groups].sort(byName).map(item);
}

function namesOf(names: readonly string[]): string[] | undefined {
  return orNothing([...names].sort(compareCodePoints));
}

function byName(a: { readonly name: string; readonly id: string }, b: { readonly name: string; readonly id: string }): number {
  return compareCodePoints(a.name, b.name) || compareCodePoints(a.id, b.id);
}

function mapLists<Row, Item>(lists: ReadonlyMap<string, readonly Row[]>, item: (row: Row) => Item): Map<string, Item[]> {
  return new Map([...lists].map(([key, rows]) => [key, rows.map(item)]));
}
