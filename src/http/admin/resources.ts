/** `/admin/orgs/{org}/resources` and `…/{resource}`: what is registered, where it lies and who owns it. Single links are in `resource-links.ts`. */
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import { resolvePrincipal } from '../../pap/assignments/wanted.ts';
import type { ControlTools } from '../../pap/control-ports.ts';
import { changeResource } from '../../pap/resources/change-resource.ts';
import { deleteResource } from '../../pap/resources/delete-resource.ts';
import type { WantedPlace } from '../../pap/resources/place.ts';
import type { ResourceFilter } from '../../pap/resources/ports.ts';
import { registerResource } from '../../pap/resources/register-resource.ts';
import { findResource, isResource } from '../../pap/resources/stored-resource.ts';
import { may, mayBelow, requireRight } from '../../pap/write/moment.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { pageAnswer, revisionNumber, writtenAnswer } from './answer-wire.ts';
import { type Administration, asAdministrator, requireToRead } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import { pageReply, publishMode, readWriteQuery, writtenReply } from './reply.ts';
import { replyWithResource, resourceLinkRoutes } from './resource-links.ts';
import {
  resourceAnswer,
  resourceBody,
  resourceChangeSchema,
  resourceExample,
  resourceFilter,
  resourceSchema,
  resourceShape,
} from './resources-wire.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { createQuery, deleteQuery, referenceGiven } from './things-wire.ts';
import { writeQuerySchema } from './wire.ts';

const READ = 'bitgate:read';

async function listResources(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const { q, owner, limit, cursor, ...exact } = parseAs(resourceFilter, readQuery(asked.request.url), 'query');
  const allowed = await listable(administration, exact);
  const filter: ResourceFilter = { ...allowed, search: q ?? '', owner: await ownerOf(administration.tools, owner) };
  return pageReply(
    asked,
    { limit, cursor },
    {
      name: 'resources',
      columns: 1,
      filters: { q, owner, ...exact },
      load: (after, count) => administration.tools.resources.list(filter, after?.[0] ?? '', count),
      body: resourceBody,
    },
  );
}

/**
 * Who may read at the organization lists everything. Who may at a parent alone lists what lies directly below it, restricted resources only if
 * that right reaches them; each is read by itself by whoever may read it.
 * @returns the filter, narrowed to what is listed
 * @throws BitgateError `missing_privilege` (403)
 */
async function listable<F extends Pick<ResourceFilter, 'parent' | 'access'>>(administration: Administration, filter: F): Promise<F> {
  const { parent, access } = filter;
  const scope = parent !== undefined && isResource(parent) ? parent : ORG_SCOPE;
  const moment = await requireToRead(administration, READ, scope);
  if (moment === null || (await may(moment, READ, ORG_SCOPE)) || (await mayBelow(moment, READ, scope))) return filter;
  if (access === 'restricted') await requireRight(moment, READ, ORG_SCOPE);
  return { ...filter, access: 'inherit' };
}

/** @throws BitgateError `not_found` (404) when the filter names a group that isn't there */
async function ownerOf({ lookup }: ControlTools, owner: string | undefined): Promise<string | undefined> {
  if (owner === undefined) return undefined;
  return resolvePrincipal(owner, lookup, (_path, _code, message) => {
    throw new BitgateError('not_found', 404, message);
  });
}

async function getResource(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const reference = referenceOf(asked);
  await requireToRead(administration, READ, isResource(reference) ? reference : ORG_SCOPE);
  const { resources, reader } = administration.tools;
  // The revision first: what is shown is that one or newer.
  const revision = await reader.revision();
  const body = resourceBody(await findResource(resources, reference));
  return jsonReply(200, { ...body, revision }, asked.requestId, { etag: await etagOf(body) });
}

async function postResource(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(createQuery, readQuery(asked.request.url), 'query');
  const { resource, type, id, ...more } = parseAs(resourceSchema, await readCommand(asked.request), 'resource');
  const wanted = { ...referenceGiven('resource', { whole: resource, type, id }), ...more };
  const written = await registerResource(tools, writer, wanted, query.if_exists ?? 'refuse', publishMode(query));
  return replyWithResource(asked, written, query, 201);
}

