/** Use cases: a policy or a role is deleted, for good. System ones stay; one in use goes only together with what uses it. */
import type { PolicyRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import type { Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { findAt, POLICY, ROLE, readCatalog, refuseSystem } from './catalog.ts';
import { type Level, requireToManage } from './level.ts';
import { roleAudit, type ShownRole, shownRole, stateOf } from './role-state.ts';
import { usesOf } from './users.ts';

/**
 * @param force unassigns it everywhere and takes it from the roles that bundle it
 * @returns the policy as it was
 * @throws BitgateError `missing_privilege` (403), `unknown_project`, `unknown_policy` (404), `system_policy`, `policy_in_use` (409),
 *   `too_many_rows` (413), and what the precondition throws
 */
export async function deletePolicy(
  tools: ControlTools,
  writer: Writer,
  level: Level,
  reference: string,
  force: boolean,
  precondition: (present: PolicyRow) => Promise<void>,
  mode: PublishMode,
): Promise<Written<PolicyRow>> {
  return write(tools, writer, mode, async (moment) => {
    await requireToManage(tools.lookup, moment, level);
    const rows = await readCatalog(tools, moment);
    const row = findAt(POLICY, rows, level.project, reference);
    refuseSystem(POLICY, row);
    await precondition(row);
    const uses = await usesOf(tools, rows, { word: 'policy', ...row }, force);
    return {
      changes: { ...uses.changes, policies: { insert: [], update: [], delete: [row] } },
      audit: { action: 'policy.delete', target: `policy:${row.id}`, before: JSON.stringify({ ...row, used_by: uses.audit }), after: null },
      value: row,
    };
  });
}

/**
 * @param force unassigns it everywhere, and takes it from the roles that inherit it and from the settings
 * @returns the role as it was
 * @throws BitgateError `missing_privilege` (403), `unknown_project`, `unknown_role` (404), `system_role`, `role_in_use` (409),
 *   `too_many_rows` (413), and what the precondition throws
 */
export async function deleteRole(
  tools: ControlTools,
  writer: Writer,
  level: Level,
  reference: string,
  force: boolean,
  precondition: (present: ShownRole) => Promise<void>,
  mode: PublishMode,
): Promise<Written<ShownRole>> {
  return write(tools, writer, mode, async (moment) => {
    await requireToManage(tools.lookup, moment, level);
    const rows = await readCatalog(tools, moment);
    const state = stateOf(rows, findAt(ROLE, rows, level.project, reference));
    refuseSystem(ROLE, state.row);
    const shown = shownRole(rows, state);
    await precondition(shown);
    const uses = await usesOf(tools, rows, { word: 'role', ...state.row }, force);
    const before = JSON.stringify({ ...roleAudit(state), used_by: uses.audit });
    return {
      // Its own links go with it.
      changes: { ...uses.changes, roles: { insert: [], update: [], delete: [state.row] } },
      audit: { action: 'role.delete', target: `role:${state.row.id}`, before, after: null },
      value: shown,
    };
  });
}
