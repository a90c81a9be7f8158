/**
 * Row changes as SQL: set-based statements whose rows are one JSON parameter, so that any number of rows fits D1's 100 parameters
 * and a batch stays short. Each row is an array in the order of the table's columns.
 */
import { utf8Length } from '../../core/terms/ref.ts';
import type { TableName } from '../../core/terms/rows.ts';
import type { RowChanges, TableChange } from '../../pap/ports.ts';
import { PARENTS_FIRST, TABLES } from './tables.ts';

/** a bound string may have 2,000,000 bytes; half of it leaves room for one row that is large by itself */
const CHUNK_BYTES = 1_000_000;
/** keys are small, so more of them fit */
const KEY_CHUNK_BYTES = 1_900_000;

/** `?1` organization → `revision`, 0 when nothing was ever written */
export const REVISION_SQL = 'SELECT coalesce(max(seq), 0) AS revision FROM changes WHERE org = ?1';

/** Aborts the batch, as `revision_moved`, unless the organization's revision is `expected`. */
export function guardStatement(db: D1Database, org: string, expected: number): D1PreparedStatement {
  return db.prepare(`INSERT INTO guard (revision_moved) SELECT 1 WHERE (${REVISION_SQL}) <> ?2`).bind(org, expected);
}

/** `revision` now, and `rows`: how many rows the log has after `expected`. */
export function outcomeStatement(db: D1Database, org: string, expected: number): D1PreparedStatement {
  return db
    .prepare(`SELECT (${REVISION_SQL}) AS revision, (SELECT count(*) FROM changes WHERE org = ?1 AND seq > ?2) AS rows`)
    .bind(org, expected);
}

/**
 * Deletes first, parts before what they are part of, so that names become free; then updates and inserts, what is referred to first.
 * Foreign keys are not deferred: D1 answers one that fails at the commit with an internal error and a reset.
 */
export function changeStatements(db: D1Database, org: string, given: RowChanges): D1PreparedStatement[] {
  const changes = movesApart(given);
  const statements: D1PreparedStatement[] = [];
  const add = (sql: string, rows: readonly unknown[][]): void => {
    for (const chunk of jsonChunks(rows, CHUNK_BYTES)) statements.push(db.prepare(sql).bind(org, chunk));
  };
  for (const table of PARENTS_FIRST.toReversed()) {
    const rows = changeOf(changes, table)?.delete ?? [];
    if (rows.length > 0) add(deleteSql(table), cells(rows, TABLES[table].key));
  }
  for (const table of PARENTS_FIRST) {
    const { update: pairs = [], insert = [] } = changeOf(changes, table) ?? {};
    const update = pairs.map(({ after }) => after);
    if (TABLES[table].values.length > 0) {
      add(missingSql(table), cells(update, TABLES[table].key));
      add(updateSql(table), cells(stepsAside(table, pairs), TABLES[table].columns));
      add(updateSql(table), cells(update, TABLES[table].columns));
    }
    add(insertSql(table), cells(insert, TABLES[table].columns));
  }
  return statements;
}

/**
 * An assignment that moves off a role, policy, group or subject which is deleted in the same change would be in its way, or be deleted with it.
 * So it is deleted before and inserted after.
 */
function movesApart(changes: RowChanges): RowChanges {
  const moved = changes.assignments?.update ?? [];
  const left: readonly TableName[] = ['roles', 'policies', 'groups', 'subjects'];
  if (moved.length === 0 || left.every((table) => (changeOf(changes, table)?.delete ?? []).length === 0)) return changes;
  const { insert = [], delete: gone = [] } = changes.assignments ?? {};
  return {
    ...changes,
    assignments: {
      insert: [...moved.map(({ after }) => after), ...insert],
      update: [],
      delete: [...gone, ...moved.map(({ before }) => before)],
    },
  };
}

/** Tables with names that are unique at their level, whatever the letter case. */
const NAMED: readonly TableName[] = ['policies', 'roles', 'groups'];

