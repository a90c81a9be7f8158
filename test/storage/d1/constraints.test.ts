/** SQL typed by hand: short, and hard to get wrong. */
import { describe, expect, it } from 'vitest';
import { freshOrganization, run, select } from './by-hand.ts';

const HASH = 'a'.repeat(64);

async function stocked(): Promise<string> {
  const org = await freshOrganization();
  await run("INSERT INTO roles (org, id, name) VALUES (?1, 'r', 'Reader'), (?1, 's', 'Steward')", org);
  await run("INSERT INTO policies (org, id, name) VALUES (?1, 'p', 'Base')", org);
  await run("INSERT INTO groups (org, id, name) VALUES (?1, 'g', 'Guild'), (?1, 'h', 'House')", org);
  return org;
}

const column = async (sql: string, org: string): Promise<unknown[]> => (await select<object>(sql, org)).map((row) => Object.values(row)[0]);

describe('rows by hand', () => {
  it('assign a role by its name in one line, and the subject is registered', async () => {
    const org = await stocked();
    await run(
      "INSERT INTO assignments (org, principal, role, scope) SELECT ?1, 'user:zoe', id, 'org' FROM roles WHERE org = ?1 AND name = 'Reader'",
      org,
    );
    expect(await select('SELECT principal, role, policy, scope, not_before, expires_at FROM assignments WHERE org = ?1', org)).toEqual([
      { principal: 'user:zoe', role: 'r', policy: null, scope: 'org', not_before: null, expires_at: null },
    ]);
    expect(await column('SELECT id FROM assignments WHERE org = ?1', org)).toEqual([expect.stringMatching(/^asg_[0-9a-f]{16}$/)]);
    expect(await select('SELECT subject, status, properties FROM subjects WHERE org = ?1', org)).toEqual([
      { subject: 'user:zoe', status: 'active', properties: '{}' },
    ]);
  });

  it('register subjects, resources, and the resource of a project, when first named or moved to', async () => {
    const org = await stocked();
    await run("INSERT INTO group_members (org, group_id, member) VALUES (?1, 'g', 'user:a'), (?1, 'g', 'group:h')", org);
    await run("INSERT INTO resource_owners (org, resource, owner) VALUES (?1, 'doc:1', 'user:b'), (?1, 'doc:1', 'group:g')", org);
    await run("INSERT INTO resource_parents (org, resource, parent) VALUES (?1, 'doc:2', 'folder:f')", org);
    await run("INSERT INTO projects (org, id) VALUES (?1, 'x')", org);
    await run(`INSERT INTO api_keys (org, id, hash) VALUES (?1, 'k', '${HASH}')`, org);
    await run("INSERT INTO assignments (org, principal, policy, scope) VALUES (?1, 'group:owner:TECHNICAL', 'p', 'org')", org);
    await run("INSERT INTO assignments (org, principal, policy, scope) VALUES (?1, 'group:anyone', 'p', 'org')", org);
    await run("UPDATE assignments SET principal = 'user:c' WHERE org = ?1 AND principal = 'group:anyone'", org);
    await run("UPDATE group_members SET member = 'user:d' WHERE org = ?1 AND member = 'user:a'", org);
    await run("UPDATE resource_owners SET owner = 'user:e' WHERE org = ?1 AND owner = 'user:b'", org);
    expect(await column('SELECT subject FROM subjects WHERE org = ?1 ORDER BY subject', org)).toEqual([
      ...['api_key:k', 'user:a', 'user:b', 'user:c', 'user:d', 'user:e'],
    ]);
    expect(await column('SELECT resource FROM resources WHERE org = ?1 ORDER BY resource', org)).toEqual(['doc:1', 'doc:2', 'project:x']);
  });

  it('keep ids apart that differ in nothing but letter case, or in trailing spaces', async () => {
    const org = await stocked();
    await run("INSERT INTO roles (org, id, name) VALUES (?1, 'R', 'Other')", org);
    for (const id of ['user:Zoe', 'user:zoe', 'user:zoe ', 'user:zoé'])
      await run('INSERT INTO subjects (org, subject) VALUES (?1, ?2)', org, id);
    expect(await column("SELECT count(*) FROM subjects WHERE org = ?1 AND subject = 'user:zoe'", org)).toEqual([1]);
    expect(await column("SELECT name FROM roles WHERE org = ?1 AND id = 'R'", org)).toEqual(['Other']);
  });

  it('may repeat a name at another level', async () => {
    const org = await stocked();
    await run("INSERT INTO projects (org, id) VALUES (?1, 'x')", org);
    await run("INSERT INTO roles (org, project, name) VALUES (?1, 'x', 'Reader')", org);
    await run("INSERT INTO privileges (org, name, levels, title) VALUES (?1, 'read', 'org', 'a'), (?1, 'read', 'project', 'b')", org);
    expect(await column("SELECT count(*) FROM privileges WHERE org = ?1 AND name = 'read'", org)).toEqual([2]);
  });

  it('lose nothing they are made of when an INSERT OR REPLACE rewrites them', async () => {
    const org = await stocked();
    await run("INSERT INTO resource_parents (org, resource, parent) VALUES (?1, 'doc:1', 'folder:f')", org);
    await run("INSERT INTO role_policies (org, role, policy) VALUES (?1, 'r', 'p')", org);
    await run("INSERT INTO group_members (org, group_id, member) VALUES (?1, 'g', 'user:a')", org);
    await run("REPLACE INTO resources (org, resource, access) VALUES (?1, 'doc:1', 'restricted')", org);
    await run("REPLACE INTO roles (org, id, name) VALUES (?1, 'r', 'Reader')", org);
    await run("REPLACE INTO groups (org, id, name) VALUES (?1, 'g', 'Guild')", org);
    await run("REPLACE INTO subjects (org, subject, status) VALUES (?1, 'user:a', 'suspended')", org);
    expect(await column('SELECT parent FROM resource_parents WHERE org = ?1', org)).toEqual(['folder:f']);
    expect(await column('SELECT policy FROM role_policies WHERE org = ?1', org)).toEqual(['p']);
    expect(await column('SELECT member FROM group_members WHERE org = ?1', org)).toEqual(['user:a']);
  });
});

