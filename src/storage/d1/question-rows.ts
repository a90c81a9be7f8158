/** Reads the rows that one question is decided from, and their revision: one batch, which is one transaction. */
import type { ReadQuestion } from '../../pdp/double/ports.ts';
import { rowsOf } from './outcome.ts';
import { QUESTION_SQL, questionJson, questionRows } from './question-sql.ts';

/** longer ones claim thousands of parents */
const MOST_CHARS = 100_000;

export function d1ReadQuestion(db: D1Database): ReadQuestion {
  return async (organization, request, options) => {
    const question = questionJson(request, options);
    if (question.length > MOST_CHARS) return null;
    const results = await db.batch(QUESTION_SQL.map((sql) => db.prepare(sql).bind(organization, question)));
    return questionRows((statement) => rowsOf(results, statement));
  };
}
