/** An invitation by its id at a level, and what it would assign. */
import { BitgateError } from '../../core/terms/problem.ts';
import { isWithin } from '../assignments/level.ts';
import type { WantedRow } from '../assignments/plan.ts';
import type { Level } from '../bundles/level.ts';
import type { ControlTools } from '../control-ports.ts';
import type { NamedInvitation } from './ports.ts';
import { type InvitationRow, stateOf, textsIn } from './rows.ts';

export function unknownInvitation(): BitgateError {
  return new BitgateError('unknown_invitation', 404, 'there is no such invitation');
}

/** @throws BitgateError `unknown_invitation` (404) */
export async function findInvitation({ invitations, lookup }: ControlTools, level: Level, id: string): Promise<NamedInvitation> {
  const found = await invitations.invitation(id);
  if (found === null || !(await isWithin(lookup, level, found.row.scope))) throw unknownInvitation();
  return found;
}

/** @throws BitgateError `invitation_revoked`, `invitation_expired`, `invitation_accepted`, `invitation_declined` (410) */
export function requirePending(row: InvitationRow, now: number): void {
  const state = stateOf(row, now);
  if (state !== 'pending') throw new BitgateError(`invitation_${state}`, 410, `the invitation is ${state}: ask for another one`);
}

export function grantsOf({ roles, scope }: InvitationRow, principal: string): WantedRow[] {
  return textsIn(roles).map((role) => ({ principal, role, policy: null, scope, not_before: null, expires_at: null }));
}
