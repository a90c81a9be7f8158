/** `L/assignments` and `L/assignments/{id}`, at the organization and in a project. */
import * as z from 'zod';
import { BitgateError } from '../../core/terms/problem.ts';
import { assign } from '../../pap/assignments/assign.ts';
import { type Unwanted, unassign } from '../../pap/assignments/unassign.ts';
import { resolvePrincipal, resolveTarget } from '../../pap/assignments/wanted.ts';
import { type Level, requireLevel } from '../../pap/bundles/level.ts';
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
  projectAssignmentSchema,
  projectUnassignQuery,
  replacedShape,
  unassignQuery,
} from './assignments-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { atBothLevels, levelAsked } from './levels.ts';
import { pageReply, publishMode, readWriteQuery, type WriteQuery, writtenReply } from './reply.ts';
import { described, PROJECT, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { assignmentBody, writeQuerySchema } from './wire.ts';

export async function postAssignment(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const level = levelAsked(asked);
  const schema = level.project === '' ? assignmentSchema : projectAssignmentSchema;
  const { scope = level.scope, ...rest } = parseAs(schema, await readCommand(asked.request), 'assignment');
  const written = await assign(tools, writer, { ...rest, scope }, publishMode(query), level);
  return writtenReply(asked, written, query, 201, (value) => ({ ...assignmentBody(value.row, value), ...replacedBody(value.replaced) }));
}

export async function listAssignments(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const level = levelAsked(asked);
  await requireToRead(administration, 'bitgate:read', level.scope);
  const query = parseAs(assignmentFilter, readQuery(asked.request.url), 'query');
  const { lookup } = administration.tools;
  await requireLevel(lookup, level);
  const filter = await resolveFilter(query, lookup, level);
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
async function resolveFilter(query: z.output<typeof assignmentFilter>, lookup: Lookup, level: Level): Promise<AssignmentFilter> {
  const refuse = (_path: string, _code: string, message: string): never => {
    throw new BitgateError('not_found', 404, message);
  };
  const { subject, role, policy, scope } = query;
  return {
    scope,
    within: level.project === '' ? undefined : level.scope,
    principal: subject === undefined ? undefined : await resolvePrincipal(subject, lookup, refuse),
    role: role === undefined ? undefined : (await resolveTarget({ role }, lookup, refuse, level))?.id,
    policy: policy === undefined ? undefined : (await resolveTarget({ policy }, lookup, refuse, level))?.id,
  };
}

export async function deleteAssignment(asked: Asked): Promise<Response> {
  return remove(asked, { id: asked.params.id ?? '' }, readWriteQuery(asked));
}

export async function deleteAssignments(asked: Asked): Promise<Response> {
  const level = levelAsked(asked);
  const query = parseAs(level.project === '' ? unassignQuery : projectUnassignQuery, readQuery(asked.request.url), 'query');
  const { subject, role, policy, scope = level.scope } = query;
  return remove(asked, { subject, role, policy, scope }, query);
}

async function remove(asked: Asked, unwanted: Unwanted, query: WriteQuery): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const written = await unassign(tools, writer, unwanted, publishMode(query), levelAsked(asked));
  const body = (rows: readonly NamedAssignment[]): object => ({ deleted: rows.map((row) => assignmentBody(row, row)) });
  return writtenReply(asked, written, query, 200, body);
}

/** Said only where there is something to say. */
export function replacedBody(replaced: readonly NamedAssignment[]): object {
  return replaced.length === 0 ? {} : { replaced: replaced.map((row) => assignmentBody(row, row)) };
}

const tag = 'assignments';
const deletedAnswer = described(() => writtenAnswer({ deleted: z.array(assignmentAnswer) }));
const deletedExample = described(() => ({ deleted: [assignmentExample], revision: 43, published: true }));

const routes: readonly Route[] = [
  {
    method: 'GET',
    path: `/assignments`,
    handler: listAssignments,
    ...described(() => ({
      id: 'listAssignments',
      summary: 'List assignments, by subject, role, policy or scope',
      tag,
      query: assignmentFilter,
      answer: pageAnswer(assignmentAnswer),
      answerExample: { items: [assignmentExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'POST',
    path: `/assignments`,
    handler: postAssignment,
    ...described(() => ({
      id: 'createAssignment',
      summary: 'Assign a role or a policy to a subject or a group',
      description:
        'Doing it twice is one: the second answer is 200 with the one that is there. Where one role at a time is allowed, it takes the place of those whose windows overlap.',
      tag,
      query: writeQuerySchema,
      body: assignmentSchema,
      bodyExample: { subject: 'user:alice', role: 'Viewer', scope: 'project:p1', expires_at: '2027-01-31T00:00:00Z' },
      status: 201,
      answer: writtenAnswer({ ...assignmentShape, ...replacedShape }),
      answerExample: { ...assignmentExample, revision: 42, published: true },
    })),
  },
  {
    method: 'DELETE',
    path: `/assignments`,
    handler: deleteAssignments,
    ...described(() => ({
      id: 'deleteAssignments',
      summary: 'Take away what a subject was assigned at a scope',
      tag,
      query: unassignQuery,
      queryExample: { subject: 'user:alice', role: 'Viewer', scope: 'project:p1' },
      answer: deletedAnswer,
      answerExample: deletedExample,
    })),
  },
  {
    method: 'DELETE',
    path: `/assignments/:id`,
    handler: deleteAssignment,
    ...described(() => ({
      id: 'deleteAssignment',
      summary: 'Take away one assignment',
      tag,
      query: writeQuerySchema,
      answer: deletedAnswer,
      answerExample: deletedExample,
    })),
  },
];

/** Of a project: the schemas in which the scope may be left out. */
export const assignmentRoutes: readonly Route[] = atBothLevels(routes).map((route) =>
  route.path.startsWith(PROJECT)
    ? {
        ...route,
        ...(route.body === assignmentSchema ? { body: projectAssignmentSchema } : {}),
        ...(route.query === unassignQuery ? { query: projectUnassignQuery } : {}),
      }
    : route,
);
