/** What the catalog's model is made of, when all rows can be read. */
import { describe, expect, it } from 'vitest';
import { type CatalogCompilation, compileCatalog } from '../../../src/core/compile/catalog.ts';
import type { CatalogModel } from '../../../src/core/snapshot/model.ts';
import type { CatalogRows } from '../../../src/core/terms/rows.ts';
import { catalogRows, group, policy, privilege, role, shuffled } from './rows.ts';

function compile(given: Partial<CatalogRows>): CatalogCompilation {
  return compileCatalog(catalogRows(given));
}

/** The model of rows without any fault. */
function model(given: Partial<CatalogRows>): CatalogModel {
  const { model, problems, fatal } = compile(given);
  expect([...problems, ...fatal]).toEqual([]);
  return model;
}

describe('privileges', () => {
  it('are sorted by name in code point order, the organization-level entry before the project-level one', () => {
    const rows = [
      privilege('\u{1F600}'),
      privilege('\uFFFD'),
      privilege('b', { levels: 'project' }),
      privilege('b', { levels: 'org' }),
      privilege('a'),
    ];
    expect(model({ privileges: rows }).privileges.map((p) => [p.name, p.org, p.project])).toEqual([
      ['a', true, true],
      ['b', true, false],
      ['b', false, true],
      ['\uFFFD', true, true],
      ['\u{1F600}', true, true],
    ]);
  });

  it('keep their types sorted, each once', () => {
    const [entry] = model({ privileges: [privilege('a', { resource_types: '["d","c","d"]', implies_all: 'project' })] }).privileges;
    expect(entry).toMatchObject({ types: ['c', 'd'], impliesAll: true });
  });
});

/** bits: 0 a@org, 1 a@project, 2 b, 3 c@org, 4 d */
const CATALOG = [
  privilege('a', { levels: 'org', implies: '["c"]' }),
  privilege('a', { levels: 'project', implies: '["b"]' }),
  privilege('b', { implies: '["d"]' }),
  privilege('c', { levels: 'org' }),
  privilege('d', { implies: '["b"]' }),
];

describe('policies', () => {
  function bits(given: Parameters<typeof policy>[1]): readonly number[] {
    return model({ privileges: CATALOG, policies: [policy('p', given)] }).policies[0]!.bits;
  }

  it('an allow of the organization holds all entries of a name and all that they imply, transitively and in circles', () => {
    expect(bits({ privileges: '["a"]' })).toEqual([0, 1, 2, 3, 4]);
    expect(bits({ privileges: '["b"]' })).toEqual([2, 4]);
  });

  it("a project's allow holds the entries that can be asked in a project, and what these imply", () => {
    expect(bits({ privileges: '["a"]', project: 'x' })).toEqual([1, 2, 4]);
  });

  it('a deny holds exactly what it names', () => {
    expect(bits({ privileges: '["a"]', effect: 'deny' })).toEqual([0, 1]);
    expect(bits({ privileges: '["a"]', effect: 'deny', project: 'x' })).toEqual([1]);
  });

  it('keep their bits when they are not active', () => {
    const policies = [policy('p', { privileges: '["b"]', state: 'DRAFT' })];
    expect(model({ privileges: CATALOG, policies }).policies[0]).toMatchObject({ active: false, bits: [2, 4], named: [2] });
  });

  it('share equal conditions, which are sorted', () => {
    const policies = ['true', 'false', 'true', null].map((condition, i) => policy(`p${i}`, { condition }));
    const compiled = model({ policies });
    expect(compiled.conditions).toEqual(['false', 'true']);
    expect(compiled.policies.map((p) => p.condition)).toEqual([1, 0, 1, -1]);
  });
});

describe('roles', () => {
  const policies = [
    policy('p-allow', { privileges: '["b"]' }),
    policy('p-deny', { privileges: '["c"]', effect: 'deny' }),
    policy('p-draft', { privileges: '["a"]', state: 'DRAFT' }),
    policy('p-typed', { privileges: '["a"]', resource_types: '["dataset"]' }),
    policy('p-when', { privileges: '["a"]', effect: 'deny', condition: 'true' }),
  ];
  const role_policies = policies.map((p) => ({ role: 'base', policy: p.id }));
  const rows = {
    privileges: CATALOG,
    policies,
    roles: [
      role('top', { privileges: '["c"]' }),
      role('base', { all_privileges: 1, reaches_restricted: 1 }),
      role('middle'),
      role('other'),
    ],
    role_policies,
    role_inherits: [
      { role: 'top', parent: 'middle' },
      { role: 'middle', parent: 'base' },
    ],
  };

  it('bundle their inline privileges and ACTIVE policies, their own and inherited, denies and special ones too', () => {
    const compiled = model(rows).roles;
    expect(compiled.map((r) => r.id)).toEqual(['base', 'middle', 'other', 'top']);
    expect(compiled[3]).toMatchObject({
      all: true,
      allow: [2, 3, 4],
      deny: [3],
      special: [3, 4],
      inline: [3],
      policies: [],
      inherits: [1],
    });
    expect(compiled[0]).toMatchObject({ all: true, allow: [2, 4], deny: [3], special: [3, 4], inline: [], policies: [0, 1, 2, 3, 4] });
    expect(compiled[2]).toMatchObject({ all: false, allow: [], deny: [], special: [] });
  });

  it('never inherit reaches_restricted', () => {
    expect(model(rows).roles.map((r) => r.reachesRestricted)).toEqual([true, false, false, false]);
  });

  it("of a project take a name's project-level entries only, but an organization's policy whole", () => {
    const roles = [role('r', { project: 'x', privileges: '["a"]' })];
    expect(model({ privileges: CATALOG, roles }).roles[0]).toMatchObject({ inline: [1], allow: [1, 2, 4] });
    const whole = {
      ...rows,
      roles: [role('base', { project: 'x' })],
      role_policies: [{ role: 'base', policy: 'p-deny' }],
      role_inherits: [],
    };
    expect(model(whole).roles[0]).toMatchObject({ deny: [3] });
  });

  it('inherit over a diamond once', () => {
    const roles = ['a', 'b', 'c', 'd'].map((id) => role(id, { privileges: '["b"]' }));
    const role_inherits = [
      { role: 'a', parent: 'b' },
      { role: 'a', parent: 'c' },
      { role: 'b', parent: 'd' },
      { role: 'c', parent: 'd' },
    ];
    expect(model({ privileges: CATALOG, roles, role_inherits }).roles[0]).toMatchObject({ allow: [2, 4], inherits: [1, 2] });
  });
});

