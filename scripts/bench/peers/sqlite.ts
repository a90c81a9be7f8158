/** SQLite in memory, in the same process: one prepared query over tables whose keys are their indexes. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { resourceOf, userOf } from './holdings.ts';
import type { Ask, Peer, World } from './peer.ts';

const SCHEMA = `
CREATE TABLE role_privileges (role TEXT, privilege TEXT, PRIMARY KEY (role, privilege)) WITHOUT ROWID;
CREATE TABLE assignments (principal TEXT, scope TEXT, role TEXT, PRIMARY KEY (principal, scope, role)) WITHOUT ROWID;
CREATE TABLE principals (subject TEXT, principal TEXT, PRIMARY KEY (subject, principal)) WITHOUT ROWID;
CREATE TABLE scopes (resource TEXT, scope TEXT, PRIMARY KEY (resource, scope)) WITHOUT ROWID;
`;

const QUESTION = `SELECT EXISTS (
  SELECT 1 FROM principals AS p CROSS JOIN scopes AS s CROSS JOIN assignments AS a CROSS JOIN role_privileges AS r
  WHERE p.subject = ?1 AND s.resource = ?2 AND a.principal = p.principal AND a.scope = s.scope AND r.role = a.role AND r.privilege = ?3
) AS allowed`;

function fill(database: DatabaseSync, { rows, holdings }: World): void {
  const into = (table: string, columns: number): StatementSync =>
    database.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${Array(columns).fill('?').join(', ')})`);
  const [privileges, assignments, principals, scopes] = [
    into('role_privileges', 2),
    into('assignments', 3),
    into('principals', 2),
    into('scopes', 2),
  ];
  database.exec('BEGIN');
  for (const [role, held] of holdings.privileges) for (const privilege of held) privileges.run(role, privilege);
  for (const { principal, scope, role } of rows.assignments) assignments.run(principal, scope, role);
  for (const { subject } of rows.subjects) for (const principal of holdings.principals(subject)) principals.run(subject, principal);
  for (const { resource } of rows.resources) for (const scope of holdings.scopes(resource)) scopes.run(resource, scope);
  database.exec('COMMIT; ANALYZE');
}

export const sqlite: Peer = {
  name: 'SQLite',
  how: 'in memory, one prepared query of four index look-ups, groups and scopes resolved beforehand',
  asked: { S: 20_000, M: 20_000, L: 20_000, catalog: 20_000 },
  async prepare(world: World): Promise<Ask> {
    const database = new DatabaseSync(':memory:');
    database.exec(SCHEMA);
    fill(database, world);
    const statement = database.prepare(QUESTION);
    return (question) => statement.get(userOf(question), resourceOf(question), question.action)?.allowed === 1;
  },
};
