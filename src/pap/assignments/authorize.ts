/** May the writer make and take these assignments? Asked once for equal ones, so that thousands cost no more than one. */
import { BitgateError } from '../../core/terms/problem.ts';
import { GROUP_TYPE, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { refuseGivingDefaultRole } from '../rights/default-role.ts';
import { refuseEscalation } from '../rights/escalation.ts';
import { refuseLastOwner } from '../rights/last-owner.ts';
import { refuseLosingOwnersBy } from '../rights/last-owner-rows.ts';
import { type Moment, requireRight } from '../write/moment.ts';
import type { OwnRights } from '../write/write.ts';
import { newId } from './new-id.ts';
import type { AssignmentPlan } from './plan.ts';
import type { Resolved } from './wanted.ts';

export const MANAGE = 'bitgate:manage_members';

/**
 * May the writer give, or take, this?
 * @param right what the writer needs at the scope, beside the privileges that it gives
 * @throws BitgateError `missing_privilege`, `own_rights`, `escalation` (403)
 */
export async function authorizeAssignment(tools: ControlTools, moment: Moment, { row, target }: Resolved, right = MANAGE): Promise<void> {
  await requireRight(moment, right, row.scope);
  refuseOwnRights(moment, [row.principal]);
  await refuseEscalation(tools.lookup, moment, grantOf(row, target), newId('', tools));
}

/**
 * @param own one of the exceptions to "nobody changes their own roles"
 * @throws BitgateError `missing_privilege`, `own_rights`, `escalation` (403), `last_owner` (409)
 */
export async function authorizePlan(
  tools: ControlTools,
  moment: Moment,
  plan: Pick<AssignmentPlan, 'insert' | 'delete'>,
  own?: OwnRights,
): Promise<void> {
  const rows = [...plan.insert, ...plan.delete];
  for (const scope of new Set(rows.map((row) => row.scope))) await requireRight(moment, MANAGE, scope);
  if (own === undefined) {
    refuseOwnRights(
      moment,
      rows.map(({ principal }) => principal),
    );
  }
  await refuseBeyondOwnRights(tools, moment, rows);
  await refuseMovingDefaultRoles(tools, moment, rows);
  if (plan.insert.length > 0) await refuseLosingOwnersBy(tools, moment, plan);
  else await refuseLastOwner(tools, moment, plan.delete);
}

/**
 * That the writer holds what is given or taken: each kind of grant is asked about once.
 * @throws BitgateError `escalation` (403)
 */
export async function refuseBeyondOwnRights(tools: ControlTools, moment: Moment, rows: readonly AssignmentRow[]): Promise<void> {
  const grants = new Map(rows.map((row) => [grantKey(row), row]));
  for (const row of grants.values()) await refuseEscalation(tools.lookup, moment, grantOf(row, targetOf(row)), newId('', tools));
}

/** @throws BitgateError `own_rights` (403) */
export function refuseOwnRights({ writer: { subject } }: Moment, principals: readonly string[]): void {
  if (subject !== null && principals.includes(`${subject.type}:${subject.id}`))
    throw new BitgateError('own_rights', 403, 'nobody can change their own roles');
}

/** As `refuseMovingDefaultRole`, of many. */
async function refuseMovingDefaultRoles(tools: ControlTools, moment: Moment, rows: readonly AssignmentRow[]): Promise<void> {
  const subjects = rows.filter(({ principal }) => !principal.startsWith(`${GROUP_TYPE}:`));
  if (moment.writer.subject === null || subjects.length === 0) return;
  const known = await tools.members.known(subjects.map(({ principal }) => principal));
  const moves = subjects.some((row) => {
    const registered = known.subjects.has(row.principal);
    const always = row.not_before === null && row.expires_at === null;
    return row.role !== null && row.scope === ORG_SCOPE ? registered || !always : !registered;
  });
  if (moves) await refuseGivingDefaultRole(tools.lookup, moment, null, newId('', tools));
}

function grantKey({ role, policy, scope, not_before, expires_at }: AssignmentRow): string {
  return JSON.stringify([role, policy, scope, not_before, expires_at]);
}

function targetOf({ role, policy }: Pick<AssignmentRow, 'role' | 'policy'>): string {
  return role ?? policy ?? '';
}

function grantOf(row: Omit<AssignmentRow, 'id'>, name: string): Parameters<typeof refuseEscalation>[2] {
  return { target: targetOf(row), name, scope: row.scope, notBefore: row.not_before, expiresAt: row.expires_at };
}
