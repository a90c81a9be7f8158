/**
 * The rule of `last-owner.ts` for a write that replaces everything: asked of rows, since what they would decide isn't compiled yet.
 * On the safe side: whoever a deny of the owning privilege could reach is no sure owner.
 */
import { compileCatalog } from '../../core/compile/catalog.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { AssignmentRow, CatalogRows } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import type { TableRows } from '../ports.ts';
import { type Moment, revisionMoved } from '../write/moment.ts';
import { lastOwner, OWNING_PRIVILEGE } from './last-owner.ts';
import { denyingTargets, unconditionalTargets } from './target-privileges.ts';

const GROUP_PREFIX = 'group:';
const KEY_PREFIX = 'api_key:';

/**
 * @throws BitgateError `last_owner` (409) when it is less sure after than before that somebody owns the organization: nobody does, or only
 *   who a condition leaves
 */
export function refuseLosingOwners(before: TableRows, after: TableRows, now: number): void {
  if (ownership(after, now) < ownership(before, now)) throw lastOwner();
}

/**
 * For assignments that are about to be made, and others that go with them: what is made may deny at the organization, what goes may own it.
 * @throws BitgateError `last_owner` (409); `revision_moved` (409)
 */
export async function refuseLosingOwnersBy(
  { writer }: Pick<ControlTools, 'writer'>,
  moment: Moment,
  change: { readonly insert: readonly AssignmentRow[]; readonly delete: readonly AssignmentRow[] },
): Promise<void> {
  // Root repairs what can't be published, and then nothing can be decided.
  const model = moment.point?.snapshot.catalog.model();
  if (model === undefined) return;
  const targetOf = ({ role, policy }: AssignmentRow): string => role ?? policy ?? '';
  const denying = denyingTargets(model, OWNING_PRIVILEGE);
  const granting = new Set(unconditionalTargets(model, OWNING_PRIVILEGE));
  const denies = change.insert.some((row) => row.scope === ORG_SCOPE && denying.has(targetOf(row)));
  const takes = change.delete.some((row) => row.scope === ORG_SCOPE && row.expires_at === null && granting.has(targetOf(row)));
  if (!denies && !takes) return;
  const { revision, tables } = await writer.load();
  if (revision !== moment.revision) throw revisionMoved();
  const going = new Set(change.delete.map(({ id }) => id));
  const kept = tables.assignments.filter(({ id }) => !going.has(id));
  refuseLosingOwners(tables, { ...tables, assignments: [...kept, ...change.insert] }, moment.now);
}

/** 2: somebody owns it whatever happens; 1: somebody does, unless a deny that ends, begins later or has a condition holds; 0: nobody. */
function ownership(tables: TableRows, now: number): 0 | 1 | 2 {
  const { model } = compileCatalog(catalogRowsOf(tables));
  const granting = new Set(unconditionalTargets(model, OWNING_PRIVILEGE));
  const denying = denyingTargets(model, OWNING_PRIVILEGE);
  const targetOf = ({ role, policy }: AssignmentRow): string => role ?? policy ?? '';
  const atOrg = tables.assignments.filter(({ scope }) => scope === ORG_SCOPE);
  const owning = atOrg.filter((row) => row.expires_at === null && (row.not_before ?? now) <= now && granting.has(targetOf(row)));
  const denies = atOrg.filter((row) => denying.has(targetOf(row)) && (row.expires_at === null || row.expires_at > now));
  const possible = subjectsOf(denies, tables);
  const sure = subjectsOf(
    denies.filter((row) => row.expires_at === null && denying.get(targetOf(row)) === 'always'),
    tables,
  );
  const active = activeSubjects(tables);
  const owners = [...subjectsOf(owning, tables)].filter((subject) => active.has(subject) && !sure.has(subject));
  return owners.some((subject) => !possible.has(subject)) ? 2 : owners.length > 0 ? 1 : 0;
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
