/** The rows of an organization as they are in the database now, and the revision they are of: read in one transaction. */
import type { GroupMemberRow, OrganizationRows } from '../../../src/core/terms/rows.ts';

/** The part of a D1 database that is needed here. */
export interface Database {
  prepare(sql: string): { bind(...values: unknown[]): Statement };
  batch(statements: Statement[]): Promise<{ readonly results: unknown[] }[]>;
}

type Statement = object;

const TABLES = [
  'privileges',
  'policies',
  'roles',
  'role_policies',
  'role_inherits',
  'groups',
  'group_members',
  'routes',
  'settings',
  'subjects',
  'assignments',
  'api_keys',
  'resources',
  'resource_parents',
  'resource_owners',
] as const;

export async function rowsNow(database: Database, org: string): Promise<{ readonly revision: number; readonly rows: OrganizationRows }> {
  const revision = database.prepare('SELECT max(seq) AS revision FROM changes WHERE org = ?1').bind(org);
  const selects = TABLES.map((table) => database.prepare(`SELECT * FROM ${table} WHERE org = ?1`).bind(org));
  const [head, ...read] = await database.batch([revision, ...selects]);
  const tables = Object.fromEntries(TABLES.map((table, i) => [table, read[i]?.results ?? []]));
  // `as`: columns are named as in the terms, and `SELECT *` gives them all
  const members = tables.group_members as GroupMemberRow[];
  const isGroup = ({ member }: GroupMemberRow): boolean => member.startsWith('group:');
  const split = { group_nesting: members.filter(isGroup), memberships: members.filter((row) => !isGroup(row)) };
  return { revision: Number(Object(head?.results[0]).revision), rows: { ...tables, ...split } as unknown as OrganizationRows };
}
