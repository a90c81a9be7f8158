/**
 * Which pieces the kept revisions are made of, as spans: a piece was part of every published revision from the first to the last of a span.
 * One change of an organization closes and opens few spans, whatever its size. This is the mark of the garbage collection, kept up to date
 * by every publish instead of read from all manifests:
 * a piece is needed iff one of its spans is open or holds a kept revision.
 */
import type { PieceChange } from './piece-store.ts';

/** The published revision is `revision` now. Belongs into the transaction that moves the pointer. */
export function openSpans(sql: SqlStorage, previous: number | null, revision: number, { added, gone }: PieceChange): void {
  // What is older than the spans themselves can't be told apart from garbage.
  if (sql.exec('SELECT 1 FROM spans LIMIT 1').toArray().length === 0) sql.exec('DELETE FROM revisions WHERE revision < ?', revision);
  const hashes = JSON.stringify(added);
  if (previous !== null) {
    const ended = gone === null ? 'NOT IN' : 'IN';
    const which = `last IS NULL AND hash ${ended} (SELECT value FROM json_each(?))`;
    sql.exec(`UPDATE spans SET last = ? WHERE ${which}`, previous, gone === null ? hashes : JSON.stringify(gone));
  }
  sql.exec(
    `INSERT OR REPLACE INTO spans (hash, first, last) SELECT DISTINCT value, ?, NULL FROM json_each(?)
     WHERE NOT EXISTS (SELECT 1 FROM spans WHERE hash = value AND last IS NULL)`,
    revision,
    hashes,
  );
  sql.exec('DELETE FROM garbage WHERE hash IN (SELECT value FROM json_each(?))', hashes);
}

/** Drops a revision that isn't the newest. Its pieces that no kept revision has become garbage. Belongs into a transaction. */
export function dropRevision(sql: SqlStorage, revision: number): void {
  for (const table of ['revisions', 'replaced']) sql.exec(`DELETE FROM ${table} WHERE revision = ?`, revision);
  const { below, above } = sql
    .exec<{ below: number; above: number }>(
      `SELECT coalesce((SELECT max(revision) FROM revisions WHERE revision < ?1), -1) AS below,
         (SELECT min(revision) FROM revisions WHERE revision > ?1) AS above`,
      revision,
    )
    .one();
  const inGap = 'last > ? AND last < ? AND first > ?';
  const gone = sql
    .exec<{ hash: string }>(`SELECT DISTINCT hash FROM spans WHERE ${inGap}`, below, above, below)
    .toArray()
    .map(({ hash }) => hash);
  sql.exec(`DELETE FROM spans WHERE ${inGap}`, below, above, below);
  sql.exec(
    `INSERT OR IGNORE INTO garbage (hash) SELECT value FROM json_each(?)
     WHERE NOT EXISTS (SELECT 1 FROM spans WHERE hash = value)`,
    JSON.stringify(gone),
  );
}
