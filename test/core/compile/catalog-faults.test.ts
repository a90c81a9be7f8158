/** What becomes of catalog rows that can't be read: only an allow is ever skipped, all faults are told at once, each with its place. */
import { describe, expect, it } from 'vitest';
import { compileCatalog } from '../../../src/core/compile/catalog.ts';
import type { CatalogModel } from '../../../src/core/snapshot/model.ts';
import { LIMITS } from '../../../src/core/terms/limits.ts';
import type { CatalogRows } from '../../../src/core/terms/rows.ts';
import { catalogRows, group, policy, privilege, role } from './rows.ts';

interface Faults {
  readonly problems: string[];
  readonly fatal: string[];
  readonly model: CatalogModel;
}

/** `place code` of every fault. */
function faults(given: Partial<CatalogRows>): Faults {
  const { problems, fatal, model } = compileCatalog(catalogRows(given));
  return { problems: problems.map((p) => `${p.path} ${p.code}`), fatal: fatal.map((p) => `${p.path} ${p.code}`), model };
}

function messages(given: Partial<CatalogRows>): string[] {
  return compileCatalog(catalogRows(given)).fatal.map((p) => p.message);
}

const privileges = [privilege('a'), privilege('b', { levels: 'org' })];

describe('a policy that cannot be read', () => {
  it.each([
    ['privileges', { privileges: '["a"' }, 'unreadable_json'],
    ['privileges', { privileges: '["a", 1]' }, 'unreadable_json'],
    ['resource_types', { privileges: '["a"]', resource_types: '{}' }, 'unreadable_json'],
    ['condition', { privileges: '["a"]', condition: 'true &&' }, 'invalid_condition'],
    ['condition', { privileges: '["a"]', condition: '' }, 'invalid_condition'],
    ['condition', { privileges: '["a"]', condition: '"text"' }, 'invalid_condition'],
  ])(
    'in its %s: an allow holds nothing and is reported, an active deny stops the publish, an inactive one does not',
    (column, given, code) => {
      const fault = `policies/p/${column} ${code}`;
      const allow = faults({ privileges, policies: [policy('p', given)] });
      expect(allow).toMatchObject({ problems: [fault], fatal: [] });
      expect(allow.model.policies[0]).toMatchObject({ bits: [], named: [], types: [], condition: -1 });
      expect(faults({ privileges, policies: [policy('p', { ...given, effect: 'deny' })] })).toMatchObject({ problems: [], fatal: [fault] });
      const off = faults({ privileges, policies: [policy('p', { ...given, effect: 'deny', state: 'INACTIVE' })] });
      expect(off).toMatchObject({ problems: [fault], fatal: [] });
    },
  );

  it('says where a condition is wrong', () => {
    expect(messages({ policies: [policy('p', { effect: 'deny', condition: 'true &&\n  ' })] })[0]).toContain('line 2, column 3');
  });

  it('with an unknown effect stops the publish', () => {
    expect(faults({ policies: [policy('p', { effect: 'DENY' })] }).fatal).toEqual(['policies/p/effect unknown_effect']);
  });

  it('with an unknown state stops the publish if it denies, and is inactive if it allows', () => {
    expect(faults({ policies: [policy('p', { effect: 'deny', state: 'active' })] }).fatal).toEqual(['policies/p/state unknown_state']);
    const allow = faults({ policies: [policy('p', { state: 'active' })] });
    expect(allow).toMatchObject({ fatal: [], problems: ['policies/p/state unknown_state'], model: { policies: [{ active: false }] } });
  });
});

describe('a name', () => {
  it('that the catalog lacks is skipped and reported, in a deny and in a role too', () => {
    const deny = policy('p', { effect: 'deny', privileges: '["zzz", "a"]' });
    const compiled = faults({ privileges, policies: [deny], roles: [role('r', { privileges: '["a", "toString"]' })] });
    expect(compiled).toMatchObject({
      fatal: [],
      problems: ['policies/p/privileges unknown_privilege', 'roles/r/privileges unknown_privilege'],
    });
    expect(compiled.model).toMatchObject({ policies: [{ bits: [0] }], roles: [{ allow: [0] }] });
  });

  it("that can't be asked in a project is skipped and reported in a project's policy", () => {
    const compiled = faults({ privileges, policies: [policy('p', { project: 'x', privileges: '["a", "b"]' })] });
    expect(compiled).toMatchObject({ problems: ['policies/p/privileges wrong_level'], model: { policies: [{ bits: [0] }] } });
  });
});

