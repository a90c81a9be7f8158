/** Rows of the past: whatever changed a row, and however the log tells of it, undoing it gives what was there. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { rowKey, TABLE_NAMES } from '../../../src/pap/manifest/tables.ts';
import type { TableRows } from '../../../src/pap/ports.ts';
import { d1History } from '../../../src/storage/d1/history.ts';
import { d1RowWriter } from '../../../src/storage/d1/row-writer.ts';
import { type Random, randomFrom } from '../../properties/random.ts';
import { BELIEVABLE, insertAll } from './believable.ts';
import { freshOrganization, revisionOf, run } from './by-hand.ts';

const SEED = 20_261_121;
const ROUNDS = 300;

/** Table by table, key by key. */
function dump(tables: TableRows): object {
  return Object.fromEntries(
    TABLE_NAMES.map((table) => [table, Object.fromEntries(tables[table].map((row) => [rowKey(table, row), row]).toSorted())]),
  );
}

const present = async (org: string): Promise<object> => dump((await d1RowWriter(env.DB, org).load()).tables);

/** What somebody may type, with every way to displace, move and take along. `?1` is the organization; what is refused changes nothing. */
function statement(random: Random): string {
  const n = (): number => random.below(4);
  const choices: (() => string)[] = [
    () => `INSERT INTO subjects (org, subject, properties) VALUES (?1, 'user:u${n()}', '{"n":${n()}}')`,
    () => `INSERT OR REPLACE INTO subjects (org, subject, status) VALUES (?1, 'user:u${n()}', 'suspended')`,
    () => `INSERT OR IGNORE INTO subjects (org, subject) VALUES (?1, 'user:u${n()}')`,
    () => `UPDATE subjects SET properties = '{"x":"\u{1F600} ${n()}"}' WHERE org = ?1 AND subject = 'user:u${n()}'`,
    () => `DELETE FROM subjects WHERE org = ?1 AND subject = 'user:u${n()}'`,
    () => `INSERT INTO groups (org, id, name) VALUES (?1, 'g${n()}', 'G${n()}')`,
    () => `UPDATE groups SET name = 'G${n()}' WHERE org = ?1 AND id = 'g${n()}'`,
    () => `DELETE FROM groups WHERE org = ?1 AND id = 'g${n()}'`,
    () => `INSERT INTO group_members (org, group_id, member) VALUES (?1, 'g${n()}', 'user:u${n()}')`,
    () => `INSERT INTO group_members (org, group_id, member) VALUES (?1, 'g${n()}', 'group:g${n()}')`,
    () => `UPDATE OR REPLACE group_members SET group_id = 'g${n()}' WHERE org = ?1 AND member = 'user:u${n()}'`,
    () => `INSERT INTO roles (org, id, name, privileges) VALUES (?1, 'r${n()}', 'R${n()}', '["p${n()}"]')`,
    () => `INSERT OR REPLACE INTO roles (org, id, name, title) VALUES (?1, 'r${n()}', 'R${n()}', 't')`,
    () => `UPDATE roles SET all_privileges = 1 - all_privileges WHERE org = ?1 AND id = 'r${n()}'`,
    () => `DELETE FROM roles WHERE org = ?1 AND id = 'r${n()}'`,
    () => `INSERT INTO policies (org, id, name, condition) VALUES (?1, 'p${n()}', 'P${n()}', 'context.x == ${n()}')`,
    () => `UPDATE policies SET condition = NULL, state = 'DRAFT' WHERE org = ?1 AND id = 'p${n()}'`,
    () => `DELETE FROM policies WHERE org = ?1 AND id = 'p${n()}'`,
    () => `INSERT INTO role_policies (org, role, policy) VALUES (?1, 'r${n()}', 'p${n()}')`,
    () => `INSERT OR REPLACE INTO role_inherits (org, role, parent) VALUES (?1, 'r${n()}', 'r${n()}')`,
    () => `UPDATE OR REPLACE role_policies SET policy = 'p${n()}' WHERE org = ?1 AND role = 'r${n()}'`,
    () => `INSERT INTO assignments (org, id, principal, role, scope) VALUES (?1, 'a${n()}', 'user:u${n()}', 'r${n()}', 'org')`,
    () =>
      `INSERT OR REPLACE INTO assignments (org, id, principal, policy, scope) VALUES (?1, 'a${n()}', 'group:g${n()}', 'p${n()}', 'project:x')`,
    () => `UPDATE OR REPLACE assignments SET principal = 'user:u${n()}', role = 'r${n()}', policy = NULL WHERE org = ?1 AND id = 'a${n()}'`,
    () => `UPDATE assignments SET not_before = ${n()}, expires_at = ${n() + 3} WHERE org = ?1 AND id = 'a${n()}'`,
    () => `DELETE FROM assignments WHERE org = ?1 AND id = 'a${n()}'`,
    () => `INSERT INTO privileges (org, name, levels) VALUES (?1, 'p${n()}', '${random.pick(['org', 'project', 'both'])}')`,
    () => `INSERT OR REPLACE INTO privileges (org, name, levels, title) VALUES (?1, 'p${n()}', 'both', 'all')`,
    () => `UPDATE OR REPLACE privileges SET name = 'p${n()}' WHERE org = ?1 AND name = 'p${n()}'`,
    () => `INSERT INTO resources (org, resource) VALUES (?1, 'dataset:d${n()}')`,
    () => `INSERT OR REPLACE INTO resources (org, resource, access) VALUES (?1, 'dataset:d${n()}', 'restricted')`,
    () => `DELETE FROM resources WHERE org = ?1 AND resource = 'dataset:d${n()}'`,
    () => `INSERT INTO resource_parents (org, resource, parent) VALUES (?1, 'dataset:d${n()}', 'folder:f${n()}')`,
    () => `UPDATE OR REPLACE resource_parents SET parent = 'folder:f${n()}' WHERE org = ?1 AND resource = 'dataset:d${n()}'`,
    () => `INSERT INTO resource_owners (org, resource, owner, kind) VALUES (?1, 'dataset:d${n()}', 'user:u${n()}', 'K${n()}')`,
    () => `UPDATE OR REPLACE resource_owners SET kind = 'K${n()}' WHERE org = ?1 AND owner = 'user:u${n()}'`,
    () => `INSERT INTO projects (org, id, nickname) VALUES (?1, 'x${n()}', 'N')`,
    () => `INSERT OR REPLACE INTO projects (org, id, nickname) VALUES (?1, 'x${n()}', 'M${n()}')`,
    () => `DELETE FROM projects WHERE org = ?1 AND id = 'x${n()}'`,
    () => `INSERT INTO api_keys (org, id, hash) VALUES (?1, 'k${n()}', '${'ab'.repeat(32)}')`,
    () => `UPDATE api_keys SET status = 'disabled', previous_hash = hash, previous_until = ${n()} WHERE org = ?1 AND id = 'k${n()}'`,
    () => `DELETE FROM api_keys WHERE org = ?1 AND id = 'k${n()}'`,
    () => `INSERT OR REPLACE INTO routes (org, position, route) VALUES (?1, ${n()}, '{"a":${n()}}')`,
    () => `UPDATE OR REPLACE routes SET position = ${n()} WHERE org = ?1 AND position = ${n()}`,
    () => `DELETE FROM routes WHERE org = ?1 AND position = ${n()}`,
    () => `INSERT OR REPLACE INTO settings (org, settings) VALUES (?1, '{"n":${n()}}')`,
    () => 'DELETE FROM settings WHERE org = ?1',
  ];
  return random.pick(choices)();
}

