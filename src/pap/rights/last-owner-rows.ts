/**
 * The rule of `last-owner.ts` for a write that replaces everything: asked of rows, since what they would decide isn't compiled yet.
 * On the safe side: whoever a deny could reach is no owner.
 */
import { compileCatalog } from '../../core/compile/catalog.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { AssignmentRow, CatalogRows } from '../../core/terms/rows.ts';
import type { TableRows } from '../ports.ts';
import { lastOwner, OWNING_PRIVILEGE } from './last-owner.ts';
import { unconditionalTargets } from './target-privileges.ts';

const GROUP_PREFIX = 'group:';
const KEY_PREFIX = 'api_key:';

/** @throws BitgateError `last_owner` (409) when somebody owns the organization before and nobody after */
export function refuseLosingOwners(before: TableRows, after: TableRows, now: number): void {
  if (hasOwner(before, now) && !hasOwner(after, now)) throw lastOwner();
}

function hasOwner(tables: TableRows, now: number): boolean {
  const { model } = compileCatalog(catalogRowsOf(tables));
  const granting = new Set(unconditionalTargets(model, OWNING_PRIVILEGE));
  const denying = new Set([
    ...model.policies.filter(({ effect }) => effect === 'deny').map(({ id }) => id),
    ...model.roles
      .filter(({ deny, special }) => deny.length > 0 || special.some((i) => model.policies[i]!.effect === 'deny'))
      .map(({ id }) => id),
  ]);
  const targetOf = ({ role, policy }: AssignmentRow): string => role ?? policy ?? '';
  const atOrg = tables.assignments.filter(({ scope }) => scope === ORG_SCOPE);
  const owning = atOrg.filter((row) => row.expires_at === null && (row.not_before ?? now) <= now && granting.has(targetOf(row)));
  const denied = subjectsOf(
    atOrg.filter((row) => denying.has(targetOf(row))),
    tables,
  );
  const active = activeSubjects(tables);
  return [...subjectsOf(owning, tables)].some((subject) => active.has(subject) && !denied.has(subject));
}

function catalogRowsOf(tables: TableRows): CatalogRows {
  const { privileges, policies, roles, role_policies, role_inherits, groups, routes, settings } = tables;
  const nesting = tables.group_members.filter(({ member }) => member.startsWith(GROUP_PREFIX));
  return {
    privileges: [...privileges],
    policies: [...policies],
    roles: [...roles],
    role_policies: [...role_policies],
    role_inherits: [...role_inherits],
    groups: [...groups],
    group_nesting: nesting,
    routes: [...routes],
    settings: [...settings],
  };
}

/** Registered, not suspended, and if a key, enabled and without end. */
function activeSubjects(tables: TableRows): Set<string> {
  const ending = new Set(
    tables.api_keys.filter(({ status, expires_at }) => status === 'disabled' || expires_at !== null).map(({ id }) => `${KEY_PREFIX}${id}`),
  );
  return new Set(
    tables.subjects.filter(({ subject, status }) => status === 'active' && !ending.has(subject)).map(({ subject }) => subject),
  );
}

/** Everybody who holds one of the assignments, through groups as well. */
function subjectsOf(assignments: readonly AssignmentRow[], tables: TableRows): Set<string> {
  const principals = new Set(assignments.map(({ principal }) => principal));
  if (principals.has(GROUP_EVERYONE) || principals.has(GROUP_ANYONE)) return new Set(tables.subjects.map(({ subject }) => subject));
  const members = Map.groupBy(tables.group_members, ({ group_id }) => `${GROUP_PREFIX}${group_id}`);
  // A set that grows while it is walked: each group is entered once.
  for (const principal of principals) for (const { member } of members.get(principal) ?? []) principals.add(member);
  return principals;
}
