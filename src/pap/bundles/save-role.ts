/** Use cases: a role is made, or changed. What a change doesn't name stays; assignments and the roles that inherit it survive it. */
import { LIMITS } from '../../core/terms/limits.ts';
import type { CatalogRows, RoleRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { Problems } from '../manifest/problems.ts';
import { links, roleColumns } from '../manifest/resolve/bundle.ts';
import type { RoleItem } from '../manifest/schema.ts';
import type { Writer } from '../write/moment.ts';
import { type Decided, type PublishMode, type Written, write } from '../write/write.ts';
import {
  checkName,
  contextOf,
  findAt,
  newIdFor,
  ROLE,
  readCatalog,
  refuseSystem,
  refuseTakenName,
  refuseTooMany,
  sameName,
} from './catalog.ts';
import { checkInheritance } from './inheritance.ts';
import { type Level, requireToManage } from './level.ts';
import { type RoleState, roleAudit, roleChanges, type ShownRole, shownRole, stateOf } from './role-state.ts';

export type WantedRole = Omit<RoleItem, 'id'>;

/** Undefined: stays as it is. */
export type RoleChange = { readonly [Key in keyof WantedRole]?: WantedRole[Key] | undefined };

/** The wanted state, from the present one. */
export type RoleUpdate = (present: RoleState, rows: CatalogRows) => RoleState;

/** What a body leaves out has when it replaces everything. */
export const ROLE_DEFAULTS: Omit<WantedRole, 'name'> = {
  title: '',
  description: '',
  policies: [],
  inherits: [],
  privileges: [],
  all_privileges: false,
  reaches_restricted: false,
};

/**
 * @param ifExists `return`: one of that name is given as it is
 * @throws BitgateError `missing_privilege` (403), `unknown_project` (404), `invalid_role` (422), `role_exists`, `system_name` (409)
 */
export async function createRole(
  tools: ControlTools,
  writer: Writer,
  level: Level,
  wanted: WantedRole,
  ifExists: 'refuse' | 'return',
  mode: PublishMode,
): Promise<Written<ShownRole>> {
  return write(tools, writer, mode, async (moment) => {
    await requireToManage(tools.lookup, moment, level);
    const rows = await readCatalog(tools, moment);
    const present = ifExists === 'return' ? sameName(ROLE, rows, level.project, wanted.name) : undefined;
    if (present !== undefined && present.system === 0) return decided('role.create', rows, stateOf(rows, present), null);
    const { name } = wanted;
    const blank: RoleRow = { ...BLANK, id: newIdFor(ROLE, rows, level.project, name), project: level.project, name };
    const after = changedRole({ row: blank, policies: [], inherits: [] }, wanted, rows);
    refuseTakenName(ROLE, rows, after.row);
    refuseTooMany(ROLE, rows, LIMITS.roles);
    return {
      changes: roleChanges(null, after),
      audit: { action: 'role.create', target: `role:${after.row.id}`, before: null, after: JSON.stringify(roleAudit(after)) },
      value: shownRole(rows, after),
    };
  });
}

const BLANK = { title: '', description: '', privileges: '[]', all_privileges: 0, reaches_restricted: 0, system: 0 } as const;

/**
 * @param reference id or name
 * @param precondition called with the present state
 * @throws BitgateError `missing_privilege` (403), `unknown_project`, `unknown_role` (404), `invalid_role` (422), `role_exists`,
 *   `system_name`, `system_role` (409), and what the precondition throws
 */
export async function updateRole(
  tools: ControlTools,
  writer: Writer,
  level: Level,
  reference: string,
  changed: RoleUpdate,
  precondition: (present: ShownRole) => Promise<void>,
  mode: PublishMode,
): Promise<Written<ShownRole>> {
  return write(tools, writer, mode, async (moment) => {
    await requireToManage(tools.lookup, moment, level);
    const rows = await readCatalog(tools, moment);
    const before = stateOf(rows, findAt(ROLE, rows, level.project, reference));
    refuseSystem(ROLE, before.row);
    await precondition(shownRole(rows, before));
    const after = changed(before, rows);
    if (after.row.name !== before.row.name) refuseTakenName(ROLE, rows, after.row);
    return decided('role.update', rows, before, after);
  });
}

/** @param after null: stays as it is */
function decided(action: string, rows: CatalogRows, before: RoleState, after: RoleState | null): Decided<ShownRole> {
  const changes = after === null ? null : roleChanges(before, after);
  const target = `role:${before.row.id}`;
  if (after === null || changes === null) {
    return { changes: null, audit: { action, target, before: null, after: null }, value: shownRole(rows, before) };
  }
  const audit = { action, target, before: JSON.stringify(roleAudit(before)), after: JSON.stringify(roleAudit(after)) };
  return { changes, audit, value: shownRole(rows, after) };
}

/**
 * Only what is named is judged: the rest may be as somebody typed it.
 * @throws BitgateError `invalid_role` (422)
 */
export function changedRole(before: RoleState, change: RoleChange, rows: CatalogRows): RoleState {
  const problems = new Problems();
  const { id, project, name } = before.row;
  const context = contextOf(rows, project, problems);
  if (change.name !== undefined) checkName(ROLE, change.name, problems);
  const columns = roleColumns({ ...change, name: change.name ?? name }, '', project, context);
  const policies = links(change.policies, 'policy', 'policies', project, context);
  const inherits = links(change.inherits, 'role', 'inherits', project, context);
  if (change.inherits !== undefined) checkInheritance(rows, id, inherits, problems);
  problems.throwIfAny('invalid_role', 'the role');
  const named = Object.entries(columns).filter(([column]) => change[column as keyof WantedRole] !== undefined); // columns are named as keys
  return {
    row: { ...before.row, ...Object.fromEntries(named) },
    policies: change.policies === undefined ? before.policies : policies.map((link) => link.id),
    inherits: change.inherits === undefined ? before.inherits : inherits.map((link) => link.id),
  };
}
