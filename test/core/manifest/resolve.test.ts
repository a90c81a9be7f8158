import { describe, expect, it } from 'vitest';
import { derivedId } from '../../../src/core/terms/ids.ts';
import { organization, RICH, resolved } from './support.ts';

describe('a manifest resolved to rows', () => {
  const rows = resolved(RICH, organization());

  it('stands names for derived ids and keeps given ones', () => {
    const viewer = derivedId('pol', '', 'Dataset Viewer');
    expect(rows.policies.map(({ id, name, project }) => [id, project, name])).toEqual([
      ['pol_system', '', 'System readers'],
      [viewer, '', 'Dataset Viewer'],
      [derivedId('pol', '', 'Not archived'), '', 'Not archived'],
      ['pol_byhand1', '', 'No interns'],
      [derivedId('pol', '', 'Read/write'), '', 'Read/write'],
      [derivedId('pol', 'sleetduke', 'Dataset Viewer'), 'sleetduke', 'Dataset Viewer'],
    ]);
    expect(rows.role_policies).toContainEqual({ role: derivedId('rol', '', 'Data Scientist'), policy: viewer });
  });

  it('takes names in a project as its own first, then as the organization’s', () => {
    const reviewer = derivedId('rol', 'sleetduke', 'Reviewer');
    expect(rows.role_policies.filter(({ role }) => role === reviewer)).toEqual([
      { role: reviewer, policy: derivedId('pol', 'sleetduke', 'Dataset Viewer') },
      { role: reviewer, policy: derivedId('pol', '', 'Not archived') },
    ]);
    expect(rows.role_inherits).toContainEqual({ role: reviewer, parent: derivedId('rol', '', 'Data Scientist') });
  });

  it('writes levels in one word and defaults in full', () => {
    expect(rows.privileges.filter(({ name }) => !name.startsWith('bitgate:')).map(({ name, levels }) => `${name} ${levels}`)).toEqual([
      'dataset:view both',
      'dataset:manage both',
      'project:manage org',
      'two org',
      'two project',
    ]);
    expect(rows.policies[1]).toEqual({
      id: derivedId('pol', '', 'Dataset Viewer'),
      project: '',
      name: 'Dataset Viewer',
      description: '',
      effect: 'allow',
      state: 'ACTIVE',
      privileges: '["dataset:view"]',
      resource_types: '[]',
      condition: null,
      system: 0,
    });
  });

  it('makes a project a resource, with its parents, owners and access', () => {
    expect(rows.projects).toEqual([
      { id: 'sleetduke', nickname: 'Sleetduke' },
      { id: 'empty', nickname: '' },
    ]);
    expect(rows.resources).toContainEqual({ resource: 'project:sleetduke', access: 'restricted', properties: '{"stage":"live"}' });
    expect(rows.resources).toContainEqual({ resource: 'project:empty', access: 'inherit', properties: '{}' });
    expect(rows.resource_parents).toContainEqual({ resource: 'project:sleetduke', parent: 'domain:north' });
    expect(rows.resource_owners).toContainEqual({ resource: 'project:sleetduke', owner: 'user:zoe', kind: '' });
  });

  it('registers every subject that anything names', () => {
    const names = rows.subjects.map(({ subject }) => subject).sort();
    expect(names).toEqual(['api_key:k1', 'service:a:b/c', 'user:alice', 'user:bob', 'user:carol', 'user:root', 'user:zoe']);
    expect(rows.subjects).toContainEqual({ subject: 'user:zoe', status: 'active', properties: '{}' });
  });

  it('writes groups by id wherever a principal stands, and leaves reserved ones as they are', () => {
    const annotators = derivedId('grp', '', 'annotators');
    expect(rows.group_members).toEqual([
      { group_id: annotators, member: 'user:alice' },
      { group_id: annotators, member: 'group:grp_byhand1' },
      { group_id: 'grp_byhand1', member: 'user:bob' },
    ]);
    expect(rows.resource_owners).toContainEqual({ resource: 'dataset:hidden-1', owner: 'group:grp_byhand1', kind: '' });
    expect(rows.assignments.map(({ principal }) => principal)).toEqual([
      'api_key:k1',
      'user:alice',
      `group:${annotators}`,
      'user:carol',
      'group:everyone',
      'group:owner:TECHNICAL',
      'user:root',
    ]);
  });

  it('reads times with their zone', () => {
    const carol = rows.assignments.find(({ principal }) => principal === 'user:carol');
    expect(carol?.not_before).toBe(Date.UTC(2025, 11, 31, 22, 0, 0, 250));
  });

  it('stores settings without defaults and with ids for names', () => {
    expect(JSON.parse(rows.settings[0]?.settings ?? '')).toEqual({
      default_role: 'rol_reader',
      closed_types: ['dataset', 'secret'],
      role_cardinality: { org: 'single' },
      issuers: RICH.settings.issuers,
      claim_mappings: [
        { claim: 'groups', value: 'idp-admins', role: derivedId('rol', '', 'Head'), scope: 'org' },
        { issuer: 'https://login.example.com', claim: 'groups', value: 'leads', group: 'grp_byhand1' },
        { claim: 'realm_access.roles', pattern: 'lead-*', group: 'grp_byhand1' },
      ],
      freshness: { max_age_ms: 5_000 },
      retention: { daily_days: 30 },
      forward_auth: { cookie: 'session', sign_in_url: 'https://login.example.com/start' },
    });
    expect(resolved({ bitgate: 1, settings: { default_role: null, role_cardinality: { org: 'multiple' } } }).settings).toEqual([]);
  });

  it('takes sets as sets: order and repetition mean nothing', () => {
    const one = resolved({
      bitgate: 1,
      catalog: { privileges: [{ name: 'a' }, { name: 'b' }] },
      policies: [{ name: 'P', privileges: ['b', 'a', 'b'] }],
    });
    expect(one.policies[0]?.privileges).toBe('["a","b"]');
    const twice = { subject: 'user:x', policy: 'P', scope: 'org' };
    const two = resolved({ bitgate: 1, policies: [{ name: 'P', privileges: [] }], assignments: [twice, twice] });
    expect(two.assignments).toHaveLength(1);
  });
});

