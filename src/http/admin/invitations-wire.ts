/** The wire form of invitations. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { isWellFormed } from '../../core/terms/ref.ts';
import type { Invited } from '../../pap/invitations/invite.ts';
import type { NamedInvitation } from '../../pap/invitations/ports.ts';
import type { Accepted } from '../../pap/invitations/respond.ts';
import { stateOf, textsIn } from '../../pap/invitations/rows.ts';
import { formatTime } from '../../pap/manifest/times.ts';
import type { PublishMode } from '../../pap/write/write.ts';
import { timeText } from './answer-wire.ts';
import { assignmentAnswer } from './assignments-wire.ts';
import { described } from './route.ts';
import { assignmentBody, pageQuery } from './wire.ts';

const ROLES_MAX = 100;
/** each gets a token of its own */
export const EMAILS_MAX = 100;
/** who accepted is kept in one row */
const USES_MAX = 1_000;
/** RFC 5321 §4.5.3.1.3: a path has 256 octets, brackets included */
const EMAIL_CHARS = 254;

const email = lazy(() =>
  z
    .string()
    .max(EMAIL_CHARS)
    .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u, 'expected an e-mail address')
    .refine(isWellFormed, 'must not hold a lone surrogate'),
);

const STATES = ['pending', 'accepted', 'declined', 'revoked', 'expired'] as const;

export const invitationsQuery = lazy(() => z.strictObject({ ...pageQuery, state: z.enum(STATES).optional() }));

export const invitationSchema = lazy(() =>
  z
    .strictObject({
      role: z.string().min(1).optional(),
      roles: z.array(z.string().min(1)).min(1).max(ROLES_MAX).optional(),
      scope: z
        .string()
        .optional()
        .meta(described(() => ({ description: 'absent: the organization or the project of the address' }))),
      subject: z
        .string()
        .optional()
        .meta(described(() => ({ description: 'who alone may accept; absent: whoever holds the link' }))),
      email: email.optional(),
      emails: z
        .array(email)
        .min(1)
        .max(EMAILS_MAX)
        .optional()
        .meta(described(() => ({ description: 'one invitation for each; known ones are skipped' }))),
      expires_at: z
        .string()
        .optional()
        .meta(described(() => ({ description: 'absent: in seven days' }))),
      max_uses: z
        .int()
        .min(1)
        .max(USES_MAX)
        .optional()
        .meta(described(() => ({ description: 'absent: 1' }))),
    })
    .refine(({ role, roles }) => (role === undefined) !== (roles === undefined), 'name exactly one of `role` and `roles`')
    .refine(
      ({ subject, email: one, emails }) => [subject, one, emails].filter((each) => each !== undefined).length <= 1,
      'name at most one of `subject`, `email` and `emails`',
    ),
);

const token = lazy(() => z.string().min(1).max(1_000));
const respondent = lazy(() => ({
  subject: z
    .string()
    .optional()
    .meta(described(() => ({ description: 'for root alone: on whose behalf' }))),
}));

export const acceptSchema = lazy(() =>
  z.strictObject({
    token,
    ...respondent,
    replace: z
      .boolean()
      .optional()
      .meta(described(() => ({ description: 'other direct roles at the scope go' }))),
  }),
);

export const declineSchema = lazy(() => z.strictObject({ token, ...respondent }));

export const invitationShape = described(() => ({
  id: z.string(),
  roles: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  scope: z.string(),
  email: z.string().nullable(),
  subject: z.string().nullable(),
  state: z.enum(STATES),
  max_uses: z.int(),
  accepted_by: z.array(z.string()),
  inviter: z.string(),
  created_at: timeText,
  expires_at: timeText,
}));

export const invitationAnswer = described(() => z.strictObject(invitationShape));

/** The token is in this answer and never again anywhere. */
export const tokenShape = described(() => ({
  token: z.string().optional().meta({ description: 'the whole token, this once; absent in a dry run' }),
}));

/** Of one: the invitation with its token. Of `emails`: what became of each. */
export const invitedShape = described(() => ({
  ...z.strictObject({ ...invitationShape, ...tokenShape }).partial().shape,
  items: z
    .array(
      z.strictObject({
        email: z.string(),
        status: z.enum(['invited', 'skipped']),
        reason: z.enum(['member', 'invited']).optional(),
        invitation: invitationAnswer.optional(),
        token: z.string().optional(),
      }),
    )
    .optional()
    .meta({ description: 'of `emails`' }),
}));

export const acceptedShape = described(() => ({
  ...invitationShape,
  accepted: z.strictObject({ subject: z.string(), assigned: z.array(assignmentAnswer), replaced: z.array(assignmentAnswer) }),
}));

export function invitationBody({ row, roles }: NamedInvitation, now: number): object {
  return {
    id: row.id,
    roles,
    scope: row.scope,
    email: row.email,
    subject: row.subject,
    state: stateOf(row, now),
    max_uses: row.max_uses,
    accepted_by: textsIn(row.accepted_by),
    inviter: row.inviter,
    created_at: formatTime(row.created_at),
    expires_at: formatTime(row.expires_at),
  };
}

export function invitedBody(invited: Invited, now: number, mode: PublishMode): object {
  const { email: address, made, known } = invited;
  if (made === null) return { email: address, status: 'skipped', reason: known };
  return { email: address, status: 'invited', invitation: invitationBody(made.invitation, now), ...tokenBody(made.token, mode) };
}

/** Of a dry run none: it would open nothing. */
export function tokenBody(token: string, mode: PublishMode): object {
  return mode === 'dry_run' ? {} : { token };
}

export function acceptedBody({ row, roles, subject, assigned, replaced }: Accepted, now: number): object {
  const nameOf = (id: string | null): string => roles.find((role) => role.id === id)?.name ?? '';
  return {
    ...invitationBody({ row, roles }, now),
    accepted: {
      subject,
      assigned: assigned.map((each) => assignmentBody(each, { subject, target: nameOf(each.role) })),
      replaced: replaced.map((each) => assignmentBody(each, each)),
    },
  };
}

export const invitationExample = described(() => ({
  id: 'k5mzq3w2ya7bcdef',
  roles: [{ id: 'rol_1', name: 'Viewer' }],
  scope: 'project:p1',
  email: 'alice@example.com',
  subject: null,
  state: 'pending',
  max_uses: 1,
  accepted_by: [],
  inviter: 'api_key:k1',
  created_at: '2027-01-01T00:00:00Z',
  expires_at: '2027-01-08T00:00:00Z',
}));

export const tokenExample = 'bgi_acme_k5mzq3w2ya7bcdef_…';
