/** `/admin/orgs/{org}/groups` and `…/{group}`: named sets of subjects and groups. Their members are in `group-members.ts`. */
import { changeGroup } from '../../pap/groups/change-group.ts';
import { createGroup } from '../../pap/groups/create-group.ts';
import { deleteGroup } from '../../pap/groups/delete-group.ts';
import { type GroupState, groupState } from '../../pap/groups/stored-group.ts';
import type { GroupChange } from '../../pap/groups/wanted-group.ts';
import type { Written } from '../../pap/write/write.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { pageAnswer, revisionNumber, writtenAnswer } from './answer-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import { groupMemberRoutes } from './group-members.ts';
import {
  groupAnswer,
  groupBody,
  groupChangeSchema,
  groupExample,
  groupFilter,
  groupIdentity,
  groupSchema,
  groupShape,
} from './groups-wire.ts';
import { pageReply, publishMode, readWriteQuery, type WriteQuery, writtenReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { createQuery, deleteQuery } from './things-wire.ts';
import { writeQuerySchema } from './wire.ts';

async function listGroups(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const query = parseAs(groupFilter, readQuery(asked.request.url), 'query');
  return pageReply(asked, query, {
    name: 'groups',
    columns: 1,
    filters: { q: query.q },
    load: (after, limit) => administration.tools.groups.list(query.q ?? '', after?.[0] ?? '', limit),
    body: groupBody,
  });
}

async function getGroup(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const { groups, reader } = administration.tools;
  // The revision first: what is shown is that one or newer.
  const revision = await reader.revision();
  const state = await groupState(groups, referenceOf(asked));
  return jsonReply(200, { ...groupBody(state.row), revision }, asked.requestId, { etag: await etagOf(groupIdentity(state)) });
}

async function postGroup(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(createQuery, readQuery(asked.request.url), 'query');
  const wanted = parseAs(groupSchema, await readCommand(asked.request), 'group');
  return reply(asked, await createGroup(tools, writer, wanted, query.if_exists ?? 'refuse', publishMode(query)), query, 201);
}

async function putGroup(asked: Asked): Promise<Response> {
  const { description = '', ...wanted } = parseAs(groupSchema, await readCommand(asked.request), 'group');
  return update(asked, { ...wanted, description });
}

async function patchGroup(asked: Asked): Promise<Response> {
  return update(asked, parseAs(groupChangeSchema, await readCommand(asked.request), 'group'));
}

async function update(asked: Asked, change: GroupChange): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const precondition = preconditionOf(asked, groupIdentity);
  return reply(asked, await changeGroup(tools, writer, referenceOf(asked), change, precondition, publishMode(query)), query, 200);
}

async function removeGroup(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(deleteQuery, readQuery(asked.request.url), 'query');
  const precondition = preconditionOf(asked, groupIdentity);
  const written = await deleteGroup(tools, writer, referenceOf(asked), query.force === 'true', precondition, publishMode(query));
  return writtenReply(asked, written, query, 200, ({ row }) => ({ deleted: groupBody(row) }));
}

async function reply(asked: Asked, written: Written<GroupState>, query: WriteQuery, status: 200 | 201): Promise<Response> {
  const etag = await etagOf(groupIdentity(written.value));
  return writtenReply(asked, written, query, status, ({ row }) => groupBody(row), { etag });
}

function referenceOf({ params }: Asked): string {
  return params.group ?? '';
}

const tag = 'groups';
const written = described(() => writtenAnswer(groupShape));
const writtenExample = described(() => ({ ...groupExample, revision: 42, published: true }));
const bodyExample = described(() => ({ name: 'annotators', description: 'who draws boxes', members: ['user:alice', 'group:leads'] }));

export const groupRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${ORG}/groups`,
    handler: listGroups,
    ...described(() => ({
      id: 'listGroups',
      summary: 'List groups, by a part of their name or description',
      tag,
      query: groupFilter,
      answer: pageAnswer(groupAnswer),
      answerExample: { items: [groupExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'POST',
    path: `${ORG}/groups`,
    handler: postGroup,
    ...described(() => ({
      id: 'createGroup',
      summary: 'Create a group, with its first members',
      tag,
      query: createQuery,
      body: groupSchema,
      bodyExample,
      status: 201,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'GET',
    path: `${ORG}/groups/:group`,
    handler: getGroup,
    ...described(() => ({
      id: 'getGroup',
      summary: 'Get a group, by id or name',
      tag,
      answer: groupAnswer.extend({ revision: revisionNumber }),
      answerExample: { ...groupExample, revision: 42 },
    })),
  },
  {
    method: 'PUT',
    path: `${ORG}/groups/:group`,
    handler: putGroup,
    ...described(() => ({
      id: 'replaceGroup',
      summary: 'Replace what a group says',
      description: 'Its id and what it holds stay, and so do its members, unless the body names them: then they are exactly those.',
      tag,
      query: writeQuerySchema,
      body: groupSchema,
      bodyExample,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'PATCH',
    path: `${ORG}/groups/:group`,
    handler: patchGroup,
    ...described(() => ({
      id: 'updateGroup',
      summary: 'Change the named fields of a group',
      tag,
      query: writeQuerySchema,
      body: groupChangeSchema,
      bodyExample: { description: 'who draws boxes' },
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'DELETE',
    path: `${ORG}/groups/:group`,
    handler: removeGroup,
    ...described(() => ({
      id: 'deleteGroup',
      summary: 'Delete a group',
      description:
        'One that holds or owns something, is a member of a group or is given by a claim mapping is refused with those uses; `force=true` takes them away.',
      tag,
      query: deleteQuery,
      answer: writtenAnswer({ deleted: groupAnswer }),
      answerExample: { deleted: groupExample, revision: 43, published: true },
    })),
  },
  ...groupMemberRoutes,
];
