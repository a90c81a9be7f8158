/** `L/invitations`, `…/{id}`, `…/{id}/resend`. A token is in the answer to its making, and never again anywhere. */
import { sha256Hex } from '../../authn/constant-time.ts';
import { newInvitationId, newInvitationToken } from '../../authn/invitation-token.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { MANAGE } from '../../pap/assignments/authorize.ts';
import { requireLevel } from '../../pap/bundles/level.ts';
import { findInvitation } from '../../pap/invitations/find-invitation.ts';
import { type Invited, invite } from '../../pap/invitations/invite.ts';
import { resendInvitation, revokeInvitation } from '../../pap/invitations/resend.ts';
import type { Credential } from '../../pap/ports.ts';
import type { PublishMode } from '../../pap/write/write.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { pageAnswer, revisionNumber, writtenAnswer } from './answer-wire.ts';
import { type Administration, asAdministrator, requireToRead } from './caller.ts';
import {
  invitationAnswer,
  invitationBody,
  invitationExample,
  invitationSchema,
  invitationShape,
  invitationsQuery,
  invitedBody,
  invitedShape,
  tokenBody,
  tokenExample,
  tokenShape,
} from './invitations-wire.ts';
import { atBothLevels, levelAsked } from './levels.ts';
import { pageReply, publishMode, readWriteQuery, writtenReply } from './reply.ts';
import { described, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { writeQuerySchema } from './wire.ts';

export async function postInvitation(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const level = levelAsked(asked);
  const body = parseAs(invitationSchema, await readCommand(asked.request), 'invitation');
  const { role, roles, scope = level.scope, email, emails, ...rest } = body;
  const addresses = emails ?? (email === undefined ? [] : [email]);
  const wanted = { ...rest, roles: roles ?? [role ?? ''], scope, emails: addresses };
  const credentials = await Promise.all(Array.from({ length: Math.max(addresses.length, 1) }, () => newCredential(asked)));
  const mode = publishMode(query);
  const written = await invite(tools, writer, wanted, level, credentials, mode);
  const now = asked.services.now();
  return writtenReply(asked, written, query, 201, (invited) =>
    emails === undefined ? oneBody(invited, now, mode) : { items: invited.map((each) => invitedBody(each, now, mode)) },
  );
}

/** @throws BitgateError `already_known` (409) */
function oneBody([invited]: readonly Invited[], now: number, mode: PublishMode): object {
  if (invited?.made) return { ...invitationBody(invited.made.invitation, now), ...tokenBody(invited.made.token, mode) };
  const reason = invited?.known ?? 'invited';
  throw new BitgateError(
    'already_known',
    409,
    `the address belongs to somebody who is ${reason === 'member' ? 'a member' : 'invited'} already`,
    {
      email: invited?.email ?? null,
      reason,
    },
  );
}

async function newCredential(asked: Asked, id?: string): Promise<Credential> {
  const fill = (bytes: Uint8Array): void => asked.services.fill(bytes);
  const named = id ?? newInvitationId(fill);
  const token = newInvitationToken(asked.params.org ?? '', named, fill);
  return { id: named, token, hash: await sha256Hex(token) };
}

/** Whom somebody invites is for those to see who may invite. */
async function asInviter(asked: Asked): Promise<Administration> {
  const administration = await asAdministrator(asked);
  const level = levelAsked(asked);
  await requireToRead(administration, MANAGE, level.scope);
  await requireLevel(administration.tools.lookup, level);
  return administration;
}

export async function listInvitations(asked: Asked): Promise<Response> {
  const { tools } = await asInviter(asked);
  const query = parseAs(invitationsQuery, readQuery(asked.request.url), 'query');
  const { state } = query;
  const now = asked.services.now();
  return pageReply(asked, query, {
    name: 'invitations',
    columns: 1,
    filters: { state },
    load: (after, limit) => tools.invitations.page(levelAsked(asked).project, { state: state ?? null, now }, after?.[0] ?? '', limit),
    body: (row) => invitationBody(row, now),
  });
}

export async function getInvitation(asked: Asked): Promise<Response> {
  const { tools } = await asInviter(asked);
  const revision = await tools.reader.revision();
  const found = await findInvitation(tools, levelAsked(asked), idOf(asked));
  return jsonReply(200, { ...invitationBody(found, asked.services.now()), revision }, asked.requestId);
}

export async function postResend(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const credential = await newCredential(asked, idOf(asked));
  const mode = publishMode(query);
  const written = await resendInvitation(tools, writer, levelAsked(asked), credential, mode);
  const body = (found: typeof written.value): object => ({
    ...invitationBody(found, asked.services.now()),
    ...tokenBody(credential.token, mode),
  });
  return writtenReply(asked, written, query, 200, body);
}

export async function deleteInvitation(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const written = await revokeInvitation(tools, writer, levelAsked(asked), idOf(asked), publishMode(query));
  return writtenReply(asked, written, query, 200, (found) => ({ deleted: invitationBody(found, asked.services.now()) }));
}

function idOf({ params }: Asked): string {
  return params.id ?? '';
}

const tag = 'invitations';
const written = described(() => ({ revision: 42, published: true }));

export const invitationRoutes: readonly Route[] = atBothLevels([
  {
    method: 'GET',
    path: '/invitations',
    handler: listInvitations,
    ...described(() => ({
      id: 'listInvitations',
      summary: 'List invitations, by state',
      tag,
      query: invitationsQuery,
      answer: pageAnswer(invitationAnswer),
      answerExample: { items: [invitationExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'POST',
    path: '/invitations',
    handler: postInvitation,
    ...described(() => ({
      id: 'createInvitation',
      summary: 'Invite to roles at a scope',
      description: 'The token is shown once. Nobody can invite above their own rights, neither now nor when it is accepted.',
      tag,
      query: writeQuerySchema,
      body: invitationSchema,
      bodyExample: { role: 'Viewer', email: 'alice@example.com' },
      status: 201,
      answer: writtenAnswer(invitedShape),
      answerExample: { ...invitationExample, token: tokenExample, ...written },
    })),
  },
  {
    method: 'GET',
    path: '/invitations/:id',
    handler: getInvitation,
    ...described(() => ({
      id: 'getInvitation',
      summary: 'Show an invitation',
      tag,
      answer: invitationAnswer.extend({ revision: revisionNumber }),
      answerExample: { ...invitationExample, revision: 42 },
    })),
  },
  {
    method: 'POST',
    path: '/invitations/:id/resend',
    handler: postResend,
    ...described(() => ({
      id: 'resendInvitation',
      summary: 'Make a new link; the one before ends at once',
      tag,
      query: writeQuerySchema,
      answer: writtenAnswer({ ...invitationShape, ...tokenShape }),
      answerExample: { ...invitationExample, token: tokenExample, ...written },
    })),
  },
  {
    method: 'DELETE',
    path: '/invitations/:id',
    handler: deleteInvitation,
    ...described(() => ({
      id: 'revokeInvitation',
      summary: 'Revoke an invitation',
      tag,
      query: writeQuerySchema,
      answer: writtenAnswer({ deleted: invitationAnswer }),
      answerExample: { deleted: { ...invitationExample, state: 'revoked' }, ...written },
    })),
  },
]);
