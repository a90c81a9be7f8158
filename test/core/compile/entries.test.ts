/** Rows of principals, resources and keys → leaf entries, and what becomes of rows that can't be read. */
import { describe, expect, it } from 'vitest';
import { compileCatalog } from '../../../src/core/compile/catalog.ts';
import { type Entries, keyEntries, knownIds, principalEntries, resourceEntries } from '../../../src/core/compile/entries.ts';
import type { PrincipalEntry, ResourceEntry } from '../../../src/core/snapshot/model.ts';
import type { PrincipalRows, ResourceRow, ResourceRows, SubjectRow } from '../../../src/core/terms/rows.ts';
import { apiKey, assignment, catalogRows, group, policy, principalRows, privilege, resourceRows, role, shuffled } from './rows.ts';

const CATALOG = compileCatalog(
  catalogRows({
    privileges: [privilege('a')],
    policies: [
      policy('p-allow', { privileges: '["a"]' }),
      policy('p-deny', { privileges: '["a"]', effect: 'deny' }),
      policy('p-off', { privileges: '["a"]', effect: 'deny', state: 'DRAFT' }),
      policy('p-when', { privileges: '["a"]', effect: 'deny', condition: 'true' }),
    ],
    roles: ['allows', 'denies', 'denies-sometimes', 'inherits-deny'].map((id) => role(id, { privileges: '["a"]' })),
    role_policies: [
      { role: 'allows', policy: 'p-allow' },
      { role: 'allows', policy: 'p-off' },
      { role: 'denies', policy: 'p-deny' },
      { role: 'denies-sometimes', policy: 'p-when' },
    ],
    role_inherits: [{ role: 'inherits-deny', parent: 'denies' }],
    groups: [group('g1'), group('g2')],
  }),
).model;
const KNOWN = knownIds(CATALOG);

function subject(key: string, status = 'active', properties = '{}'): SubjectRow {
  // typed by hand, the status may be any text
  return { subject: key, status: status as SubjectRow['status'], properties };
}

function principals(keys: string[], given: Partial<PrincipalRows>): Entries<PrincipalEntry> {
  return principalEntries(keys, principalRows(given), KNOWN);
}

function codes(list: readonly { path: string; code: string }[]): string[] {
  return list.map((p) => `${p.path} ${p.code}`);
}

describe('knownIds', () => {
  it('knows which targets surely deny nothing', () => {
    const ids = ['allows', 'p-allow', 'p-off', 'denies', 'denies-sometimes', 'inherits-deny', 'p-deny', 'p-when', 'gone'];
    expect(ids.filter(KNOWN.deniesNothing)).toEqual(['allows', 'p-allow', 'p-off']);
  });
});