describe('groups', () => {
  it('know all groups above them', () => {
    const group_nesting = [
      { group_id: 'b', member: 'group:a' },
      { group_id: 'c', member: 'group:b' },
      { group_id: 'd', member: 'group:b' },
    ];
    const compiled = model({ groups: ['d', 'c', 'b', 'a'].map(group), group_nesting }).groups;
    expect(compiled.map((g) => [g.id, g.above])).toEqual([
      ['a', [1, 2, 3]],
      ['b', [2, 3]],
      ['c', []],
      ['d', []],
    ]);
  });
});

describe('settings and routes', () => {
  it('settings are canonical, without defaults, and keep what is not known', () => {
    expect(model({}).settings).toBe('{}');
    expect(model({ settings: [{ settings: '{"closed_types": [], "default_role": null}' }] }).settings).toBe('{}');
    const settings = [{ settings: '{"later": {"b": 1, "a": 2}, "default_role": "r", "closed_types": ["y", "x"]}' }];
    expect(model({ roles: [role('r')], settings }).settings).toBe('{"closed_types":["x","y"],"default_role":"r","later":{"a":2,"b":1}}');
  });

  it('routes are in the order of their positions', () => {
    const route = (position: number, action: string) => ({
      position,
      route: `{"path": "/", "hosts": ["h"], "methods": ["GET"], "action": "${action}"}`,
    });
    expect(model({ routes: [route(2, 'b'), route(10, 'c'), route(1, 'a')] }).routes).toBe(
      `[${['a', 'b', 'c'].map((action) => `{"action":"${action}","hosts":["h"],"methods":["GET"],"path":"/"}`).join(',')}]`,
    );
    expect(model({}).routes).toBe('[]');
  });
});

describe('the whole catalog', () => {
  it('is the same whatever the order of the rows, faults included', () => {
    const rows = catalogRows({
      privileges: [...CATALOG, privilege('e', { implies: '["nothing"]' })],
      policies: ['p1', 'p2', 'p3'].map((id) =>
        policy(id, { privileges: '["a", "zzz", "b"]', condition: id === 'p2' ? 'true &&' : 'true' }),
      ),
      roles: ['r1', 'r2', 'r3', 'r3'].map((id, i) => role(id, { privileges: `["b", "${i}"]` })),
      role_policies: [
        { role: 'r1', policy: 'p3' },
        { role: 'r1', policy: 'p1' },
        { role: 'r9', policy: 'p1' },
      ],
      role_inherits: [
        { role: 'r1', parent: 'r2' },
        { role: 'r2', parent: 'r3' },
        { role: 'r3', parent: 'r1' },
      ],
      groups: ['g1', 'g2', 'g3'].map(group),
      group_nesting: [
        { group_id: 'g3', member: 'group:g1' },
        { group_id: 'g2', member: 'group:g1' },
      ],
      routes: [
        { position: 1, route: '{' },
        { position: 2, route: '{}' },
      ],
      settings: [{ settings: '{"b":1,"a":2}' }],
    });
    const expected = JSON.stringify(compileCatalog(rows));
    for (let seed = 1; seed <= 20; seed++) expect(JSON.stringify(compileCatalog(shuffled(rows, seed)))).toBe(expected);
  });

  it('of 2,500 roles, 14,000 privileges and 165,000 pairs is compiled right', () => {
    const names = Array.from({ length: 14_000 }, (_, i) => `service${i % 70}.thing${i}`);
    const picked = (i: number): string[] => Array.from({ length: 66 }, (_, j) => names[(i * 97 + j * 211) % names.length]!);
    const roles = Array.from({ length: 2_500 }, (_, i) =>
      role(`rol_${String(i).padStart(4, '0')}`, { privileges: JSON.stringify(picked(i)) }),
    );
    const compiled = model({ privileges: names.map((name) => privilege(name)), roles });
    expect(compiled.roles.reduce((sum, r) => sum + r.allow.length, 0)).toBe(165_000);
    for (const i of [0, 1, 1234, 2499]) {
      const held = compiled.roles[i]!.allow.map((bit) => compiled.privileges[bit]!.name);
      expect(held.sort()).toEqual(picked(i).sort());
    }
  });

  it('of 65,535 roles, each inheriting another, is compiled', () => {
    const id = (i: number): string => `rol_${i}`;
    const roles = Array.from({ length: 65_535 }, (_, i) => role(id(i), { privileges: i === 0 ? '["b"]' : '[]' }));
    const role_inherits = roles.slice(1).map((r, i) => ({ role: r.id, parent: id(i) }));
    const compiled = model({ privileges: CATALOG, roles, role_inherits });
    expect(compiled.roles.every((r) => r.allow.length === 2)).toBe(true);
  });
});
