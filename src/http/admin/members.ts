/** `L/members`, `L/members/{member}`, `…/transfer-ownership`: who is in the organization or a project, with which roles. A member is `type:id`. */
import { BitgateError } from '../../core/terms/problem.ts';
import { resolveTarget } from '../../pap/assignments/wanted.ts';
import { requireLevel } from '../../pap/bundles/level.ts';
import { findMember } from '../../pap/members/find-member.ts';
import { handOver, OWNER_ROLE } from '../../pap/members/hand-over.ts';
import type { MemberRow } from '../../pap/members/ports.ts';
import { putRoles } from '../../pap/members/put-roles.ts';
import { removeMember } from '../../pap/members/remove-member.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { pageAnswer, revisionNumber, writtenAnswer } from './answer-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import { atBothLevels, levelAsked } from './levels.ts';
import {
  memberAnswer,
  memberBody,
  memberExample,
  memberSchema,
  memberShape,
  membersQuery,
  putBody,
  putExample,
  putShape,
  removalBody,
  removalExample,
  removalShape,
  transferBody,
  transferExample,
  transferSchema,
  transferShape,
} from './members-wire.ts';
import { pageReply, publishMode, readWriteQuery, writtenReply } from './reply.ts';
import { described, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { writeQuerySchema } from './wire.ts';

export async function listMembers(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const level = levelAsked(asked);
  await requireToRead(administration, 'bitgate:read', level.scope);
  const { lookup, members } = administration.tools;
  await requireLevel(lookup, level);
  const query = parseAs(membersQuery, readQuery(asked.request.url), 'query');
  const refuse = (_path: string, _code: string, message: string): never => {
    throw new BitgateError('not_found', 404, message);
  };
  const { q, role } = query;
  const held = role === undefined ? null : await resolveTarget({ role }, lookup, refuse, level);
  const filter = { search: q ?? '', role: held?.id ?? null };
  return pageReply(asked, query, {
    name: 'members',
    columns: 1,
    filters: { q, role },
    load: (after, limit) => members.page(level.project, filter, after?.[0] ?? '', limit),
    body: (row) => memberBody(row, level.project),
  });
}

export async function getMember(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const level = levelAsked(asked);
  await requireToRead(administration, 'bitgate:read', level.scope);
  const { lookup, reader } = administration.tools;
  await requireLevel(lookup, level);
  // The revision first: what is shown is that one or newer.
  const revision = await reader.revision();
  const body = memberBody(await findMember(administration.tools, level.project, memberOf(asked)), level.project);
  return jsonReply(200, { ...body, revision }, asked.requestId, { etag: await etagOf(body) });
}

export async function putMember(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const level = levelAsked(asked);
  const { roles } = parseAs(memberSchema, await readCommand(asked.request), 'member');
  const wanted = roles.map((role) => (typeof role === 'string' ? { role } : role));
  const precondition = preconditionOf(asked, (current: MemberRow) => memberBody(current, level.project));
  const written = await putRoles(tools, writer, { subject: memberOf(asked), level }, wanted, publishMode(query), precondition);
  return writtenReply(asked, written, query, 200, putBody);
}

export async function deleteMember(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const written = await removeMember(tools, writer, { subject: memberOf(asked), level: levelAsked(asked) }, publishMode(query));
  return writtenReply(asked, written, query, 200, removalBody);
}

export async function postTransfer(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const { to, role = OWNER_ROLE, demote_to: demoteTo = null } = parseAs(transferSchema, await readCommand(asked.request), 'transfer');
  const wanted = { from: memberOf(asked), to, role, demoteTo };
  return writtenReply(asked, await handOver(tools, writer, levelAsked(asked), wanted, publishMode(query)), query, 200, transferBody);
}

function memberOf({ params }: Asked): string {
  return params.member ?? '';
}

const tag = 'members';
const written = described(() => ({ revision: 42, published: true }));

export const memberRoutes: readonly Route[] = atBothLevels([
  {
    method: 'GET',
    path: '/members',
    handler: listMembers,
    ...described(() => ({
      id: 'listMembers',
      summary: 'List members with their roles, and through which group they have them',
      description:
        'At the organization: every registered subject. In a project: those whom an assignment or ownership at it or below it reaches. `role` names a role held at this level.',
      tag,
      query: membersQuery,
      answer: pageAnswer(memberAnswer),
      answerExample: { items: [memberExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'GET',
    path: '/members/:member',
    handler: getMember,
    ...described(() => ({
      id: 'getMember',
      summary: 'Show a member with its roles',
      tag,
      answer: memberAnswer.extend({ revision: revisionNumber, ...memberShape }),
      answerExample: { ...memberExample, revision: 42 },
    })),
  },
  {
    method: 'PUT',
    path: '/members/:member',
    handler: putMember,
    ...described(() => ({
      id: 'putMember',
      summary: 'Give a member exactly these roles at this level',
      description: 'What it has through groups, below, and as policies stays.',
      tag,
      query: writeQuerySchema,
      body: memberSchema,
      bodyExample: { roles: ['Viewer', { role: 'Editor', expires_at: '2027-01-31T00:00:00Z' }] },
      answer: writtenAnswer(putShape),
      answerExample: { ...putExample, ...written },
    })),
  },
  {
    method: 'DELETE',
    path: '/members/:member',
    handler: deleteMember,
    ...described(() => ({
      id: 'removeMember',
      summary: 'Remove a member, or leave',
      description:
        'Every assignment, membership (organization), ownership, key and open invitation of theirs in this scope, in one transaction. The answer lists what still reaches them.',
      tag,
      query: writeQuerySchema,
      answer: writtenAnswer(removalShape),
      answerExample: { ...removalExample, ...written },
    })),
  },
  {
    method: 'POST',
    path: '/members/:member/transfer-ownership',
    handler: postTransfer,
    ...described(() => ({
      id: 'transferOwnership',
      summary: 'Hand a role over to another member, and demote the old one',
      tag,
      query: writeQuerySchema,
      body: transferSchema,
      bodyExample: { to: 'user:bob', demote_to: 'Viewer' },
      answer: writtenAnswer(transferShape),
      answerExample: { ...transferExample, ...written },
    })),
  },
]);
