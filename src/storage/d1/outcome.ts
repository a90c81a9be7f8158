/** What D1 answers, as typed rows and as errors that a caller can tell apart. */
import { BitgateError } from '../../core/terms/problem.ts';

/** The rows of one result of a batch. The caller names the type that its SELECT has: STRICT tables and `columnList` make it true. */
export function rowsOf<Row>(results: readonly D1Result[], index: number): Row[] {
  const result = results[index];
  if (result === undefined) throw new Error(`the batch has no statement ${index}`);
  // `as`: D1 gives rows as unknown; the SELECT names exactly the columns of `Row`.
  return result.results as Row[];
}

/** The only row of one result of a batch: aggregates without GROUP BY always give one. */
export function rowOf<Row>(results: readonly D1Result[], index: number): Row {
  const row = rowsOf<Row>(results, index)[0];
  if (row === undefined) throw new Error(`statement ${index} gave no row`);
  return row;
}

/** Runs a batch that writes: all or nothing, one transaction. Constraints that refuse become BitgateErrors; other errors pass. */
export async function writeBatch(db: D1Database, statements: D1PreparedStatement[]): Promise<D1Result[]> {
  try {
    return await db.batch(statements);
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

/**
 * @returns what the database's constraints said, as an error of its own: `revision_moved` (409) for the guard, else `conflict` (409) with
 *   `details.constraint`: the name of a CHECK, the columns of a UNIQUE, `foreign_key`, or a trigger's message. Null if it was no constraint.
 */
export function refusalOf(error: unknown): BitgateError | null {
  const message = error instanceof Error ? error.message : '';
  if (!message.includes('SQLITE_CONSTRAINT')) return null;
  const constraint = constraintNamed(message);
  if (constraint === 'revision_moved') {
    return new BitgateError('revision_moved', 409, 'the organization was changed in the meantime: read again and decide again');
  }
  if (constraint === 'outside_project') {
    return new BitgateError('outside_project', 409, 'what belongs to a project would be held outside it: take it away first');
  }
  return new BitgateError('conflict', 409, `the database refuses a row: \`${constraint}\``, { constraint });
}

function constraintNamed(message: string): string {
  const text = message.replace(/^D1_ERROR: /, '').replace(/: SQLITE_CONSTRAINT.*$/s, '');
  if (text.startsWith('FOREIGN KEY constraint failed')) return 'foreign_key';
  return /^(?:CHECK|UNIQUE|NOT NULL) constraint failed: (.*)$/s.exec(text)?.[1] ?? text;
}
