/** The audit of one organization: a line is chained to the last one, and lines are read. Nothing else ever happens to it. */
import { type AuditRow, rowText, sealText } from '../../pap/audit/chain.ts';
import type { AuditFilter, AuditLog, ChainedRow } from '../../pap/control-ports.ts';
import type { AuditEntry } from '../../pap/ports.ts';
import { sha256Hex } from '../sha256.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { REVISION_SQL } from './row-statements.ts';

const COLUMNS = 'org, id, at, revision, actor, action, target, request_id, before, after, prev_hash, hash';

/** `before` and `after` of one page, in characters, if it has more than one row: a row may have two million */
const PAGE_CHARS = 4_000_000;

/** For one batch: `guard` aborts it, as `revision_moved`, if a line was added since; `insert` adds the line. */
export interface AuditLine {
  readonly guard: D1PreparedStatement;
  /** the line is labelled with the revision that the statements before it made; if they made none, that is noted */
  readonly inserts: readonly D1PreparedStatement[];
}

/** Did the line `a` make the revision that it is labelled with? */
export const MADE_ITS_REVISION = 'NOT EXISTS (SELECT 1 FROM audit_beside AS b WHERE b.org = a.org AND b.id = a.id)';

/**
 * Reads the last line, since D1 can't hash. The guard on the revision would not do: a line that tells of no changed row leaves the revision
 * as it is, and two of those would follow the same line.
 * @param expected the revision that the batch begins with
 */
export async function auditLine(db: D1Database, org: string, audit: AuditEntry, now: number, expected: number): Promise<AuditLine> {
  const last = await db
    .prepare('SELECT id, hash, revision FROM audit WHERE org = ?1 ORDER BY id DESC LIMIT 1')
    .bind(org)
    .first<Pick<AuditRow, 'id' | 'hash' | 'revision'>>();
  const { actor, action, target, requestId, before, after } = audit;
  const id = (last?.id ?? 0) + 1;
  const prevHash = last === null ? null : await digest(sealText(last));
  const hash = await digest(
    rowText({ org, id, at: now, actor, action, target, request_id: requestId, before, after, prev_hash: prevHash }),
  );
  return {
    guard: db
      .prepare('INSERT INTO guard (revision_moved) SELECT 1 WHERE (SELECT coalesce(max(id), 0) FROM audit WHERE org = ?1) <> ?2')
      .bind(org, id - 1),
    inserts: [
      db
        .prepare(`INSERT INTO audit (${COLUMNS}) VALUES (?1, ?2, ?3, (${REVISION_SQL}), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`)
        .bind(org, id, now, actor, action, target, requestId, before, after, prevHash, hash),
      db.prepare(`INSERT INTO audit_beside (org, id) SELECT ?1, ?2 WHERE (${REVISION_SQL}) = ?3`).bind(org, id, expected),
    ],
  };
}

function digest(text: string): Promise<string> {
  return sha256Hex(new TextEncoder().encode(text));
}

export function d1AuditLog(db: D1Database, org: string): AuditLog {
  return {
    async page(filter, after, limit) {
      const { where, values } = conditions(filter);
      const below = `${where} AND id < ?${values.length + 2}`;
      const results = await db.batch([
        db.prepare(`SELECT count(*) AS total FROM audit WHERE org = ?1${where}`).bind(org, ...values),
        db
          .prepare(pageSql(COLUMNS, below, 'DESC', values.length + 3))
          .bind(org, ...values, after ?? Number.MAX_SAFE_INTEGER, limit + 1, PAGE_CHARS),
      ]);
      const rows = rowsOf<AuditRow & Found>(results, 1);
      const last = rows.at(-1);
      return {
        rows,
        next: last !== undefined && last.found > rows.length ? [String(last.id)] : null,
        total: rowOf<{ total: number }>(results, 0).total,
      };
    },

    async chain(after, limit) {
      const { results } = await db
        .prepare(pageSql(`${COLUMNS}, ${IN_LOG} AS in_log`, ' AND id > ?2', 'ASC', 3))
        .bind(org, after, limit + 1, PAGE_CHARS)
        .all<AuditRow & Found & { readonly in_log: 0 | 1 }>();
      const rows = results.map((row): ChainedRow => ({ ...row, inLog: row.in_log === 1 }));
      return { rows, more: (results[0]?.found ?? 0) > rows.length };
    },
  };
}

/** How many rows there are behind the place, at most one more than fit the page. */
interface Found {
  readonly found: number;
}

const IN_LOG = `(EXISTS (SELECT 1 FROM changes WHERE changes.org = ?1 AND changes.seq = audit.revision)
  OR audit.revision <= coalesce((SELECT seq FROM changes_pruned WHERE changes_pruned.org = ?1), 0))`;

/**
 * ?1 organization, ?`next` one more than the page has rows, and behind that how many characters it may have.
 * Ids and sizes first, so that texts that don't fit are never held.
 */
function pageSql(columns: string, where: string, order: 'ASC' | 'DESC', next: number): string {
  return `WITH wanted AS (
      SELECT id, ifnull(length(before), 0) + ifnull(length(after), 0) AS size FROM audit WHERE org = ?1${where} ORDER BY id ${order} LIMIT ?${next}
    ),
    sized AS (SELECT id, row_number() OVER (ORDER BY id ${order}) AS n, sum(size) OVER (ORDER BY id ${order}) AS chars FROM wanted)
    SELECT ${columns}, (SELECT count(*) FROM wanted) AS found FROM audit
    WHERE org = ?1 AND id IN (SELECT id FROM sized WHERE n < ?${next} AND (n = 1 OR chars <= ?${next + 1})) ORDER BY id ${order}`;
}

/** `?1` organization: the line of its making, the last one if it was made again */
const BIRTH = "SELECT coalesce(max(id), 0) FROM audit WHERE org = ?1 AND action = 'organization.create'";

/** Values are bound from ?2 on. */
function conditions({ actor, action, target, from, to, presentLife }: AuditFilter): { where: string; values: (string | number)[] } {
  const given: [string, string | number | undefined][] = [
    ['actor =', actor],
    ['action =', action],
    ['target =', target],
    ['at >=', from],
    ['at <', to],
  ];
  const parts: string[] = presentLife === true ? [` AND id >= (${BIRTH})`] : [];
  const values: (string | number)[] = [];
  for (const [test, value] of given) {
    if (value === undefined) continue;
    values.push(value);
    parts.push(` AND ${test} ?${values.length + 1}`);
  }
  return { where: parts.join(''), values };
}