describe('a privilege', () => {
  it('stands twice at one level: the publish stops', () => {
    const twice = [privilege('a'), privilege('a', { levels: 'project' })];
    expect(faults({ privileges: twice }).fatal).toEqual(['privileges/a duplicate_name']);
  });

  it('with levels or types that cannot be read stops the publish: another entry could answer in its place', () => {
    const rows = [privilege('a', { levels: 'global' }), privilege('b', { resource_types: '' })];
    expect(faults({ privileges: rows }).fatal).toEqual([
      'privileges/a/levels unreadable_levels',
      'privileges/b/resource_types unreadable_json',
    ]);
  });

  it('with an implies or implies_all that cannot be read implies nothing, and is reported', () => {
    const rows = [privilege('a', { implies: 'b', implies_all: 'everything' }), privilege('b', { implies: '["zzz"]' })];
    const compiled = faults({ privileges: rows, roles: [role('r', { privileges: '["a"]' })] });
    expect(compiled.problems).toEqual([
      'privileges/a/implies unreadable_json',
      'privileges/a/implies_all unreadable_implies_all',
      'privileges/b/implies unknown_privilege',
    ]);
    expect(compiled).toMatchObject({ fatal: [], model: { roles: [{ allow: [0] }], privileges: [{ impliesAll: false }, {}] } });
  });
});

describe('a role', () => {
  it('whose own row cannot be read allows nothing by it', () => {
    const compiled = faults({ privileges, roles: [role('r', { privileges: 'a', all_privileges: 2, reaches_restricted: -1 })] });
    expect(compiled).toMatchObject({ fatal: [], model: { roles: [{ allow: [], all: false, reachesRestricted: false }] } });
    expect(compiled.problems).toEqual([
      'roles/r/all_privileges unreadable_flag',
      'roles/r/privileges unreadable_json',
      'roles/r/reaches_restricted unreadable_flag',
    ]);
  });

  it('linked to what is not there stops the publish', () => {
    const links = { role_policies: [{ role: 'r', policy: 'gone' }], role_inherits: [{ role: 'r', parent: 'gone' }] };
    expect(faults({ roles: [role('r')], ...links }).fatal).toEqual([
      'role_inherits/r/gone unknown_role',
      'role_policies/r/gone unknown_policy',
    ]);
  });

  it('in a cycle of three stops the publish and shows the path', () => {
    const role_inherits = [
      { role: 'c', parent: 'a' },
      { role: 'b', parent: 'c' },
      { role: 'a', parent: 'b' },
      { role: 'd', parent: 'a' },
    ];
    const rows = { roles: ['d', 'c', 'b', 'a'].map((id) => role(id)), role_inherits };
    expect(faults(rows).fatal).toEqual(['role_inherits/a/b cycle']);
    expect(messages(rows)).toEqual(['these lead back to themselves: `a → b → c → a`']);
  });

  it('that inherits itself stops the publish', () => {
    expect(messages({ roles: [role('a')], role_inherits: [{ role: 'a', parent: 'a' }] })).toEqual([
      'these lead back to themselves: `a → a`',
    ]);
  });
});

describe('groups', () => {
  it('in a cycle or nested into what is not there stop the publish', () => {
    const group_nesting = [
      { group_id: 'b', member: 'group:a' },
      { group_id: 'a', member: 'group:b' },
      { group_id: 'gone', member: 'group:a' },
      { group_id: 'a', member: 'group:everyone' },
    ];
    const rows = { groups: [group('a'), group('b')], group_nesting };
    expect(faults(rows).fatal).toEqual([
      'group_members/a/group:everyone unknown_group',
      'group_members/b/group:a cycle',
      'group_members/gone/group:a unknown_group',
    ]);
    expect(messages(rows)).toContain('these lead back to themselves: `a → b → a`');
  });

  it('nested deeper than the limit stop the publish, at the limit they do not', () => {
    const chain = (length: number): Partial<CatalogRows> => ({
      groups: Array.from({ length }, (_, i) => group(`g${i}`)),
      group_nesting: Array.from({ length: length - 1 }, (_, i) => ({ group_id: `g${i}`, member: `group:g${i + 1}` })),
    });
    expect(faults(chain(LIMITS.groupDepth)).fatal).toEqual([]);
    expect(faults(chain(LIMITS.groupDepth + 1)).fatal).toEqual([`groups/g${LIMITS.groupDepth} too_deep`]);
    expect(faults(chain(60_000)).fatal).toHaveLength(60_000 - LIMITS.groupDepth);
  });

  it('named like a reserved one stop the publish', () => {
    expect(faults({ groups: [group('owner:TECHNICAL'), group('anyone')] }).fatal).toHaveLength(2);
  });
});

