/** Reads the log of one organization for the change feed. */
import type { ChangeFeed, LoggedChange } from '../../pap/changes/ports.ts';
import { MADE_ITS_REVISION } from './audit.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { REVISION_SQL } from './row-statements.ts';
import { TABLES } from './tables.ts';

const HEAD = `SELECT (${REVISION_SQL}) AS revision, (SELECT coalesce(max(seq), 0) FROM changes_pruned WHERE org = ?1) AS floor`;

/** A line of the audit is labelled with the revision that its write made: the seq of the write's last change. */
const ITEMS = `SELECT c.seq AS revision, c.at, c.tbl, c.key, c.op, a.actor, a.request_id AS requestId FROM changes AS c
  LEFT JOIN audit AS a ON a.org = c.org AND a.revision = c.seq AND ${MADE_ITS_REVISION}
  WHERE c.org = ?1 AND c.seq > ?2 ORDER BY c.seq LIMIT ?3`;

type Row = Omit<LoggedChange, 'table' | 'key'> & { readonly tbl: string; readonly key: string };

export function d1ChangeFeed(db: D1Database, org: string): ChangeFeed {
  return {
    async page(after, limit) {
      const results = await db.batch([db.prepare(HEAD).bind(org), db.prepare(ITEMS).bind(org, after, limit)]);
      const { revision, floor } = rowOf<{ revision: number; floor: number }>(results, 0);
      const items = rowsOf<Row>(results, 1).map(({ tbl, key, ...row }) => ({ ...row, table: tbl, key: columnsOf(tbl, key) }));
      return { items, revision, floor };
    },
  };
}

/** Triggers write the key of several columns as a JSON array, that of one as it is. */
function columnsOf(table: string, key: string): readonly string[] {
  const shape = Object.entries(TABLES).find(([name]) => name === table)?.[1];
  if (shape === undefined || shape.key.length === 1) return [key];
  if (shape.key.length === 0) return [];
  const columns: unknown = JSON.parse(key);
  return Array.isArray(columns) ? columns.map(String) : [key];
}