/**
 * Rows whose name another row gets in the same change. SQLite proves uniqueness row by row, so first they get a name that nobody has.
 * @param pairs updates of one table
 */
function stepsAside(table: TableName, pairs: readonly { readonly before: object; readonly after: object }[]): object[] {
  if (!NAMED.includes(table)) return [];
  const place = (row: object): string => {
    const { project = '', name } = row as { readonly project?: string; readonly name: string }; // rows of the tables above
    return JSON.stringify([project, name.toLowerCase()]);
  };
  const moving = pairs.filter(({ before, after }) => place(before) !== place(after));
  const wanted = new Set(moving.map(({ after }) => place(after)));
  return moving.filter(({ before }) => wanted.has(place(before))).map(({ before }, i) => ({ ...before, name: `\u0001${i}` }));
}

function changeOf(changes: RowChanges, table: TableName): TableChange<object> | undefined {
  return changes[table];
}

function cells(rows: readonly object[], columns: readonly string[]): unknown[][] {
  // `as`: columns are named as text here; TABLES is checked against the row types where it is written.
  return rows.map((row) => columns.map((column) => (row as Record<string, unknown>)[column]));
}

function insertSql(table: TableName): string {
  const { columns } = TABLES[table];
  return `INSERT INTO ${table} (org, ${columns.join(', ')}) SELECT ?1, ${columns.map((_, i) => cellSql(i)).join(', ')} FROM json_each(?2) AS row`;
}

/**
 * By rowid, which is looked up from the JSON side first: joined in one step, SQLite reads all JSON again for every row of the organization.
 */
function updateSql(table: TableName): string {
  const { key, values } = TABLES[table];
  const set = values.map((column, i) => `${column} = cells ->> ${key.length + i}`);
  const where = key.map((column, i) => ` AND ${table}.${column} = ${cellSql(i)}`);
  return `WITH change AS MATERIALIZED (
      SELECT ${table}.rowid AS target, row.value AS cells FROM json_each(?2) AS row CROSS JOIN ${table} WHERE ${table}.org = ?1${where.join('')}
    )
    UPDATE ${table} SET ${set.join(', ')} FROM change WHERE ${table}.rowid = target`;
}

/** Aborts the batch when a row to update isn't there: an update that changes nothing would be lost without a word. */
function missingSql(table: TableName): string {
  const where = TABLES[table].key.map((column, i) => ` AND ${table}.${column} = ${cellSql(i)}`);
  return `INSERT INTO guard (row_missing) SELECT 1 FROM json_each(?2) AS row
    WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE ${table}.org = ?1${where.join('')})`;
}

function deleteSql(table: TableName): string {
  const { key } = TABLES[table];
  if (key.length === 0) return `DELETE FROM ${table} WHERE org = ?1 AND json_array_length(?2) > 0`;
  return `DELETE FROM ${table} WHERE org = ?1 AND (${key.join(', ')}) IN (SELECT ${key.map((_, i) => cellSql(i)).join(', ')} FROM json_each(?2) AS row)`;
}

function cellSql(index: number): string {
  return `row.value ->> ${index}`;
}

/** JSON arrays of at most `maxBytes` (or of one row that is larger); none for no rows. */
export function jsonChunks(rows: readonly unknown[], maxBytes: number): string[] {
  const chunks: string[] = [];
  let parts: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    const size = utf8Length(text) + 1;
    if (parts.length > 0 && bytes + size > maxBytes) {
      chunks.push(`[${parts.join(',')}]`);
      parts = [];
      bytes = 0;
    }
    parts.push(text);
    bytes += size;
  }
  if (parts.length > 0) chunks.push(`[${parts.join(',')}]`);
  return chunks;
}

/** Keys as JSON arrays, each small enough to be bound. */
export function keyChunks(keys: readonly string[]): string[] {
  return jsonChunks(keys, KEY_CHUNK_BYTES);
}
