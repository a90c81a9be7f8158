/** The rows that a catalog blob is compiled from, as statements of a batch and back. */
import type {
  CatalogRows,
  GroupMemberRow,
  GroupRow,
  PolicyRow,
  PrivilegeRow,
  RoleInheritRow,
  RolePolicyRow,
  RoleRow,
  RouteRow,
  SettingsRow,
} from '../../core/terms/rows.ts';
import { rowsOf } from './outcome.ts';
import { columnList } from './tables.ts';

/** `?1` is the organization; in the order that `catalogRows` reads. */
const CATALOG_SQL: readonly string[] = [
  `SELECT ${columnList('privileges')} FROM privileges WHERE org = ?1 ORDER BY name, levels`,
  `SELECT ${columnList('policies')} FROM policies WHERE org = ?1 ORDER BY id`,
  `SELECT ${columnList('roles')} FROM roles WHERE org = ?1 ORDER BY id`,
  `SELECT ${columnList('role_policies')} FROM role_policies WHERE org = ?1 ORDER BY role, policy`,
  `SELECT ${columnList('role_inherits')} FROM role_inherits WHERE org = ?1 ORDER BY role, parent`,
  `SELECT ${columnList('groups')} FROM groups WHERE org = ?1 ORDER BY id`,
  // the range is what the index on members can find; GLOB 'group:*' says the same
  `SELECT ${columnList('group_members')} FROM group_members
   WHERE org = ?1 AND member >= 'group:' AND member < 'group;' ORDER BY group_id, member`,
  `SELECT ${columnList('routes')} FROM routes WHERE org = ?1 ORDER BY position`,
  `SELECT ${columnList('settings')} FROM settings WHERE org = ?1`,
];

export function catalogStatements(db: D1Database, org: string): D1PreparedStatement[] {
  return CATALOG_SQL.map((sql) => db.prepare(sql).bind(org));
}

/** @param first index of the first of `catalogStatements` in the batch */
export function catalogRows(results: readonly D1Result[], first: number): CatalogRows {
  return {
    privileges: rowsOf<PrivilegeRow>(results, first),
    policies: rowsOf<PolicyRow>(results, first + 1),
    roles: rowsOf<RoleRow>(results, first + 2),
    role_policies: rowsOf<RolePolicyRow>(results, first + 3),
    role_inherits: rowsOf<RoleInheritRow>(results, first + 4),
    groups: rowsOf<GroupRow>(results, first + 5),
    group_nesting: rowsOf<GroupMemberRow>(results, first + 6),
    routes: rowsOf<RouteRow>(results, first + 7),
    settings: rowsOf<SettingsRow>(results, first + 8),
  };
}
