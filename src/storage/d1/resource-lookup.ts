/** Looks into registered resources, what lies above and below them, and who owns them. All values are bound, never pasted. */
import type { ResourceParentRow, ResourceRow } from '../../core/terms/rows.ts';
import type { NamedAssignment } from '../../pap/control-ports.ts';
import type { NamedOwner, OwnAssignment, PlacedResource, ResourceFilter, ResourceLookup } from '../../pap/resources/ports.ts';
import { NAMED_ASSIGNMENT } from './lookup.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { allOf, ofType, pageOf, usersOf } from './page.ts';
import { columnList } from './tables.ts';

/** @param wanted SQL that gives the resources as `value`; ?1 is the organization */
const parentsOf = (wanted: string): string => `SELECT p.resource, p.parent FROM (${wanted}) AS wanted
  CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.resource = wanted.value ORDER BY p.resource, p.parent`;

const ownersOf = (wanted: string): string => `SELECT o.resource, o.owner, o.kind, coalesce('group:' || g.name, o.owner) AS subject
  FROM (${wanted}) AS wanted CROSS JOIN resource_owners AS o ON o.org = ?1 AND o.resource = wanted.value
  LEFT JOIN groups AS g ON g.org = o.org AND o.owner GLOB 'group:*' AND g.id = substr(o.owner, 7)
  ORDER BY o.resource, o.owner, o.kind`;

export const ABOVE = `WITH RECURSIVE above (resource) AS (SELECT value FROM json_each(?2)
    UNION SELECT p.parent FROM above CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.resource = above.resource)
  SELECT p.resource, p.parent FROM above CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.resource = above.resource`;

/** ?1 organization, ?2 resource, ?3 how deep to look */
const DEPTH = `WITH RECURSIVE below (resource, depth) AS (SELECT ?2, 0
    UNION SELECT p.resource, below.depth + 1 FROM below CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.parent = below.resource
      WHERE below.depth < ?3)
  SELECT max(depth) AS depth FROM below`;

/**
 * ?1 organization, ?2 resource, ?3 its parents-to-be as JSON, ?4 how many. Of each assignment that belongs to a project, by its role, policy or
 * key, and lies at the resource or below it, everything above its scope is found, through the parents-to-be where it passes the resource.
 */
const STRAY = `WITH RECURSIVE
  below (resource) AS (SELECT ?2
    UNION SELECT p.resource FROM below CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.parent = below.resource),
  held AS (SELECT a.*, coalesce(r.project, p.project) AS project FROM below
    CROSS JOIN assignments AS a ON a.org = ?1 AND a.scope = below.resource
    LEFT JOIN roles AS r ON r.org = a.org AND r.id = a.role LEFT JOIN policies AS p ON p.org = a.org AND p.id = a.policy
    WHERE coalesce(r.project, p.project) <> '' AND (?3 <> 'null' OR a.scope <> ?2)
    UNION ALL SELECT a.*, k.project FROM below
    CROSS JOIN assignments AS a ON a.org = ?1 AND a.scope = below.resource AND a.principal GLOB 'api_key:*'
    JOIN api_keys AS k ON k.org = a.org AND k.id = substr(a.principal, 9)
    WHERE k.project <> '' AND (?3 <> 'null' OR a.scope <> ?2)),
  above (scope, resource) AS MATERIALIZED (SELECT DISTINCT scope, scope FROM held
    UNION SELECT above.scope, p.parent FROM above CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.resource = above.resource
      WHERE above.resource <> ?2
    UNION SELECT above.scope, n.value FROM above CROSS JOIN json_each(?3) AS n WHERE above.resource = ?2)
  SELECT id, principal, role, policy, scope, not_before, expires_at, project FROM held
  WHERE NOT EXISTS (SELECT 1 FROM above WHERE above.scope = held.scope AND above.resource = 'project:' || held.project)
  ORDER BY id LIMIT ?4`;

