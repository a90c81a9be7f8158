/** The difference between the rows that are there and those that shall be: as changes to apply, and as a plan to read. Deterministic. */
import { compareCodePoints } from '../../core/sets/compare.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { utf8Length } from '../../core/terms/ref.ts';
import type { StoredRows, TableName } from '../../core/terms/rows.ts';
import type { RowChanges, TableChange, TableRows } from '../ports.ts';
import { changedFields, type FieldChange, sameRow } from './fields.ts';
import { KINDS, labelsOf } from './labels.ts';
import { rowKey, TABLE_NAMES } from './tables.ts';

export interface ManifestPlan {
  /** tables with changes only: an empty summary changes nothing */
  readonly summary: { readonly [T in TableName]?: { readonly insert: number; readonly update: number; readonly delete: number } };
  readonly changes: readonly PlannedChange[];
}

/** a cell with fewer characters leaves room for all others, however it is written */
const SURELY_SMALL = 100_000;

export interface PlannedChange {
  readonly op: 'insert' | 'update' | 'delete';
  /** what it is, in the singular: `role`, `assignment` … */
  readonly kind: string;
  /** names, not ids */
  readonly name: string;
  /** of an update: what differs */
  readonly fields?: Readonly<Record<string, FieldChange>>;
}

/**
 * @throws BitgateError `too_many_rows` (413) when more than `LIMITS.rowsPerWrite` rows would change, with `details.rows`
 * and `details.limit`; `row_too_large` (413) when one alone has more than `LIMITS.rowBytes`
 */
export function planChanges(present: TableRows, desired: TableRows): { readonly changes: RowChanges; readonly plan: ManifestPlan } {
  const labels = labelsOf(present, desired);
  const changes = diffTables(present, desired, labels);
  const summary: Record<string, { insert: number; update: number; delete: number }> = {};
  const planned: PlannedChange[][] = [];
  for (const table of TABLE_NAMES) {
    const diff = changes[table];
    if (diff === undefined) continue;
    summary[table] = { insert: diff.insert.length, update: diff.update.length, delete: diff.delete.length };
    planned.push(describe(table, diff, labelIn(labels, table)));
  }
  return { changes, plan: { summary, changes: planned.flat() } };
}

type Labels = ReturnType<typeof labelsOf>;

/** A table's rows and its label go together, which TypeScript cannot follow through a name that is one of many. */
function labelIn(labels: Labels, table: TableName): (row: StoredRows[TableName]) => string {
  return labels[table] as (row: StoredRows[TableName]) => string;
}

/**
 * The changes alone; tables without any are absent.
 * @throws BitgateError as `planChanges`
 */
export function diffTables(present: TableRows, desired: TableRows, labels: Labels = labelsOf(present, desired)): RowChanges {
  const changes: { [table: string]: TableChange<StoredRows[TableName]> } = {};
  let total = 0;
  for (const table of TABLE_NAMES) {
    const diff = diffTable(table, present, desired);
    const size = diff.insert.length + diff.update.length + diff.delete.length;
    if (size === 0) continue;
    total += size;
    for (const row of [...diff.insert, ...diff.update.map(({ after }) => after)]) refuseLargeRow(KINDS[table], row, labelIn(labels, table));
    changes[table] = diff;
  }
  if (total > LIMITS.rowsPerWrite) {
    const message = `${total} rows would change, more than the ${LIMITS.rowsPerWrite} of one write: apply the document in parts`;
    throw new BitgateError('too_many_rows', 413, message, { rows: total, limit: LIMITS.rowsPerWrite });
  }
  return changes as RowChanges; // each table was given its own rows
}

/** @throws BitgateError `row_too_large` (413) */
export function refuseLargeRow<Row extends StoredRows[TableName]>(kind: string, row: Row, label: (row: Row) => string): void {
  if (Object.values(row).every((cell) => typeof cell !== 'string' || cell.length < SURELY_SMALL)) return;
  const bytes = utf8Length(JSON.stringify(row));
  if (bytes <= LIMITS.rowBytes) return;
  const name = label(row).slice(0, 80);
  const message = `the ${kind} \`${name}\` takes ${bytes} bytes, more than the ${LIMITS.rowBytes} of one row: divide it into several`;
  throw new BitgateError('row_too_large', 413, message, { kind, name, bytes, limit: LIMITS.rowBytes });
}

interface TableDiff<Row> {
  readonly insert: Row[];
  readonly update: { readonly before: Row; readonly after: Row }[];
  readonly delete: Row[];
}

/** Each list in the order of the primary key. */
function diffTable<T extends TableName>(table: T, present: TableRows, desired: TableRows): TableDiff<StoredRows[T]> {
  const before = new Map(present[table].map((row) => [rowKey(table, row), row]));
  const after = new Map(desired[table].map((row) => [rowKey(table, row), row]));
  const diff: TableDiff<StoredRows[T]> = { insert: [], update: [], delete: [] };
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort(compareCodePoints)) {
    const old = before.get(key);
    const row = after.get(key);
    if (row === undefined) diff.delete.push(old!);
    else if (old === undefined) diff.insert.push(row);
    else if (old !== row && !sameRow(old, row)) diff.update.push({ before: old, after: row });
  }
  return diff;
}

/** By name, then deletions first: what is replaced goes before it comes. */
function describe(
  table: TableName,
  diff: TableChange<StoredRows[TableName]>,
  label: (row: StoredRows[TableName]) => string,
): PlannedChange[] {
  const kind = KINDS[table];
  const changes: PlannedChange[] = [
    ...diff.delete.map((row): PlannedChange => ({ op: 'delete', kind, name: label(row) })),
    ...diff.insert.map((row): PlannedChange => ({ op: 'insert', kind, name: label(row) })),
    ...diff.update.map(
      ({ before, after }): PlannedChange => ({ op: 'update', kind, name: label(after), fields: changedFields(before, after) }),
    ),
  ];
  return table === 'routes' ? changes : changes.sort((a, b) => compareCodePoints(a.name, b.name) || compareCodePoints(a.op, b.op));
}