describe('deleting', () => {
  const givenTo = async (principal: string): Promise<string> => {
    const org = await stocked();
    await run('INSERT INTO assignments (org, principal, role, scope) VALUES (?1, ?2, ?3, ?4)', org, principal, 'r', 'org');
    await run("INSERT INTO group_members (org, group_id, member) VALUES (?1, 'h', ?2)", org, principal);
    await run("INSERT INTO resource_owners (org, resource, owner) VALUES (?1, 'doc:1', ?2)", org, principal);
    return org;
  };
  const left = async (org: string): Promise<unknown[]> =>
    column(
      `SELECT principal FROM assignments WHERE org = ?1 UNION ALL SELECT member FROM group_members WHERE org = ?1
       UNION ALL SELECT owner FROM resource_owners WHERE org = ?1`,
      org,
    );

  it('a subject takes its assignments, memberships and ownerships along', async () => {
    const org = await givenTo('user:a');
    await run("DELETE FROM subjects WHERE org = ?1 AND subject = 'user:a'", org);
    expect(await left(org)).toEqual([]);
  });

  it('a group takes its assignments, memberships, ownerships and members along', async () => {
    const org = await givenTo('group:g');
    await run("INSERT INTO group_members (org, group_id, member) VALUES (?1, 'g', 'user:b')", org);
    await run("DELETE FROM groups WHERE org = ?1 AND id = 'g'", org);
    expect(await left(org)).toEqual([]);
    expect(await column('SELECT subject FROM subjects WHERE org = ?1', org)).toEqual(['user:b']);
  });

  it('a resource takes its parents and owners along, a role what it bundles', async () => {
    const org = await givenTo('user:a');
    await run("INSERT INTO resource_parents (org, resource, parent) VALUES (?1, 'doc:1', 'folder:f'), (?1, 'doc:2', 'doc:1')", org);
    await run("INSERT INTO role_policies (org, role, policy) VALUES (?1, 's', 'p')", org);
    await run("INSERT INTO role_inherits (org, role, parent) VALUES (?1, 's', 'r')", org);
    await run("DELETE FROM resources WHERE org = ?1 AND resource = 'doc:1'", org);
    await run("DELETE FROM roles WHERE org = ?1 AND id = 's'", org);
    expect(await column('SELECT resource FROM resource_parents WHERE org = ?1', org)).toEqual(['doc:2']);
    expect(await column('SELECT role FROM role_policies WHERE org = ?1 UNION SELECT role FROM role_inherits WHERE org = ?1', org)).toEqual(
      [],
    );
  });
});