describe('ids', () => {
  const role = (name: string, more = {}): object => ({ bitgate: 1, roles: [{ name, ...more }] });

  it('stay with the name when the present row has another than the derived one', () => {
    const present = resolved(role('Admin', { id: 'rol_abc' }));
    expect(resolved(role('Admin'), present).roles[0]?.id).toBe('rol_abc');
  });

  it('stay when a name changes its letter case alone', () => {
    const present = resolved(role('admin'));
    expect(resolved(role('Admin'), present).roles).toMatchObject([{ id: derivedId('rol', '', 'admin'), name: 'Admin' }]);
  });

  it('carry a new name, so that a rename is no new role', () => {
    const present = resolved(role('Admin'));
    const id = derivedId('rol', '', 'Admin');
    expect(resolved(role('Chief', { id }), present).roles).toMatchObject([{ id, name: 'Chief' }]);
  });

  it('are never those of a thing that was renamed since', () => {
    const present = resolved(role('Chief', { id: derivedId('rol', '', 'Admin') }));
    expect(resolved(role('Admin'), present).roles[0]?.id).toBe(derivedId('rol', '', 'Admin', 1));
  });

  it('may be written wherever a name may', () => {
    const document = {
      bitgate: 1,
      roles: [
        { name: 'A', id: 'rol_a1' },
        { name: 'B', inherits: ['rol_a1'] },
      ],
      groups: [{ name: 'G', id: 'grp_g1' }],
      assignments: [{ subject: 'group:grp_g1', role: 'rol_a1', scope: 'org' }],
    };
    expect(resolved(document).assignments).toMatchObject([{ principal: 'group:grp_g1', role: 'rol_a1' }]);
  });

  it('of an assignment stay while it is equal, or differs in its window alone', () => {
    const at = (expires_at?: string): object => ({
      bitgate: 1,
      policies: [{ name: 'P', privileges: [] }],
      assignments: [
        { subject: 'user:x', policy: 'P', scope: 'org', ...(expires_at === undefined ? {} : { expires_at }) },
        { subject: 'user:y', policy: 'P', scope: 'org' },
      ],
    });
    const ids = (document: object, present: Parameters<typeof resolved>[1]): unknown =>
      resolved(document, present).assignments.map(({ id }) => id);
    const present = { ...resolved(at()), assignments: resolved(at()).assignments.map((row, i) => ({ ...row, id: `kept_${i}` })) };
    expect(ids(at(), present)).toEqual(['kept_0', 'kept_1']);
    expect(ids(at('2030-01-01T00:00:00Z'), present)).toEqual(['kept_0', 'kept_1']);
  });
});
