/** How far the Publisher has come, as the sweep sees it, and what mends a database that was set back to an older state. */
import { rowOf } from './outcome.ts';
import { REVISION_SQL } from './row-statements.ts';

export interface Behind {
  readonly org: string;
  /** the newest in D1 */
  readonly revision: number;
  /** 0 when none was published yet */
  readonly published: number;
  /** when the oldest change was written that isn't published, ms since 1970 */
  readonly since: number;
}

/** Notes that `revision` is served. Never lowers what was noted. */
export async function markPublished(db: D1Database, org: string, revision: number, at: number): Promise<void> {
  await db
    .prepare(
      `INSERT INTO published (org, revision, at) VALUES (?1, ?2, ?3)
       ON CONFLICT (org) DO UPDATE SET revision = excluded.revision, at = excluded.at WHERE excluded.revision > published.revision`,
    )
    .bind(org, revision, at)
    .run();
}

/** Organizations with changes that aren't published, in order of id; also those that were published once and are deleted since. One query. */
export async function behind(db: D1Database): Promise<Behind[]> {
  const { results } = await db
    .prepare(
      `SELECT org, published,
         (SELECT max(seq) FROM changes WHERE changes.org = known.org) AS revision,
         (SELECT at FROM changes WHERE changes.org = known.org AND seq > published ORDER BY seq LIMIT 1) AS since
       FROM (
         SELECT all_orgs.org, coalesce(published.revision, 0) AS published
         FROM (SELECT id AS org FROM organizations UNION SELECT org FROM published) AS all_orgs
         LEFT JOIN published ON published.org = all_orgs.org
       ) AS known
       WHERE EXISTS (SELECT 1 FROM changes WHERE changes.org = known.org AND seq > published)
       ORDER BY org`,
    )
    .all<Behind>();
  return results;
}

/**
 * After the database was set back to an older state: lifts the organization's revision above one that was seen before, if it isn't, so that
 * revisions never fall, and marks the log as not reaching back, so that the next publish compiles in full.
 * @returns the revision now
 */
export async function ensureRevisionAbove(db: D1Database, org: string, revision: number, now: number): Promise<number> {
  const results = await db.batch([
    // the newest `seq` of all may lie higher: another organization has written since
    db
      .prepare(
        `INSERT INTO changes (seq, org, tbl, key, area, touches, op, before, at)
         SELECT max(?2, (SELECT coalesce(max(seq), 0) FROM changes)) + 1, ?1, 'organizations', ?1, 'organization', '', 'restore', NULL, ?3
         WHERE (${REVISION_SQL}) < ?2`,
      )
      .bind(org, revision, now),
    db
      .prepare(
        `INSERT INTO changes_pruned (org, seq) SELECT org, seq FROM changes
         WHERE seq = (SELECT max(seq) FROM changes WHERE org = ?1) AND op = 'restore'
         ON CONFLICT (org) DO UPDATE SET seq = max(seq, excluded.seq)`,
      )
      .bind(org),
    db.prepare(REVISION_SQL).bind(org),
  ]);
  return rowOf<{ revision: number }>(results, 2).revision;
}
