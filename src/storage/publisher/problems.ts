/** What could not be read of the published revision, by the leaf key that it concerns. */
import { type Problem, sortProblems } from '../../core/terms/problem.ts';
import type { LeafPlace } from '../../pap/ports.ts';
import type { CompiledRevision } from '../../pap/publish/ports.ts';

/** problems that a report lists; `problem_count` tells how many there are */
export const LISTED_PROBLEMS = 100;

/** Belongs into the transaction that publishes the revision. */
export function keepProblems(sql: SqlStorage, { read, problems }: CompiledRevision): void {
  if (read === null) sql.exec('DELETE FROM problems');
  else sql.exec("DELETE FROM problems WHERE area || ':' || key IN (SELECT value FROM json_each(?))", JSON.stringify([...read]));
  for (const { area, key, problems: found } of problems) {
    sql.exec('INSERT OR REPLACE INTO problems (area, key, problems) VALUES (?, ?, ?)', area, key, JSON.stringify(found));
  }
}

/** Leaf keys with rows that were left out; `most` at most. */
export function skippedKeys(sql: SqlStorage, most: number): LeafPlace[] {
  const places = "SELECT DISTINCT area, key FROM problems WHERE area <> 'catalog' LIMIT ?";
  // Written by `keepProblems` alone.
  return sql.exec(places, most).toArray() as unknown as LeafPlace[];
}

/** The first of them, and how many there are. */
export function listedProblems(sql: SqlStorage): { readonly problems: readonly Problem[]; readonly problem_count: number } {
  const problems = sql
    .exec<{ problems: string }>('SELECT problems FROM problems')
    .toArray()
    // Written by `keepProblems` alone.
    .flatMap((row) => JSON.parse(row.problems) as Problem[]);
  return { problems: sortProblems(problems).slice(0, LISTED_PROBLEMS), problem_count: problems.length };
}
