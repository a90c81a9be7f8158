/** How a row is called when people read of it: names instead of ids. */
import type { StoredRows, TableName } from '../../core/terms/rows.ts';
import type { TableRows } from '../ports.ts';
import { formatTime } from './times.ts';

export const KINDS = {
  settings: 'settings',
  privileges: 'privilege',
  resources: 'resource',
  projects: 'project',
  policies: 'policy',
  roles: 'role',
  role_policies: 'role_policy',
  role_inherits: 'role_inherit',
  groups: 'group',
  subjects: 'subject',
  group_members: 'group_member',
  resource_parents: 'resource_parent',
  resource_owners: 'resource_owner',
  assignments: 'assignment',
  api_keys: 'api_key',
  routes: 'route',
} as const satisfies Readonly<Record<TableName, string>>;

type Labels = { readonly [T in TableName]: (row: StoredRows[T]) => string };

const GROUP_PREFIX = 'group:';

/** @param tables whose names count; later ones over earlier ones */
export function labelsOf(...tables: readonly TableRows[]): Labels {
  const names = new Map<string, string>();
  for (const { policies, roles, groups } of tables) {
    for (const row of [...policies, ...roles]) names.set(row.id, row.project === '' ? row.name : `${row.project}/${row.name}`);
    for (const row of groups) names.set(`${GROUP_PREFIX}${row.id}`, `${GROUP_PREFIX}${row.name}`);
  }
  const name = (id: string): string => names.get(id) ?? id;
  const own = (row: { readonly project: string; readonly name: string }): string =>
    row.project === '' ? row.name : `${row.project}/${row.name}`;
  return {
    settings: () => 'settings',
    privileges: (row) => (row.levels === 'both' ? row.name : `${row.name} (${row.levels})`),
    resources: (row) => row.resource,
    projects: (row) => row.id,
    policies: own,
    roles: own,
    role_policies: (row) => `${name(row.role)} → ${name(row.policy)}`,
    role_inherits: (row) => `${name(row.role)} → ${name(row.parent)}`,
    groups: (row) => row.name,
    subjects: (row) => row.subject,
    group_members: (row) => `${name(`${GROUP_PREFIX}${row.group_id}`)} → ${name(row.member)}`,
    resource_parents: (row) => `${row.resource} → ${row.parent}`,
    resource_owners: (row) => `${row.resource} → ${name(row.owner)}${row.kind === '' ? '' : ` (${row.kind})`}`,
    assignments: (row) => `${name(row.principal)}: ${name(row.role ?? row.policy ?? '')} at ${row.scope}${windowText(row)}`,
    api_keys: (row) => row.id,
    routes: (row) => `${row.position}`,
  };
}

function windowText(row: StoredRows['assignments']): string {
  const from = row.not_before === null ? '' : ` from ${formatTime(row.not_before)}`;
  return `${from}${row.expires_at === null ? '' : ` until ${formatTime(row.expires_at)}`}`;
}