describe('settings and routes', () => {
  it.each(['', '[]', 'null', '{"closed_types": ["a"]', `{"a": ${'['.repeat(40)}${']'.repeat(40)}}`])(
    'settings %s stop the publish',
    (settings) => {
      expect(faults({ settings: [{ settings }] }).fatal).toEqual(['settings unreadable_json']);
    },
  );

  it.each(['"dataset"', '[1]', '{}'])('closed_types %s stop the publish', (types) => {
    expect(faults({ settings: [{ settings: `{"closed_types": ${types}}` }] }).fatal).toEqual([
      'settings/closed_types unreadable_closed_types',
    ]);
  });

  it.each(['"gone"', '5', '{}'])('a default role %s is reported and counts as none', (id) => {
    const compiled = faults({ settings: [{ settings: `{"default_role": ${id}, "x": 1}` }] });
    expect(compiled).toMatchObject({ fatal: [], problems: ['settings/default_role unknown_role'], model: { settings: '{"x":1}' } });
  });

  const GUARD = { action: 'a', hosts: ['h'], methods: ['GET'], path: '/' };
  const guardAt = (position: number, more: object = {}) => ({ position, route: JSON.stringify({ ...GUARD, ...more }) });

  it.each([
    '{',
    '[]',
    '{"path": "/"}',
    ...[
      { methods: ['GTE'] },
      { methods: [] },
      { methods: ['HEAD'] },
      { hosts: [] },
      { hosts: ['A'] },
      { path: '/a*' },
      { path: 5 },
      { resource: 'x:{id}' },
      { resource: 5 },
      { parents: ['a:b'] },
      { parents: 'a:b', resource: 'a:b' },
    ].map((part) => JSON.stringify({ ...GUARD, ...part })),
  ])('a route that cannot be read ends the route map, since a broader one behind it may guard for less: %s', (route) => {
    const compiled = faults({ routes: [guardAt(7, { path: '/*' }), { position: 3, route }, guardAt(1)] });
    expect(compiled).toMatchObject({ fatal: [], problems: ['routes/3 unreadable_route'], model: { routes: JSON.stringify([GUARD]) } });
  });

  it('routes beyond the limit are reported and answer nothing', () => {
    const compiled = faults({ routes: Array.from({ length: LIMITS.routes + 1 }, (_, i) => guardAt(i, { path: `/${i}` })) });
    expect(compiled.problems).toEqual([`routes/${LIMITS.routes} too_many_routes`]);
    expect(JSON.parse(compiled.model.routes)).toHaveLength(LIMITS.routes);
  });
});

describe('the whole catalog', () => {
  it('tells all faults of all tables at once, sorted by place', () => {
    const compiled = faults({
      privileges: [privilege('a', { levels: '?' }), privilege('b', { implies: '?' })],
      policies: [policy('p', { effect: '?' }), policy('q', { privileges: '?' })],
      roles: [role('r', { privileges: '?' })],
      role_policies: [{ role: 'gone', policy: 'gone' }],
      role_inherits: [{ role: 'r', parent: 'r' }],
      groups: [group('g')],
      group_nesting: [{ group_id: 'g', member: 'group:g' }],
      routes: [{ position: 0, route: '?' }],
      settings: [{ settings: '?' }],
    });
    expect(compiled.fatal).toEqual([
      'group_members/g/group:g cycle',
      'policies/p/effect unknown_effect',
      'privileges/a/levels unreadable_levels',
      'role_inherits/r/r cycle',
      'role_policies/gone/gone unknown_policy',
      'role_policies/gone/gone unknown_role',
      'settings unreadable_json',
    ]);
    expect(compiled.problems).toEqual([
      'policies/q/privileges unreadable_json',
      'privileges/b/implies unreadable_json',
      'roles/r/privileges unreadable_json',
      'routes/0 unreadable_route',
    ]);
  });

  it('with two things of one id stops: grants name their target by id', () => {
    const same = { policies: [policy('x')], roles: [role('x'), role('y'), role('y')], groups: [group('g'), group('g')] };
    expect(faults(same).fatal).toEqual(['groups/g duplicate_id', 'policies/x duplicate_id', 'roles/y duplicate_id']);
  });

  it('past a limit stops', () => {
    const roles = Array.from({ length: LIMITS.roles + 1 }, (_, i) => role(`r${i}`));
    expect(faults({ roles }).fatal).toEqual(['roles too_many']);
  });
});
