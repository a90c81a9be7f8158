/** Small tools for editing lists of rows in place. */
import type { Random } from './random.ts';

/** One of the rows, or undefined when there are none. */
export function pickFrom<Row>(random: Random, rows: readonly Row[]): Row | undefined {
  return rows.length === 0 ? undefined : random.pick(rows);
}

export function removeWhere<Row>(rows: Row[], goes: (row: Row) => boolean): void {
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i];
    if (row !== undefined && goes(row)) rows.splice(i, 1);
  }
}

/** Everything that can be reached from `start` over the edges, `start` included. */
export function reachable(edges: readonly (readonly [string, string])[], start: string): Set<string> {
  const found = new Set([start]);
  // a Set that grows while it is iterated is visited to its end
  for (const node of found) for (const [from, to] of edges) if (from === node) found.add(to);
  return found;
}
