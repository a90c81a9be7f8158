/** Rows of the past: present rows with the log undone. The log keeps, of every change of every row, the row before; so the first change after a
 *  revision holds the row of that revision, whatever came later and whoever made it. */
import type { StoredRows, TableName } from '../../core/terms/rows.ts';
import { emptyTables, rowKey, TABLE_KEYS, TABLE_NAMES } from '../manifest/tables.ts';
import type { TableRows } from '../ports.ts';

/** The first change of a row after a revision. */
export interface FirstChange {
  readonly tbl: string;
  /** as the log writes it: the text itself, a JSON array of several columns, empty for settings */
  readonly key: string;
  /** JSON; null: there was no row */
  readonly before: string | null;
}

/**
 * @param changes of any table, one a row; those of tables that are no data are passed over
 * @returns the rows in no order
 */
export function undo(rows: TableRows, changes: readonly FirstChange[]): TableRows {
  const byKey = new Map<TableName, Map<string, StoredRows[TableName]>>(
    TABLE_NAMES.map((table) => [table, new Map(rows[table].map((row) => [rowKey(table, row), row]))]),
  );
  for (const { tbl, key, before } of changes) {
    const table = TABLE_NAMES.find((name) => name === tbl);
    if (table === undefined) continue;
    const found = byKey.get(table)!;
    // `as`: written by the triggers of this table, with exactly its columns.
    if (before === null) found.delete(keyOf(table, key));
    else found.set(keyOf(table, key), JSON.parse(before) as StoredRows[TableName]);
  }
  const undone: { [table: string]: StoredRows[TableName][] } = emptyTables();
  for (const [table, found] of byKey) undone[table] = [...found.values()];
  return undone as unknown as TableRows; // each table was given its own rows
}

/** The log's key as `rowKey` writes it. */
function keyOf(table: TableName, key: string): string {
  const columns = TABLE_KEYS[table];
  if (columns.length === 0) return '[]';
  if (table === 'routes') return JSON.stringify([Number(key)]);
  return columns.length === 1 ? JSON.stringify([key]) : JSON.stringify(JSON.parse(key));
}
