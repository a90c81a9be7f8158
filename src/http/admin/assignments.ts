/** `/admin/orgs/{org}/assignments` and `…/assignments/{id}`. */
import { z } from 'zod';
import { BitgateError } from '../../core/terms/problem.ts';
import { assign } from '../../pap/assignments/assign.ts';
import { type Unwanted, unassign } from '../../pap/assignments/unassign.ts';
import { resolvePrincipal, resolveTarget } from '../../pap/assignments/wanted.ts';
import type { AssignmentFilter, Lookup, NamedAssignment } from '../../pap/control-ports.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { pageAnswer, writtenAnswer } from './answer-wire.ts';
import {
  assignmentAnswer,
  assignmentExample,
  assignmentFilter,
  assignmentSchema,
  assignmentShape,
  unassignQuery,
} from './assignments-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { pageReply, publishMode, readWriteQuery, type WriteQuery, writtenReply } from './reply.ts';
import { ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { assignmentBody, writeQuerySchema } from './wire.ts';

export async function postAssignment(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const wanted = parseAs(assignmentSchema, await readCommand(asked.request), 'assignment');
  const written = await assign(tools, writer, wanted, publishMode(query));
  return writtenReply(asked, written, query, 201, (value) => assignmentBody(value.row, value));
}

export async function listAssignments(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const query = parseAs(assignmentFilter, readQuery(asked.request.url), 'query');
  const { lookup } = administration.tools;
  const filter = await resolveFilter(query, lookup);
  const { subject, role, policy, scope } = query;
  return pageReply(asked, query, {
    name: 'assignments',
    columns: 1,
    filters: { subject, role, policy, scope },
    load: (after, limit) => lookup.assignments(filter, after?.[0] ?? '', limit),
    body: (row) => assignmentBody(row, row),
  });
}

/** @throws BitgateError `not_found` (404) when the filter names what isn't there */
async function resolveFilter(query: z.output<typeof assignmentFilter>, lookup: Lookup): Promise<AssignmentFilter> {
  const refuse = (_path: string, _code: string, message: string): never => {
    throw new BitgateError('not_found', 404, message);
  };
  const { subject, role, policy, scope } = query;
  return {
    scope,
    principal: subject === undefined ? undefined : await resolvePrincipal(subject, lookup, refuse),
    role: role === undefined ? undefined : (await resolveTarget({ role }, lookup, refuse))?.id,
    policy: policy === undefined ? undefined : (await resolveTarget({ policy }, lookup, refuse))?.id,
  };
}

export async function deleteAssignment(asked: Asked): Promise<Response> {
  return remove(asked, { id: asked.params.id ?? '' }, readWriteQuery(asked));
}

export async function deleteAssignments(asked: Asked): Promise<Response> {
  const query = parseAs(unassignQuery, readQuery(asked.request.url), 'query');
  const { subject, role, policy, scope } = query;
  return remove(asked, { subject, role, policy, scope }, query);
}

async function remove(asked: Asked, unwanted: Unwanted, query: WriteQuery): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const written = await unassign(tools, writer, unwanted, publishMode(query));
  const body = (rows: readonly NamedAssignment[]): object => ({ deleted: rows.map((row) => assignmentBody(row, row)) });
  return writtenReply(asked, written, query, 200, body);
}

const tag = 'assignments';
const deletedAnswer = writtenAnswer({ deleted: z.array(assignmentAnswer) });
const deletedExample = { deleted: [assignmentExample], revision: 43, published: true };

export const assignmentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${ORG}/assignments`,
    handler: listAssignments,
    id: 'listAssignments',
    summary: 'List assignments, by subject, role, policy or scope',
    tag,
    query: assignmentFilter,
    answer: pageAnswer(assignmentAnswer),
    answerExample: { items: [assignmentExample], next_cursor: null, total: 1 },
  },
  {
    method: 'POST',
    path: `${ORG}/assignments`,
    handler: postAssignment,
    id: 'createAssignment',
    summary: 'Assign a role or a policy to a subject or a group',
    description: 'Doing it twice is one: the second answer is 200 with the one that is there.',
    tag,
    query: writeQuerySchema,
    body: assignmentSchema,
    bodyExample: { subject: 'user:alice', role: 'Viewer', scope: 'project:p1', expires_at: '2027-01-31T00:00:00Z' },
    status: 201,
    answer: writtenAnswer(assignmentShape),
    answerExample: { ...assignmentExample, revision: 42, published: true },
  },
  {
    method: 'DELETE',
    path: `${ORG}/assignments`,
    handler: deleteAssignments,
    id: 'deleteAssignments',
    summary: 'Take away what a subject was assigned at a scope',
    tag,
    query: unassignQuery,
    queryExample: { subject: 'user:alice', role: 'Viewer', scope: 'project:p1' },
    answer: deletedAnswer,
    answerExample: deletedExample,
  },
  {
    method: 'DELETE',
    path: `${ORG}/assignments/:id`,
    handler: deleteAssignment,
    id: 'deleteAssignment',
    summary: 'Take away one assignment',
    tag,
    query: writeQuerySchema,
    answer: deletedAnswer,
    answerExample: deletedExample,
  },
];
