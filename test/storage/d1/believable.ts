/** An organization as it might be, small, with every table, every kind of value, and ids that are easy to get wrong. */
import { env } from 'cloudflare:workers';
import type { StoredRows, TableName } from '../../../src/core/terms/rows.ts';
import type { AuditEntry, RowChanges, TableChange, TableRows } from '../../../src/pap/ports.ts';
import { d1RowWriter } from '../../../src/storage/d1/row-writer.ts';

export const AUDIT: AuditEntry = {
  ...{ actor: 'root', action: 'manifest.put', target: 'organization', requestId: 'req-1', before: null, after: '{"rows":1}' },
};

/** By code point U+FFFD comes before U+1F600; by UTF-16 unit, as JavaScript sorts, after it. */
export const ODD_SUBJECTS = [
  'user:"quoted"',
  "user:o'neil",
  'user:\u{1F600}',
  'user:\uFFFD',
  'user:Ann',
  'user:ann',
  'user:a b\n{"x":1}',
  'user:ann:2',
];

const HASH = '0123456789abcdef'.repeat(4);

export const BELIEVABLE: { readonly [T in TableName]: readonly StoredRows[T][] } = {
  projects: [
    { id: 'atlas', nickname: 'Atlas' },
    { id: 'été', nickname: '' },
  ],
  resources: [
    { resource: 'project:atlas', access: 'inherit', properties: '{"tier":1}' },
    { resource: 'project:été', access: 'inherit', properties: '{}' },
    { resource: 'dataset:1', access: 'restricted', properties: '{"status":"archived","n":1.5,"o":{"a":[null,true]}}' },
    { resource: 'dataset:2', access: 'inherit', properties: '{}' },
    { resource: 'folder:\u{1F4C1}', access: 'inherit', properties: '{}' },
  ],
  resource_parents: [
    { resource: 'dataset:1', parent: 'folder:\u{1F4C1}' },
    { resource: 'dataset:1', parent: 'project:atlas' },
    { resource: 'folder:\u{1F4C1}', parent: 'project:atlas' },
  ],
  resource_owners: [
    { resource: 'dataset:1', owner: 'group:grp_leads', kind: 'TECHNICAL' },
    { resource: 'dataset:1', owner: 'user:Ann', kind: '' },
    { resource: 'dataset:1', owner: 'user:Ann', kind: 'BUSINESS' },
  ],
  privileges: [
    privilege({ name: 'dataset:manage', implies: '["dataset:view"]', title: 'Manage "all"' }),
    privilege({ name: 'dataset:view', resource_types: '["dataset"]', applies_to: '["dataset"]' }),
    privilege({ name: 'own', levels: 'org', implies_all: 'project' }),
    privilege({ name: 'own', levels: 'project' }),
  ],
  policies: [
    policy({ id: 'pol_a', name: 'Not archived', privileges: '["dataset:manage"]', condition: 'resource.properties.status != "archived"' }),
    policy({ id: 'pol_b', name: 'No interns', effect: 'deny', state: 'DRAFT', resource_types: '["dataset"]', system: 1 }),
    policy({ id: 'pol_c', project: 'atlas', name: 'not archived' }),
  ],
  roles: [
    role({ id: 'rol_editor', name: 'Editor', privileges: '["dataset:view"]' }),
    role({ id: 'rol_local', project: 'atlas', name: 'Editor', title: 'Ünï' }),
    role({ id: 'rol_owner', name: 'bitgate:owner', all_privileges: 1, reaches_restricted: 1, system: 1 }),
  ],
  role_policies: [
    { role: 'rol_editor', policy: 'pol_a' },
    { role: 'rol_local', policy: 'pol_c' },
  ],
  role_inherits: [{ role: 'rol_local', parent: 'rol_editor' }],
  groups: [
    { id: 'grp_all', name: 'All hands', description: '' },
    { id: 'grp_leads', name: 'Leads', description: 'they lead' },
  ],
  group_members: [
    { group_id: 'grp_all', member: 'group:grp_leads' },
    { group_id: 'grp_all', member: 'user:\u{1F600}' },
    { group_id: 'grp_leads', member: 'user:Ann' },
  ],
  subjects: [
    { subject: 'api_key:k1', status: 'active', properties: '{}' },
    { subject: 'api_key:k2', status: 'active', properties: '{}' },
    ...ODD_SUBJECTS.map((subject) => ({ subject, status: 'active', properties: '{}' }) as const),
    { subject: 'user:gone', status: 'suspended', properties: '{"why":"left"}' },
  ],
  assignments: [
    assignment({ id: 'asg_1', principal: 'user:Ann', role: 'rol_owner' }),
    assignment({
      id: 'asg_2',
      principal: 'group:grp_leads',
      policy: 'pol_a',
      scope: 'project:atlas',
      not_before: 1,
      expires_at: 4102444800000,
    }),
    assignment({ id: 'asg_3', principal: 'group:owner:TECHNICAL', role: 'rol_editor' }),
    assignment({ id: 'asg_4', principal: 'user:\u{1F600}', role: 'rol_editor', scope: 'dataset:not-registered' }),
    assignment({ id: 'asg_5', principal: 'api_key:k1', role: 'rol_editor' }),
    assignment({ id: 'asg_6', principal: 'group:everyone', role: 'rol_editor', expires_at: 0 }),
  ],
  api_keys: [
    { ...key('k1'), name: 'proxy', forward_auth: 'nginx', expires_at: 4102444800000 },
    { ...key('k2'), project: 'atlas', status: 'disabled', previous_hash: HASH, previous_until: 1 },
  ],
  routes: [
    { position: 0, route: '{"hosts":["a.example"],"path":"/p/:id","action":"dataset:view"}' },
    { position: 1, route: '{}' },
  ],
  settings: [{ settings: '{"default_role":"rol_editor","closed_types":["dataset"]}' }],
};

