/** The stored tables in the order in which rows can be inserted, with their keys and the columns that hold JSON. */
import type { StoredRows, TableName } from '../../core/terms/rows.ts';
import type { TableRows } from '../ports.ts';

export type MutableTables = { [T in TableName]: StoredRows[T][] };

/** Columns of the primary key, organization apart. A row's other columns may be updated. */
export const TABLE_KEYS = {
  settings: [],
  privileges: ['name', 'levels'],
  resources: ['resource'],
  projects: ['id'],
  policies: ['id'],
  roles: ['id'],
  role_policies: ['role', 'policy'],
  role_inherits: ['role', 'parent'],
  groups: ['id'],
  subjects: ['subject'],
  group_members: ['group_id', 'member'],
  resource_parents: ['resource', 'parent'],
  resource_owners: ['resource', 'owner', 'kind'],
  assignments: ['id'],
  api_keys: ['id'],
  routes: ['position'],
} as const satisfies { readonly [T in TableName]: readonly (keyof StoredRows[T])[] };

/** The keys of a literal object, in its order, each a table by the type above. */
export const TABLE_NAMES = Object.keys(TABLE_KEYS) as readonly TableName[];

/** Columns that hold JSON: a set of texts (order means nothing), or any value. */
export const JSON_COLUMNS: Readonly<Record<string, 'set' | 'value'>> = {
  resource_types: 'set',
  implies: 'set',
  applies_to: 'set',
  privileges: 'set',
  properties: 'value',
  route: 'value',
  settings: 'value',
};

export function emptyTables(): MutableTables {
  return {
    settings: [],
    projects: [],
    privileges: [],
    policies: [],
    roles: [],
    role_policies: [],
    role_inherits: [],
    groups: [],
    subjects: [],
    group_members: [],
    resources: [],
    resource_parents: [],
    resource_owners: [],
    assignments: [],
    api_keys: [],
    routes: [],
  };
}

/** One text per primary key: JSON, so that no two keys share one. */
export function rowKey<T extends TableName>(table: T, row: StoredRows[T]): string {
  const columns: readonly string[] = TABLE_KEYS[table];
  const values = row as unknown as Readonly<Record<string, unknown>>; // row types are interfaces of plain columns
  return JSON.stringify(columns.map((column) => values[column]));
}

/** The rows that only the administration of keys and presets changes: whatever replaces a manifest's data leaves them as they are. */
export const KEY_SUBJECT_PREFIX = 'api_key:';
export const RESERVED_PREFIX = 'bitgate:';

export function isKeySubject(principal: string): boolean {
  return principal.startsWith(KEY_SUBJECT_PREFIX);
}

export function keptTables(present: TableRows): MutableTables {
  const kept = emptyTables();
  const systemRoles = new Set<string>();
  kept.privileges = present.privileges.filter((row) => row.name.startsWith(RESERVED_PREFIX));
  kept.policies = present.policies.filter((row) => row.system === 1);
  kept.roles = present.roles.filter((row) => row.system === 1);
  for (const role of kept.roles) systemRoles.add(role.id);
  kept.role_policies = present.role_policies.filter((row) => systemRoles.has(row.role));
  kept.role_inherits = present.role_inherits.filter((row) => systemRoles.has(row.role));
  kept.subjects = present.subjects.filter((row) => isKeySubject(row.subject));
  kept.assignments = present.assignments.filter((row) => isKeySubject(row.principal));
  kept.group_members = present.group_members.filter((row) => isKeySubject(row.member));
  kept.resource_owners = present.resource_owners.filter((row) => isKeySubject(row.owner));
  kept.api_keys = [...present.api_keys];
  return kept;
}