async function putResource(asked: Asked): Promise<Response> {
  const { access = 'inherit', properties = {}, ...links } = parseAs(resourceChangeSchema, await readCommand(asked.request), 'resource');
  return update(asked, { ...links, access, properties });
}

async function patchResource(asked: Asked): Promise<Response> {
  return update(asked, parseAs(resourceChangeSchema, await readCommand(asked.request), 'resource'));
}

async function update(asked: Asked, change: WantedPlace): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const precondition = preconditionOf(asked, resourceBody);
  const written = await changeResource(tools, writer, referenceOf(asked), () => change, precondition, publishMode(query));
  return replyWithResource(asked, written, query, 200);
}

async function removeResource(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(deleteQuery, readQuery(asked.request.url), 'query');
  const precondition = preconditionOf(asked, resourceBody);
  const written = await deleteResource(tools, writer, referenceOf(asked), query.force === 'true', precondition, publishMode(query));
  return writtenReply(asked, written, query, 200, (resource) => ({ deleted: resourceBody(resource) }));
}

function referenceOf({ params }: Asked): string {
  return params.resource ?? '';
}

const tag = 'resources';
const written = described(() => writtenAnswer(resourceShape));
const writtenExample = described(() => ({ ...resourceExample, revision: 42, published: true }));
const changeExample = described(() => ({
  parents: ['project:sleetduke'],
  access: 'restricted',
  owners: [{ subject: 'user:alice', kind: 'TECHNICAL' }],
}));

export const resourceRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${ORG}/resources`,
    handler: listResources,
    ...described(() => ({
      id: 'listResources',
      summary: 'List registered resources, by type, parent, access, owner or a part of their id',
      description:
        'It takes `bitgate:read` at the organization. With `parent` it is enough to have it there: restricted resources are listed then only if it reaches them.',
      tag,
      query: resourceFilter,
      answer: pageAnswer(resourceAnswer),
      answerExample: { items: [resourceExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'POST',
    path: `${ORG}/resources`,
    handler: postResource,
    ...described(() => ({
      id: 'registerResource',
      summary: 'Register a resource',
      description: 'It takes `bitgate:manage_resources` at each of its parents, or at the organization when it has none.',
      tag,
      query: createQuery,
      body: resourceSchema,
      bodyExample: { type: 'dataset', id: 'hidden-1', ...changeExample },
      status: 201,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'GET',
    path: `${ORG}/resources/:resource`,
    handler: getResource,
    ...described(() => ({
      id: 'getResource',
      summary: 'Get a resource, with its parents and owners',
      description: 'The address names it as `type:id`, percent-encoded. It takes `bitgate:read` at the resource.',
      tag,
      answer: resourceAnswer.extend({ revision: revisionNumber }),
      answerExample: { ...resourceExample, revision: 42 },
    })),
  },
  {
    method: 'PUT',
    path: `${ORG}/resources/:resource`,
    handler: putResource,
    ...described(() => ({
      id: 'replaceResource',
      summary: 'Replace what is known of a resource',
      description:
        'Access and properties that the body leaves out get their default. Parents and owners stay, unless the body names them: then they are exactly those.',
      tag,
      query: writeQuerySchema,
      body: resourceChangeSchema,
      bodyExample: changeExample,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'PATCH',
    path: `${ORG}/resources/:resource`,
    handler: patchResource,
    ...described(() => ({
      id: 'updateResource',
      summary: 'Change the named fields of a resource',
      description:
        'To move it takes `bitgate:manage_resources` at the parents that it gets and at those that it loses. Each field is replaced as a whole.',
      tag,
      query: writeQuerySchema,
      body: resourceChangeSchema,
      bodyExample: { access: 'restricted' },
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'DELETE',
    path: `${ORG}/resources/:resource`,
    handler: removeResource,
    ...described(() => ({
      id: 'deleteResource',
      summary: 'Delete a resource',
      description:
        'One with registered resources below it or assignments at it is refused with those; `force=true` unlinks and unassigns them.',
      tag,
      query: deleteQuery,
      answer: writtenAnswer({ deleted: resourceAnswer }),
      answerExample: { deleted: resourceExample, revision: 43, published: true },
    })),
  },
  ...resourceLinkRoutes,
];
