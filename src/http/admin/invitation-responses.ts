/**
 * `POST /invitations/accept`, `POST /invitations/decline`: the token names its organization. Whoever accepts proves who they are with a JWT or a key of
 * that organization; root accepts on behalf of somebody.
 */
import { equalInConstantTime, sha256Hex } from '../../authn/constant-time.ts';
import { splitInvitationToken } from '../../authn/invitation-token.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, parseRef } from '../../core/terms/ref.ts';
import { unknownInvitation } from '../../pap/invitations/find-invitation.ts';
import { acceptInvitation, declineInvitation, type Respondent } from '../../pap/invitations/respond.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { writtenAnswer } from './answer-wire.ts';
import { type Administration, asAdministrator } from './caller.ts';
import {
  acceptedBody,
  acceptedShape,
  acceptSchema,
  declineSchema,
  invitationBody,
  invitationExample,
  invitationShape,
} from './invitations-wire.ts';
import { publishMode, readWriteQuery, writtenReply } from './reply.ts';
import { described, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { writeQuerySchema } from './wire.ts';

export async function postAcceptance(asked: Asked): Promise<Response> {
  const query = readWriteQuery(asked);
  const { token, subject, replace = false } = parseAs(acceptSchema, await readCommand(asked.request), 'acceptance');
  const { administration, respondent } = await asRespondent(asked, token, subject);
  const { tools, writer } = administration;
  const written = await acceptInvitation(tools, writer, { ...respondent, replace }, equalInConstantTime, publishMode(query));
  return writtenReply(asked, written, query, 200, (accepted) => acceptedBody(accepted, asked.services.now()));
}

export async function postRefusal(asked: Asked): Promise<Response> {
  const query = readWriteQuery(asked);
  const { token, subject } = parseAs(declineSchema, await readCommand(asked.request), 'refusal');
  const { administration, respondent } = await asRespondent(asked, token, subject);
  const { tools, writer } = administration;
  const written = await declineInvitation(tools, writer, respondent, equalInConstantTime, publishMode(query));
  return writtenReply(asked, written, query, 200, (found) => invitationBody(found, asked.services.now()));
}

/**
 * @param onBehalf root says for whom; anybody else is themselves
 * @throws BitgateError `unknown_invitation` (404) also where the token names another organization than the caller's; `not_invited` (403);
 *   `subject_required` (422)
 */
async function asRespondent(
  asked: Asked,
  token: string,
  onBehalf: string | undefined,
): Promise<{ readonly administration: Administration; readonly respondent: Respondent }> {
  const parts = splitInvitationToken(token);
  // It names no organization that could prove a JWT: to whoever brings one it is an invitation that isn't there, not a reason to sign in again.
  if (parts === null && 'jwt' in (await asked.services.callers.claim(asked.request.headers.get('authorization'))))
    throw unknownInvitation();
  const administration = await inOrganization(asked, parts?.organization ?? '');
  if (parts === null) throw unknownInvitation();
  const subject = subjectOf(administration, onBehalf);
  const { email } = administration;
  return { administration, respondent: { id: parts.id, hash: await sha256Hex(token), subject, email } };
}

/** What a key of another organization is told is what everybody is told of a token that is none. */
async function inOrganization(asked: Asked, organization: string): Promise<Administration> {
  try {
    return await asAdministrator({ ...asked, params: { org: organization } });
  } catch (error) {
    if (error instanceof BitgateError && error.code === 'unknown_organization') throw unknownInvitation();
    throw error;
  }
}

function subjectOf({ writer }: Administration, onBehalf: string | undefined): string {
  if (writer.subject === null) {
    if (onBehalf === undefined)
      throw new BitgateError('subject_required', 422, 'the root token is nobody: name the `subject` that accepts');
    const { type, id } = parseRef(onBehalf);
    return formatRef(type, id);
  }
  const own = formatRef(writer.subject.type, writer.subject.id);
  if (onBehalf !== undefined && onBehalf !== own) throw new BitgateError('not_invited', 403, 'nobody but root accepts for somebody else');
  return own;
}

const tag = 'invitations';
const token = 'bgi_acme_k5mzq3w2ya7bcdef_…';
const written = described(() => ({ revision: 42, published: true }));

export const responseRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/invitations/accept',
    handler: postAcceptance,
    ...described(() => ({
      id: 'acceptInvitation',
      summary: 'Accept an invitation',
      description:
        'Adds its roles and takes none, unless `replace` asks for it. Where one role at a time is allowed and another is held, it is refused (409 `role_kept`). A link that is over is 410. An invitation for an e-mail address is accepted with a JWT that proves that address (403 `not_invited`), or by root or a key.',
      tag,
      query: writeQuerySchema,
      body: acceptSchema,
      bodyExample: { token },
      answer: writtenAnswer(acceptedShape),
      answerExample: {
        ...invitationExample,
        state: 'accepted',
        accepted_by: ['user:alice'],
        accepted: { subject: 'user:alice', assigned: [], replaced: [] },
        ...written,
      },
    })),
  },
  {
    method: 'POST',
    path: '/invitations/decline',
    handler: postRefusal,
    ...described(() => ({
      id: 'declineInvitation',
      summary: 'Decline an invitation',
      tag,
      query: writeQuerySchema,
      body: declineSchema,
      bodyExample: { token },
      answer: writtenAnswer(invitationShape),
      answerExample: { ...invitationExample, state: 'declined', ...written },
    })),
  },
];
