/** `/admin/orgs/{org}/assignments` and `…/assignments/{id}`. */
import { z } from 'zod';
import { BitgateError } from '../../core/terms/problem.ts';
import { assign } from '../../pap/assignments/assign.ts';
import { type Unwanted, unassign } from '../../pap/assignments/unassign.ts';
import { resolvePrincipal, resolveTarget } from '../../pap/assignments/wanted.ts';
import type { AssignmentFilter, Lookup, NamedAssignment } from '../../pap/control-ports.ts';
import type { PublishMode } from '../../pap/write/write.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { pageReply, publishMode, writtenReply } from './reply.ts';
import type { Asked } from './services.ts';
import { assignmentBody, assignmentFilter, assignmentSchema, publishQuery, unassignQuery } from './wire.ts';

export async function postAssignment(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const mode = publishMode(parseAs(z.strictObject(publishQuery), readQuery(asked.request.url), 'query'));
  const wanted = parseAs(assignmentSchema, await readCommand(asked.request), 'assignment');
  const written = await assign(tools, writer, wanted, mode);
  return writtenReply(asked, written, mode, 201, (value) => assignmentBody(value.row, value));
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
  const mode = publishMode(parseAs(z.strictObject(publishQuery), readQuery(asked.request.url), 'query'));
  return remove(asked, { id: asked.params.id ?? '' }, mode);
}

export async function deleteAssignments(asked: Asked): Promise<Response> {
  const { publish, ...unwanted } = parseAs(unassignQuery, readQuery(asked.request.url), 'query');
  return remove(asked, unwanted, publishMode({ publish }));
}

async function remove(asked: Asked, unwanted: Unwanted, mode: PublishMode): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const written = await unassign(tools, writer, unwanted, mode);
  const body = (rows: readonly NamedAssignment[]): object => ({ deleted: rows.map((row) => assignmentBody(row, row)) });
  return writtenReply(asked, written, mode, 200, body);
}
