/** Whatever changes rows, the log says which, whom it touches, and how they were before. */
import { describe, expect, it } from 'vitest';
import { freshOrganization, type LogRow, logged, run, select } from './by-hand.ts';

const HASH = 'a'.repeat(64);

interface LogCase {
  /** rows that must be there first; all SQL has `?1` for the organization */
  readonly setup: readonly string[];
  readonly insert: string;
  readonly update: string | null;
  readonly delete: string;
  readonly key: string;
  readonly area: string;
  readonly touches: string;
  /** the row as inserted, whole: what an update or delete must log as `before` */
  readonly row: Readonly<Record<string, unknown>>;
}

const SUBJECT = "INSERT INTO subjects (org, subject) VALUES (?1, 'user:ann')";
const RESOURCE = "INSERT INTO resources (org, resource) VALUES (?1, 'dataset:d')";
const ROLES = "INSERT INTO roles (org, id, name) VALUES (?1, 'r1', 'One'), (?1, 'r2', 'Two')";
const POLICIES = "INSERT INTO policies (org, id, name) VALUES (?1, 'p1', 'One')";
const GROUPS = "INSERT INTO groups (org, id, name) VALUES (?1, 'g1', 'One'), (?1, 'g2', 'Two')";

const CASES: Readonly<Record<string, LogCase>> = {
  projects: {
    setup: ["INSERT INTO resources (org, resource) VALUES (?1, 'project:x')"],
    insert: "INSERT INTO projects (org, id, nickname) VALUES (?1, 'x', 'X')",
    update: "UPDATE projects SET nickname = 'Y' WHERE org = ?1",
    delete: 'DELETE FROM projects WHERE org = ?1',
    ...{ key: 'x', area: 'organization', touches: '', row: { id: 'x', nickname: 'X' } },
  },
  privileges: {
    setup: [],
    insert: `INSERT INTO privileges (org, name, levels, resource_types, implies, implies_all, title, description, applies_to)
      VALUES (?1, 'read', 'org', '["a"]', '["b"]', 'project', 't', 'd', '["c"]')`,
    update: "UPDATE privileges SET title = 'T' WHERE org = ?1",
    delete: 'DELETE FROM privileges WHERE org = ?1',
    ...{ key: '["read","org"]', area: 'catalog', touches: '' },
    row: {
      ...{ name: 'read', levels: 'org', resource_types: '["a"]', implies: '["b"]', implies_all: 'project' },
      ...{ title: 't', description: 'd', applies_to: '["c"]' },
    },
  },
  policies: {
    setup: [],
    insert: `INSERT INTO policies (org, id, name, description, effect, state, privileges, resource_types, condition, system)
      VALUES (?1, 'p', 'P', 'd', 'deny', 'DRAFT', '["x"]', '["y"]', 'true', 1)`,
    update: 'UPDATE policies SET condition = NULL WHERE org = ?1',
    delete: 'DELETE FROM policies WHERE org = ?1',
    ...{ key: 'p', area: 'catalog', touches: '' },
    row: {
      ...{ id: 'p', project: '', name: 'P', description: 'd', effect: 'deny', state: 'DRAFT' },
      ...{ privileges: '["x"]', resource_types: '["y"]', condition: 'true', system: 1 },
    },
  },
  roles: {
    setup: [],
    insert: `INSERT INTO roles (org, id, name, title, description, privileges, all_privileges, reaches_restricted, system)
      VALUES (?1, 'r', 'R', 't', 'd', '["x"]', 1, 1, 1)`,
    update: 'UPDATE roles SET reaches_restricted = 0 WHERE org = ?1',
    delete: 'DELETE FROM roles WHERE org = ?1',
    ...{ key: 'r', area: 'catalog', touches: '' },
    row: {
      ...{ id: 'r', project: '', name: 'R', title: 't', description: 'd', privileges: '["x"]' },
      ...{ all_privileges: 1, reaches_restricted: 1, system: 1 },
    },
  },
  role_policies: {
    setup: [ROLES, POLICIES],
    insert: "INSERT INTO role_policies (org, role, policy) VALUES (?1, 'r1', 'p1')",
    update: null,
    delete: 'DELETE FROM role_policies WHERE org = ?1',
    ...{ key: '["r1","p1"]', area: 'catalog', touches: '', row: { role: 'r1', policy: 'p1' } },
  },
  role_inherits: {
    setup: [ROLES],
    insert: "INSERT INTO role_inherits (org, role, parent) VALUES (?1, 'r1', 'r2')",
    update: null,
    delete: 'DELETE FROM role_inherits WHERE org = ?1',
    ...{ key: '["r1","r2"]', area: 'catalog', touches: '', row: { role: 'r1', parent: 'r2' } },
  },
  groups: {
    setup: [],
    insert: "INSERT INTO groups (org, id, name, description) VALUES (?1, 'g', 'G', 'd')",
    update: "UPDATE groups SET name = 'H' WHERE org = ?1",
    delete: 'DELETE FROM groups WHERE org = ?1',
    ...{ key: 'g', area: 'catalog', touches: '', row: { id: 'g', name: 'G', description: 'd' } },
  },
  'group_members, a group': {
    setup: [GROUPS],
    insert: "INSERT INTO group_members (org, group_id, member) VALUES (?1, 'g1', 'group:g2')",
    update: null,
    delete: 'DELETE FROM group_members WHERE org = ?1',
    ...{ key: '["g1","group:g2"]', area: 'catalog', touches: '', row: { group_id: 'g1', member: 'group:g2' } },
  },
  'group_members, a subject': {
    setup: [GROUPS, SUBJECT],
    insert: "INSERT INTO group_members (org, group_id, member) VALUES (?1, 'g1', 'user:ann')",
    update: null,
    delete: 'DELETE FROM group_members WHERE org = ?1',
    ...{ key: '["g1","user:ann"]', area: 'principal', touches: 'user:ann', row: { group_id: 'g1', member: 'user:ann' } },
  },
  subjects: {
    setup: [],
    insert: `INSERT INTO subjects (org, subject, properties) VALUES (?1, 'user:ann', '{"a":1}')`,
    update: "UPDATE subjects SET status = 'suspended' WHERE org = ?1",
    delete: 'DELETE FROM subjects WHERE org = ?1',
    ...{ key: 'user:ann', area: 'principal', touches: 'user:ann' },
    row: { subject: 'user:ann', status: 'active', properties: '{"a":1}' },
  },
  resources: {
    setup: [],
    insert: `INSERT INTO resources (org, resource, access, properties) VALUES (?1, 'dataset:d', 'restricted', '{"a":1}')`,
    update: "UPDATE resources SET access = 'inherit' WHERE org = ?1",
    delete: 'DELETE FROM resources WHERE org = ?1',
    ...{ key: 'dataset:d', area: 'resource', touches: 'dataset:d' },
    row: { resource: 'dataset:d', access: 'restricted', properties: '{"a":1}' },
  },
  resource_parents: {
    setup: [RESOURCE],
    insert: "INSERT INTO resource_parents (org, resource, parent) VALUES (?1, 'dataset:d', 'folder:f')",
    update: null,
    delete: 'DELETE FROM resource_parents WHERE org = ?1',
    ...{ key: '["dataset:d","folder:f"]', area: 'resource', touches: 'dataset:d', row: { resource: 'dataset:d', parent: 'folder:f' } },
  },
  resource_owners: {
    setup: [RESOURCE, SUBJECT],
    insert: "INSERT INTO resource_owners (org, resource, owner, kind) VALUES (?1, 'dataset:d', 'user:ann', 'TECHNICAL')",
    update: null,
    delete: 'DELETE FROM resource_owners WHERE org = ?1',
    ...{ key: '["dataset:d","user:ann","TECHNICAL"]', area: 'resource', touches: 'dataset:d' },
    row: { resource: 'dataset:d', owner: 'user:ann', kind: 'TECHNICAL' },
  },
  assignments: {
    setup: [ROLES, SUBJECT],
    insert: `INSERT INTO assignments (org, id, principal, role, scope, not_before, expires_at)
      VALUES (?1, 'a', 'user:ann', 'r1', 'dataset:d', 5, 1900000000000)`,
    update: "UPDATE assignments SET role = 'r2' WHERE org = ?1",
    delete: 'DELETE FROM assignments WHERE org = ?1',
    ...{ key: 'a', area: 'principal', touches: 'user:ann' },
    row: {
      ...{ id: 'a', principal: 'user:ann', role: 'r1', policy: null, scope: 'dataset:d', not_before: 5, expires_at: 1900000000000 },
    },
  },
  'assignments of a group': {
    setup: [POLICIES, GROUPS],
    insert: "INSERT INTO assignments (org, id, principal, policy, scope) VALUES (?1, 'a', 'group:g1', 'p1', 'org')",
    update: "UPDATE assignments SET scope = 'project:x' WHERE org = ?1",
    delete: 'DELETE FROM assignments WHERE org = ?1',
    ...{ key: 'a', area: 'principal', touches: 'group:g1' },
    row: { id: 'a', principal: 'group:g1', role: null, policy: 'p1', scope: 'org', not_before: null, expires_at: null },
  },
  routes: {
    setup: [],
    insert: `INSERT INTO routes (org, position, route) VALUES (?1, 7, '{"path":"/"}')`,
    update: `UPDATE routes SET route = '{}' WHERE org = ?1`,
    delete: 'DELETE FROM routes WHERE org = ?1',
    ...{ key: '7', area: 'catalog', touches: '', row: { position: 7, route: '{"path":"/"}' } },
  },
  settings: {
    setup: [],
    insert: `INSERT INTO settings (org, settings) VALUES (?1, '{"default_role":null}')`,
    update: `UPDATE settings SET settings = '{}' WHERE org = ?1`,
    delete: 'DELETE FROM settings WHERE org = ?1',
    ...{ key: '', area: 'catalog', touches: '', row: { settings: '{"default_role":null}' } },
  },
};

