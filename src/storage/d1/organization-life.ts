/**
 * What becomes of an organization: renamed, ended, swept. Ended means a tombstone (`state` is `deleting`): it is no longer seen, its id stays taken.
 * The sweep deletes its rows in chunks, and of the log all but the newest line, which is its revision: made again, it shows nothing of before.
 */
import type { OrganizationLife } from '../../pap/organizations/ports.ts';
import type { AuditEntry } from '../../pap/ports.ts';
import { auditLine } from './audit.ts';
import { rowOf, rowsOf, writeBatch } from './outcome.ts';
import { guardStatement, outcomeStatement } from './row-statements.ts';
import { PARENTS_FIRST, TABLES } from './tables.ts';

/** rows of one statement; triggers log each, and the line of the log is deleted again */
const CHUNK_ROWS = 1_000;
/** of one call of `sweep`: some 50,000 rows and 150 queries */
const CHUNKS = 50;

interface Swept {
  readonly table: string;
  /** the primary key but for `org`; none: one row */
  readonly key: readonly string[];
}

/** Everything with a row of an organization, parts before what they are part of. `key_use` goes with the keys. */
export const SWEPT: readonly Swept[] = [
  { table: 'revision_tags', key: ['revision'] },
  { table: 'invitations', key: ['id'] },
  { table: 'preset_parts', key: ['kind', 'part'] },
  { table: 'proposals', key: ['id'] },
  { table: 'imports', key: ['id'] },
  ...PARENTS_FIRST.map((table) => ({ table, key: TABLES[table].key })).toReversed(),
];

export function d1OrganizationLife(db: D1Database, org: string): OrganizationLife {
  async function change(expected: number, statement: D1PreparedStatement, audit: AuditEntry, now: number): Promise<{ revision: number }> {
    const line = await auditLine(db, org, audit, now, expected);
    const results = await writeBatch(db, [
      guardStatement(db, org, expected),
      line.guard,
      statement,
      ...line.inserts,
      outcomeStatement(db, org, expected),
    ]);
    return { revision: rowOf<{ revision: number }>(results, results.length - 1).revision };
  }

  return {
    rename: (expected, { name }, audit, now) =>
      change(expected, db.prepare('UPDATE organizations SET name = ?2 WHERE id = ?1').bind(org, name), audit, now),

    end: (expected, audit, now) =>
      change(expected, db.prepare("UPDATE organizations SET state = 'deleting' WHERE id = ?1").bind(org), audit, now),

    async sweep() {
      const ended = await db.prepare("SELECT 1 FROM organizations WHERE id = ?1 AND state = 'deleting'").bind(org).first();
      if (ended === null) return true;
      let left = CHUNKS;
      for (const swept of await filled(db, org)) {
        while (await sweepChunk(db, org, swept)) if (--left <= 0) return false;
        if (--left <= 0) return false;
      }
      while (await pruneChunk(db, org)) if (--left <= 0) return false;
      await db.batch([
        db.prepare("DELETE FROM organizations WHERE id = ?1 AND state = 'deleting'").bind(org),
        db.prepare(PRUNE).bind(org, CHUNK_ROWS),
      ]);
      return true;
    },
  };
}

/** Ids of organizations that are being deleted, the first few. */
export async function endedOrganizations(db: D1Database, limit: number): Promise<readonly string[]> {
  const { results } = await db
    .prepare("SELECT id FROM organizations WHERE state = 'deleting' ORDER BY id LIMIT ?1")
    .bind(limit)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

/** `?1` organization, `?2` how many lines: the oldest ones, never the newest of all. */
const PRUNE = `DELETE FROM changes WHERE seq IN (
  SELECT seq FROM changes WHERE org = ?1 AND seq < (SELECT max(seq) FROM changes WHERE org = ?1) ORDER BY seq LIMIT ?2)`;

async function filled(db: D1Database, org: string): Promise<readonly Swept[]> {
  const exists = SWEPT.map(({ table }) => `EXISTS (SELECT 1 FROM ${table} WHERE org = ?1) AS ${table}`);
  const row = await db
    .prepare(`SELECT ${exists.join(', ')}`)
    .bind(org)
    .first<Record<string, 0 | 1>>();
  return SWEPT.filter(({ table }) => row?.[table] === 1);
}

/** @returns whether rows are left */
async function sweepChunk(db: D1Database, org: string, { table, key }: Swept): Promise<boolean> {
  const columns = key.join(', ');
  const some = key.length === 0 ? '' : ` AND (${columns}) IN (SELECT ${columns} FROM ${table} WHERE org = ?1 LIMIT ${CHUNK_ROWS})`;
  const results = await db.batch([
    db.prepare(`DELETE FROM ${table} WHERE org = ?1${some}`).bind(org),
    db.prepare(PRUNE).bind(org, 2 * CHUNK_ROWS),
    db.prepare(`SELECT EXISTS (SELECT 1 FROM ${table} WHERE org = ?1) AS more`).bind(org),
  ]);
  return rowOf<{ more: 0 | 1 }>(results, 2).more === 1;
}

/** @returns whether lines but for the newest are left */
async function pruneChunk(db: D1Database, org: string): Promise<boolean> {
  const results = await db.batch([
    db.prepare(PRUNE).bind(org, 2 * CHUNK_ROWS),
    db.prepare('SELECT seq FROM changes WHERE org = ?1 LIMIT 2').bind(org),
  ]);
  return rowsOf(results, 1).length > 1;
}
