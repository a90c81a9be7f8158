/** Changes of one table, from what is there to what shall be. Nothing is decided here. */
import { sameRow } from '../manifest/fields.ts';
import type { TableChange } from '../ports.ts';

export function inserted<Row>(rows: readonly Row[]): TableChange<Row> {
  return { insert: rows, update: [], delete: [] };
}

export function removed<Row>(rows: readonly Row[]): TableChange<Row> {
  return { insert: [], update: [], delete: rows };
}

/** No update for rows that mean the same. */
export function updated<Row extends object>(before: Row, after: Row): TableChange<Row> {
  return { insert: [], update: sameRow(before, after) ? [] : [{ before, after }], delete: [] };
}

/** From one set of rows to another, for tables whose rows are all key. */
export function replaced<Row extends object>(before: readonly Row[], after: readonly Row[]): TableChange<Row> {
  const present = new Set(before.map((row) => keyOf(row)));
  const wanted = new Set(after.map((row) => keyOf(row)));
  return {
    insert: after.filter((row) => !present.has(keyOf(row))),
    update: [],
    delete: before.filter((row) => !wanted.has(keyOf(row))),
  };
}

/** Null when nothing changes at all: what a write that finds everything as it wants it decides. */
export function changesOrNull<Changes extends Readonly<Record<string, TableChange<object>>>>(changes: Changes): Changes | null {
  const any = Object.values(changes).some((each) => each.insert.length + each.update.length + each.delete.length > 0);
  return any ? changes : null;
}

/** By column names, so that the order of columns means nothing. */
function keyOf(row: object): string {
  return JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}
