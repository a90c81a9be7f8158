/** Use case: roles at a scope are offered to whoever holds the link, or to one subject. Nobody offers what they could not assign. */
import { BitgateError, type Problem } from '../../core/terms/problem.ts';
import { GROUP_EVERYONE, GROUP_TYPE, parseRef } from '../../core/terms/ref.ts';
import { MANAGE } from '../assignments/authorize.ts';
import type { WantedRow } from '../assignments/plan.ts';
import { isScope, type Resolved, resolveInto, resolveTime, throwIfAny } from '../assignments/wanted.ts';
import { type Level, requireLevel } from '../bundles/level.ts';
import type { ControlTools } from '../control-ports.ts';
import type { Credential } from '../ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { foldedAddress } from './address.ts';
import { authorizeOffer } from './offer.ts';
import type { InvitedRole, NamedInvitation } from './ports.ts';
import type { InvitationRow } from './rows.ts';

const DAY_MS = 86_400_000;
export const DEFAULT_LIFE_MS = 7 * DAY_MS;

/** As on the wire. */
export interface WantedInvitation {
  readonly roles: readonly string[];
  readonly scope: string;
  readonly subject?: string | undefined;
  /** each gets an invitation of its own; none: one invitation for whoever has the link */
  readonly emails: readonly string[];
  /** RFC 3339 with zone; absent: in seven days */
  readonly expires_at?: string | undefined;
  readonly max_uses?: number | undefined;
}

export interface Invited {
  readonly email: string | null;
  /** null: the address belongs to somebody already */
  readonly made: { readonly invitation: NamedInvitation; readonly token: string } | null;
  /** why it was skipped */
  readonly known?: 'member' | 'invited' | undefined;
}

/**
 * @param credentials as many as invitations can be made
 * @throws BitgateError `missing_privilege`, `escalation` (403), `not_found` (404), `invalid_invitation` (422)
 */
export async function invite(
  tools: ControlTools,
  writer: Writer,
  wanted: WantedInvitation,
  level: Level,
  credentials: readonly Credential[],
  mode: PublishMode,
): Promise<Written<readonly Invited[]>> {
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE, isScope(wanted.scope) ? wanted.scope : level.scope);
    await requireLevel(tools.lookup, level);
    const { roles, grants, expiresAt } = await resolve(tools, wanted, level, moment.now);
    await authorizeOffer(tools, moment, grants);
    const known = await tools.invitations.knownEmails(wanted.scope, wanted.emails, moment.now);
    const row = (email: string | null, { id, hash }: Credential): InvitationRow => ({
      id,
      scope: wanted.scope,
      roles: JSON.stringify(roles.map((role) => role.id)),
      email,
      subject: wanted.subject ?? null,
      hash,
      retired: '[]',
      state: 'pending',
      max_uses: wanted.max_uses ?? 1,
      accepted_by: '[]',
      inviter: writer.actor,
      created_at: moment.now,
      expires_at: expiresAt,
    });
    const addresses = wanted.emails.length > 0 ? uniqueAddresses(wanted.emails) : [null];
    const invited = addresses.map((email, i): Invited => {
      const taken = email === null ? undefined : known.get(foldedAddress(email));
      const credential = credentials[i];
      if (taken !== undefined || credential === undefined) return { email, made: null, known: taken };
      return { email, made: { invitation: { row: row(email, credential), roles }, token: credential.token } };
    });
    const rows = invited.flatMap(({ made }) => (made === null ? [] : [made.invitation.row]));
    return {
      changes: rows.length === 0 ? null : {},
      beside: { invitations: { insert: rows, update: [] } },
      audit: {
        action: 'invitation.create',
        target: rows.length === 1 ? `invitation:${rows[0]?.id ?? ''}` : wanted.scope,
        before: null,
        after: JSON.stringify(rows.map(shown)),
      },
      value: invited,
    };
  });
}

/** For the audit: without hashes. */
export function shown({ hash: _hash, retired: _retired, ...rest }: InvitationRow): object {
  return rest;
}

interface ResolvedOffer {
  readonly roles: readonly InvitedRole[];
  readonly grants: readonly WantedRow[];
  readonly expiresAt: number;
}

/** @throws BitgateError `invalid_invitation` (422) */
async function resolve({ lookup }: ControlTools, wanted: WantedInvitation, level: Level, now: number): Promise<ResolvedOffer> {
  const problems: Problem[] = [];
  const add = (path: string, code: string, message: string): void => void problems.push({ path, code, message });
  const resolved: Resolved[] = [];
  for (const [i, role] of wanted.roles.entries()) {
    const found: Problem[] = [];
    // Everyone stands for whoever it will be.
    const each = await resolveInto(found, { subject: GROUP_EVERYONE, role, scope: wanted.scope }, lookup, level);
    problems.push(...found.map((problem) => ({ ...problem, path: problem.path === 'role' ? `roles[${i}]` : problem.path })));
    if (!resolved.some(({ row }) => row.role === each.row.role)) resolved.push(each);
  }
  if (wanted.subject !== undefined) checkSubject(wanted.subject, add);
  if (wanted.subject !== undefined && (wanted.max_uses ?? 1) > 1) add('max_uses', 'one_subject', 'one subject uses it once');
  const expiresAt = resolveTime(wanted.expires_at, 'expires_at', add) ?? now + DEFAULT_LIFE_MS;
  if (expiresAt <= now) add('expires_at', 'past', 'must lie in the future');
  throwIfAny('invalid_invitation', 'the invitation', problems);
  return {
    roles: resolved.map(({ row, target }) => ({ id: row.role ?? '', name: target })),
    grants: resolved.map(({ row }) => row),
    expiresAt,
  };
}

function checkSubject(subject: string, add: (path: string, code: string, message: string) => void): void {
  try {
    if (parseRef(subject).type === GROUP_TYPE) add('subject', 'not_a_subject', 'a group accepts nothing');
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    add('subject', error.code, error.message);
  }
}

/** The same address twice, whatever the case of its letters, is one. */
function uniqueAddresses(emails: readonly string[]): string[] {
  return [...new Map(emails.toReversed().map((email) => [foldedAddress(email), email])).values()].toReversed();
}
