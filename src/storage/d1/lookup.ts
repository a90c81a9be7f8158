/** Looks into the rows of one organization for the control plane: pages of lists, and what references mean. All values are bound, never pasted. */
import type { AssignmentRow, PrivilegeRow } from '../../core/terms/rows.ts';
import type { OwnedKey } from '../../pap/api-keys/ports.ts';
import type { AssignmentFilter, Found, ListPage, Lookup, NamedAssignment } from '../../pap/control-ports.ts';
import { KEY_OWNER } from './key-lookup.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { columnList } from './tables.ts';

export const NAMED_ASSIGNMENT = `SELECT a.id, a.principal, a.role, a.policy, a.scope, a.not_before, a.expires_at,
    CASE WHEN g.id IS NULL THEN a.principal ELSE 'group:' || g.name END AS subject,
    coalesce(iif(r.project = '', '', r.project || '/') || r.name, iif(p.project = '', '', p.project || '/') || p.name, '') AS target
  FROM assignments AS a
  LEFT JOIN roles AS r ON r.org = a.org AND r.id = a.role
  LEFT JOIN policies AS p ON p.org = a.org AND p.id = a.policy
  LEFT JOIN groups AS g ON g.org = a.org AND a.principal = 'group:' || g.id`;

const LEVELS = { org: "('org', 'both')", project: "('project', 'both')" } as const;

/** ?1 organization, ?2 group as a principal */
const MEMBERS = `WITH RECURSIVE inside (principal) AS (
    SELECT ?2 UNION SELECT m.member FROM inside CROSS JOIN group_members AS m ON m.org = ?1 AND m.group_id = substr(inside.principal, 7)
      WHERE inside.principal GLOB 'group:*')
  SELECT principal FROM inside WHERE principal NOT GLOB 'group:*'`;

/** ?1 organization, ?2 principals as JSON, ?3 and ?4 the time between, ?5 how many */
const BOUNDARIES = `WITH RECURSIVE inside (principal) AS (
    SELECT value FROM json_each(?2) UNION SELECT 'group:' || m.group_id FROM inside CROSS JOIN group_members AS m ON m.org = ?1 AND m.member = inside.principal),
  held AS (SELECT not_before, expires_at FROM assignments
    WHERE org = ?1 AND principal IN (SELECT principal FROM inside UNION VALUES ('group:everyone'), ('group:anyone')))
  SELECT at FROM (SELECT not_before AS at FROM held UNION SELECT expires_at FROM held) WHERE at > ?3 AND at <= ?4 ORDER BY at LIMIT ?5`;

/** ?1 organization, ?2 subject → the principals that it is: itself, its groups, and owner groups */
const PRINCIPALS = `WITH RECURSIVE inside (principal) AS (
    SELECT ?2 UNION SELECT 'group:' || m.group_id FROM inside CROSS JOIN group_members AS m ON m.org = ?1 AND m.member = inside.principal),
  owned (kind) AS (SELECT o.kind FROM inside CROSS JOIN resource_owners AS o ON o.org = ?1 AND o.owner = inside.principal),
  principals (principal) AS (
    SELECT principal FROM inside UNION SELECT 'group:owner' FROM owned UNION SELECT 'group:owner:' || kind FROM owned)`;

const EVERYONE = 'SELECT subject AS principal FROM subjects WHERE org = ?1 AND ?2 IS NOT NULL';

/** ?1 organization → the resource and all that is registered below it */
export function belowSql(resource: string): string {
  return `WITH RECURSIVE below (resource) AS (
    SELECT ${resource} UNION SELECT p.resource FROM below JOIN resource_parents AS p ON p.org = ?1 AND p.parent = below.resource)
  SELECT resource FROM below`;
}

/** ?1 organization, ?2 resource, ?3 what may lie above it */
const LIES_WITHIN = `WITH RECURSIVE above (resource) AS (
    SELECT ?2 UNION SELECT p.parent FROM above CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.resource = above.resource)
  SELECT 1 FROM above WHERE resource = ?3`;