describe('rows of a past revision', () => {
  it('are, at each of many revisions, the rows that were there', async () => {
    console.log(`seed ${SEED}`);
    const random = randomFrom(SEED);
    const org = await freshOrganization();
    await d1RowWriter(env.DB, org).apply(await revisionOf(org), insertAll(BELIEVABLE), { ...AUDIT_LINE }, 1);
    const states = new Map<number, object>([[await revisionOf(org), await present(org)]]);
    while (states.size < ROUNDS) {
      await run(statement(random), org).catch(() => undefined);
      states.set(await revisionOf(org), await present(org));
    }
    const history = d1History(env.DB, org);
    for (const [revision, state] of states) {
      const past = await history.rowsAt(revision);
      expect(dump(past!.tables), `revision ${revision}`).toEqual(state);
    }
    const revisions = [...states.keys()];
    for (let i = 0; i < 60; i++) {
      const [from, to] = [random.pick(revisions), random.pick(revisions)].toSorted((a, b) => a - b) as [number, number];
      const between = (await history.between(from, to))!;
      const changed = { before: dump(between.before), after: dump(between.after) };
      expect(applied(states.get(from)!, changed), `from ${from} to ${to}`).toEqual(states.get(to));
      expect(applied(states.get(to)!, { before: changed.after, after: changed.before }), `from ${to} to ${from}`).toEqual(states.get(from));
    }
  }, 300_000);

  it('are not told when the log does not reach back to them', async () => {
    const org = await freshOrganization();
    await run("INSERT INTO subjects (org, subject) VALUES (?1, 'user:a')", org);
    const revision = await revisionOf(org);
    await run("INSERT INTO subjects (org, subject) VALUES (?1, 'user:b')", org);
    await run("INSERT INTO subjects (org, subject) VALUES (?1, 'user:c')", org);
    await run('DELETE FROM changes WHERE org = ?1 AND seq <= ?2', org, revision + 1);
    const history = d1History(env.DB, org);
    expect(await history.rowsAt(revision)).toBeNull();
    expect(await history.between(revision, revision + 1)).toBeNull();
    expect((await history.rowsAt(revision + 1))!.tables.subjects).toHaveLength(2);
  });
});

const AUDIT_LINE = { actor: 'root', action: 'manifest.put', target: 'organization', requestId: 'r', before: null, after: null };

type Dump = Readonly<Record<string, Readonly<Record<string, object>>>>;

/** The state with the rows of `before` taken away and those of `after` put in. */
function applied(state: object, change: { readonly before: object; readonly after: object }): object {
  const [tables, before, after] = [state as Dump, change.before as Dump, change.after as Dump];
  return Object.fromEntries(
    TABLE_NAMES.map((table) => {
      const rows = Object.entries(tables[table]!).filter(([key]) => before[table]![key] === undefined);
      for (const [key, row] of Object.entries(before[table]!)) expect(tables[table]![key], `${table} ${key}`).toEqual(row);
      return [table, Object.fromEntries([...rows, ...Object.entries(after[table]!)].toSorted())];
    }),
  );
}
