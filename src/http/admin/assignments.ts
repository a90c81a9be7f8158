/** `/admin/orgs/{org}/assignments` and `…/assignments/{id}`. */
import type { z } from 'zod';
import { BitgateError } from '../../core/terms/problem.ts';
import { assign } from '../../pap/assignments/assign.ts';
import { type Unwanted, unassign } from '../../pap/assignments/unassign.ts';
import { resolvePrincipal, resolveTarget } from '../../pap/assignments/wanted.ts';
import type { AssignmentFilter, Lookup, NamedAssignment } from '../../pap/control-ports.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { pageReply, publishMode, readWriteQuery, type WriteQuery, writtenReply } from './reply.ts';
import type { Asked } from './services.ts';
import { assignmentBody, assignmentFilter, assignmentSchema, unassignQuery } from './wire.ts';

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