/** What is refused, and what the error must say. All SQL has `?1` for the organization. */
const REFUSED: readonly (readonly [string, string, string])[] = [
  ['a role name that differs in letter case', "INSERT INTO roles (org, name) VALUES (?1, 'READER')", 'roles.name'],
  ['a policy name that differs in letter case', "INSERT INTO policies (org, name) VALUES (?1, 'bAse')", 'policies.name'],
  ['a group name that differs in letter case', "INSERT INTO groups (org, name) VALUES (?1, 'GUILD')", 'groups.name'],
  ['a group renamed to a taken name', "UPDATE groups SET name = 'house' WHERE org = ?1 AND id = 'g'", 'groups.name'],
  ['a role replaced by another of its name', "REPLACE INTO roles (org, id, name) VALUES (?1, 'x', 'reader')", 'roles.name'],
  ['a role replaced by renaming', "UPDATE OR REPLACE roles SET name = 'reader' WHERE org = ?1 AND id = 's'", 'roles.name'],
  [
    'two entries of one privilege at a level',
    "INSERT INTO privileges (org, name, levels) VALUES (?1, 'x', 'both'), (?1, 'x', 'org')",
    'privileges',
  ],
  ['a policy effect that is none', "INSERT INTO policies (org, name, effect) VALUES (?1, 'x', 'ALLOW')", 'policy_effect'],
  ['a policy state that is none', "INSERT INTO policies (org, name, state) VALUES (?1, 'x', 'active')", 'policy_state'],
  ['an empty condition', "INSERT INTO policies (org, name, condition) VALUES (?1, 'x', '')", 'policy_condition'],
  ['privileges that are not JSON', "INSERT INTO roles (org, name, privileges) VALUES (?1, 'x', 'read')", 'role_privileges'],
  ['privileges that are no array', `INSERT INTO roles (org, name, privileges) VALUES (?1, 'x', '{"a":1}')`, 'role_privileges'],
  ['a flag that is neither 0 nor 1', "INSERT INTO roles (org, name, all_privileges) VALUES (?1, 'x', 2)", 'role_all_privileges'],
  ['a flag that is text', "INSERT INTO roles (org, name, system) VALUES (?1, 'x', 'true')", 'roles.system'],
  ['a role without name', "INSERT INTO roles (org, name) VALUES (?1, '')", 'role_name'],
  ['a role of a project that is not there', "INSERT INTO roles (org, name, project) VALUES (?1, 'x', 'nope')", 'FOREIGN KEY'],
  ['a role moved to a project that is not there', "UPDATE roles SET project = 'nope' WHERE org = ?1", 'FOREIGN KEY'],
  ['a subject without type', "INSERT INTO subjects (org, subject) VALUES (?1, 'zoe')", 'subject_reference'],
  ['a subject with an empty type', "INSERT INTO subjects (org, subject) VALUES (?1, ':zoe')", 'subject_reference'],
  ['a subject with an empty id', "INSERT INTO subjects (org, subject) VALUES (?1, 'user:')", 'subject_reference'],
  ['a subject of type group', "INSERT INTO subjects (org, subject) VALUES (?1, 'group:g')", 'subject_reference'],
  [
    'a subject over 512 bytes',
    "INSERT INTO subjects (org, subject) VALUES (?1, 'user:' || replace(hex(zeroblob(128)), '0', 'é'))",
    'subject_reference',
  ],
  ['a status that is none', "INSERT INTO subjects (org, subject, status) VALUES (?1, 'user:x', 'blocked')", 'subject_status'],
  ['properties that are no object', "INSERT INTO subjects (org, subject, properties) VALUES (?1, 'user:x', '[]')", 'subject_properties'],
  ['an access that is none', "INSERT INTO resources (org, resource, access) VALUES (?1, 'doc:x', 'private')", 'resource_access'],
  [
    'a resource that is its own parent',
    "INSERT INTO resource_parents (org, resource, parent) VALUES (?1, 'doc:x', 'doc:x')",
    'parent_of_itself',
  ],
  ['a role that inherits itself', "INSERT INTO role_inherits (org, role, parent) VALUES (?1, 'r', 'r')", 'role_inherits_itself'],
  ['a group in itself', "INSERT INTO group_members (org, group_id, member) VALUES (?1, 'g', 'group:g')", 'group_in_itself'],
  ['a reserved group as member', "INSERT INTO group_members (org, group_id, member) VALUES (?1, 'g', 'group:everyone')", 'no such group'],
  ['a reserved group id', "INSERT INTO groups (org, id, name) VALUES (?1, 'owner:X', 'x')", 'group_id'],
  ['a member that is no group', "INSERT INTO group_members (org, group_id, member) VALUES (?1, 'g', 'group:x')", 'no such group'],
  ['an owner that is no group', "INSERT INTO resource_owners (org, resource, owner) VALUES (?1, 'doc:1', 'group:x')", 'no such group'],
  [
    'an assignment to no group',
    "INSERT INTO assignments (org, principal, role, scope) VALUES (?1, 'group:x', 'r', 'org')",
    'no such group',
  ],
  ['a move to no group', "UPDATE assignments SET principal = 'group:x' WHERE org = ?1", 'no such group'],
  ['an assignment of no role', "INSERT INTO assignments (org, principal, role, scope) VALUES (?1, 'user:a', 'x', 'org')", 'FOREIGN KEY'],
  ['an assignment of nothing', "INSERT INTO assignments (org, principal, scope) VALUES (?1, 'user:a', 'org')", 'assignment_role_or_policy'],
  [
    'an assignment of a role and a policy',
    "INSERT INTO assignments (org, principal, role, policy, scope) VALUES (?1, 'user:a', 'r', 'p', 'org')",
    'assignment_role_or_policy',
  ],
  ['a scope that is none', "INSERT INTO assignments (org, principal, role, scope) VALUES (?1, 'user:a', 'r', 'all')", 'assignment_scope'],
  [
    'a window that never opens',
    "INSERT INTO assignments (org, principal, role, scope, not_before, expires_at) VALUES (?1, 'user:a', 'r', 'org', 5, 5)",
    'assignment_window',
  ],
  [
    'a time that is text',
    "INSERT INTO assignments (org, principal, role, scope, expires_at) VALUES (?1, 'user:a', 'r', 'org', '2027-01-01')",
    'assignments.expires_at',
  ],
  [
    'the same assignment twice',
    "INSERT INTO assignments (org, principal, role, scope) VALUES (?1, 'user:kept', 'r', 'org')",
    'assignments_unique',
  ],
  ['a role that is assigned, deleted', "DELETE FROM roles WHERE org = ?1 AND id = 'r'", 'FOREIGN KEY'],
  ['a policy that a role bundles, deleted', "DELETE FROM policies WHERE org = ?1 AND id = 'p'", 'FOREIGN KEY'],
  ['a role that another inherits, deleted', "DELETE FROM roles WHERE org = ?1 AND id = 's'", 'FOREIGN KEY'],
  ['a project with a role, deleted', "DELETE FROM projects WHERE org = ?1 AND id = 'x'", 'FOREIGN KEY'],
  ['the resource of a project, deleted', "DELETE FROM resources WHERE org = ?1 AND resource = 'project:x'", 'FOREIGN KEY'],
  ['an organization with rows, deleted', 'DELETE FROM organizations WHERE id = ?1', 'FOREIGN KEY'],
  ['an id that changes', "UPDATE groups SET id = 'i' WHERE org = ?1 AND id = 'g'", 'never change'],
  ['a subject that changes its name', "UPDATE subjects SET subject = 'user:other' WHERE org = ?1", 'never change'],
  ['a row that changes organization', "UPDATE role_policies SET org = 'elsewhere' WHERE org = ?1", 'never changes'],
  ['a key hash that is none', "INSERT INTO api_keys (org, id, hash) VALUES (?1, 'k', 'secret')", 'api_key_hash'],
  [
    'a former hash without end',
    `INSERT INTO api_keys (org, id, hash, previous_hash) VALUES (?1, 'k', '${HASH}', '${HASH}')`,
    'api_key_previous',
  ],
  ['a route that is no object', "INSERT INTO routes (org, position, route) VALUES (?1, 1, '[]')", 'route_object'],
  ['settings that are no object', "INSERT INTO settings (org, settings) VALUES (?1, 'null')", 'settings_object'],
  ['a second row of settings', "INSERT INTO settings (org, settings) VALUES (?1, '{}'), (?1, '{}')", 'settings.org'],
  ['an organization id in capitals', 'INSERT INTO organizations (id) VALUES (upper(?1))', 'organization_id'],
  [
    'an organization id of 64 letters',
    "INSERT INTO organizations (id) VALUES (?1 || replace(hex(zeroblob(32)), '0', 'a'))",
    'organization_id',
  ],
  ['a row of no organization', "INSERT INTO subjects (org, subject) VALUES (?1 || 'x', 'user:a')", 'FOREIGN KEY'],
];

describe('what the database refuses', () => {
  for (const [name, sql, message] of REFUSED) {
    it(`is ${name}`, async () => {
      const org = await stocked();
      await run("INSERT INTO assignments (org, principal, role, scope) VALUES (?1, 'user:kept', 'r', 'org')", org);
      await run("INSERT INTO role_policies (org, role, policy) VALUES (?1, 'r', 'p')", org);
      await run("INSERT INTO role_inherits (org, role, parent) VALUES (?1, 'r', 's')", org);
      await run("INSERT INTO projects (org, id) VALUES (?1, 'x')", org);
      await run("INSERT INTO roles (org, project, name) VALUES (?1, 'x', 'Local')", org);
      await expect(run(sql, org)).rejects.toThrow(message);
    });
  }
});