/** The rows as one change that inserts all of them. */
export function insertAll(tables: TableRows): RowChanges {
  const changes: Partial<Record<TableName, TableChange<object>>> = {};
  // `as`: the keys of a TableRows are table names.
  for (const table of Object.keys(tables) as TableName[]) changes[table] = { insert: tables[table], update: [], delete: [] };
  return changes as RowChanges; // each table with its own rows
}

/** Writes it into an organization that is there and empty. */
export async function writeBelievable(org: string, expected: number): Promise<number> {
  const { revision } = await d1RowWriter(env.DB, org).apply(expected, insertAll(BELIEVABLE), AUDIT, 1000);
  return revision;
}

export function privilege(row: Partial<StoredRows['privileges']> & { name: string }): StoredRows['privileges'] {
  return { levels: 'both', resource_types: '[]', implies: '[]', implies_all: '', title: '', description: '', applies_to: '[]', ...row };
}

export function policy(row: Partial<StoredRows['policies']> & { id: string; name: string }): StoredRows['policies'] {
  return {
    ...{
      project: '',
      description: '',
      effect: 'allow',
      state: 'ACTIVE',
      privileges: '[]',
      resource_types: '[]',
      condition: null,
      system: 0,
    },
    ...row,
  };
}

export function role(row: Partial<StoredRows['roles']> & { id: string; name: string }): StoredRows['roles'] {
  return {
    ...{ project: '', title: '', description: '', privileges: '[]', all_privileges: 0, reaches_restricted: 0, system: 0 },
    ...row,
  };
}

export function assignment(row: Partial<StoredRows['assignments']> & { id: string; principal: string }): StoredRows['assignments'] {
  return { role: null, policy: null, scope: 'org', not_before: null, expires_at: null, ...row };
}

export function key(id: string): StoredRows['api_keys'] {
  return {
    ...{ id, project: '', name: '', hash: HASH, previous_hash: null, previous_until: null },
    ...{ status: 'active', expires_at: null, forward_auth: '' },
  };
}
