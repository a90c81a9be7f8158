/** Proposals of one organization: looked up, kept and decided. All values are bound, never pasted. */
import type { TableName } from '../../core/terms/rows.ts';
import type { ProposalLookup } from '../../pap/gate/ports.ts';
import type { ListedProposal, ProposalDecision, ProposalRow } from '../../pap/gate/rows.ts';
import type { RowChanges, TableChange } from '../../pap/ports.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { jsonChunks } from './row-statements.ts';
import { PARENTS_FIRST, TABLES } from './tables.ts';

/** bytes of one parameter; a bound string may have 2,000,000 */
const CHUNK_BYTES = 1_000_000;

/** Complete by type: a column added to the row doesn't compile until it is named here. `false`: lists do without it. */
const COLUMN_SET: { readonly [C in keyof ProposalRow]: boolean } = {
  id: true,
  author: true,
  person: true,
  request_id: true,
  created_at: true,
  expires_at: true,
  base_revision: true,
  diff_hash: true,
  summary: true,
  action: true,
  target: true,
  changes: false,
  beside: false,
  line: false,
  state: true,
  decided_by: true,
  decided_at: true,
};

// `as`: the keys of the literal above are the columns, which Object.keys forgets.
const COLUMNS = Object.keys(COLUMN_SET) as readonly (keyof ProposalRow)[];
const LISTED = COLUMNS.filter((column) => COLUMN_SET[column]).join(', ');

/** ?2 now */
const STATE = "iif(state = 'pending' AND expires_at <= ?2, 'expired', state)";

const INSERT = `INSERT INTO proposals (org, ${COLUMNS.join(', ')}) VALUES (?1, ${COLUMNS.map((_, i) => `?${i + 2}`).join(', ')})`;

/** Aborts the batch, as `revision_moved`, when somebody else decided it: the revision does not tell, since a withdrawal has none. */
const STILL_PENDING = `INSERT INTO guard (revision_moved)
  SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM proposals WHERE org = ?1 AND id = ?2 AND state = 'pending')`;

const DECIDE = `UPDATE proposals SET state = ?3, decided_by = ?4, decided_at = ?5, changes = '{}', beside = '{}', line = '{}'
  WHERE org = ?1 AND id = ?2`;

export function proposalStatements(
  db: D1Database,
  org: string,
  insert: readonly ProposalRow[],
  decide: readonly ProposalDecision[],
): D1PreparedStatement[] {
  return [
    ...insert.map((row) => db.prepare(INSERT).bind(org, ...COLUMNS.map((column) => row[column]))),
    ...decide.flatMap(({ id, state, by, at }) => [
      db.prepare(STILL_PENDING).bind(org, id),
      db.prepare(DECIDE).bind(org, id, state, by, at),
    ]),
  ];
}

export function d1ProposalLookup(db: D1Database, org: string): ProposalLookup {
  return {
    async page({ state, now }, after, limit) {
      const where = `org = ?1 AND (?3 IS NULL OR ${STATE} = ?3)`;
      const [at, id] = after === null ? [null, ''] : [Number(after[0]), after[1] ?? ''];
      const results = await db.batch([
        db.prepare(`SELECT count(*) AS total FROM proposals WHERE ${where}`).bind(org, now, state),
        db
          .prepare(
            `SELECT ${LISTED} FROM proposals WHERE ${where} AND (?4 IS NULL OR (created_at, id) < (?4, ?5))
             ORDER BY created_at DESC, id DESC LIMIT ?6`,
          )
          .bind(org, now, state, at, id, limit + 1),
      ]);
      const found = rowsOf<ListedProposal>(results, 1);
      const rows = found.slice(0, limit);
      const last = rows.at(-1);
      return {
        rows,
        next: found.length > limit && last !== undefined ? [String(last.created_at), last.id] : null,
        total: rowOf<{ total: number }>(results, 0).total,
      };
    },

    proposal: (id) =>
      db
        .prepare(`SELECT ${COLUMNS.join(', ')} FROM proposals WHERE org = ?1 AND id = ?2`)
        .bind(org, id)
        .first<ProposalRow>(),

    async unchanged(changes: RowChanges) {
      const statements: D1PreparedStatement[] = [];
      for (const table of PARENTS_FIRST) {
        const change: TableChange<object> | undefined = changes[table];
        const { insert = [], update = [], delete: gone = [] } = change ?? {};
        const { columns, key } = TABLES[table];
        const count = (rows: readonly object[], named: readonly string[], wanted: '' | 'NOT '): void => {
          // `as`: columns are named as text here; TABLES is checked against the row types where it is written.
          const cells = rows.map((row) => named.map((column) => (row as Record<string, unknown>)[column]));
          for (const chunk of jsonChunks(cells, CHUNK_BYTES)) statements.push(db.prepare(countSql(table, named, wanted)).bind(org, chunk));
        };
        count([...update.map(({ before }) => before), ...gone], columns, 'NOT ');
        count(insert, key, '');
      }
      if (statements.length === 0) return true;
      const results = await db.batch(statements);
      return results.every((_, i) => rowOf<{ n: number }>(results, i).n === 0);
    },
  };
}

/** `n`: how many of the rows are there, or are not there, with those values. */
function countSql(table: TableName, columns: readonly string[], wanted: '' | 'NOT '): string {
  const equal = columns.map((column, i) => ` AND ${table}.${column} IS row.value ->> ${i}`).join('');
  return `SELECT count(*) AS n FROM json_each(?2) AS row WHERE ${wanted}EXISTS (SELECT 1 FROM ${table} WHERE ${table}.org = ?1${equal})`;
}