const KEY_ROW = {
  ...{ id: 'k', project: '', name: 'K', hash: HASH, previous_hash: null, previous_until: null },
  ...{ status: 'active', expires_at: 1900000000000, forward_auth: 'nginx' },
};
const INSERT_KEY = `INSERT INTO api_keys (org, id, name, hash, expires_at, forward_auth) VALUES (?1, 'k', 'K', '${HASH}', 1900000000000, 'nginx')`;

describe('the log of changes', () => {
  for (const [name, each] of Object.entries(CASES)) {
    const entry = (op: string): LogRow => ({
      ...{ tbl: name.split(/[, ]/)[0] ?? '', key: each.key, area: each.area, touches: each.touches, op },
      before: op === 'insert' ? null : each.row,
    });

    it(`has each insert, update and delete of ${name}, with the row before`, async () => {
      const org = await freshOrganization();
      for (const sql of each.setup) await run(sql, org);
      expect(await logged(org, each.insert)).toEqual([entry('insert')]);
      expect(await logged(org, each.delete)).toEqual([entry('delete')]);
      await run(each.insert, org);
      if (each.update !== null) {
        expect(await logged(org, each.update)).toEqual([entry('update')]);
        expect(await logged(org, each.update), 'an update that changes nothing').toEqual([]);
      }
    });

    it(`has what an INSERT OR REPLACE may have displaced of ${name}`, async () => {
      const org = await freshOrganization();
      for (const sql of each.setup) await run(sql, org);
      await run(each.insert, org);
      expect(await logged(org, each.insert.replace('INSERT', 'INSERT OR REPLACE'))).toEqual([entry('replace'), entry('insert')]);
    });
  }

  it('has organizations themselves', async () => {
    const org = await freshOrganization();
    const [row] = await select<{ created_at: number }>('SELECT created_at FROM organizations WHERE id = ?1', org);
    expect(Math.abs((row?.created_at ?? 0) - Date.now())).toBeLessThan(60_000);
    const before = { id: org, name: '', preset: 'blank', state: 'active', created_at: row?.created_at };
    const entry = { tbl: 'organizations', key: org, area: 'organization', touches: '' };
    expect(await logged(org, "UPDATE organizations SET state = 'deleting' WHERE id = ?1")).toEqual([{ ...entry, op: 'update', before }]);
    expect(await logged(org, 'DELETE FROM organizations WHERE id = ?1')).toEqual([
      { ...entry, op: 'delete', before: { ...before, state: 'deleting' } },
    ]);
    expect(await logged(org, 'INSERT INTO organizations (id) VALUES (?1)')).toEqual([{ ...entry, op: 'insert', before: null }]);
  });

  it('has a key, which comes and goes with its subject', async () => {
    const org = await freshOrganization();
    const key = { tbl: 'api_keys', key: 'k', area: 'key', touches: 'k' };
    const subject = { tbl: 'subjects', key: 'api_key:k', area: 'principal', touches: 'api_key:k' };
    const subjectRow = { subject: 'api_key:k', status: 'active', properties: '{}' };
    const both = (op: string) => [
      { ...key, op, before: op === 'insert' ? null : KEY_ROW },
      { ...subject, op, before: op === 'insert' ? null : subjectRow },
    ];
    const byTable = (rows: LogRow[]) => rows.toSorted((a, b) => (a.tbl < b.tbl ? -1 : 1));
    expect(byTable(await logged(org, INSERT_KEY))).toEqual(both('insert'));
    expect(byTable(await logged(org, 'DELETE FROM api_keys WHERE org = ?1'))).toEqual(both('delete'));
    await run(INSERT_KEY, org);
    expect(byTable(await logged(org, "DELETE FROM subjects WHERE org = ?1 AND subject = 'api_key:k'"))).toEqual(both('delete'));
    await run(INSERT_KEY, org);
    const disable = "UPDATE api_keys SET status = 'disabled' WHERE org = ?1";
    expect(await logged(org, disable)).toEqual([{ ...key, op: 'update', before: KEY_ROW }]);
    expect(await logged(org, disable)).toEqual([]);
    const replace = await logged(org, INSERT_KEY.replace('INSERT', 'INSERT OR REPLACE'));
    expect(replace.map((row) => row.op)).toEqual(['replace', 'insert']);
    expect(await select('SELECT subject FROM subjects WHERE org = ?1', org)).toEqual([{ subject: 'api_key:k' }]);
  });

  it('has both principals when an assignment moves from one to another', async () => {
    const org = await freshOrganization();
    for (const sql of [ROLES, SUBJECT, "INSERT INTO subjects (org, subject) VALUES (?1, 'user:bob')"]) await run(sql, org);
    await run("INSERT INTO assignments (org, id, principal, role, scope) VALUES (?1, 'a', 'user:ann', 'r1', 'org')", org);
    const rows = await logged(org, "UPDATE assignments SET principal = 'user:bob' WHERE org = ?1");
    expect(rows.map((row) => row.touches).toSorted()).toEqual(['user:ann', 'user:bob']);
    for (const row of rows) expect(row).toMatchObject({ tbl: 'assignments', key: 'a', op: 'update', before: { principal: 'user:ann' } });
  });

  const MOVES: readonly (readonly [string, readonly string[], string, string, readonly (readonly [string, string, string])[]])[] = [
    [
      'group_members',
      [GROUPS, SUBJECT, "INSERT INTO group_members VALUES (?1, 'g1', 'user:ann')"],
      "UPDATE group_members SET member = 'group:g2' WHERE org = ?1",
      'catalog',
      [
        ['delete', '["g1","user:ann"]', 'user:ann'],
        ['insert', '["g1","group:g2"]', ''],
      ],
    ],
    [
      'resource_owners',
      [RESOURCE, SUBJECT, "INSERT INTO resource_owners VALUES (?1, 'dataset:d', 'user:ann', '')"],
      "UPDATE resource_owners SET resource = 'dataset:e' WHERE org = ?1",
      'resource',
      [
        ['insert', 'dataset:e', 'dataset:e'],
        ['delete', '["dataset:d","user:ann",""]', 'dataset:d'],
        ['insert', '["dataset:e","user:ann",""]', 'dataset:e'],
      ],
    ],
    [
      'resource_parents',
      [RESOURCE, "INSERT INTO resource_parents VALUES (?1, 'dataset:d', 'folder:f')"],
      "UPDATE resource_parents SET parent = 'folder:g' WHERE org = ?1",
      'resource',
      [
        ['delete', '["dataset:d","folder:f"]', 'dataset:d'],
        ['insert', '["dataset:d","folder:g"]', 'dataset:d'],
      ],
    ],
    [
      'role_inherits',
      [ROLES, "INSERT INTO role_inherits VALUES (?1, 'r1', 'r2')"],
      "UPDATE role_inherits SET role = 'r2', parent = 'r1' WHERE org = ?1",
      'catalog',
      [
        ['delete', '["r1","r2"]', ''],
        ['insert', '["r2","r1"]', ''],
      ],
    ],
    [
      'role_policies',
      [ROLES, POLICIES, "INSERT INTO role_policies VALUES (?1, 'r1', 'p1')"],
      "UPDATE role_policies SET role = 'r2' WHERE org = ?1",
      'catalog',
      [
        ['delete', '["r1","p1"]', ''],
        ['insert', '["r2","p1"]', ''],
      ],
    ],
    [
      'privileges',
      ["INSERT INTO privileges (org, name, levels) VALUES (?1, 'read', 'org')"],
      "UPDATE privileges SET levels = 'both', title = 'Read' WHERE org = ?1",
      'catalog',
      [
        ['delete', '["read","org"]', ''],
        ['insert', '["read","both"]', ''],
      ],
    ],
    [
      'routes',
      ["INSERT INTO routes VALUES (?1, 1, '{}')"],
      'UPDATE routes SET position = 2 WHERE org = ?1',
      'catalog',
      [
        ['delete', '1', ''],
        ['insert', '2', ''],
      ],
    ],
  ];

  for (const [table, setup, update, area, expected] of MOVES) {
    it(`has the key before and the key after when an update moves a row of ${table}`, async () => {
      const org = await freshOrganization();
      for (const sql of setup) await run(sql, org);
      const rows = await logged(org, update);
      expect(rows.map((row) => [row.op, row.key, row.touches])).toEqual(expected);
      expect(rows.at(-1)?.area).toBe(area);
    });
  }

  it('has rows that an UPDATE OR REPLACE displaces', async () => {
    const org = await freshOrganization();
    for (const sql of [ROLES, GROUPS, SUBJECT]) await run(sql, org);
    await run("INSERT INTO group_members VALUES (?1, 'g1', 'user:ann'), (?1, 'g2', 'user:ann')", org);
    const members = await logged(org, "UPDATE OR REPLACE group_members SET group_id = 'g2' WHERE org = ?1 AND group_id = 'g1'");
    expect(members.map((row) => [row.op, row.key])).toEqual([
      ['replace', '["g2","user:ann"]'],
      ['delete', '["g1","user:ann"]'],
      ['insert', '["g2","user:ann"]'],
    ]);
    await run(
      `INSERT INTO assignments (org, id, principal, role, scope)
       VALUES (?1, 'a', 'user:ann', 'r1', 'org'), (?1, 'b', 'user:bob', 'r1', 'org')`,
      org,
    );
    const moved = await logged(org, "UPDATE OR REPLACE assignments SET principal = 'user:bob' WHERE org = ?1 AND id = 'a'");
    expect(moved.map((row) => [row.op, row.key, row.touches]).toSorted()).toEqual([
      ['replace', 'b', 'user:bob'],
      ['update', 'a', 'user:ann'],
      ['update', 'a', 'user:bob'],
    ]);
  });

  it('is not rewritten, and pruning stops at the newest row of an organization and leaves a mark', async () => {
    const org = await freshOrganization();
    await run(SUBJECT, org);
    await run(RESOURCE, org);
    await expect(run("UPDATE changes SET op = 'delete' WHERE org = ?1", org)).rejects.toThrow('append-only');
    await expect(run('INSERT OR REPLACE INTO changes SELECT * FROM changes WHERE org = ?1', org)).rejects.toThrow('append-only');
    await expect(run('DELETE FROM changes WHERE org = ?1', org)).rejects.toThrow('stays');
    const all = await select<{ seq: number }>('SELECT seq FROM changes WHERE org = ?1 ORDER BY seq', org);
    expect(all).toHaveLength(3);
    await run('DELETE FROM changes WHERE org = ?1 AND seq < ?2', org, all[2]?.seq ?? 0);
    expect(await select('SELECT seq FROM changes_pruned WHERE org = ?1', org)).toEqual([{ seq: all[1]?.seq }]);
  });

  it('leaves no way to change the audit', async () => {
    const org = await freshOrganization();
    await run(
      `INSERT INTO audit (org, id, at, revision, actor, action, target, request_id, hash) VALUES (?1, 1, 1, 1, 'root', 'x', 'y', 'z', ?2)`,
      org,
      '0'.repeat(64),
    );
    await expect(run("UPDATE audit SET actor = 'nobody' WHERE org = ?1", org)).rejects.toThrow('append-only');
    await expect(run('DELETE FROM audit WHERE org = ?1', org)).rejects.toThrow('append-only');
    await expect(run('INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE org = ?1', org)).rejects.toThrow('append-only');
  });
});
