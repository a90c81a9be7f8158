/** `/admin/orgs/{org}/routes` and `…/{position}`: which question forward-auth asks for which request. The order matters: a place is its position. */

import * as z from 'zod';
import type { RouteItem } from '../../pap/manifest/route-schema.ts';
import { changeRoute, deleteRoute, insertRoute, replaceRoutes } from '../../pap/routes/change-routes.ts';
import { type PlacedRoute, routeAt } from '../../pap/routes/stored-routes.ts';
import type { Written } from '../../pap/write/write.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { pageAnswer, revisionNumber, writtenAnswer } from './answer-wire.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { etagOf, preconditionOf } from './etag.ts';
import {
  newRouteSchema,
  routeAnswer,
  routeBody,
  routeChangeSchema,
  routeExample,
  routeFilter,
  routeIdentity,
  routeItem,
  routeItemExample,
  routeMapBody,
  routeMapSchema,
  routeSchema,
  routeShape,
} from './forward-routes-wire.ts';
import { pageReply, publishMode, readWriteQuery, type WriteQuery, writtenReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { writeQuerySchema } from './wire.ts';

async function listRoutes(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const query = parseAs(routeFilter, readQuery(asked.request.url), 'query');
  const all = await administration.tools.configuration.routes();
  const page = await pageReply(asked, query, {
    name: 'routes',
    columns: 1,
    filters: {},
    load: async (after, limit) => {
      const start = after === null ? 0 : Number(after[0]) + 1;
      const rows = all.slice(start, start + limit).map(({ route }, i) => ({ position: start + i, route }));
      return { rows, next: start + limit < all.length ? [String(start + limit - 1)] : null, total: all.length };
    },
    body: routeBody,
  });
  // Of the whole map: for a `PUT` of it.
  page.headers.set('etag', await etagOf(routeMapBody(all.map(({ route }) => route))));
  return page;
}

async function getRoute(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  await requireToRead(administration, 'bitgate:read', 'org');
  const { configuration, reader } = administration.tools;
  // The revision first: what is shown is that one or newer.
  const revision = await reader.revision();
  const placed = routeAt(await configuration.routes(), positionOf(asked));
  return jsonReply(200, { ...routeBody(placed), revision }, asked.requestId, { etag: await etagOf(routeIdentity(placed)) });
}

async function putRoutes(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const { routes } = parseAs(routeMapSchema, await readCommand(asked.request), 'routes');
  const written = await replaceRoutes(tools, writer, routes, preconditionOf(asked, routeMapBody), publishMode(query));
  return writtenReply(asked, written, query, 200, routeMapBody, { etag: await etagOf(routeMapBody(written.value)) });
}

async function postRoute(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const { position, ...item } = parseAs(newRouteSchema, await readCommand(asked.request), 'route');
  return reply(asked, await insertRoute(tools, writer, item, position, publishMode(query)), query, 201);
}

async function putRoute(asked: Asked): Promise<Response> {
  const item = parseAs(routeSchema, await readCommand(asked.request), 'route');
  return update(asked, () => item);
}

async function patchRoute(asked: Asked): Promise<Response> {
  const change = parseAs(routeChangeSchema, await readCommand(asked.request), 'route');
  return update(asked, (current) => {
    const { resource, parents, ...rest } = { ...routeItem(current), ...change };
    // Again: a stored row that is no route may have left something out.
    return parseAs(routeSchema, { ...rest, resource: resource ?? undefined, parents: parents ?? undefined }, 'route', 422);
  });
}

async function update(asked: Asked, change: (current: PlacedRoute) => RouteItem): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const precondition = preconditionOf(asked, routeIdentity);
  return reply(asked, await changeRoute(tools, writer, positionOf(asked), change, precondition, publishMode(query)), query, 200);
}

async function removeRoute(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const written = await deleteRoute(tools, writer, positionOf(asked), preconditionOf(asked, routeIdentity), publishMode(query));
  return writtenReply(asked, written, query, 200, (placed) => ({ deleted: routeBody(placed) }));
}

async function reply(asked: Asked, written: Written<PlacedRoute>, query: WriteQuery, status: 200 | 201): Promise<Response> {
  return writtenReply(asked, written, query, status, routeBody, { etag: await etagOf(routeIdentity(written.value)) });
}

function positionOf({ params }: Asked): string {
  return params.position ?? '';
}

const tag = 'routes';
const written = described(() => writtenAnswer(routeShape));
const writtenExample = described(() => ({ ...routeExample, revision: 42, published: true }));
const order = 'The first route that matches counts, so its place is its position, which changes when others come or go: send `If-Match`.';

export const forwardRouteRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${ORG}/routes`,
    handler: listRoutes,
    ...described(() => ({
      id: 'listRoutes',
      summary: 'List the routes of forward-auth, in their order',
      tag,
      query: routeFilter,
      answer: pageAnswer(routeAnswer),
      answerExample: { items: [routeExample], next_cursor: null, total: 1 },
    })),
  },
  {
    method: 'PUT',
    path: `${ORG}/routes`,
    handler: putRoutes,
    ...described(() => ({
      id: 'replaceRoutes',
      summary: 'Replace the whole route map',
      tag,
      query: writeQuerySchema,
      body: routeMapSchema,
      bodyExample: { routes: [routeItemExample] },
      answer: writtenAnswer({ routes: z.array(routeAnswer) }),
      answerExample: { routes: [routeExample], revision: 42, published: true },
    })),
  },
  {
    method: 'POST',
    path: `${ORG}/routes`,
    handler: postRoute,
    ...described(() => ({
      id: 'createRoute',
      summary: 'Put a route in, at a position or at the end',
      description: 'Those from there on move down.',
      tag,
      query: writeQuerySchema,
      body: newRouteSchema,
      bodyExample: routeExample,
      status: 201,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'GET',
    path: `${ORG}/routes/:position`,
    handler: getRoute,
    ...described(() => ({
      id: 'getRoute',
      summary: 'Get a route, by its position',
      tag,
      answer: routeAnswer.extend({ revision: revisionNumber }),
      answerExample: { ...routeExample, revision: 42 },
    })),
  },
  {
    method: 'PUT',
    path: `${ORG}/routes/:position`,
    handler: putRoute,
    ...described(() => ({
      id: 'replaceRoute',
      summary: 'Replace a route, where it stands',
      description: order,
      tag,
      query: writeQuerySchema,
      body: routeSchema,
      bodyExample: routeItemExample,
      answer: written,
      answerExample: writtenExample,
    })),
  },
  {
    method: 'PATCH',
    path: `${ORG}/routes/:position`,
    handler: patchRoute,
    ...described(() => ({
      id: 'updateRoute',
      summary: 'Change the named fields of a route',
      description: `\`null\` takes \`resource\` or \`parents\` away. ${order}`,
      tag,
      query: writeQuerySchema,
      body: routeChangeSchema,
      bodyExample: { methods: ['GET'] },
      answer: written,
      answerExample: { ...writtenExample, methods: ['GET'] },
    })),
  },
  {
    method: 'DELETE',
    path: `${ORG}/routes/:position`,
    handler: removeRoute,
    ...described(() => ({
      id: 'deleteRoute',
      summary: 'Take a route out; those behind it move up',
      description: order,
      tag,
      query: writeQuerySchema,
      answer: writtenAnswer({ deleted: routeAnswer }),
      answerExample: { deleted: routeExample, revision: 43, published: true },
    })),
  },
];
