/** Imports of one organization: how far each has come, and what a chunk of lines looks up: one statement for any number of keys. */
import type { GroupMemberRow, ResourceOwnerRow, ResourceParentRow, ResourceRow, SubjectRow } from '../../core/terms/rows.ts';
import type { ImportRow, ImportStep, Imports } from '../../pap/import/ports.ts';
import { emptyTables } from '../../pap/manifest/tables.ts';
import { catalogRows, catalogStatements } from './catalog-rows.ts';
import { rowOf, rowsOf, writeBatch } from './outcome.ts';
import { pageOf } from './page.ts';
import { ABOVE } from './resource-lookup.ts';
import { jsonChunks, keyChunks, REVISION_SQL } from './row-statements.ts';
import { columnList } from './tables.ts';

/** Complete by type: a column added to the row doesn't compile until it is named here. `false`: a step leaves it as it is. */
const COLUMN_SET: { readonly [C in keyof ImportRow]: boolean } = {
  id: false,
  actor: false,
  created_at: false,
  updated_at: true,
  state: true,
  line: true,
  counts: true,
  error: true,
};

// `as`: the keys of the literal above are the columns, which Object.keys forgets.
const COLUMNS = Object.keys(COLUMN_SET) as readonly (keyof ImportRow)[];

/** Aborts the batch, as `revision_moved`, when another request took the import on. ?3 null: there is none yet */
const STILL_THERE = 'INSERT INTO guard (revision_moved) SELECT 1 WHERE (SELECT line FROM imports WHERE org = ?1 AND id = ?2) IS NOT ?3';

const STEP = `INSERT INTO imports (org, ${COLUMNS.join(', ')}) VALUES (?1, ${COLUMNS.map((_, i) => `?${i + 2}`).join(', ')})
  ON CONFLICT (org, id) DO UPDATE SET ${COLUMNS.filter((column) => COLUMN_SET[column])
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`;

/** Aborts the batch, as `outside_project`. ?2 resources: the changed parents are stored by then. */
const STRAY = `WITH RECURSIVE
  below (resource) AS (SELECT value FROM json_each(?2)
    UNION SELECT p.resource FROM below CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.parent = below.resource),
  held AS (SELECT a.scope, coalesce(r.project, p.project) AS project FROM below
    CROSS JOIN assignments AS a ON a.org = ?1 AND a.scope = below.resource
    LEFT JOIN roles AS r ON r.org = a.org AND r.id = a.role LEFT JOIN policies AS p ON p.org = a.org AND p.id = a.policy
    WHERE coalesce(r.project, p.project) <> ''
    UNION SELECT a.scope, k.project FROM below
    CROSS JOIN assignments AS a ON a.org = ?1 AND a.scope = below.resource AND a.principal GLOB 'api_key:*'
    JOIN api_keys AS k ON k.org = a.org AND k.id = substr(a.principal, 9) WHERE k.project <> ''),
  above (scope, resource) AS MATERIALIZED (SELECT DISTINCT scope, scope FROM held
    UNION SELECT above.scope, p.parent FROM above CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.resource = above.resource)
  INSERT INTO project_guard (outside_project) SELECT 1 FROM held
  WHERE NOT EXISTS (SELECT 1 FROM above WHERE above.scope = held.scope AND above.resource = 'project:' || held.project) LIMIT 1`;

/** The statements of a step, to stand behind those of its chunk. */
export function importStatements(db: D1Database, org: string, { row, after, moved }: ImportStep): D1PreparedStatement[] {
  return [
    db.prepare(STILL_THERE).bind(org, row.id, after),
    db.prepare(STEP).bind(org, ...COLUMNS.map((column) => row[column])),
    ...keyChunks(moved).map((chunk) => db.prepare(STRAY).bind(org, chunk)),
  ];
}

/** bytes of one parameter; a bound string may have 2,000,000 */
const CHUNK_BYTES = 1_000_000;
const GIVEN = 'IN (SELECT value FROM json_each(?2))';

/** By the JSON side first, as an index finds it; `row.key` is the place in the list. */
const MEMBERS = `SELECT row.key AS at FROM json_each(?2) AS row CROSS JOIN group_members AS m
  ON m.org = ?1 AND m.group_id = row.value ->> 0 AND m.member = row.value ->> 1`;
const ASSIGNMENTS = `SELECT row.key AS at FROM json_each(?2) AS row CROSS JOIN assignments AS a
  ON a.org = ?1 AND a.principal = row.value ->> 0 AND ifnull(a.role, '') = row.value ->> 1 AND ifnull(a.policy, '') = row.value ->> 2
  AND a.scope = row.value ->> 3 AND ifnull(a.not_before, '') = row.value ->> 4 AND ifnull(a.expires_at, '') = row.value ->> 5`;
const DEPTH = `WITH RECURSIVE below (resource, depth) AS (SELECT value, 0 FROM json_each(?2)
    UNION SELECT p.resource, below.depth + 1 FROM below CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.parent = below.resource
      WHERE below.depth < ?3 AND p.resource NOT IN (SELECT value FROM json_each(?2)))
  SELECT max(depth) AS depth FROM below`;

