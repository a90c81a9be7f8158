/** The tables of an organization's data as the readers and the writer name them: columns without `org`, and which of them are the key. */
import type { StoredRows, TableName } from '../../core/terms/rows.ts';

export interface TableShape {
  /** all columns, those of the key first */
  readonly columns: readonly string[];
  /** the primary key within the organization; empty for `settings`, of which there is one row */
  readonly key: readonly string[];
  /** the columns that an update sets */
  readonly values: readonly string[];
}

/** Complete by type: a column added to a row type doesn't compile until it is named here. */
function shape<T extends TableName>(kinds: { readonly [C in keyof StoredRows[T]]: 'key' | 'value' }): TableShape {
  const entries = Object.entries<'key' | 'value'>(kinds);
  const named = (wanted: 'key' | 'value'): string[] => entries.filter(([, kind]) => kind === wanted).map(([column]) => column);
  const key = named('key');
  const values = named('value');
  return { columns: [...key, ...values], key, values };
}

/** Invariant: whatever a foreign key of a table refers to comes before it. */
export const TABLES = {
  resources: shape<'resources'>({ resource: 'key', access: 'value', properties: 'value' }),
  projects: shape<'projects'>({ id: 'key', nickname: 'value' }),
  subjects: shape<'subjects'>({ subject: 'key', status: 'value', properties: 'value' }),
  groups: shape<'groups'>({ id: 'key', name: 'value', description: 'value' }),
  privileges: shape<'privileges'>({
    name: 'key',
    levels: 'key',
    resource_types: 'value',
    implies: 'value',
    implies_all: 'value',
    title: 'value',
    description: 'value',
    applies_to: 'value',
  }),
  policies: shape<'policies'>({
    id: 'key',
    project: 'value',
    name: 'value',
    description: 'value',
    effect: 'value',
    state: 'value',
    privileges: 'value',
    resource_types: 'value',
    condition: 'value',
    system: 'value',
  }),
  roles: shape<'roles'>({
    id: 'key',
    project: 'value',
    name: 'value',
    title: 'value',
    description: 'value',
    privileges: 'value',
    all_privileges: 'value',
    reaches_restricted: 'value',
    system: 'value',
  }),
  role_policies: shape<'role_policies'>({ role: 'key', policy: 'key' }),
  role_inherits: shape<'role_inherits'>({ role: 'key', parent: 'key' }),
  group_members: shape<'group_members'>({ group_id: 'key', member: 'key' }),
  resource_parents: shape<'resource_parents'>({ resource: 'key', parent: 'key' }),
  resource_owners: shape<'resource_owners'>({ resource: 'key', owner: 'key', kind: 'key' }),
  api_keys: shape<'api_keys'>({
    id: 'key',
    project: 'value',
    name: 'value',
    hash: 'value',
    previous_hash: 'value',
    previous_until: 'value',
    status: 'value',
    expires_at: 'value',
    forward_auth: 'value',
  }),
  assignments: shape<'assignments'>({
    id: 'key',
    principal: 'value',
    role: 'value',
    policy: 'value',
    scope: 'value',
    not_before: 'value',
    expires_at: 'value',
  }),
  routes: shape<'routes'>({ position: 'key', route: 'value' }),
  settings: shape<'settings'>({ settings: 'value' }),
} as const satisfies { readonly [T in TableName]: TableShape };

// `as`: the keys of the literal above are the table names, which Object.keys forgets.
export const PARENTS_FIRST = Object.keys(TABLES) as readonly TableName[];

/** `id, name, description`: what a SELECT names, so that a row has the columns of its type and no others. */
export function columnList(table: TableName): string {
  return TABLES[table].columns.join(', ');
}
