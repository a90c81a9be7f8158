/**
 * Use cases: whoever holds the link accepts an invitation or declines it. Accepting adds roles and takes none, unless that is asked for. The
 * invitation is worth what its sender could assign at this moment: who was demoted, removed or suspended since, invites nobody any more.
 */
import { BitgateError } from '../../core/terms/problem.ts';
import { GROUP_TYPE, parseRef } from '../../core/terms/ref.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import { requireManaging } from '../assignments/authorize.ts';
import { type AssignmentPlan, planAssignments, planChanges } from '../assignments/plan.ts';
import type { ControlTools, NamedAssignment } from '../control-ports.ts';
import { ownRights } from '../rights/own-rights.ts';
import type { Moment, Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { foldedAddress } from './address.ts';
import { grantsOf, requirePending, unknownInvitation } from './find-invitation.ts';
import { shown } from './invite.ts';
import { authorizeChanges } from './offer.ts';
import type { InvitedRole, NamedInvitation } from './ports.ts';
import { type InvitationRow, textsIn } from './rows.ts';

export interface Respondent {
  readonly id: string;
  /** SHA-256 of the token that was sent */
  readonly hash: string;
  /** who accepts or declines */
  readonly subject: string;
  /** the address that its token proves: of an invitation for an address the only one that counts. Absent: it came without a token */
  readonly email?: string | null | undefined;
}

export interface Accepted {
  readonly row: InvitationRow;
  readonly roles: readonly InvitedRole[];
  readonly subject: string;
  /** what it was given that it hadn't */
  readonly assigned: readonly AssignmentRow[];
  /** what went, since that was asked for */
  readonly replaced: readonly NamedAssignment[];
}

/** compares two hashes in constant time */
export type EqualHashes = (a: string, b: string) => boolean;

/**
 * @param response with `replace`: its other direct roles at the scope go
 * @throws BitgateError `unknown_invitation` (404); `invitation_…` (410): replaced by a newer link, revoked, expired, accepted, declined, or void since
 *   its roles are gone; `not_invited`, `inviter_lacks_rights`, `own_rights` when it invited itself (403); `role_kept`, `last_owner` (409)
 */
export async function acceptInvitation(
  tools: ControlTools,
  writer: Writer,
  response: Respondent & { readonly replace: boolean },
  equal: EqualHashes,
  mode: PublishMode,
): Promise<Written<Accepted>> {
  const { subject, replace } = response;
  return write(tools, writer, mode, async (moment) => {
    const { row: before, roles } = await findByToken(tools, response, equal);
    const acceptedBy = textsIn(before.accepted_by);
    if (acceptedBy.includes(subject)) return alreadyAccepted(before, roles, subject);
    requirePending(before, moment.now);
    requireInvited(before, response);
    if (before.inviter === subject) throw ownRights();
    const wanted = grantsOf(before, subject);
    await requireRoles(tools, roles);
    const plan = await planAccepting(tools, wanted, replace);
    await requireBacking(tools, moment, before, plan);
    const by = [...acceptedBy, subject];
    const after: InvitationRow = {
      ...before,
      accepted_by: JSON.stringify(by),
      state: by.length >= before.max_uses ? 'accepted' : 'pending',
    };
    return {
      changes: planChanges(plan) ?? {},
      own: 'accepts',
      beside: { invitations: { insert: [], update: [{ before, after }] } },
      audit: {
        action: 'invitation.accept',
        target: `invitation:${before.id}`,
        before: JSON.stringify({ ...shown(before), removed: plan.delete }),
        after: JSON.stringify({ ...shown(after), subject, assigned: plan.insert }),
      },
      value: { row: after, roles, subject, assigned: plan.insert, replaced: plan.delete },
    };
  });
}

/**
 * Declining twice is declining once.
 * @throws BitgateError as `acceptInvitation`; `shared_invitation` (409) for a link that is for several
 */
export async function declineInvitation(
  tools: ControlTools,
  writer: Writer,
  response: Respondent,
  equal: EqualHashes,
  mode: PublishMode,
): Promise<Written<NamedInvitation>> {
  return write(tools, writer, mode, async (moment) => {
    const { row: before, roles } = await findByToken(tools, response, equal);
    requireInvited(before, response);
    if (before.state !== 'declined') requirePending(before, moment.now);
    if (before.max_uses > 1)
      throw new BitgateError('shared_invitation', 409, 'the invitation is for several: whoever does not want it leaves it alone');
    const after: InvitationRow = { ...before, state: 'declined' };
    return {
      changes: before.state === 'declined' ? null : {},
      beside: { invitations: { insert: [], update: [{ before, after }] } },
      audit: {
        action: 'invitation.decline',
        target: `invitation:${before.id}`,
        before: JSON.stringify(shown(before)),
        after: JSON.stringify({ ...shown(after), declined_by: response.subject }),
      },
      value: { row: after, roles },
    };
  });
}

/** What is told depends on the token alone, so whoever guesses ids learns nothing. */
async function findByToken({ invitations }: ControlTools, { id, hash }: Respondent, equal: EqualHashes): Promise<NamedInvitation> {
  const found = await invitations.invitation(id);
  if (found === null) throw unknownInvitation();
  if (equal(found.row.hash, hash)) return found;
  // All of them are compared, whichever it is.
  const retired = textsIn(found.row.retired).filter((each) => equal(each, hash)).length > 0;
  if (!retired) throw unknownInvitation();
  throw new BitgateError('invitation_replaced', 410, 'there is a newer link for this invitation: use that one');
}

/** @throws BitgateError `not_invited` (403), `invalid_invitation` (422) */
function requireInvited({ subject: invited, email: address }: InvitationRow, { subject, email }: Respondent): void {
  if (parseRef(subject).type === GROUP_TYPE) throw new BitgateError('invalid_invitation', 422, 'a group accepts nothing');
  if (invited !== null && invited !== subject) throw new BitgateError('not_invited', 403, 'the invitation is for somebody else');
  // Who comes without a token is root or a key: whoever gave them the link answers for the address.
  if (address === null || email === undefined || (email !== null && foldedAddress(email) === foldedAddress(address))) return;
  throw new BitgateError('not_invited', 403, 'the invitation is for an e-mail address that your token does not prove');
}

/** @throws BitgateError `invitation_void` (410) */
async function requireRoles({ lookup }: ControlTools, roles: readonly InvitedRole[]): Promise<void> {
  for (const { id } of roles) {
    if ((await lookup.named('roles', id)).some((found) => found.id === id)) continue;
    throw new BitgateError('invitation_void', 410, 'a role of the invitation is gone: ask for another invitation');
  }
}

/**
 * Who sent it could do now what accepting it does: also take what is exchanged.
 * @throws BitgateError `inviter_lacks_rights` (403)
 */
async function requireBacking(
  tools: ControlTools,
  moment: Moment,
  row: InvitationRow,
  plan: Pick<AssignmentPlan, 'insert' | 'delete'>,
): Promise<void> {
  const subject = row.inviter === 'root' ? null : parseRef(row.inviter);
  // Nothing that whoever accepts has proved is the sender's.
  const asInviter: Moment = { ...moment, writer: { actor: row.inviter, subject, requestId: moment.writer.requestId } };
  try {
    await requireManaging(asInviter, [row]);
    await authorizeChanges(tools, asInviter, planChanges(plan) ?? {});
  } catch (error) {
    if (!(error instanceof BitgateError && error.status === 403)) throw error;
    throw new BitgateError(
      'inviter_lacks_rights',
      403,
      'whoever sent the invitation could not give these roles any more: ask for another one',
    );
  }
}

/**
 * What somebody has stays, also where one role at a time is allowed: then nothing is given.
 * @throws BitgateError `role_kept` (409), naming what is held
 */
async function planAccepting(
  tools: ControlTools,
  wanted: ReturnType<typeof grantsOf>,
  replace: boolean,
): Promise<Pick<AssignmentPlan, 'insert' | 'delete'>> {
  const present = replace ? await tools.members.assignedAt(wanted.slice(0, 1)) : [];
  const kept = new Set(wanted.map(({ role }) => role));
  const leaving = present.filter((row) => row.role !== null && !(kept.has(row.role) && row.not_before === null && row.expires_at === null));
  const plan = await planAssignments(tools, wanted, leaving);
  if (replace || plan.delete.length === 0) return plan;
  const roles = plan.delete.map(({ target }) => target);
  throw new BitgateError(
    'role_kept',
    409,
    `only one role at a time is allowed there, and it has \`${roles.join('`, `')}\`: accept with \`replace\`: true to exchange it`,
    { roles },
  );
}

function alreadyAccepted(
  row: InvitationRow,
  roles: readonly InvitedRole[],
  subject: string,
): {
  readonly changes: null;
  readonly audit: { readonly action: string; readonly target: string; readonly before: null; readonly after: null };
  readonly value: Accepted;
} {
  return {
    changes: null,
    audit: { action: 'invitation.accept', target: `invitation:${row.id}`, before: null, after: null },
    value: { row, roles, subject, assigned: [], replaced: [] },
  };
}
