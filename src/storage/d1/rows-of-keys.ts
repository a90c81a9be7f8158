/** The present rows of given keys of leaves, from one transaction: what a preview starts from. */
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import type { LeafKeys, RowsOfKeys } from '../../pap/preview/ports.ts';
import { keySql, principalRows, principalSql, resourceRows, resourceSql } from './leaf-rows.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { jsonChunks, REVISION_SQL } from './row-statements.ts';

/** a bound string may have 2,000,000 bytes */
const CHUNK_BYTES = 1_000_000;

const given = (column: string): string => `${column} IN (SELECT value FROM json_each(?2))`;

/** Keys are bound as JSON, in chunks: any number of them fits D1's limits. */
export async function rowsOfKeys(db: D1Database, org: string, keys: LeafKeys): Promise<RowsOfKeys> {
  const statements = [db.prepare(REVISION_SQL).bind(org)];
  /** @returns where the results of each chunk begin */
  const add = (sql: readonly string[], of: readonly string[]): number[] =>
    jsonChunks(of, CHUNK_BYTES).map((chunk) => {
      const first = statements.length;
      for (const one of sql) statements.push(db.prepare(one).bind(org, chunk));
      return first;
    });
  const principals = add(principalSql(given), keys.principals);
  const resources = add(resourceSql(given), keys.resources);
  const apiKeys = add(keySql(given), keys.keys);
  const results = await db.batch(statements);
  const principalParts = principals.map((first) => principalRows(results, first));
  const resourceParts = resources.map((first) => resourceRows(results, first));
  return {
    revision: rowOf<{ revision: number }>(results, 0).revision,
    principals: {
      subjects: principalParts.flatMap((part) => part.subjects),
      memberships: principalParts.flatMap((part) => part.memberships),
      assignments: principalParts.flatMap((part) => part.assignments),
      api_keys: principalParts.flatMap((part) => part.api_keys),
    },
    resources: {
      resources: resourceParts.flatMap((part) => part.resources),
      resource_parents: resourceParts.flatMap((part) => part.resource_parents),
      resource_owners: resourceParts.flatMap((part) => part.resource_owners),
    },
    keys: apiKeys.flatMap((first) => rowsOf<ApiKeyRow>(results, first)),
  };
}