export function d1Lookup(db: D1Database, org: string): Lookup {
  /** @param keyOf the columns of a row that order it */
  async function page<Row>(
    count: D1PreparedStatement,
    rows: D1PreparedStatement,
    limit: number,
    keyOf: (row: Row) => readonly string[],
  ): Promise<ListPage<Row>> {
    const results = await db.batch([count, rows]);
    const found = rowsOf<Row>(results, 1);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return {
      rows: items,
      next: found.length > limit && last !== undefined ? keyOf(last) : null,
      total: rowOf<{ total: number }>(results, 0).total,
    };
  }

  async function exists(sql: string, ...values: readonly string[]): Promise<boolean> {
    return (
      (await db
        .prepare(sql)
        .bind(...values)
        .first()) !== null
    );
  }

  return {
    privileges({ level, search }, after, limit) {
      const where = `org = ?1 AND levels IN ${LEVELS[level]} AND (instr(lower(name), lower(?2)) > 0 OR instr(lower(title), lower(?2)) > 0)`;
      const [name = '', levels = ''] = after ?? [];
      return page<PrivilegeRow>(
        db.prepare(`SELECT count(*) AS total FROM privileges WHERE ${where}`).bind(org, search),
        db
          .prepare(
            `SELECT ${columnList('privileges')} FROM privileges WHERE ${where} AND (name, levels) > (?3, ?4) ORDER BY name, levels LIMIT ?5`,
          )
          .bind(org, search, name, levels, limit + 1),
        limit,
        (row) => [row.name, row.levels],
      );
    },

    assignments(filter, after, limit) {
      const { where, values } = conditions(filter);
      return page<NamedAssignment>(
        db.prepare(`SELECT count(*) AS total FROM assignments AS a WHERE a.org = ?1${where}`).bind(org, ...values),
        db
          .prepare(
            `${NAMED_ASSIGNMENT} WHERE a.org = ?1${where} AND a.id > ?${values.length + 2} ORDER BY a.id LIMIT ?${values.length + 3}`,
          )
          .bind(org, ...values, after, limit + 1),
        limit,
        (row) => [row.id],
      );
    },

    assignment: (id) => db.prepare(`${NAMED_ASSIGNMENT} WHERE a.org = ?1 AND a.id = ?2`).bind(org, id).first<NamedAssignment>(),

    async named(table, reference) {
      if (table === 'groups') {
        const { results } = await db
          .prepare("SELECT id, '' AS project, name FROM groups WHERE org = ?1 AND (id = ?2 OR name = ?2)")
          .bind(org, reference)
          .all<Found>();
        return results;
      }
      const { results } = await db
        .prepare(
          `SELECT id, project, name FROM ${table}
           WHERE org = ?1 AND (id = ?2 OR (project = '' AND name = ?2) OR (project <> '' AND project || '/' || name = ?2))`,
        )
        .bind(org, reference)
        .all<Found>();
      return results;
    },

    project: (id) => exists('SELECT 1 FROM projects WHERE org = ?1 AND id = ?2', org, id),
    apiKey: (id) => exists('SELECT 1 FROM api_keys WHERE org = ?1 AND id = ?2', org, id),

    async keyWithGrants(id) {
      const results = await db.batch([
        db.prepare(`SELECT ${columnList('api_keys')}, ${KEY_OWNER} FROM api_keys WHERE org = ?1 AND id = ?2`).bind(org, id),
        db
          .prepare(`${PRINCIPALS} ${NAMED_ASSIGNMENT} WHERE a.org = ?1 AND a.principal IN (SELECT principal FROM principals) ORDER BY a.id`)
          .bind(org, `api_key:${id}`),
      ]);
      const [row] = rowsOf<OwnedKey>(results, 0);
      return row === undefined ? null : { row, grants: rowsOf<NamedAssignment>(results, 1) };
    },

    subject: (subject) => exists('SELECT 1 FROM subjects WHERE org = ?1 AND subject = ?2', org, subject),

    async boundaries(principals, from, until, limit) {
      const { results } = await db.prepare(BOUNDARIES).bind(org, JSON.stringify(principals), from, until, limit).all<{ at: number }>();
      return results.map(({ at }) => at);
    },

    liesWithin: (resource, above) => exists(LIES_WITHIN, org, resource, above),

    unendingAtOrg(targets, now, after, limit) {
      const where = `org = ?1 AND scope = 'org' AND expires_at IS NULL AND ifnull(not_before, ?3) <= ?3
        AND coalesce(role, policy) IN (SELECT value FROM json_each(?2))`;
      const json = JSON.stringify(targets);
      return page<AssignmentRow>(
        db.prepare(`SELECT count(*) AS total FROM assignments WHERE ${where}`).bind(org, json, now),
        db
          .prepare(`SELECT ${columnList('assignments')} FROM assignments WHERE ${where} AND id > ?4 ORDER BY id LIMIT ?5`)
          .bind(org, json, now, after, limit + 1),
        limit,
        (row) => [row.id],
      );
    },

    async subjectsIn(group, after, limit) {
      const members = group === 'group:everyone' ? EVERYONE : MEMBERS;
      const found = await page<{ principal: string }>(
        db.prepare(`SELECT count(*) AS total FROM (${members})`).bind(org, group),
        db
          .prepare(`SELECT principal FROM (${members}) WHERE principal > ?3 ORDER BY principal LIMIT ?4`)
          .bind(org, group, after, limit + 1),
        limit,
        (row) => [row.principal],
      );
      return { ...found, rows: found.rows.map(({ principal }) => principal) };
    },
  };
}

/** Values are bound from ?2 on. */
function conditions(filter: AssignmentFilter): { where: string; values: string[] } {
  const columns = (['principal', 'role', 'policy', 'scope'] as const).filter((column) => filter[column] !== undefined);
  const where = columns.map((column, i) => ` AND a.${column} = ?${i + 2}`).join('');
  const values = columns.map((column) => filter[column] ?? '');
  if (filter.within === undefined) return { where, values };
  return { where: `${where} AND a.scope IN (${belowSql(`?${columns.length + 2}`)})`, values: [...values, filter.within] };
}
