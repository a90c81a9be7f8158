/** Who holds what where, for the guards of rights. Lists of keys are one JSON parameter each. */
import type { ResourceParentRow } from '../../core/terms/rows.ts';
import type { HeldTarget, Owned, RightsLookup } from '../../pap/rights/ports.ts';

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
    SELECT 'group:' || m.group_id FROM inside JOIN group_members AS m ON m.org = ?1 AND m.member = inside.principal)
  SELECT principal AS key FROM inside ORDER BY principal`;

const WITH_ANCESTORS = `WITH RECURSIVE above (resource) AS (
    SELECT value FROM json_each(?2) UNION
    SELECT p.parent FROM above JOIN resource_parents AS p ON p.org = ?1 AND p.resource = above.resource)
  SELECT resource AS key FROM above ORDER BY resource`;

const KNOWN = `SELECT value AS key FROM json_each(?2)
  WHERE EXISTS (SELECT 1 FROM resources WHERE org = ?1 AND resource = value)
    OR EXISTS (SELECT 1 FROM resource_parents WHERE org = ?1 AND parent = value) ORDER BY value`;

const RESTRICTED = `SELECT resource AS key FROM resources WHERE org = ?1 AND resource IN ${KEYS} AND access = 'restricted' ORDER BY resource`;

const OWNED_BY = `SELECT DISTINCT resource, kind FROM resource_owners WHERE org = ?1 AND owner IN ${KEYS} ORDER BY resource, kind LIMIT ?3`;

export function d1RightsLookup(db: D1Database, org: string): RightsLookup {
  const targets = async (sql: string, keys: readonly string[], now: number, limit: number): Promise<readonly HeldTarget[]> =>
    (await db.prepare(sql).bind(org, JSON.stringify(keys), now, limit).all<HeldTarget>()).results;
  const keysOf = async (sql: string, given: readonly string[]): Promise<readonly string[]> =>
    (await db.prepare(sql).bind(org, JSON.stringify(given)).all<{ key: string }>()).results.map(({ key }) => key);
  return {
    heldBy: (principals, now, limit) => targets(HELD_BY, principals, now, limit),
    assignmentsOf: (ids, now, limit) => targets(ASSIGNMENTS_OF, ids, now, limit),
    assignedAt: (scopes, now, limit) => targets(ASSIGNED_AT, scopes, now, limit),
    withGroups: (principals) => keysOf(WITH_GROUPS, principals),
    withAncestors: (resources) => keysOf(WITH_ANCESTORS, resources),
    parentsOf: async (resources) =>
      (
        await db
          .prepare(`SELECT resource, parent FROM resource_parents WHERE org = ?1 AND resource IN ${KEYS} ORDER BY resource, parent`)
          .bind(org, JSON.stringify(resources))
          .all<ResourceParentRow>()
      ).results,
    restricted: (resources) => keysOf(RESTRICTED, resources),
    known: (resources) => keysOf(KNOWN, resources),
    ownedBy: async (principals, limit) => (await db.prepare(OWNED_BY).bind(org, JSON.stringify(principals), limit).all<Owned>()).results,
  };
}
