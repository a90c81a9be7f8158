/** Pages of lists, and the first users of a thing: one row more than is shown tells whether there are further ones. */
import type { ListPage } from '../../pap/control-ports.ts';
import type { Users } from '../../pap/groups/ports.ts';
import { rowOf, rowsOf } from './outcome.ts';

/** What is found in one of the columns, in upper or lower case of ASCII. ?2 of the statement is looked for; `''` is in every text. */
export function contains(...columns: readonly string[]): string {
  return `(${columns.map((column) => `instr(lower(${column}), lower(?2)) > 0`).join(' OR ')})`;
}

/** A condition that a filter sets, with its values; `?` stands for the next value. Null: the filter leaves it open. */
export type Condition = readonly [sql: string, ...values: string[]] | null;

/** All conditions together, numbered from ?1 on. */
export function allOf(conditions: readonly Condition[]): { readonly where: string; readonly values: readonly string[] } {
  const values: string[] = [];
  const parts: string[] = [];
  for (const condition of conditions) {
    if (condition === null) continue;
    const [sql, ...own] = condition;
    let next = 0;
    parts.push(
      sql.replaceAll('?', () => {
        values.push(own[next++] ?? '');
        return `?${values.length}`;
      }),
    );
  }
  return { where: parts.join(' AND '), values };
}

/** References of one type are a range of the key: `;` follows `:`. */
export function ofType(column: string, type: string | undefined): Condition {
  return type === undefined ? null : [`${column} > ? AND ${column} < ?`, `${type}:`, `${type};`];
}

/** @param found up to `limit + 1` rows */
export function pageOf<Row>(found: readonly Row[], total: number, limit: number, keyOf: (row: Row) => readonly string[]): ListPage<Row> {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: found.length > limit && last !== undefined ? keyOf(last) : null, total };
}

/** Two results of a batch, the count and then the rows. */
export function usersOf<Row>(results: readonly D1Result[], index: number): Users<Row> {
  return { first: rowsOf<Row>(results, index + 1), total: rowOf<{ total: number }>(results, index).total };
}
