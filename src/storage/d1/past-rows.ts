/** Rows of past revisions, rebuilt from the log: every statement of one answer is of one transaction. */
import type { TableName } from '../../core/terms/rows.ts';
import type { RowsBetween } from '../../pap/history/ports.ts';
import { type FirstChange, undo } from '../../pap/history/undo.ts';
import { emptyTables } from '../../pap/manifest/tables.ts';
import type { TableRows } from '../../pap/ports.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { REVISION_SQL } from './row-statements.ts';
import { columnList, PARENTS_FIRST, TABLES } from './tables.ts';

/** ?1 organization → the newest revision, and how far the log was pruned */
const ENDS = `SELECT (${REVISION_SQL}) AS newest, (SELECT coalesce(max(seq), 0) FROM changes_pruned WHERE org = ?1) AS floor`;

interface Ends {
  readonly newest: number;
  readonly floor: number;
}

/** With `min(seq)` SQLite takes the other columns from the row that has it (https://sqlite.org/lang_select.html#bareagg). */
const FIRST = 'SELECT tbl, key, before, min(seq) FROM changes WHERE org = ?1';

/** Names that labels need: these tables are read whole. */
const NAMED: readonly TableName[] = ['roles', 'policies', 'groups'];

/** What a rollback took away it took as data: rolling back again may restore it. Its lines of the log begin behind its base. */
const BY_ROLLBACK = `SELECT 1 FROM audit WHERE audit.org = changes.org AND action = 'revision.rollback'
  AND changes.seq > (audit.after ->> 'base') AND changes.seq <= audit.revision`;

export async function rowsAt(
  db: D1Database,
  org: string,
  revision: number,
): Promise<{ readonly newest: number; readonly tables: TableRows } | null> {
  const results = await db.batch([
    db.prepare(ENDS).bind(org),
    db.prepare(`${FIRST} AND seq > ?2 GROUP BY tbl, key`).bind(org, revision),
    ...PARENTS_FIRST.map((table) => db.prepare(`SELECT ${columnList(table)} FROM ${table} WHERE org = ?1`).bind(org)),
  ]);
  const { newest, floor } = rowOf<Ends>(results, 0);
  return revision < floor ? null : { newest, tables: undo(tablesFrom(results, 2), rowsOf<FirstChange>(results, 1)) };
}

export async function rowsBetween(db: D1Database, org: string, from: number, to: number): Promise<RowsBetween | null> {
  const named = NAMED.map((table) => `'${table}'`).join(', ');
  const touched = 'FROM changes WHERE org = ?1 AND seq > ?2 AND seq <= ?3';
  const results = await db.batch([
    db.prepare(ENDS).bind(org),
    db.prepare(`${FIRST} AND seq > ?2 AND seq <= ?3 GROUP BY tbl, key`).bind(org, from, to),
    db
      .prepare(`${FIRST} AND seq > ?3 AND (tbl IN (${named}) OR (tbl, key) IN (SELECT tbl, key ${touched})) GROUP BY tbl, key`)
      .bind(org, from, to),
    db.prepare(`SELECT DISTINCT key ${touched} AND tbl = 'subjects' AND op = 'delete' AND NOT EXISTS (${BY_ROLLBACK})`).bind(org, from, to),
    ...PARENTS_FIRST.map((table) =>
      db
        .prepare(
          `SELECT ${columnList(table)} FROM ${table}
           WHERE org = ?1 ${NAMED.includes(table) ? 'AND ?2 <= ?3' : `AND ${touchedSql(table, `${touched} AND tbl = '${table}'`)}`}`,
        )
        .bind(org, from, to),
    ),
  ]);
  const { newest, floor } = rowOf<Ends>(results, 0);
  if (from < floor) return null;
  const after = undo(tablesFrom(results, 4), rowsOf<FirstChange>(results, 2));
  const deleted = rowsOf<{ key: string }>(results, 3).map(({ key }) => key);
  return { newest, before: undo(after, rowsOf<FirstChange>(results, 1)), after, deletedSubjects: new Set(deleted) };
}

/** @param from where the log's keys of the table come from */
function touchedSql(table: TableName, from: string): string {
  const { key } = TABLES[table];
  if (key.length === 0) return `EXISTS (SELECT 1 ${from})`;
  if (key.length > 1) return `(${key.join(', ')}) IN (SELECT ${key.map((_, i) => `key ->> ${i}`).join(', ')} ${from})`;
  return `${key[0]} IN (SELECT ${table === 'routes' ? 'CAST(key AS INTEGER)' : 'key'} ${from})`;
}

function tablesFrom(results: readonly D1Result[], first: number): TableRows {
  const read: { [table: string]: object[] } = emptyTables();
  PARENTS_FIRST.forEach((table, i) => {
    read[table] = rowsOf<object>(results, first + i);
  });
  return read as unknown as TableRows; // each table was given its own rows, with exactly the columns of its type
}
