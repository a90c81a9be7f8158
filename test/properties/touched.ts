/** Which pieces of a snapshot two states of an organization's rows differ in: what a publish has to compile again. */
import type { OrganizationRows } from '../../src/core/terms/rows.ts';

export interface Touched {
  /** anything that the catalog blob is made of */
  readonly catalog: boolean;
  /** subjects, groups and reserved groups, sorted by code point */
  readonly principals: readonly string[];
  /** `type:id`, sorted by code point */
  readonly resources: readonly string[];
  /** ids of API keys, sorted by code point */
  readonly keys: readonly string[];
}

const CATALOG_TABLES = [
  'privileges',
  'policies',
  'roles',
  'role_policies',
  'role_inherits',
  'groups',
  'group_nesting',
  'routes',
  'settings',
] as const;

export function touchedBetween(before: OrganizationRows, after: OrganizationRows): Touched {
  const changed = <Name extends keyof OrganizationRows>(table: Name): OrganizationRows[Name][number][] =>
    difference<OrganizationRows[Name][number]>(before[table], after[table]);
  return {
    catalog: CATALOG_TABLES.some((table) => changed(table).length > 0),
    principals: sorted([
      ...changed('subjects').map((row) => row.subject),
      ...changed('memberships').map((row) => row.member),
      ...changed('assignments').map((row) => row.principal),
      ...changed('api_keys').map((row) => `api_key:${row.id}`),
    ]),
    resources: sorted([...changed('resources'), ...changed('resource_parents'), ...changed('resource_owners')].map((row) => row.resource)),
    keys: sorted(changed('api_keys').map((row) => row.id)),
  };
}

/** The rows that are in one list only; a row that was altered is in it twice. */
function difference<Row>(before: readonly Row[], after: readonly Row[]): Row[] {
  const old = new Set(before.map((row) => JSON.stringify(row)));
  const now = new Set(after.map((row) => JSON.stringify(row)));
  return [...before.filter((row) => !now.has(JSON.stringify(row))), ...after.filter((row) => !old.has(JSON.stringify(row)))];
}

/** Each once, in the order of their UTF-8 bytes, as SQLite sorts them. */
function sorted(keys: readonly string[]): string[] {
  return [...new Set(keys)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
