/** The wire form of the route map of forward-auth. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { METHODS } from '../../core/terms/route.ts';
import { type RouteItem, routeSchema } from '../../pap/manifest/route-schema.ts';
import type { PlacedRoute, RouteMap } from '../../pap/routes/stored-routes.ts';
import { described } from './route.ts';
import { pageQuery } from './wire.ts';

export { routeSchema };

const MAX_POSITION = 999_999_999;

export const newRouteSchema = lazy(() => routeSchema.extend({ position: z.int().min(0).max(MAX_POSITION).optional() }));
export const routeChangeSchema = lazy(() =>
  routeSchema.partial().extend({
    resource: z.string().nullish(),
    parents: z.array(z.string()).nullish(),
  }),
);
export const routeMapSchema = lazy(() => z.strictObject({ routes: z.array(routeSchema) }));
export const routeFilter = lazy(() => z.strictObject(pageQuery));

export const routeShape = described(() => ({
  position: z.int().min(0).meta({ description: 'from 0 on; the first route that matches counts' }),
  hosts: z.array(z.string()),
  methods: z.array(z.enum(METHODS)),
  path: z.string(),
  action: z.string(),
  resource: z.string().nullable(),
  parents: z.array(z.string()),
}));

export const routeAnswer = described(() => z.strictObject(routeShape));

/** A row typed by hand may hold anything: what has not the shape of a route is shown as one that matches nothing. It also ends the map: nothing behind it counts. */
const UNREADABLE: RouteItem = { hosts: [], methods: [], path: '', action: '' };

export function routeItem({ route }: PlacedRoute): RouteItem {
  const read = routeSchema.safeParse(JSON.parse(route));
  return read.success ? read.data : UNREADABLE;
}

export function routeBody(placed: PlacedRoute): z.output<typeof routeAnswer> {
  const { resource = null, parents = [], ...rest } = routeItem(placed);
  return { position: placed.position, ...rest, resource, parents };
}

/** What the `ETag` of a route is made of: not its place, which others move. */
export function routeIdentity(placed: PlacedRoute): object {
  return routeItem(placed);
}

export function routeMapBody(routes: RouteMap): { routes: z.output<typeof routeAnswer>[] } {
  return { routes: routes.map((route, position) => routeBody({ position, route })) };
}

export const routeItemExample = described(() => ({
  hosts: ['api.example.com'],
  methods: ['GET', 'HEAD'],
  path: '/projects/:project/datasets/:id',
  action: 'dataset:view',
  resource: 'dataset:{id}',
  parents: ['project:{project}'],
}));

export const routeExample = described(() => ({ position: 0, ...routeItemExample }));
