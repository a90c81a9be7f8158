/**
 * Writes the rows of an organization straight into D1, as SQL typed by hand would: a benchmark's million of rows through the admin API would be a benchmark of
 * that. While they are written the triggers are away: nobody has read a state of before, so no log of changes is needed.
 */
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';

/** The part of a D1 database that is needed here. */
interface Database {
  prepare(sql: string): Statement;
}

interface Statement {
  bind(...values: unknown[]): Statement;
  run(): Promise<unknown>;
  all<Row>(): Promise<{ results: Row[] }>;
}

/** characters of JSON in one statement; D1 takes strings of 2 MB */
const CHUNK = 1_000_000;

/** Tables in an order in which every foreign key finds its row. @returns columns and rows by table */
function tables(
  rows: OrganizationRows,
): { readonly table: string; readonly columns: readonly string[]; readonly rows: readonly object[] }[] {
  const members = [...rows.memberships, ...rows.group_nesting];
  return [
    { table: 'privileges', columns: ['name'], rows: rows.privileges },
    { table: 'roles', columns: ['id', 'name', 'privileges'], rows: rows.roles },
    { table: 'groups', columns: ['id', 'name'], rows: rows.groups },
    { table: 'subjects', columns: ['subject'], rows: rows.subjects },
    { table: 'resources', columns: ['resource', 'access'], rows: rows.resources },
    { table: 'group_members', columns: ['group_id', 'member'], rows: members },
    { table: 'resource_parents', columns: ['resource', 'parent'], rows: rows.resource_parents },
    { table: 'assignments', columns: ['principal', 'role', 'scope'], rows: rows.assignments },
  ];
}

/** @param organization is there and holds nothing of these rows; its next publish must be a whole one */
export async function loadRows(database: Database, organization: string, rows: OrganizationRows): Promise<void> {
  const { results } = await database
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    .all<{ name: string; sql: string }>();
  for (const { name } of results) await database.prepare(`DROP TRIGGER "${name}"`).run();
  for (const { table, columns, rows: ofTable } of tables(rows)) {
    const values = columns.map((_, i) => `value ->> ${i}`).join(', ');
    const insert = `INSERT OR IGNORE INTO ${table} (org, ${columns.join(', ')}) SELECT ?1, ${values} FROM json_each(?2)`;
    for (const chunk of chunks(ofTable, columns)) await database.prepare(insert).bind(organization, chunk).run();
  }
  for (const { sql } of results) await database.prepare(sql).run();
}

/** JSON arrays of arrays. */
function* chunks(rows: readonly object[], columns: readonly string[]): Generator<string> {
  let parts: string[] = [];
  let size = 0;
  for (const row of rows) {
    const values = new Map(Object.entries(row));
    const part = JSON.stringify(columns.map((column) => values.get(column) ?? null));
    parts.push(part);
    size += part.length + 1;
    if (size < CHUNK) continue;
    yield `[${parts.join(',')}]`;
    [parts, size] = [[], 0];
  }
  if (parts.length > 0) yield `[${parts.join(',')}]`;
}