export function d1Imports(db: D1Database, org: string): Imports {
  const revisionThen = (statements: readonly D1PreparedStatement[]): Promise<D1Result[]> =>
    db.batch([db.prepare(REVISION_SQL).bind(org), ...statements]);
  const revisionOf = (results: readonly D1Result[]): number => rowOf<{ revision: number }>(results, 0).revision;
  const forKeys = (sql: string, keys: readonly string[]): D1PreparedStatement[] =>
    keyChunks(keys).map((chunk) => db.prepare(sql).bind(org, chunk));
  return {
    async page(after, limit) {
      const [at, id] = after === null ? [null, ''] : [Number(after[0]), after[1] ?? ''];
      const results = await db.batch([
        db.prepare('SELECT count(*) AS total FROM imports WHERE org = ?1').bind(org),
        db
          .prepare(
            `SELECT ${COLUMNS.join(', ')} FROM imports WHERE org = ?1 AND (?2 IS NULL OR (created_at, id) < (?2, ?3))
             ORDER BY created_at DESC, id DESC LIMIT ?4`,
          )
          .bind(org, at, id, limit + 1),
      ]);
      const { total } = rowOf<{ total: number }>(results, 0);
      return pageOf(rowsOf<ImportRow>(results, 1), total, limit, (row) => [String(row.created_at), row.id]);
    },

    get: (id) =>
      db
        .prepare(`SELECT ${COLUMNS.join(', ')} FROM imports WHERE org = ?1 AND id = ?2`)
        .bind(org, id)
        .first<ImportRow>(),

    async step(step) {
      await writeBatch(db, importStatements(db, org, step));
    },

    async names() {
      const results = await revisionThen([
        ...catalogStatements(db, org),
        db.prepare(`SELECT ${columnList('projects')} FROM projects WHERE org = ?1 ORDER BY id`).bind(org),
        db
          .prepare(`SELECT ${columnList('resources')} FROM resources WHERE org = ?1 AND resource > 'project:' AND resource < 'project;'`)
          .bind(org),
      ]);
      const { group_nesting: group_members, ...catalog } = catalogRows(results, 1);
      const own = { projects: rowsOf(results, results.length - 2), resources: rowsOf(results, results.length - 1) };
      // `as`: the columns of both are named by their tables.
      return { revision: revisionOf(results), tables: { ...emptyTables(), ...catalog, group_members, ...(own as object) } };
    },

    async things({ subjects, resources, above }) {
      const parts = [
        forKeys(`SELECT ${columnList('subjects')} FROM subjects WHERE org = ?1 AND subject ${GIVEN}`, subjects),
        forKeys(`SELECT ${columnList('resources')} FROM resources WHERE org = ?1 AND resource ${GIVEN}`, resources),
        forKeys(`SELECT ${columnList('resource_parents')} FROM resource_parents WHERE org = ?1 AND resource ${GIVEN}`, resources),
        forKeys(`SELECT ${columnList('resource_owners')} FROM resource_owners WHERE org = ?1 AND resource ${GIVEN}`, resources),
        forKeys(ABOVE, above),
      ];
      const results = await revisionThen(parts.flat());
      let next = 1;
      const found = <Row>(part: number): Row[] => parts[part]!.flatMap(() => rowsOf<Row>(results, next++));
      return {
        revision: revisionOf(results),
        subjects: found<SubjectRow>(0),
        resources: found<ResourceRow>(1),
        parents: found<ResourceParentRow>(2),
        owners: found<ResourceOwnerRow>(3),
        above: found<ResourceParentRow>(4),
      };
    },

    async links({ members, assignments }) {
      const lists = [
        [MEMBERS, members.map((row: GroupMemberRow) => [row.group_id, row.member])],
        [
          ASSIGNMENTS,
          assignments.map((row) => [
            row.principal,
            row.role ?? '',
            row.policy ?? '',
            row.scope,
            row.not_before ?? '',
            row.expires_at ?? '',
          ]),
        ],
      ] as const;
      const parts = lists.map(([sql, rows]) => ({ sql, chunks: jsonChunks(rows, CHUNK_BYTES) }));
      const results = await revisionThen(parts.flatMap(({ sql, chunks }) => chunks.map((chunk) => db.prepare(sql).bind(org, chunk))));
      let next = 1;
      const [inMembers, inAssignments] = parts.map(({ chunks }) => {
        let before = 0;
        return chunks.flatMap((chunk) => {
          const found = rowsOf<{ at: number }>(results, next++).map(({ at }) => before + at);
          before += rowsIn(chunk);
          return found;
        });
      });
      return { revision: revisionOf(results), members: inMembers ?? [], assignments: inAssignments ?? [] };
    },

    async depthBelow(resources, limit) {
      const found = await db.batch(keyChunks(resources).map((chunk) => db.prepare(DEPTH).bind(org, chunk, limit)));
      return Math.max(0, ...found.map((_, i) => rowOf<{ depth: number }>(found, i).depth));
    },
  };
}

function rowsIn(chunk: string): number {
  const rows: unknown = JSON.parse(chunk);
  return Array.isArray(rows) ? rows.length : 0;
}
