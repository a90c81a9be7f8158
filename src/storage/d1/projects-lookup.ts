/** Projects for the control plane: pages of the list, single ones, what lies above them, what belongs to them. All values are bound. */
import type { ApiKeyRow, AssignmentRow, PolicyRow, ResourceParentRow, ResourceRow, RoleRow, TableName } from '../../core/terms/rows.ts';
import type { ListedProject, NamedOwner, NamedUse, PlacedResource, ProjectLookup, ProjectUses } from '../../pap/projects/ports.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { TABLES } from './tables.ts';

const columns = (table: TableName, alias: string): string => TABLES[table].columns.map((column) => `${alias}.${column}`).join(', ');

/** Of the resource `r`. */
const PARTS = `(SELECT json_group_array(parent) FROM (
    SELECT p.parent FROM resource_parents AS p WHERE p.org = r.org AND p.resource = r.resource ORDER BY p.parent)) AS parents,
  (SELECT json_group_array(json_object('owner', owner, 'kind', kind, 'subject', subject)) FROM (
    SELECT o.owner, o.kind, CASE WHEN g.id IS NULL THEN o.owner ELSE 'group:' || g.name END AS subject
    FROM resource_owners AS o LEFT JOIN groups AS g ON o.owner GLOB 'group:*' AND g.org = o.org AND g.id = substr(o.owner, 7)
    WHERE o.org = r.org AND o.resource = r.resource ORDER BY o.owner, o.kind)) AS owners`;

const PROJECT = `SELECT t.id, t.nickname, r.resource, r.access, r.properties, ${PARTS},
    (SELECT count(*) FROM policies AS x WHERE x.org = t.org AND x.project_id = t.id) AS policies,
    (SELECT count(*) FROM roles AS x WHERE x.org = t.org AND x.project_id = t.id) AS roles
  FROM projects AS t JOIN resources AS r ON r.org = t.org AND r.resource = t.resource`;

/** ?1 organization, ?2 JSON array of resources, ?3 how many */
const ABOVE = `WITH RECURSIVE above (resource) AS (
    SELECT value FROM json_each(?2) UNION SELECT p.parent FROM above CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.resource = above.resource)
  SELECT p.resource, p.parent FROM above CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.resource = above.resource LIMIT ?3`;

/** ?1 organization, ?2 project */
const BELOW = `WITH RECURSIVE below (resource) AS (
    SELECT 'project:' || ?2 UNION SELECT p.resource FROM below CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.parent = below.resource)`;

/** ?1 organization, ?2 JSON array of projects, ?3 resource, ?4 JSON array of the parents that it shall have, ?5 how many */
const OUTSIDE = `WITH RECURSIVE
  own (id, project) AS (
    SELECT id, project FROM roles WHERE org = ?1 AND project_id IN (SELECT value FROM json_each(?2))
    UNION ALL SELECT id, project FROM policies WHERE org = ?1 AND project_id IN (SELECT value FROM json_each(?2))),
  held (id, principal, scope, project) AS (
    SELECT a.id, a.principal, a.scope, own.project FROM own JOIN assignments AS a ON a.org = ?1 AND a.role = own.id
    UNION ALL SELECT a.id, a.principal, a.scope, own.project FROM own JOIN assignments AS a ON a.org = ?1 AND a.policy = own.id
    UNION ALL SELECT a.id, a.principal, a.scope, k.project FROM api_keys AS k JOIN assignments AS a ON a.org = ?1 AND a.principal = k.subject
      WHERE k.org = ?1 AND k.project_id IN (SELECT value FROM json_each(?2))),
  up (start, resource) AS (
    SELECT scope, scope FROM held
    UNION SELECT up.start, p.parent FROM up JOIN resource_parents AS p ON p.org = ?1 AND p.resource = up.resource AND up.resource <> ?3
    UNION SELECT up.start, wanted.value FROM up JOIN json_each(?4) AS wanted WHERE up.resource = ?3)
  SELECT DISTINCT held.id, held.principal AS name FROM held
  WHERE EXISTS (SELECT 1 FROM up WHERE up.start = held.scope AND up.resource = ?3)
    AND NOT EXISTS (SELECT 1 FROM up WHERE up.start = held.scope AND up.resource = 'project:' || held.project)
  ORDER BY held.id LIMIT ?5`;

const OWN = `SELECT id FROM roles WHERE org = ?1 AND project_id = ?2 UNION ALL SELECT id FROM policies WHERE org = ?1 AND project_id = ?2`;

/** Of each kind: what it is read from, and how it is called. */
const USES = {
  policies: { from: 'policies AS x WHERE x.org = ?1 AND x.project_id = ?2', id: 'x.id', name: 'x.name' },
  roles: { from: 'roles AS x WHERE x.org = ?1 AND x.project_id = ?2', id: 'x.id', name: 'x.name' },
  api_keys: { from: 'api_keys AS x WHERE x.org = ?1 AND x.project_id = ?2', id: 'x.id', name: 'x.name' },
  assignments: { from: "assignments AS x WHERE x.org = ?1 AND x.scope = 'project:' || ?2", id: 'x.id', name: 'x.principal' },
  resources: { from: "resource_parents AS x WHERE x.org = ?1 AND x.parent = 'project:' || ?2", id: 'x.resource', name: 'x.resource' },
} as const satisfies { readonly [Kind in keyof ProjectUses]: { readonly from: string; readonly id: string; readonly name: string } };

