/** `/admin/orgs/{org}/groups/{group}/members`, `…/members/{member}`, `…/members/batch`. */
import { changeMembers, type MemberChange } from '../../pap/groups/change-members.ts';
import { findGroup } from '../../pap/groups/stored-group.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { pageAnswer, writtenAnswer } from './answer-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import {
  groupExample,
  memberAnswer,
  memberBatchSchema,
  memberBody,
  memberFilter,
  memberResultBody,
  memberResultShape,
  memberResultsBody,
  memberResultsShape,
  memberSchema,
} from './groups-wire.ts';
import { pageReply, publishMode, readWriteQuery, writtenReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { writeQuerySchema } from './wire.ts';

async function listMembers(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const query = parseAs(memberFilter, readQuery(asked.request.url), 'query');
  const { q, transitive } = query;
  const { groups } = administration.tools;
  const { id } = await findGroup(groups, asked.params.group ?? '');
  return pageReply(asked, query, {
    name: 'members',
    columns: 1,
    filters: { q, transitive },
    load: (after, limit) => groups.memberPage(id, transitive === 'true', q ?? '', after?.[0] ?? '', limit),
    body: memberBody,
  });
}

async function postMember(asked: Asked): Promise<Response> {
  const { member } = parseAs(memberSchema, await readCommand(asked.request), 'member');
  return changeOne(asked, { add: [member], remove: [] }, 201);
}

async function putMember(asked: Asked): Promise<Response> {
  return changeOne(asked, { add: [asked.params.member ?? ''], remove: [] }, 201);
}

async function deleteMember(asked: Asked): Promise<Response> {
  return changeOne(asked, { add: [], remove: [asked.params.member ?? ''] }, 200);
}

async function changeOne(asked: Asked, change: MemberChange, status: 200 | 201): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const written = await changeMembers(tools, writer, asked.params.group ?? '', change, true, publishMode(query));
  return writtenReply(asked, written, query, status, memberResultBody);
}

async function postBatch(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const { add = [], remove = [] } = parseAs(memberBatchSchema, await readCommand(asked.request), 'members');
  const written = await changeMembers(tools, writer, asked.params.group ?? '', { add, remove }, false, publishMode(query));
  return writtenReply(asked, written, query, 200, memberResultsBody);
}

const tag = 'groups';
const one = described(() => writtenAnswer(memberResultShape));
const added = described(() => ({ group: groupExample, member: 'user:alice', result: 'added', revision: 42, published: true }));

/** `batch` comes before `:member`, which it would be taken for. */
export const groupMemberRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${ORG}/groups/:group/members`,
    handler: listMembers,
    ...described(() => ({
      id: 'listGroupMembers',
      summary: 'List the members of a group, direct ones or all',
      tag,
      query: memberFilter,
      answer: pageAnswer(memberAnswer),
      answerExample: {
        items: [
          { member: 'group:leads', group_id: 'grp_a1b2c3d4e5', direct: true },
          { member: 'user:alice', group_id: null, direct: true },
        ],
        next_cursor: null,
        total: 2,
      },
    })),
  },
  {
    method: 'POST',
    path: `${ORG}/groups/:group/members`,
    handler: postMember,
    ...described(() => ({
      id: 'addGroupMember',
      summary: 'Add a subject or a group to a group',
      description: 'Doing it twice is one: the second answer is 200.',
      tag,
      query: writeQuerySchema,
      body: memberSchema,
      bodyExample: { member: 'user:alice' },
      status: 201,
      answer: one,
      answerExample: added,
    })),
  },
  {
    method: 'POST',
    path: `${ORG}/groups/:group/members/batch`,
    handler: postBatch,
    ...described(() => ({
      id: 'changeGroupMembers',
      summary: 'Add and remove up to 10,000 members in one transaction',
      description: 'All or nothing; who is a member already, or none to begin with, is no fault and is told.',
      tag,
      query: writeQuerySchema,
      body: memberBatchSchema,
      bodyExample: { add: ['user:alice'], remove: ['user:bob'] },
      answer: writtenAnswer(memberResultsShape),
      answerExample: {
        group: groupExample,
        results: [
          { member: 'user:alice', result: 'added' },
          { member: 'user:bob', result: 'not_found' },
        ],
        revision: 42,
        published: true,
      },
    })),
  },
  {
    method: 'PUT',
    path: `${ORG}/groups/:group/members/:member`,
    handler: putMember,
    ...described(() => ({
      id: 'putGroupMember',
      summary: 'Make a subject or a group a member of a group',
      description: 'Doing it twice is one: the second answer is 200.',
      tag,
      query: writeQuerySchema,
      status: 201,
      answer: one,
      answerExample: added,
    })),
  },
  {
    method: 'DELETE',
    path: `${ORG}/groups/:group/members/:member`,
    handler: deleteMember,
    ...described(() => ({
      id: 'removeGroupMember',
      summary: 'Remove a direct member from a group',
      tag,
      query: writeQuerySchema,
      answer: one,
      answerExample: { ...added, result: 'removed' },
    })),
  },
];
