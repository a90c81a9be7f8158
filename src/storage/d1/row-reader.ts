/** Reads the rows of one organization from D1. Every answer is read in one batch, which is one transaction; keys are sorted by SQLite. */
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import type { RowPage, RowReader } from '../../pap/ports.ts';
import { catalogRows, catalogStatements } from './catalog-rows.ts';
import { changedSince } from './changed-since.ts';
import { keySql, principalRows, principalSql, resourceRows, resourceSql } from './leaf-rows.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { REVISION_SQL } from './row-statements.ts';

/** The keys of a page: `?1` organization, `?2` the key before the page, `?3` how many. */
const PRINCIPAL_KEYS = `SELECT subject AS key FROM subjects WHERE org = ?1 AND subject > ?2
  UNION SELECT principal FROM assignments WHERE org = ?1 AND principal > ?2 ORDER BY key LIMIT ?3`;
const RESOURCE_KEYS = 'SELECT resource AS key FROM resources WHERE org = ?1 AND resource > ?2 ORDER BY resource LIMIT ?3';
const API_KEY_KEYS = 'SELECT id AS key FROM api_keys WHERE org = ?1 AND id > ?2 ORDER BY id LIMIT ?3';

export function d1RowReader(db: D1Database, org: string): RowReader {
  /** One more key than the page holds is asked for: its presence says that there is a further page. */
  async function page<Rows>(
    keysSql: string,
    rowsSql: (whose: (column: string) => string) => string[],
    rowsFrom: (results: readonly D1Result[], first: number) => Rows,
    after: string,
    limit: number,
  ): Promise<RowPage<Rows>> {
    const inPage = (column: string): string => `${column} > ?2 AND ${column} <= (SELECT max(key) FROM (${keysSql}))`;
    const results = await db.batch([
      db.prepare(REVISION_SQL).bind(org),
      db.prepare(keysSql).bind(org, after, limit + 1),
      ...rowsSql(inPage).map((sql) => db.prepare(sql).bind(org, after, limit)),
    ]);
    const found = rowsOf<{ key: string }>(results, 1).map((row) => row.key);
    const keys = found.slice(0, limit);
    return {
      revision: rowOf<{ revision: number }>(results, 0).revision,
      rows: rowsFrom(results, 2),
      keys,
      last: found.length > limit ? (keys.at(-1) ?? null) : null,
    };
  }

  return {
    async revision() {
      const row = await db.prepare(REVISION_SQL).bind(org).first<{ revision: number }>();
      return row?.revision ?? 0;
    },
    async catalog() {
      const results = await db.batch([db.prepare(REVISION_SQL).bind(org), ...catalogStatements(db, org)]);
      return { revision: rowOf<{ revision: number }>(results, 0).revision, rows: catalogRows(results, 1) };
    },
    principalPage: (after, limit) => page(PRINCIPAL_KEYS, principalSql, principalRows, after, limit),
    resourcePage: (after, limit) => page(RESOURCE_KEYS, resourceSql, resourceRows, after, limit),
    keyPage: (after, limit) => page(API_KEY_KEYS, keySql, (results, first) => rowsOf<ApiKeyRow>(results, first), after, limit),
    changedSince: (after, maxTouched) => changedSince(db, org, after, maxTouched),
  };
}
