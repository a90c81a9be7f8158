/** Use cases: an invitation gets a new link, and the one before ends at once; or it is revoked. */
import { BitgateError } from '../../core/terms/problem.ts';
import { GROUP_EVERYONE } from '../../core/terms/ref.ts';
import { MANAGE } from '../assignments/authorize.ts';
import { type Level, requireLevel } from '../bundles/level.ts';
import type { ControlTools } from '../control-ports.ts';
import type { Credential } from '../ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { findInvitation, grantsOf } from './find-invitation.ts';
import { DEFAULT_LIFE_MS, shown } from './invite.ts';
import { authorizeOffer } from './offer.ts';
import type { NamedInvitation } from './ports.ts';
import { type InvitationRow, stateOf, textsIn } from './rows.ts';

/** tokens before these are unknown rather than replaced */
const RETIRED_KEPT = 100;

/**
 * Who sends it answers for it from now on. One that is pending or expired lives as long again as it was given, from now.
 * @throws BitgateError `missing_privilege`, `escalation` (403), `not_found`, `unknown_invitation` (404), `invitation_closed` (409)
 */
export async function resendInvitation(
  tools: ControlTools,
  writer: Writer,
  level: Level,
  credential: Credential,
  mode: PublishMode,
): Promise<Written<NamedInvitation>> {
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE, level.scope);
    await requireLevel(tools.lookup, level);
    const { row: before, roles } = await findInvitation(tools, level, credential.id);
    await authorizeOffer(tools, moment, grantsOf(before, GROUP_EVERYONE));
    const state = stateOf(before, moment.now);
    if (state !== 'pending' && state !== 'expired')
      throw new BitgateError('invitation_closed', 409, `the invitation is ${state}: make another one`);
    const life = Math.max(before.expires_at - before.created_at, 1);
    const after: InvitationRow = {
      ...before,
      hash: credential.hash,
      retired: JSON.stringify([...textsIn(before.retired), before.hash].slice(-RETIRED_KEPT)),
      inviter: writer.actor,
      expires_at: Math.max(before.expires_at, moment.now + Math.min(life, DEFAULT_LIFE_MS)),
    };
    return {
      changes: {},
      beside: { invitations: { insert: [], update: [{ before, after }] } },
      audit: auditOf('invitation.resend', before, after),
      value: { row: after, roles },
    };
  });
}

/**
 * Revoking what is over already changes nothing.
 * @throws BitgateError `missing_privilege` (403), `not_found`, `unknown_invitation` (404)
 */
export async function revokeInvitation(
  tools: ControlTools,
  writer: Writer,
  level: Level,
  id: string,
  mode: PublishMode,
): Promise<Written<NamedInvitation>> {
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE, level.scope);
    await requireLevel(tools.lookup, level);
    const { row: before, roles } = await findInvitation(tools, level, id);
    const after: InvitationRow = before.state === 'pending' ? { ...before, state: 'revoked' } : before;
    return {
      changes: after === before ? null : {},
      beside: { invitations: { insert: [], update: [{ before, after }] } },
      audit: auditOf('invitation.revoke', before, after),
      value: { row: after, roles },
    };
  });
}

function auditOf(
  action: string,
  before: InvitationRow,
  after: InvitationRow,
): { readonly action: string; readonly target: string; readonly before: string; readonly after: string } {
  return { action, target: `invitation:${before.id}`, before: JSON.stringify(shown(before)), after: JSON.stringify(shown(after)) };
}