function filterOf(org: string, { type, parent, access, owner, search }: ResourceFilter): ReturnType<typeof allOf> {
  const linked = (table: string, column: string) => `resource IN (SELECT resource FROM ${table} WHERE org = ? AND ${column} = ?)`;
  return allOf([
    ['org = ?', org],
    ofType('resource', type),
    parent === undefined ? null : [linked('resource_parents', 'parent'), org, parent],
    owner === undefined ? null : [linked('resource_owners', 'owner'), org, owner],
    access === undefined ? null : ['access = ?', access],
    search === '' ? null : ['instr(lower(resource), lower(?)) > 0', search],
  ]);
}

export function d1ResourceLookup(db: D1Database, org: string): ResourceLookup {
  return {
    async list(filter, after, limit) {
      const { where, values } = filterOf(org, filter);
      const page = `FROM resources WHERE ${where} AND resource > ?${values.length + 1} ORDER BY resource LIMIT ?${values.length + 2}`;
      const wanted = `SELECT resource AS value ${page}`;
      const results = await db.batch([
        db.prepare(`SELECT count(*) AS total FROM resources WHERE ${where}`).bind(...values),
        ...[`SELECT ${columnList('resources')} ${page}`, parentsOf(wanted), ownersOf(wanted)].map((sql) =>
          db.prepare(sql).bind(...values, after, limit + 1),
        ),
      ]);
      const { total } = rowOf<{ total: number }>(results, 0);
      return pageOf(placed(results, 1), total, limit, ({ row }) => [row.resource]);
    },

    async resource(resource) {
      const wanted = 'SELECT ?2 AS value';
      const own = `SELECT ${columnList('resources')} FROM resources WHERE org = ?1 AND resource = ?2`;
      const results = await db.batch([own, parentsOf(wanted), ownersOf(wanted)].map((sql) => db.prepare(sql).bind(org, resource)));
      return placed(results, 0)[0] ?? null;
    },

    async above(resources) {
      const { results } = await db.prepare(ABOVE).bind(org, JSON.stringify(resources)).all<ResourceParentRow>();
      return results;
    },

    async depthBelow(resource, limit) {
      const row = await db.prepare(DEPTH).bind(org, resource, limit).first<{ depth: number }>();
      return row?.depth ?? 0;
    },

    async use(resource, limit) {
      const results = await db.batch([
        db.prepare('SELECT count(*) AS total FROM resource_parents WHERE org = ?1 AND parent = ?2').bind(org, resource),
        db
          .prepare('SELECT resource, parent FROM resource_parents WHERE org = ?1 AND parent = ?2 ORDER BY resource LIMIT ?3')
          .bind(org, resource, limit),
        db.prepare('SELECT count(*) AS total FROM assignments WHERE org = ?1 AND scope = ?2').bind(org, resource),
        db.prepare(`${NAMED_ASSIGNMENT} WHERE a.org = ?1 AND a.scope = ?2 ORDER BY +a.id LIMIT ?3`).bind(org, resource, limit),
      ]);
      return { children: usersOf<ResourceParentRow>(results, 0), assignments: usersOf<NamedAssignment>(results, 2) };
    },

    async strayAssignments(resource, parents, limit) {
      const { results } = await db.prepare(STRAY).bind(org, resource, JSON.stringify(parents), limit).all<OwnAssignment>();
      return results;
    },
  };
}

/** From three results of a batch: the resources, their parents, their owners. */
function placed(results: readonly D1Result[], index: number): PlacedResource[] {
  const parents = Map.groupBy(rowsOf<ResourceParentRow>(results, index + 1), ({ resource }) => resource);
  const owners = Map.groupBy(rowsOf<NamedOwner>(results, index + 2), ({ resource }) => resource);
  return rowsOf<ResourceRow>(results, index).map((row) => ({
    row,
    parents: (parents.get(row.resource) ?? []).map(({ parent }) => parent),
    owners: owners.get(row.resource) ?? [],
  }));
}
