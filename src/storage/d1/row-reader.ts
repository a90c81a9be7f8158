/** Reads the rows of one organization from D1. Every answer is read in one batch, which is one transaction; keys are sorted by SQLite. */
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import type { RowPage, RowReader } from '../../pap/ports.ts';
import { catalogRows, catalogStatements } from './catalog-rows.ts';
import { changedSince } from './changed-since.ts';
import { keySql, principalRows, principalSql, resourceRows, resourceSql } from './leaf-rows.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { REVISION_SQL } from './row-statements.ts';

/** rows of a page that one key alone may exceed: what a page holds in memory */
const PAGE_ROWS = 4_000;

/** The first keys behind a page: `?1` organization, `?2` the key before the page, `?3` how many, `?4` how many rows of theirs. */
interface KeySql {
  /** column `key`, in order */
  readonly keys: string;
  /** the key that the row behind so many lies with */
  readonly heavy: string;
}

const behindRows = (table: string, column: string): string =>
  `SELECT ${column} FROM ${table} WHERE org = ?1 AND ${column} > ?2 ORDER BY ${column} LIMIT 1 OFFSET ?4`;

const PRINCIPALS: KeySql = {
  keys: `SELECT subject AS key FROM subjects WHERE org = ?1 AND subject > ?2
    UNION SELECT principal FROM assignments WHERE org = ?1 AND principal > ?2 ORDER BY key`,
  heavy: behindRows('assignments', 'principal'),
};
const RESOURCES: KeySql = {
  keys: 'SELECT resource AS key FROM resources WHERE org = ?1 AND resource > ?2 ORDER BY resource',
  heavy: behindRows('resource_parents', 'resource'),
};
const API_KEYS: KeySql = { keys: 'SELECT id AS key FROM api_keys WHERE org = ?1 AND id > ?2 ORDER BY id', heavy: 'SELECT NULL WHERE ?4' };

/** @param spend told how many statements are run, before they are */
export function d1RowReader(db: D1Database, org: string, spend: (statements: number) => void = () => {}): RowReader {
  const batch = (statements: D1PreparedStatement[]): Promise<D1Result[]> => {
    spend(statements.length);
    return db.batch(statements);
  };

  /** One more key than the page holds is asked for: its presence says that there is a further page. */
  async function page<Rows>(
    { keys: keysSql, heavy }: KeySql,
    rowsSql: (whose: (column: string) => string) => string[],
    rowsFrom: (results: readonly D1Result[], first: number) => Rows,
    after: string,
    limit: number,
  ): Promise<RowPage<Rows>> {
    const end = `SELECT min(last, coalesce((${heavy}), last)) FROM (SELECT max(key) AS last FROM (${keysSql} LIMIT ?3))`;
    const inPage = (column: string): string => `${column} > ?2 AND ${column} <= (${end})`;
    const sql = [`SELECT key, key <= (${end}) AS here FROM (${keysSql} LIMIT ?3 + 1)`, ...rowsSql(inPage)];
    const results = await batch([
      db.prepare(REVISION_SQL).bind(org),
      ...sql.map((text) => db.prepare(text).bind(org, after, limit, PAGE_ROWS)),
    ]);
    const found = rowsOf<{ key: string; here: 0 | 1 }>(results, 1);
    const keys = found.filter((row) => row.here === 1).map((row) => row.key);
    return {
      revision: rowOf<{ revision: number }>(results, 0).revision,
      rows: rowsFrom(results, 2),
      keys,
      last: found.length > keys.length ? (keys.at(-1) ?? null) : null,
    };
  }

  return {
    async revision() {
      spend(1);
      const row = await db.prepare(REVISION_SQL).bind(org).first<{ revision: number }>();
      return row?.revision ?? 0;
    },
    async catalog() {
      const results = await batch([db.prepare(REVISION_SQL).bind(org), ...catalogStatements(db, org)]);
      return { revision: rowOf<{ revision: number }>(results, 0).revision, rows: catalogRows(results, 1) };
    },
    principalPage: (after, limit) => page(PRINCIPALS, principalSql, principalRows, after, limit),
    resourcePage: (after, limit) => page(RESOURCES, resourceSql, resourceRows, after, limit),
    keyPage: (after, limit) => page(API_KEYS, keySql, (results, first) => rowsOf<ApiKeyRow>(results, first), after, limit),
    changedSince: (after, maxTouched, part) => changedSince(db, org, spend, after, maxTouched, part),
  };
}
