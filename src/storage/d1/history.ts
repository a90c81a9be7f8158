/** The past of one organization as D1 tells it: committed states (by the log and the audit), their rows, and their tags. */
import type { ListPage } from '../../pap/control-ports.ts';
import { wasThere } from '../../pap/history/kept.ts';
import type { History, PublishedRevision, RemovedMember, RevisionPlace, RevisionRow, TableCount } from '../../pap/history/ports.ts';
import type { AuditEntry } from '../../pap/ports.ts';
import { auditLine, MADE_ITS_REVISION } from './audit.ts';
import { rowOf, rowsOf, writeBatch } from './outcome.ts';
import { rowsAt, rowsBetween } from './past-rows.ts';
import { guardStatement, jsonChunks, outcomeStatement, REVISION_SQL } from './row-statements.ts';

/** a bound string may have 2,000,000 bytes */
const CHUNK_BYTES = 1_000_000;

/** ?1 organization, ?2 JSON array of `[revision, the one before it]` */
const ROWS = `SELECT page.revision AS revision, coalesce(change.at, line.at) AS at,
    CASE WHEN page.previous >= (SELECT coalesce(max(seq), 0) FROM changes_pruned WHERE org = ?1) THEN (
      SELECT count(*) FROM changes WHERE org = ?1 AND seq > page.previous AND seq <= page.revision) END AS changes,
    line.actor, line.action, line.target, line.request_id, tag.tag
  FROM (SELECT value ->> 0 AS revision, value ->> 1 AS previous FROM json_each(?2)) AS page
  LEFT JOIN changes AS change ON change.org = ?1 AND change.seq = page.revision
  LEFT JOIN audit AS line ON line.org = ?1
    AND line.id = (SELECT min(a.id) FROM audit AS a WHERE a.org = ?1 AND a.revision = page.revision AND ${MADE_ITS_REVISION})
  LEFT JOIN revision_tags AS tag ON tag.org = ?1 AND tag.revision = page.revision
  ORDER BY page.revision DESC`;

