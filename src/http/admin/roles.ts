/** `L/roles`, `L/roles/{role}`, `L/roles/{role}/privileges/{privilege}`: named bundles of policies and privileges, at both levels. */
import * as z from 'zod';
import { unknownBundle } from '../../pap/bundles/catalog.ts';
import { deleteRole } from '../../pap/bundles/delete-bundle.ts';
import { requireLevel } from '../../pap/bundles/level.ts';
import { withoutPrivilege, withPrivilege } from '../../pap/bundles/role-privileges.ts';
import type { ShownRole } from '../../pap/bundles/role-state.ts';
import { changedRole, createRole, ROLE_DEFAULTS, type RoleUpdate, updateRole } from '../../pap/bundles/save-role.ts';
import type { Written } from '../../pap/write/write.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { pageAnswer, revisionNumber, writtenAnswer } from './answer-wire.ts';
import { createQuery, deleteQuery, flag, writeQuerySchema } from './bundles-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import { atBothLevels, levelAsked } from './levels.ts';
import { pageReply, publishMode, type WriteQuery, writtenReply } from './reply.ts';
import {
  listedRoleBody,
  listedRoleExample,
  listedRoleShape,
  roleBody,
  roleBodyExample,
  roleChangeSchema,
  roleExample,
  roleFilter,
  roleSchema,
  roleShape,
} from './roles-wire.ts';
import { described, type Route } from './route.ts';
import type { Asked } from './services.ts';

async function listRoles(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const level = levelAsked(asked);
  const { lookup, bundles } = administration.tools;
  await requireToRead(administration, 'bitgate:read', level.scope);
  await requireLevel(lookup, level);
  const query = parseAs(roleFilter, readQuery(asked.request.url), 'query');
  const { q, system, privilege } = query;
  const filter = { project: level.project, search: q, system: flag(system), privilege };
  return pageReply(asked, query, {
    name: 'roles',
    columns: 1,
    filters: { q, system, privilege },
    load: (after, limit) => bundles.roles(filter, after?.[0] ?? '', limit),
    body: listedRoleBody,
  });
}

async function getRole(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const level = levelAsked(asked);
  const { lookup, bundles, reader } = administration.tools;
  await requireToRead(administration, 'bitgate:read', level.scope);
  await requireLevel(lookup, level);
  // The revision first: what is shown is that one or newer.
  const revision = await reader.revision();
  const role = await bundles.role(level.project, referenceOf(asked));
  if (role === null) throw unknownBundle('role', referenceOf(asked), level.project);
  return jsonReply(200, { ...listedRoleBody(role), revision }, asked.requestId, { etag: await etagOf(roleBody(role)) });
}

async function postRole(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(createQuery, readQuery(asked.request.url), 'query');
  const wanted = parseAs(roleSchema, await readCommand(asked.request), 'role');
  const written = await createRole(tools, writer, levelAsked(asked), wanted, query.if_exists ?? 'refuse', publishMode(query));
  return reply(asked, written, query, 201);
}

async function putRole(asked: Asked): Promise<Response> {
  return update(asked, async () => {
    const wanted = { ...ROLE_DEFAULTS, ...parseAs(roleSchema, await readCommand(asked.request), 'role') };
    return (present, rows) => changedRole(present, wanted, rows);
  });
}

async function patchRole(asked: Asked): Promise<Response> {
  return update(asked, async () => {
    const change = parseAs(roleChangeSchema, await readCommand(asked.request), 'role');
    return (present, rows) => changedRole(present, change, rows);
  });
}

async function putRolePrivilege(asked: Asked): Promise<Response> {
  return update(asked, async () => withPrivilege(asked.params.privilege ?? ''));
}

async function deleteRolePrivilege(asked: Asked): Promise<Response> {
  const privilege = asked.params.privilege ?? '';
  const [written, query] = await save(asked, async () => withoutPrivilege(privilege));
  const headers = { etag: await etagOf(roleBody(written.value)) };
  return writtenReply(asked, written, query, 200, (role) => ({ deleted: privilege, role: roleBody(role) }), headers);
}

async function update(asked: Asked, read: () => Promise<RoleUpdate>): Promise<Response> {
  const [written, query] = await save(asked, read);
  return reply(asked, written, query, 200);
}

