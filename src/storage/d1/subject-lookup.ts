/** Looks into registered subjects. All values are bound, never pasted. */
import type { SubjectRow } from '../../core/terms/rows.ts';
import type { SubjectLookup } from '../../pap/subjects/ports.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { allOf, ofType, pageOf } from './page.ts';
import { principalUse } from './principal-use.ts';
import { columnList } from './tables.ts';

const SUBJECT = `SELECT ${columnList('subjects')} FROM subjects`;

export function d1SubjectLookup(db: D1Database, org: string): SubjectLookup {
  return {
    async list({ type, status, search }, after, limit) {
      const { where, values } = allOf([
        ['org = ?', org],
        ofType('subject', type),
        status === undefined ? null : ['status = ?', status],
        search === '' ? null : ['instr(lower(subject), lower(?)) > 0', search],
      ]);
      const [from, count] = [values.length + 1, values.length + 2];
      const results = await db.batch([
        db.prepare(`SELECT count(*) AS total FROM subjects WHERE ${where}`).bind(...values),
        db.prepare(`${SUBJECT} WHERE ${where} AND subject > ?${from} ORDER BY subject LIMIT ?${count}`).bind(...values, after, limit + 1),
      ]);
      const { total } = rowOf<{ total: number }>(results, 0);
      return pageOf(rowsOf<SubjectRow>(results, 1), total, limit, (row) => [row.subject]);
    },

    subject: (subject) => db.prepare(`${SUBJECT} WHERE org = ?1 AND subject = ?2`).bind(org, subject).first<SubjectRow>(),

    use: (subject, limit) => principalUse(db, org, subject, limit),
  };
}