export function d1History(db: D1Database, org: string): History {
  /** The known revisions below a number, newest first. */
  async function below(published: readonly PublishedRevision[], revision: number, limit: number): Promise<number[]> {
    const { results } = await db
      .prepare('SELECT DISTINCT revision FROM audit WHERE org = ?1 AND revision < ?2 ORDER BY revision DESC LIMIT ?3')
      .bind(org, revision, limit)
      .all<{ revision: number }>();
    const first = published.filter((each) => each.revision < revision).slice(0, limit);
    const all = new Set([...results, ...first].map((each) => each.revision));
    return [...all].sort((a, b) => b - a).slice(0, limit);
  }

  /** @param revisions newest first, with the one before the last behind it */
  async function rows(published: readonly PublishedRevision[], revisions: readonly number[], limit: number): Promise<RevisionRow[]> {
    const pairs = revisions.slice(0, limit).map((revision, i) => [revision, revisions[i + 1] ?? 0]);
    const { results } = await db.prepare(ROWS).bind(org, JSON.stringify(pairs)).all<RevisionRow>();
    const times = new Map(published.map(({ revision, at }) => [revision, at]));
    return results.map((row) => ({ ...row, at: row.at ?? times.get(row.revision) ?? null }));
  }

  async function total(published: readonly PublishedRevision[]): Promise<number> {
    const chunks = jsonChunks(
      published.map(({ revision }) => revision),
      CHUNK_BYTES,
    );
    const results = await db.batch([
      db.prepare('SELECT count(DISTINCT revision) AS n FROM audit WHERE org = ?1').bind(org),
      ...chunks.map((chunk) =>
        db
          .prepare(
            `SELECT count(*) AS n FROM json_each(?2) AS each
             WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.org = ?1 AND audit.revision = each.value)`,
          )
          .bind(org, chunk),
      ),
    ]);
    return results.reduce((sum, _, i) => sum + rowOf<{ n: number }>(results, i).n, 0);
  }

  return {
    async page(published, after, limit): Promise<ListPage<RevisionRow>> {
      const found = await below(published, after ?? Number.MAX_SAFE_INTEGER, limit + 1);
      const page = await rows(published, found, limit);
      const last = page.at(-1);
      return {
        rows: page,
        next: found.length > limit && last !== undefined ? [String(last.revision)] : null,
        total: await total(published),
      };
    },

    async place(revision) {
      const row = await db
        .prepare(
          `SELECT (${REVISION_SQL}) AS newest, (SELECT coalesce(max(seq), 0) FROM changes_pruned WHERE org = ?1) AS floor,
             EXISTS (SELECT 1 FROM changes WHERE org = ?1 AND seq = ?2) OR EXISTS (SELECT 1 FROM audit WHERE org = ?1 AND revision = ?2) AS known,
             (SELECT max(at) FROM audit WHERE org = ?1 AND revision = ?2) AS auditedAt,
             (SELECT tag FROM revision_tags WHERE org = ?1 AND revision = ?2) AS tag,
             (SELECT settings FROM settings WHERE org = ?1) AS settings`,
        )
        .bind(org, revision)
        .first<Omit<RevisionPlace, 'known'> & { readonly known: 0 | 1 }>();
      if (row === null) throw new Error('a SELECT of values gave no row');
      return { ...row, known: row.known === 1 };
    },

    async detail(published, revision) {
      const [previous = 0] = await below(published, revision, 1);
      const [row] = await rows(published, [revision, previous], 1);
      const { results } = await db
        .prepare(
          `SELECT tbl AS "table", sum(op = 'insert') AS "insert", sum(op = 'update') AS "update", sum(op IN ('delete', 'replace')) AS "delete"
           FROM changes WHERE org = ?1 AND seq > ?2 AND seq <= ?3 GROUP BY tbl ORDER BY tbl`,
        )
        .bind(org, previous, revision)
        .all<TableCount>();
      return { row: row!, tables: row!.changes === null ? [] : results };
    },

    rowsAt: (revision) => rowsAt(db, org, revision),
    between: (from, to) => rowsBetween(db, org, from, to),

    async membersRemoved(after) {
      const { results } = await db
        .prepare(
          "SELECT target AS subject, before FROM audit WHERE org = ?1 AND revision > ?2 AND action IN ('member.remove', 'member.leave')",
        )
        .bind(org, after)
        .all<RemovedMember>();
      return results;
    },

    async tag(expected, revision, tag, audit: AuditEntry, now) {
      const line = await auditLine(db, org, audit, now, expected);
      const change =
        tag === null
          ? db.prepare('DELETE FROM revision_tags WHERE org = ?1 AND revision = ?2').bind(org, revision)
          : db
              .prepare(
                `INSERT INTO revision_tags (org, revision, tag) VALUES (?1, ?2, ?3)
                 ON CONFLICT (org, revision) DO UPDATE SET tag = excluded.tag`,
              )
              .bind(org, revision, tag);
      const results = await writeBatch(db, [
        guardStatement(db, org, expected),
        line.guard,
        change,
        ...line.inserts,
        outcomeStatement(db, org, expected),
      ]);
      return rowOf<{ revision: number; rows: number }>(results, results.length - 1);
    },
  };
}

/** Was there ever such a state? True too for what is older than the log and the audit know. */
export async function wasCommitted(db: D1Database, org: string, revision: number): Promise<boolean> {
  return wasThere(revision, await d1History(db, org).place(revision));
}

/** What retention goes by: revisions with a tag, and the organization's settings. */
export async function retentionRows(
  db: D1Database,
  org: string,
): Promise<{ readonly tagged: readonly number[]; readonly settings: string | null }> {
  const results = await db.batch([
    db.prepare('SELECT revision FROM revision_tags WHERE org = ?1').bind(org),
    db.prepare('SELECT settings FROM settings WHERE org = ?1').bind(org),
  ]);
  const [row] = rowsOf<{ settings: string }>(results, 1);
  return { tagged: rowsOf<{ revision: number }>(results, 0).map(({ revision }) => revision), settings: row?.settings ?? null };
}

/**
 * Prunes a slice of the log: lines before `oldest` and older than `before` (ms), never one behind a line that stays.
 * @returns true when there may be more
 */
export async function pruneChanges(db: D1Database, org: string, oldest: number, before: number, slice: number): Promise<boolean> {
  const { results } = await db
    .prepare(
      `SELECT seq FROM changes WHERE org = ?1
       AND seq < min(?2, (${REVISION_SQL}), coalesce((SELECT min(seq) FROM changes WHERE org = ?1 AND at >= ?3), ?2))
       ORDER BY seq LIMIT ?4`,
    )
    .bind(org, oldest, before, slice)
    .all<{ seq: number }>();
  const last = results.at(-1);
  if (last === undefined) return false;
  await db.prepare('DELETE FROM changes WHERE org = ?1 AND seq <= ?2').bind(org, last.seq).run();
  return results.length === slice;
}
