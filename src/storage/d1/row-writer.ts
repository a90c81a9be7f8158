/** Writes the rows of one organization in D1. Every method is one batch, which is one transaction. */
import type { RowChanges, RowWriter, TableRows } from '../../pap/ports.ts';
import { auditLine } from './audit.ts';
import { besideStatements } from './beside-statements.ts';
import { rowOf, rowsOf, writeBatch } from './outcome.ts';
import { changeStatements, guardStatement, outcomeStatement, REVISION_SQL } from './row-statements.ts';
import { columnList, PARENTS_FIRST, TABLES } from './tables.ts';

/**
 * `apply` counts as `rows` what the log says: rows that triggers added or removed with the given ones are in it.
 */
export function d1RowWriter(db: D1Database, org: string): RowWriter {
  return {
    async load() {
      const results = await db.batch([
        db.prepare(REVISION_SQL).bind(org),
        ...PARENTS_FIRST.map((table) => db.prepare(selectAllSql(table)).bind(org)),
      ]);
      const tables = Object.fromEntries(PARENTS_FIRST.map((table, i) => [table, rowsOf<object>(results, i + 1)]));
      // `as`: one entry for each table, each with exactly the columns of its row type.
      return { revision: rowOf<{ revision: number }>(results, 0).revision, tables: tables as unknown as TableRows };
    },

    async apply(expected, changes: RowChanges, audit, now, beside) {
      const line = await auditLine(db, org, audit, now, expected);
      const results = await writeBatch(db, [
        guardStatement(db, org, expected),
        line.guard,
        ...changeStatements(db, org, changes),
        ...besideStatements(db, org, beside ?? {}),
        ...line.inserts,
        outcomeStatement(db, org, expected),
      ]);
      return rowOf<{ revision: number; rows: number }>(results, results.length - 1);
    },
  };
}

function selectAllSql(table: (typeof PARENTS_FIRST)[number]): string {
  const { key } = TABLES[table];
  return `SELECT ${columnList(table)} FROM ${table} WHERE org = ?1${key.length > 0 ? ` ORDER BY ${key.join(', ')}` : ''}`;
}
