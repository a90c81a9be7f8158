/** Who holds what where, for the guards of rights. Lists of keys are JSON parameters, as many as their bytes need. */
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { ResourceParentRow } from '../../core/terms/rows.ts';
import type { HeldTarget, Owned, RightsLookup } from '../../pap/rights/ports.ts';
import { rowsOf } from './outcome.ts';
import { keyChunks } from './row-statements.ts';

/** ?1 organization, ?2 keys, ?3 now, ?4 how many. What has ended counts for nothing. */
function held(where: string): string {
  return `SELECT coalesce(role, policy) AS target, scope, min(ifnull(not_before, 0)) AS since,
      CASE WHEN count(*) = count(expires_at) THEN max(expires_at) END AS until
    FROM assignments WHERE org = ?1 AND ${where} AND ifnull(expires_at, ?3 + 1) > ?3
    GROUP BY target, scope ORDER BY scope, target LIMIT ?4`;
}

const KEYS = '(SELECT value FROM json_each(?2))';
const HELD_BY = held(`principal IN ${KEYS}`);
const ASSIGNED_AT = held(`scope IN ${KEYS}`);
const ASSIGNMENTS_OF = held(`(role IN ${KEYS} OR policy IN ${KEYS})`);

const WITH_GROUPS = `WITH RECURSIVE inside (principal) AS (
    SELECT value FROM json_each(?2) UNION
    SELECT 'group:' || m.group_id FROM inside CROSS JOIN group_members AS m ON m.org = ?1 AND m.member = inside.principal)
  SELECT principal AS key FROM inside ORDER BY principal`;

const WITH_ANCESTORS = `WITH RECURSIVE above (resource) AS (
    SELECT value FROM json_each(?2) UNION
    SELECT p.parent FROM above CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.resource = above.resource)
  SELECT resource AS key FROM above ORDER BY resource`;

const KNOWN = `SELECT value AS key FROM json_each(?2)
  WHERE EXISTS (SELECT 1 FROM resources WHERE org = ?1 AND resource = value)
    OR EXISTS (SELECT 1 FROM resource_parents WHERE org = ?1 AND parent = value) ORDER BY value`;

const RESTRICTED = `SELECT resource AS key FROM resources WHERE org = ?1 AND resource IN ${KEYS} AND access = 'restricted' ORDER BY resource`;

const OWNED_BY = `SELECT DISTINCT resource, kind FROM resource_owners WHERE org = ?1 AND owner IN ${KEYS} ORDER BY resource, kind LIMIT ?3`;

const PARENTS_OF = `SELECT resource, parent FROM resource_parents WHERE org = ?1 AND resource IN ${KEYS} ORDER BY resource, parent`;

export function d1RightsLookup(db: D1Database, org: string): RightsLookup {
  /** One transaction, however many statements the keys need. */
  async function rowsFor<Row>(sql: string, keys: readonly string[], ...more: readonly number[]): Promise<Row[][]> {
    const statements = keyChunks(keys).map((chunk) => db.prepare(sql).bind(org, chunk, ...more));
    const results = statements.length === 0 ? [] : await db.batch(statements);
    return results.map((_, index) => rowsOf<Row>(results, index));
  }
  const targets = async (sql: string, keys: readonly string[], now: number, limit: number): Promise<readonly HeldTarget[]> =>
    mergedTargets(await rowsFor<HeldTarget>(sql, keys, now, limit)).slice(0, limit);
  const keysOf = async (sql: string, given: readonly string[]): Promise<readonly string[]> => {
    const found = await rowsFor<{ key: string }>(sql, given);
    return merged(found, ({ key }) => key).map(({ key }) => key);
  };
  return {
    heldBy: (principals, now, limit) => targets(HELD_BY, principals, now, limit),
    assignmentsOf: (ids, now, limit) => targets(ASSIGNMENTS_OF, ids, now, limit),
    assignedAt: (scopes, now, limit) => targets(ASSIGNED_AT, scopes, now, limit),
    withGroups: (principals) => keysOf(WITH_GROUPS, principals),
    withAncestors: (resources) => keysOf(WITH_ANCESTORS, resources),
    parentsOf: async (resources) => merged(await rowsFor<ResourceParentRow>(PARENTS_OF, resources), JSON.stringify),
    restricted: (resources) => keysOf(RESTRICTED, resources),
    known: (resources) => keysOf(KNOWN, resources),
    ownedBy: async (principals, limit) => merged(await rowsFor<Owned>(OWNED_BY, principals, limit), JSON.stringify).slice(0, limit),
  };
}

/** What several statements found, each once. What one statement found is so already, and sorted. */
function merged<Row>(found: readonly Row[][], keyOf: (row: Row) => string): Row[] {
  if (found.length < 2) return found.flat();
  const rows = new Map(found.flat().map((row) => [keyOf(row), row]));
  return [...rows].sort(([a], [b]) => compareCodePoints(a, b)).map(([, row]) => row);
}

/** The same role at the same scope may be held by principals of two statements: the widest window of all. */
function mergedTargets(found: readonly HeldTarget[][]): HeldTarget[] {
  if (found.length < 2) return found.flat();
  const all = Map.groupBy(found.flat(), ({ target, scope }) => JSON.stringify([scope, target]));
  const widest = [...all].map(([key, held]) => {
    const ends = held.map(({ until }) => until);
    const until = ends.includes(null) ? null : Math.max(...ends.map(Number));
    return [key, { ...held[0]!, since: Math.min(...held.map(({ since }) => since)), until }] as const;
  });
  return widest.sort(([a], [b]) => compareCodePoints(a, b)).map(([, held]) => held);
}