describe('principals', () => {
  it('stand beside the keys that were asked for, null where nothing is stored', () => {
    const rows = { subjects: [subject('user:b', 'suspended', '{"z": 1, "a": [true]}'), subject('user:other')] };
    const { entries, problems, fatal } = principals(['user:a', 'user:b', 'group:everyone'], rows);
    const entry = { registered: true, suspended: true, suspendedFrom: null, grants: [], groups: [], properties: '{"a":[true],"z":1}' };
    expect({ entries, problems, fatal }).toEqual({ entries: [null, { key: 'user:b', ...entry }, null], problems: [], fatal: [] });
  });

  it('have grants and groups sorted, each once', () => {
    const assignments = [
      assignment('1', { role: 'denies', scope: 'project:x' }),
      assignment('2', { role: 'allows', scope: 'org', not_before: 5 }),
      assignment('3', { policy: 'p-allow', scope: 'org' }),
      assignment('4', { role: 'allows', scope: 'org', not_before: 5, expires_at: 9 }),
      assignment('5', { role: 'allows', scope: 'org', expires_at: 3 }),
      assignment('6', { role: 'allows', scope: 'org' }),
      assignment('7', { role: 'allows', scope: 'org' }),
    ];
    const memberships = ['g2', 'g1', 'g2'].map((group_id) => ({ group_id, member: 'user:a' }));
    const { entries } = principals(['user:a'], { assignments, memberships });
    expect(entries[0]).toMatchObject({ registered: false, groups: ['g1', 'g2'] });
    expect(entries[0]?.grants.map((g) => [g.scope, g.target, g.notBefore, g.expiresAt])).toEqual([
      ['org', 'allows', null, null],
      ['org', 'allows', null, 3],
      ['org', 'allows', 5, null],
      ['org', 'allows', 5, 9],
      ['org', 'p-allow', null, null],
      ['project:x', 'denies', null, null],
    ]);
  });

  it('may be groups and reserved groups, which are never registered', () => {
    const keys = ['group:g1', 'group:everyone', 'group:owner:TECHNICAL'];
    const assignments = keys.map((principal) => assignment(principal, { principal, role: 'allows' }));
    const { entries, problems, fatal } = principals(keys, { assignments });
    expect(entries.map((e) => [e?.registered, e?.grants.length])).toEqual(keys.map(() => [false, 1]));
    expect([...problems, ...fatal]).toEqual([]);
  });

  it.each([
    ['status', subject('user:a', 'SUSPENDED'), 'subjects/user:a/status unknown_status'],
    ['properties', subject('user:a', 'active', '{"a":'), 'subjects/user:a/properties unreadable_json'],
    ['properties', subject('user:a', 'active', '["a"]'), 'subjects/user:a/properties unreadable_json'],
    ['properties', subject('user:a', 'active', `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`), 'subjects/user:a/properties unreadable_json'],
  ])('whose %s cannot be read are suspended and reported', (_, row, fault) => {
    const { entries, problems, fatal } = principals(['user:a'], { subjects: [row] });
    expect(entries[0]).toMatchObject({ registered: true, suspended: true });
    expect([codes(problems), fatal]).toEqual([[fault], []]);
  });

  it('with a subject row that names no subject are suspended and reported', () => {
    const { entries, problems } = principals(['alice', 'group:g1'], { subjects: [subject('alice'), subject('group:g1')] });
    expect(entries).toMatchObject([{ suspended: true }, { registered: false, suspended: true }]);
    expect(codes(problems)).toEqual(['subjects/alice malformed_subject', 'subjects/group:g1 malformed_subject']);
  });
});

describe('API keys as subjects', () => {
  it('are registered, suspended when disabled, and suspended from their end on', () => {
    const api_keys = [
      apiKey('k1', { expires_at: 500 }),
      apiKey('k2', { status: 'disabled' }),
      apiKey('k3', { status: '?' }),
      apiKey('k4', { expires_at: 0.5 }),
    ];
    const { entries, problems, fatal } = principals(['api_key:k1', 'api_key:k2', 'api_key:k3', 'api_key:k4'], { api_keys });
    expect(entries.map((e) => [e?.registered, e?.suspended, e?.suspendedFrom])).toEqual([
      [true, false, 500],
      [true, true, null],
      [true, true, null],
      [true, true, null],
    ]);
    expect([codes(problems), fatal]).toEqual([['api_keys/k3/status unknown_status', 'api_keys/k4/expires_at malformed_time'], []]);
  });

  it('stay suspended if their subject row says so', () => {
    const rows = { api_keys: [apiKey('k1')], subjects: [subject('api_key:k1', 'suspended', '{"a":1}')] };
    expect(principals(['api_key:k1'], rows).entries[0]).toMatchObject({ suspended: true, properties: '{"a":1}' });
  });
});