async function save(asked: Asked, read: () => Promise<RoleUpdate>): Promise<[Written<ShownRole>, WriteQuery]> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(writeQuerySchema, readQuery(asked.request.url), 'query');
  const change = await read();
  const precondition = preconditionOf(asked, roleBody);
  const level = levelAsked(asked);
  return [await updateRole(tools, writer, level, referenceOf(asked), change, precondition, publishMode(query)), query];
}

async function removeRole(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(deleteQuery, readQuery(asked.request.url), 'query');
  const precondition = preconditionOf(asked, roleBody);
  const force = query.force === 'true';
  const written = await deleteRole(tools, writer, levelAsked(asked), referenceOf(asked), force, precondition, publishMode(query));
  return writtenReply(asked, written, query, 200, (role) => ({ deleted: roleBody(role) }));
}

async function reply(asked: Asked, written: Written<ShownRole>, query: WriteQuery, status: 200 | 201): Promise<Response> {
  return writtenReply(asked, written, query, status, roleBody, { etag: await etagOf(roleBody(written.value)) });
}

function referenceOf({ params }: Asked): string {
  return params.role ?? '';
}

const written = described(() => writtenAnswer(roleShape.shape));
const writtenExample = described(() => ({ ...roleBodyExample, revision: 42, published: true }));
const tag = 'roles';

export const roleRoutes: readonly Route[] = atBothLevels([
  {
    method: 'GET',
    path: '/roles',
    handler: listRoles,
    ...described(() => ({
      id: 'listRoles',
      summary: 'List roles, with their policies and who holds them',
      tag,
      description: '`privilege` finds the roles that name it themselves or in a policy that they bundle, neither inherited nor implied.',
      query: roleFilter,
      answer: pageAnswer(listedRoleShape),
      answerExample: { items: [listedRoleExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'POST',
    path: '/roles',
    handler: postRole,
    ...described(() => ({
      id: 'createRole',
      summary: 'Create a role',
      tag,
      query: createQuery,
      body: roleSchema,
      bodyExample: roleExample,
      status: 201,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'GET',
    path: '/roles/:role',
    handler: getRole,
    ...described(() => ({
      id: 'getRole',
      summary: 'Get a role, by id or name',
      tag,
      answer: listedRoleShape.extend({ revision: revisionNumber }),
      answerExample: { ...listedRoleExample, revision: 42 },
    })),
  },
  {
    method: 'PUT',
    path: '/roles/:role',
    handler: putRole,
    ...described(() => ({
      id: 'replaceRole',
      summary: 'Replace what a role says',
      tag,
      description: 'What the body leaves out gets its default. The id, the assignments and the roles that inherit it stay.',
      query: writeQuerySchema,
      body: roleSchema,
      bodyExample: roleExample,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'PATCH',
    path: '/roles/:role',
    handler: patchRole,
    ...described(() => ({
      id: 'updateRole',
      summary: 'Change the named fields of a role',
      tag,
      query: writeQuerySchema,
      body: roleChangeSchema,
      bodyExample: { description: 'May look at every dataset' },
      answer: written,
      answerExample: { ...writtenExample, description: 'May look at every dataset' },
    })),
  },
  {
    method: 'DELETE',
    path: '/roles/:role',
    handler: removeRole,
    ...described(() => ({
      id: 'deleteRole',
      summary: 'Delete a role',
      tag,
      description:
        'One in use is refused with its users, unless `force=true` unassigns it and takes it from roles and settings in the same transaction.',
      query: deleteQuery,
      answer: writtenAnswer({ deleted: roleShape }),
      answerExample: { deleted: roleBodyExample, revision: 42, published: true },
    })),
  },
  {
    method: 'PUT',
    path: '/roles/:role/privileges/:privilege',
    handler: putRolePrivilege,
    ...described(() => ({
      id: 'addRolePrivilege',
      summary: 'Add one privilege to a role',
      tag,
      description: 'Adding one twice is adding it once.',
      query: writeQuerySchema,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'DELETE',
    path: '/roles/:role/privileges/:privilege',
    handler: deleteRolePrivilege,
    ...described(() => ({
      id: 'removeRolePrivilege',
      summary: 'Take one privilege from a role',
      tag,
      description: 'Only what the role names itself: what its policies and inherited roles give stays.',
      query: writeQuerySchema,
      answer: writtenAnswer({ deleted: z.string(), role: roleShape }),
      answerExample: { deleted: 'dataset:share', role: roleBodyExample, revision: 42, published: true },
    })),
  },
]);
