/** Shared by the tests of the manifest: resolving with countable ids, and reading the problems of a refusal. */
import { BitgateError } from '../../../src/core/terms/problem.ts';
import type { ManifestProblem } from '../../../src/pap/manifest/problems.ts';
import { resolve } from '../../../src/pap/manifest/resolve/resolve.ts';
import { emptyTables, type MutableTables } from '../../../src/pap/manifest/tables.ts';
import type { TableRows } from '../../../src/pap/ports.ts';

export function countingIds(): () => string {
  let count = 0;
  return () => `asg_${++count}`;
}

export function resolved(document: unknown, present: TableRows = emptyTables()): TableRows {
  return resolve(document, { present, newId: countingIds() });
}

/** The problems that a document is refused for. */
export function problemsOf(document: unknown, present: TableRows = emptyTables()): readonly ManifestProblem[] {
  const error = refusal(() => resolved(document, present));
  if (error.code !== 'invalid_manifest' || error.status !== 422) throw error;
  return error.details?.problems as readonly ManifestProblem[]; // what the code promises
}

/** `code path` of every problem, in order. */
export function placesOf(document: unknown, present?: TableRows): string[] {
  return problemsOf(document, present).map(({ code, path }) => `${code} ${path}`);
}

export function refusal(run: () => unknown): BitgateError {
  try {
    run();
  } catch (error) {
    if (error instanceof BitgateError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** An organization with the reserved privileges and role, as every one has, a system policy and role of a preset, and an API key. */
export function organization(): MutableTables {
  const privilege = { resource_types: '[]', implies: '[]', implies_all: '', title: '', description: '', applies_to: '[]' } as const;
  const text = { title: '', description: '' };
  return {
    ...emptyTables(),
    privileges: [
      { name: 'bitgate:check', levels: 'both', ...privilege },
      { name: 'bitgate:read', levels: 'both', ...privilege },
    ],
    policies: [
      {
        id: 'pol_system',
        project: '',
        name: 'System readers',
        description: '',
        effect: 'allow',
        state: 'ACTIVE',
        privileges: '["bitgate:read"]',
        resource_types: '[]',
        condition: null,
        system: 1,
      },
    ],
    roles: [
      {
        id: 'rol_owner',
        project: '',
        name: 'bitgate:owner',
        ...text,
        privileges: '[]',
        all_privileges: 1,
        reaches_restricted: 1,
        system: 1,
      },
      { id: 'rol_reader', project: '', name: 'Reader', ...text, privileges: '[]', all_privileges: 0, reaches_restricted: 0, system: 1 },
    ],
    role_policies: [{ role: 'rol_reader', policy: 'pol_system' }],
    subjects: [{ subject: 'api_key:k1', status: 'active', properties: '{}' }],
    assignments: [
      { id: 'asg_key', principal: 'api_key:k1', role: 'rol_reader', policy: null, scope: 'org', not_before: null, expires_at: null },
    ],
    api_keys: [
      {
        id: 'k1',
        project: '',
        name: 'App',
        hash: '0'.repeat(64),
        previous_hash: null,
        previous_until: null,
        status: 'active',
        expires_at: null,
        forward_auth: '',
      },
    ],
  };
}

/** A document that uses every section and nearly every key. */
export const RICH = {
  bitgate: 1,
  catalog: {
    privileges: [
      {
        name: 'dataset:view',
        title: 'View dataset',
        levels: ['org', 'project'],
        resource_types: ['dataset'],
        applies_to: ['dataset', 'chart'],
      },
      { name: 'dataset:manage', description: 'Change and delete it', implies: ['dataset:view'] },
      { name: 'project:manage', levels: ['org'], implies_all: 'project' },
      { name: 'two', levels: ['org'] },
      { name: 'two', levels: ['project'], title: 'Of a project' },
    ],
  },
  policies: [
    { name: 'Dataset Viewer', privileges: ['dataset:view'] },
    {
      name: 'Not archived',
      privileges: ['dataset:manage'],
      condition: 'has(resource.properties.status) && resource.properties.status != "archived"',
    },
    {
      name: 'No interns',
      id: 'pol_byhand1',
      effect: 'deny',
      state: 'DRAFT',
      privileges: ['dataset:manage', 'two'],
      resource_types: ['dataset'],
    },
    { name: 'Read/write', description: 'a slash\nand two lines', privileges: [] },
  ],
  roles: [
    {
      name: 'Data Scientist',
      title: 'Scientist',
      policies: ['Dataset Viewer', 'Not archived'],
      inherits: ['Reader'],
      privileges: ['bitgate:check'],
    },
    { name: 'Head', inherits: ['Data Scientist'], all_privileges: true, reaches_restricted: true },
  ],
  projects: [
    {
      id: 'sleetduke',
      nickname: 'Sleetduke',
      parents: ['domain:north'],
      access: 'restricted',
      owners: [{ subject: 'user:zoe' }],
      properties: { stage: 'live' },
      policies: [{ name: 'Dataset Viewer', privileges: ['dataset:view', 'two'] }],
      roles: [{ name: 'Reviewer', policies: ['Dataset Viewer', 'Not archived'], inherits: ['Data Scientist'] }],
    },
    { id: 'empty' },
  ],
  subjects: [
    { type: 'user', id: 'bob', status: 'suspended', properties: { role: 'admin', deep: { list: [1, 2.5, null, true, 'ü'] } } },
    { type: 'service', id: 'a:b/c' },
  ],
  groups: [
    { name: 'annotators', description: 'They annotate', members: ['user:alice', 'group:leads'] },
    { name: 'leads', id: 'grp_byhand1', members: ['user:bob'] },
  ],
  resources: [
    {
      type: 'dataset',
      id: 'hidden-1',
      parents: ['project:sleetduke', 'folder:unregistered'],
      access: 'restricted',
      owners: [{ subject: 'user:alice', kind: 'TECHNICAL' }, { subject: 'group:leads' }],
      properties: { status: 'archived' },
    },
    { type: 'domain', id: 'north' },
  ],
  assignments: [
    { subject: 'user:alice', role: 'Data Scientist', scope: 'project:sleetduke', expires_at: '2027-01-01T00:00:00Z' },
    { subject: 'group:annotators', policy: 'Dataset Viewer', scope: 'org' },
    { subject: 'user:carol', role: 'sleetduke/Reviewer', scope: 'dataset:hidden-1', not_before: '2026-01-01T00:00:00.250+02:00' },
    { subject: 'group:everyone', role: 'Reader', scope: 'folder:unregistered' },
    { subject: 'group:owner:TECHNICAL', policy: 'Read/write', scope: 'org' },
    { subject: 'user:root', role: 'bitgate:owner', scope: 'org' },
  ],
  routes: [
    {
      hosts: ['api.example.com'],
      methods: ['GET', 'HEAD'],
      path: '/projects/:project/datasets/:id',
      action: 'dataset:view',
      resource: 'dataset:{id}',
      parents: ['project:{project}'],
    },
    { hosts: ['api.example.com'], methods: ['POST'], path: '/two', action: 'two' },
  ],
  settings: {
    default_role: 'Reader',
    closed_types: ['secret', 'dataset'],
    role_cardinality: { org: 'single', project: 'multiple' },
    issuers: [
      {
        issuer: 'https://login.example.com',
        audience: 'bitgate',
        algorithms: ['RS256'],
        jwks_uri: 'https://login.example.com/keys',
        subject_type: 'user',
        subject_claim: 'oid',
      },
    ],
    claim_mappings: [
      { claim: 'groups', value: 'idp-admins', role: 'Head', scope: 'org' },
      { issuer: 'https://login.example.com', claim: 'groups', value: 'leads', group: 'leads' },
      { claim: 'realm_access.roles', pattern: 'lead-*', group: 'leads' },
    ],
    freshness: { max_age_ms: 5_000, refresh_after_ms: 2_000 },
    retention: { all_hours: 24, daily_days: 30 },
    forward_auth: { cookie: 'session', sign_in_url: 'https://login.example.com/start', return_parameter: 'rd' },
  },
};
