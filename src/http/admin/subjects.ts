/** `/admin/orgs/{org}/subjects` and `…/{subject}`: who is registered, what is known of them, and whether they are suspended. */
import * as z from 'zod';
import type { SubjectRow } from '../../core/terms/rows.ts';
import { changeSubject } from '../../pap/subjects/change-subject.ts';
import { deleteSubject } from '../../pap/subjects/delete-subject.ts';
import { registerSubject } from '../../pap/subjects/register-subject.ts';
import { findSubject } from '../../pap/subjects/stored-subject.ts';
import { USERS_NAMED } from '../../pap/write/refusals.ts';
import type { Written } from '../../pap/write/write.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { pageAnswer, revisionNumber, writtenAnswer } from './answer-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import { pageReply, publishMode, readWriteQuery, type WriteQuery, writtenReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';
import {
  subjectAnswer,
  subjectBody,
  subjectChangeSchema,
  subjectDetail,
  subjectDetailShape,
  subjectExample,
  subjectFilter,
  subjectSchema,
  subjectShape,
} from './subjects-wire.ts';
import { createQuery, deleteQuery, referenceGiven } from './things-wire.ts';
import { writeQuerySchema } from './wire.ts';

async function listSubjects(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const query = parseAs(subjectFilter, readQuery(asked.request.url), 'query');
  const { q, type, status } = query;
  return pageReply(asked, query, {
    name: 'subjects',
    columns: 1,
    filters: { q, type, status },
    load: (after, limit) => administration.tools.subjects.list({ type, status, search: q ?? '' }, after?.[0] ?? '', limit),
    body: subjectBody,
  });
}

async function getSubject(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const { subjects, reader } = administration.tools;
  // The revision first: what is shown is that one or newer.
  const revision = await reader.revision();
  const row = await findSubject(subjects, referenceOf(asked));
  const use = await subjects.use(row.subject, USERS_NAMED);
  return jsonReply(200, { ...subjectDetail(row, use), revision }, asked.requestId, { etag: await etagOf(subjectBody(row)) });
}

async function postSubject(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(createQuery, readQuery(asked.request.url), 'query');
  const { subject, type, id, ...more } = parseAs(subjectSchema, await readCommand(asked.request), 'subject');
  const wanted = { ...referenceGiven('subject', { whole: subject, type, id }), ...more };
  return reply(asked, await registerSubject(tools, writer, wanted, query.if_exists ?? 'refuse', publishMode(query)), query, 201);
}

async function putSubject(asked: Asked): Promise<Response> {
  const { status = 'active', properties = {} } = parseAs(subjectChangeSchema, await readCommand(asked.request), 'subject');
  return update(asked, { status, properties });
}

async function patchSubject(asked: Asked): Promise<Response> {
  return update(asked, parseAs(subjectChangeSchema, await readCommand(asked.request), 'subject'));
}

async function update(asked: Asked, change: z.output<typeof subjectChangeSchema>): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const precondition = preconditionOf(asked, subjectBody);
  return reply(asked, await changeSubject(tools, writer, referenceOf(asked), change, precondition, publishMode(query)), query, 200);
}

async function removeSubject(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(deleteQuery, readQuery(asked.request.url), 'query');
  const precondition = preconditionOf(asked, subjectBody);
  const written = await deleteSubject(tools, writer, referenceOf(asked), query.force === 'true', precondition, publishMode(query));
  return writtenReply(asked, written, query, 200, (row) => ({ deleted: subjectBody(row) }));
}

async function reply(asked: Asked, written: Written<SubjectRow>, query: WriteQuery, status: 200 | 201): Promise<Response> {
  return writtenReply(asked, written, query, status, subjectBody, { etag: await etagOf(subjectBody(written.value)) });
}

function referenceOf({ params }: Asked): string {
  return params.subject ?? '';
}

const tag = 'subjects';
const written = described(() => writtenAnswer(subjectShape));
const writtenExample = described(() => ({ ...subjectExample, revision: 42, published: true }));

export const subjectRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${ORG}/subjects`,
    handler: listSubjects,
    ...described(() => ({
      id: 'listSubjects',
      summary: 'List registered subjects, by type, status or a part of their id',
      tag,
      query: subjectFilter,
      answer: pageAnswer(subjectAnswer),
      answerExample: { items: [subjectExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'POST',
    path: `${ORG}/subjects`,
    handler: postSubject,
    ...described(() => ({
      id: 'registerSubject',
      summary: 'Register a subject',
      tag,
      query: createQuery,
      body: subjectSchema,
      bodyExample: { type: 'user', id: 'alice', properties: { department: 'research' } },
      status: 201,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'GET',
    path: `${ORG}/subjects/:subject`,
    handler: getSubject,
    ...described(() => ({
      id: 'getSubject',
      summary: 'Get a subject, with its groups and how much it holds and owns',
      description: 'The address names it as `type:id`, percent-encoded.',
      tag,
      answer: z.strictObject({ ...subjectDetailShape, revision: revisionNumber }),
      answerExample: {
        ...subjectExample,
        groups: [{ id: 'grp_q2w3e4r5t6', name: 'annotators' }],
        group_count: 1,
        assignment_count: 2,
        ownership_count: 0,
        revision: 42,
      },
    })),
  },
  {
    method: 'PUT',
    path: `${ORG}/subjects/:subject`,
    handler: putSubject,
    ...described(() => ({
      id: 'replaceSubject',
      summary: 'Replace what is known of a subject',
      description: 'What the body leaves out gets its default: no properties, active. What the subject holds stays.',
      tag,
      query: writeQuerySchema,
      body: subjectChangeSchema,
      bodyExample: { status: 'active', properties: { department: 'research' } },
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'PATCH',
    path: `${ORG}/subjects/:subject`,
    handler: patchSubject,
    ...described(() => ({
      id: 'updateSubject',
      summary: 'Suspend a subject, make it active again, or change its properties',
      description: '`properties` are replaced as a whole when they are named.',
      tag,
      query: writeQuerySchema,
      body: subjectChangeSchema,
      bodyExample: { status: 'suspended' },
      answer: written,
      answerExample: { ...writtenExample, status: 'suspended' },
    })),
  },
  {
    method: 'DELETE',
    path: `${ORG}/subjects/:subject`,
    handler: removeSubject,
    ...described(() => ({
      id: 'deleteSubject',
      summary: 'Delete a subject',
      description: 'One that holds or owns something or is a member of a group is refused with those uses; `force=true` takes them away.',
      tag,
      query: deleteQuery,
      answer: writtenAnswer({ deleted: subjectAnswer }),
      answerExample: { deleted: subjectExample, revision: 43, published: true },
    })),
  },
];