describe('an assignment that cannot be read', () => {
  it.each([
    ['a malformed scope', { scope: 'dataset' }, '/scope malformed_scope'],
    ['an empty id in its scope', { scope: 'dataset:' }, '/scope malformed_scope'],
    ['half a millisecond', { not_before: 0.5 }, ' malformed_time'],
    ['a malformed principal', { principal: 'alice' }, '/principal malformed_principal'],
    ['a principal that is no group', { principal: 'group:gone' }, '/principal malformed_principal'],
  ])('since it has %s stops the publish, unless its target surely denies nothing', (_, given, fault) => {
    const key = 'principal' in given ? given.principal : 'user:a';
    const of = (target: { role: string } | { policy: string }) =>
      principals([key], { assignments: [assignment('x', { ...given, ...target })] });
    for (const target of [{ role: 'denies' }, { role: 'inherits-deny' }, { role: 'denies-sometimes' }, { policy: 'p-deny' }]) {
      expect(codes(of(target).fatal)).toEqual([`assignments/x${fault}`]);
    }
    for (const target of [{ role: 'allows' }, { policy: 'p-allow' }]) {
      const { entries, problems, fatal } = of(target);
      expect([entries, codes(problems), fatal]).toEqual([[null], [`assignments/x${fault}`], []]);
    }
  });

  it('since its role or policy is not there, or not one of both is given, stops the publish', () => {
    const assignments = [
      assignment('1', { role: 'gone' }),
      assignment('2', { policy: 'allows' }),
      assignment('3'),
      assignment('4', { role: 'allows', policy: 'p-deny' }),
      assignment('5', { role: 'allows' }),
    ];
    const { entries, problems, fatal } = principals(['user:a'], { assignments });
    expect(codes(fatal)).toEqual(['assignments/1/role unknown_role', 'assignments/3 malformed_target', 'assignments/4 malformed_target']);
    expect(codes(problems)).toEqual(['assignments/2/policy unknown_policy']);
    expect(entries[0]?.grants).toHaveLength(1);
  });
});

describe('a membership', () => {
  it('in a group that is not there, or of something that is no subject, stops the publish', () => {
    const memberships = [
      { group_id: 'gone', member: 'user:a' },
      { group_id: 'everyone', member: 'user:a' },
      { group_id: 'g1', member: 'alice' },
    ];
    const { fatal } = principals(['user:a', 'alice'], { memberships });
    expect(codes(fatal)).toEqual([
      'group_members/everyone/user:a unknown_group',
      'group_members/g1/alice malformed_principal',
      'group_members/gone/user:a unknown_group',
    ]);
  });
});

function resource(key: string, access = 'inherit', properties = '{}'): ResourceRow {
  // typed by hand, the access may be any text
  return { resource: key, access: access as ResourceRow['access'], properties };
}

function resources(keys: string[], given: Partial<ResourceRows>): Entries<ResourceEntry> {
  return resourceEntries(keys, resourceRows(given));
}

describe('resources', () => {
  it('have parents and owners sorted, each once, and stand beside the keys that were asked for', () => {
    const rows = {
      resources: [resource('d:1', 'restricted', '{ "b": 1, "a": 2 }'), resource('d:3')],
      resource_parents: ['p:2', 'p:1', 'p:2'].map((parent) => ({ resource: 'd:1', parent })),
      resource_owners: [
        { resource: 'd:1', owner: 'user:b', kind: '' },
        { resource: 'd:1', owner: 'group:g', kind: 'T' },
        { resource: 'd:1', owner: 'group:g', kind: '' },
      ],
    };
    const owners = [
      { principal: 'group:g', kind: '' },
      { principal: 'group:g', kind: 'T' },
      { principal: 'user:b', kind: '' },
    ];
    const { entries, problems, fatal } = resources(['d:1', 'd:2', 'd:3'], rows);
    expect(entries).toEqual([
      { key: 'd:1', restricted: true, parents: ['p:1', 'p:2'], owners, properties: '{"a":2,"b":1}' },
      null,
      { key: 'd:3', restricted: false, parents: [], owners: [], properties: '' },
    ]);
    expect([...problems, ...fatal]).toEqual([]);
  });

  it('whose access or properties cannot be read are restricted and reported', () => {
    const { entries, problems, fatal } = resources(['d:1', 'd:2'], {
      resources: [resource('d:1', 'open'), resource('d:2', 'inherit', 'null')],
    });
    expect(entries.map((e) => e?.restricted)).toEqual([true, true]);
    expect([codes(problems), fatal]).toEqual([['resources/d:1/access unknown_access', 'resources/d:2/properties unreadable_json'], []]);
  });

  it('with a parent that is no reference, or that are their own parent, stop the publish', () => {
    const resource_parents = ['p', 'd:1', ':x', 'p:1'].map((parent) => ({ resource: 'd:1', parent }));
    const { fatal } = resources(['d:1'], { resources: [resource('d:1')], resource_parents });
    expect(codes(fatal)).toEqual([
      'resource_parents/d:1/:x malformed_parent',
      'resource_parents/d:1/d:1 cycle',
      'resource_parents/d:1/p malformed_parent',
    ]);
  });

  it('with an owner that names nobody lose that owner, and it is reported', () => {
    const rows = { resources: [resource('d:1')], resource_owners: [{ resource: 'd:1', owner: 'bob', kind: '' }] };
    const { entries, problems } = resources(['d:1'], rows);
    expect(entries[0]?.owners).toEqual([]);
    expect(codes(problems)).toEqual(['resource_owners/d:1/bob malformed_owner']);
  });

  it('without a row are not registered, whatever else names them', () => {
    const { entries, problems, fatal } = resources(['d:1'], { resource_parents: [{ resource: 'd:1', parent: 'p:1' }] });
    expect([entries, codes(problems), fatal]).toEqual([[null], ['resources/d:1 unregistered_resource'], []]);
  });
});

