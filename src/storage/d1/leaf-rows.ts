/**
 * The rows that leaves are compiled from: one SELECT for each table, of the keys that a condition names.
 * `whose` gets the column that holds the leaf's key and gives the condition on it; `?1` is the organization.
 */
import type {
  ApiKeyRow,
  AssignmentRow,
  GroupMemberRow,
  PrincipalRows,
  ResourceOwnerRow,
  ResourceParentRow,
  ResourceRow,
  ResourceRows,
  SubjectRow,
} from '../../core/terms/rows.ts';
import { rowsOf } from './outcome.ts';
import { columnList } from './tables.ts';

type KeyCondition = (column: string) => string;

/** four statements; `api_keys.subject` is `api_key:<id>` */
export function principalSql(whose: KeyCondition): string[] {
  return [
    `SELECT ${columnList('subjects')} FROM subjects WHERE org = ?1 AND ${whose('subject')} ORDER BY subject`,
    `SELECT ${columnList('group_members')} FROM group_members
     WHERE org = ?1 AND member NOT GLOB 'group:*' AND ${whose('member')} ORDER BY member, group_id`,
    `SELECT ${columnList('assignments')} FROM assignments WHERE org = ?1 AND ${whose('principal')} ORDER BY principal, id`,
    `SELECT ${columnList('api_keys')} FROM api_keys WHERE org = ?1 AND ${whose('subject')} ORDER BY subject`,
  ];
}

export function principalRows(results: readonly D1Result[], first: number): PrincipalRows {
  return {
    subjects: rowsOf<SubjectRow>(results, first),
    memberships: rowsOf<GroupMemberRow>(results, first + 1),
    assignments: rowsOf<AssignmentRow>(results, first + 2),
    api_keys: rowsOf<ApiKeyRow>(results, first + 3),
  };
}

/** three statements */
export function resourceSql(whose: KeyCondition): string[] {
  return [
    `SELECT ${columnList('resources')} FROM resources WHERE org = ?1 AND ${whose('resource')} ORDER BY resource`,
    `SELECT ${columnList('resource_parents')} FROM resource_parents WHERE org = ?1 AND ${whose('resource')} ORDER BY resource, parent`,
    `SELECT ${columnList('resource_owners')} FROM resource_owners WHERE org = ?1 AND ${whose('resource')} ORDER BY resource, owner, kind`,
  ];
}

export function resourceRows(results: readonly D1Result[], first: number): ResourceRows {
  return {
    resources: rowsOf<ResourceRow>(results, first),
    resource_parents: rowsOf<ResourceParentRow>(results, first + 1),
    resource_owners: rowsOf<ResourceOwnerRow>(results, first + 2),
  };
}

/** one statement */
export function keySql(whose: KeyCondition): string[] {
  return [`SELECT ${columnList('api_keys')} FROM api_keys WHERE org = ?1 AND ${whose('id')} ORDER BY id`];
}
