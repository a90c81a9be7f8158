/** What the log says was touched after a revision, with the present rows of all of it, from one transaction. */
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import type { ChangeSet } from '../../pap/ports.ts';
import { catalogRows, catalogStatements } from './catalog-rows.ts';
import { keySql, principalRows, principalSql, resourceRows, resourceSql } from './leaf-rows.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { REVISION_SQL } from './row-statements.ts';

type LeafArea = 'principal' | 'resource' | 'key';

/** `?1` organization, `?2` revision. A key is a subject too, `api_key:<id>`: disabling the one suspends the other. */
const TOUCHED = `SELECT area, touches FROM changes WHERE org = ?1 AND seq > ?2 AND area IN ('principal', 'resource', 'key')
  UNION SELECT 'principal', 'api_key:' || touches FROM changes WHERE org = ?1 AND seq > ?2 AND area = 'key'`;

/**
 * `?3` is where counting stops. The log reaches back to `?2` if nothing after it was pruned, and if it is where the log begins or a row that
 * is still there: after the database was set back to an older state it is neither, or the mark of `ensureRevisionAbove` lies above it.
 */
const HEAD = `SELECT (${REVISION_SQL}) AS revision,
  (SELECT ?2 = floor OR (?2 > floor AND EXISTS (SELECT 1 FROM changes WHERE org = ?1 AND seq = ?2))
   FROM (SELECT coalesce(max(seq), 0) AS floor FROM changes_pruned WHERE org = ?1)) AS reaches,
  EXISTS (SELECT 1 FROM changes WHERE org = ?1 AND seq > ?2 AND area = 'catalog') AS catalog,
  (SELECT count(*) FROM (SELECT 1 FROM (${TOUCHED}) LIMIT ?3)) AS touched`;

interface Head {
  readonly revision: number;
  readonly reaches: 0 | 1;
  readonly catalog: 0 | 1;
  readonly touched: number;
}

/** @returns null when more than `maxTouched` keys were touched after `after`, or when the log doesn't reach back to it */
export async function changedSince(db: D1Database, org: string, after: number, maxTouched: number): Promise<ChangeSet | null> {
  const headStatement = db.prepare(HEAD).bind(org, after, maxTouched + 1);
  let [head] = (await headStatement.all<Head>()).results;
  while (head?.reaches === 1 && head.touched <= maxTouched) {
    const withCatalog = head.catalog === 1;
    const results = await db.batch([
      headStatement,
      ...leafSql().map((sql) => db.prepare(sql).bind(org, after)),
      ...(withCatalog ? catalogStatements(db, org) : []),
    ]);
    head = rowOf<Head>(results, 0);
    // Somebody may have written between the first look and the batch: only what the batch itself says counts.
    if (head.reaches === 1 && head.touched <= maxTouched && (head.catalog === 1) === withCatalog) {
      return changeSet(head.revision, results, withCatalog);
    }
  }
  return null;
}

const CATALOG_INDEX = 11;

function leafSql(): string[] {
  const touched = (area: LeafArea) => (column: string) => `${column} IN (SELECT touches FROM (${TOUCHED}) WHERE area = '${area}')`;
  return [
    'SELECT count(*) AS changes FROM changes WHERE org = ?1 AND seq > ?2',
    `SELECT area, touches AS key FROM (${TOUCHED}) ORDER BY touches`,
    ...principalSql(touched('principal')),
    ...resourceSql(touched('resource')),
    ...keySql(touched('key')),
  ];
}

function changeSet(revision: number, results: readonly D1Result[], withCatalog: boolean): ChangeSet {
  const touched = rowsOf<{ area: LeafArea; key: string }>(results, 2);
  const keysOf = (area: LeafArea): string[] => touched.filter((row) => row.area === area).map((row) => row.key);
  return {
    revision,
    catalog: withCatalog ? catalogRows(results, CATALOG_INDEX) : null,
    principals: { keys: keysOf('principal'), rows: principalRows(results, 3) },
    resources: { keys: keysOf('resource'), rows: resourceRows(results, 7) },
    keys: { keys: keysOf('key'), rows: rowsOf<ApiKeyRow>(results, 10) },
    changes: rowOf<{ changes: number }>(results, 1).changes,
  };
}