describe('API keys', () => {
  it('become key entries', () => {
    const row = apiKey('k', { previous_hash: 'b'.repeat(64), previous_until: 7, expires_at: 9, project: 'x', forward_auth: 'nginx' });
    const { entries, problems, fatal } = keyEntries(['j', 'k'], [row]);
    const rotation = { previousHash: 'b'.repeat(64), previousUntil: 7 };
    expect(entries).toEqual([
      null,
      { key: 'k', hash: 'a'.repeat(64), ...rotation, disabled: false, expiresAt: 9, project: 'x', forwardAuth: 'nginx' },
    ]);
    expect([...problems, ...fatal]).toEqual([]);
  });

  it.each([
    ['hash', { hash: 'A'.repeat(64) }],
    ['previous_hash', { previous_hash: '' }],
    ['previous_until', { previous_until: 1e300 }],
    ['expires_at', { expires_at: Number.NaN }],
    ['status', { status: 'ACTIVE' }],
    ['forward_auth', { forward_auth: 'caddy' }],
  ])('whose %s cannot be read are disabled and reported', (column, given) => {
    const { entries, problems, fatal } = keyEntries(['k'], [apiKey('k', given)]);
    expect(entries[0]?.disabled).toBe(true);
    expect([problems.map((p) => p.path), fatal]).toEqual([[`api_keys/k/${column}`], []]);
  });
});

describe('entries', () => {
  it('are the same whatever the order of the rows', () => {
    const keys = ['user:a', 'user:b', 'group:g1', 'api_key:k1'];
    const rows = principalRows({
      subjects: keys.slice(0, 2).map((key) => subject(key)),
      memberships: keys.slice(0, 2).flatMap((member) => ['g2', 'g1', 'gone'].map((group_id) => ({ group_id, member }))),
      assignments: keys.flatMap((principal) =>
        ['org', 'd:2', 'd:1', 'bad'].map((scope) => assignment(`${principal}-${scope}`, { principal, scope, role: 'denies' })),
      ),
      api_keys: [apiKey('k1'), apiKey('k2')],
    });
    const things = resourceRows({
      resources: [resource('d:1'), resource('d:2')],
      resource_parents: ['p:1', 'p:3', 'p:2', 'p'].map((parent) => ({ resource: 'd:1', parent })),
      resource_owners: ['user:b', 'user:a', 'x'].map((owner) => ({ resource: 'd:2', owner, kind: '' })),
    });
    const all = (seed: number): string => {
      const [people, placed] = seed === 0 ? [rows, things] : [shuffled(rows, seed), shuffled(things, seed)];
      return JSON.stringify([
        principalEntries(keys, people, KNOWN),
        resourceEntries(['d:1', 'd:2'], placed),
        keyEntries(['k1', 'k2'], people.api_keys),
      ]);
    };
    for (let seed = 1; seed <= 20; seed++) expect(all(seed)).toBe(all(0));
  });
});