// `as`: the keys of the literal above.
const KINDS = Object.keys(USES) as readonly (keyof ProjectUses)[];

interface PartColumns {
  readonly parents: string;
  readonly owners: string;
}
type ProjectColumns = PartColumns &
  ResourceRow & { readonly id: string; readonly nickname: string; readonly policies: number; readonly roles: number };

export function d1ProjectLookup(db: D1Database, org: string): ProjectLookup {
  return {
    async list(search, after, limit) {
      const where = 't.org = ?1 AND (instr(lower(t.id), lower(?2)) > 0 OR instr(lower(t.nickname), lower(?2)) > 0)';
      const results = await db.batch([
        db.prepare(`SELECT count(*) AS total FROM projects AS t WHERE ${where}`).bind(org, search ?? ''),
        db.prepare(`${PROJECT} WHERE ${where} AND t.id > ?3 ORDER BY t.id LIMIT ?4`).bind(org, search ?? '', after, limit + 1),
      ]);
      const found = rowsOf<ProjectColumns>(results, 1);
      const rows = found.slice(0, limit).map(projectOf);
      const last = rows.at(-1);
      const next = found.length > limit && last !== undefined ? [last.row.id] : null;
      return { rows, next, total: rowOf<{ total: number }>(results, 0).total };
    },

    async get(id) {
      const found = await db.prepare(`${PROJECT} WHERE t.org = ?1 AND t.id = ?2`).bind(org, id).first<ProjectColumns>();
      return found === null ? null : projectOf(found);
    },

    async place(resource) {
      const sql = `SELECT ${columns('resources', 'r')}, ${PARTS} FROM resources AS r WHERE r.org = ?1 AND r.resource = ?2`;
      const found = await db.prepare(sql).bind(org, resource).first<ResourceRow & PartColumns>();
      return found === null ? { resource: null, parents: [], owners: [] } : placedOf(found);
    },

    async above(resources, limit) {
      const { results } = await db.prepare(ABOVE).bind(org, JSON.stringify(resources), limit).all<ResourceParentRow>();
      return results;
    },

    async outside(projects, resource, parents, limit) {
      const { results } = await db
        .prepare(OUTSIDE)
        .bind(org, JSON.stringify(projects), resource, JSON.stringify(parents), limit)
        .all<NamedUse>();
      return results;
    },

    async uses(id, first) {
      const results = await db.batch(
        KINDS.flatMap((kind) => {
          const { from, id: key, name } = USES[kind];
          return [
            db.prepare(`SELECT count(*) AS total FROM ${from}`).bind(org, id),
            db.prepare(`SELECT ${key} AS id, ${name} AS name FROM ${from} ORDER BY 1 LIMIT ?3`).bind(org, id, first),
          ];
        }),
      );
      const entries = KINDS.map((kind, i) => [
        kind,
        { total: rowOf<{ total: number }>(results, 2 * i).total, items: rowsOf<{ id: string; name: string }>(results, 2 * i + 1) },
      ]);
      return Object.fromEntries(entries);
    },

    async content(id, limit) {
      const owned = (table: 'policies' | 'roles' | 'api_keys'): string =>
        `SELECT ${columns(table, 'x')} FROM ${table} AS x WHERE x.org = ?1 AND x.project_id = ?2 ORDER BY x.id LIMIT ?3`;
      const results = await db.batch(
        [
          owned('policies'),
          owned('roles'),
          owned('api_keys'),
          `${BELOW} SELECT ${columns('assignments', 'x')} FROM assignments AS x WHERE x.org = ?1
           AND (x.scope IN (SELECT resource FROM below) OR x.role IN (${OWN}) OR x.policy IN (${OWN})) ORDER BY x.id LIMIT ?3`,
          `${BELOW} SELECT ${columns('resources', 'x')} FROM below CROSS JOIN resources AS x ON x.org = ?1 AND x.resource = below.resource
           WHERE x.resource <> 'project:' || ?2 ORDER BY x.resource LIMIT ?3`,
          `${BELOW} SELECT x.resource, x.parent FROM below CROSS JOIN resource_parents AS x ON x.org = ?1 AND x.resource = below.resource
           WHERE x.resource <> 'project:' || ?2 ORDER BY x.resource, x.parent LIMIT ?3`,
        ].map((sql) => db.prepare(sql).bind(org, id, limit)),
      );
      return {
        policies: rowsOf<PolicyRow>(results, 0),
        roles: rowsOf<RoleRow>(results, 1),
        api_keys: rowsOf<ApiKeyRow>(results, 2),
        assignments: rowsOf<AssignmentRow>(results, 3),
        resources: rowsOf<ResourceRow>(results, 4),
        parents: rowsOf<ResourceParentRow>(results, 5),
      };
    },
  };
}

function projectOf({ id, nickname, policies, roles, ...placed }: ProjectColumns): ListedProject {
  return { row: { id, nickname }, ...placedOf(placed), policies, roles };
}

function placedOf({
  parents,
  owners,
  resource,
  access,
  properties,
}: ResourceRow & PartColumns): PlacedResource & { resource: ResourceRow } {
  return { resource: { resource, access, properties }, parents: parsed<string>(parents), owners: parsed<NamedOwner>(owners) };
}

/** What the SELECT above wrote as JSON. */
function parsed<T>(json: string): readonly T[] {
  return JSON.parse(json);
}
