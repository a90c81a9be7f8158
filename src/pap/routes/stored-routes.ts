/** The route map as a list: a route's place is its position from 0 on, whatever numbers the stored rows have. */
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import { type Route, readRoute } from '../../core/terms/route.ts';
import type { RouteRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { Problems } from '../manifest/problems.ts';
import { checkOrder, checkPlaced } from '../manifest/resolve/route-order.ts';
import { actionNames, resolveRoute, sound } from '../manifest/resolve/routes.ts';
import type { RouteItem } from '../manifest/route-schema.ts';
import type { RowChanges } from '../ports.ts';
import type { ConfigurationLookup } from '../settings/ports.ts';
import { type Moment, requireRight } from '../write/moment.ts';
import { thereIsNo } from '../write/refusals.ts';
import { changesOrNull } from '../write/row-change.ts';

export const MANAGE_SETTINGS = 'bitgate:manage_settings';

/** Routes in order, each as its stored JSON. */
export type RouteMap = readonly string[];

/** One route of the map. */
export interface PlacedRoute {
  readonly position: number;
  readonly route: string;
}

/** For writing: the right first, since who may not write is not told what there is. */
export async function routesToChange({ configuration }: ControlTools, moment: Moment): Promise<readonly RouteRow[]> {
  await requireRight(moment, MANAGE_SETTINGS, ORG_SCOPE);
  return configuration.routes();
}

/** @param position as an address has it. @throws BitgateError `unknown_route` (404) */
export function routeAt(routes: readonly { readonly route: string }[], position: string): PlacedRoute {
  const index = /^(?:0|[1-9]\d{0,8})$/.test(position) ? Number(position) : -1;
  const found = routes[index];
  if (found === undefined) throw thereIsNo('route', position);
  return { position: index, route: found.route };
}

/**
 * A whole map.
 * @throws BitgateError `invalid_routes` (422) naming every fault
 */
export async function resolveRoutes(lookup: ConfigurationLookup, items: readonly RouteItem[]): Promise<RouteMap> {
  const problems = new Problems();
  const place = (position: number): string => `routes[${position}]`;
  const privileges = await privilegesOf(lookup, items);
  const routes = items.map((item, i) => resolveRoute(item, place(i), { problems, privileges }));
  checkOrder(items.map(sound), place, problems);
  problems.throwIfAny('invalid_routes', 'the route map');
  return routes;
}

/**
 * One route, put among others.
 * @param placed the map with it, given its stored JSON
 * @param position of it there
 * @throws BitgateError `invalid_routes` (422) naming every fault, also what it takes from others or they from it
 */
export async function placeRoute(
  lookup: ConfigurationLookup,
  item: RouteItem,
  position: number,
  placed: (route: string) => RouteMap,
): Promise<{ readonly wanted: RouteMap; readonly value: PlacedRoute }> {
  const problems = new Problems();
  const route = resolveRoute(item, 'route', { problems, privileges: await privilegesOf(lookup, [item]) });
  const wanted = placed(route);
  if (!problems.any) checkPlaced(wanted.map(readStored), position, 'route', problems);
  problems.throwIfAny('invalid_routes', 'the route', 'route.');
  return { wanted, value: { position, route } };
}

async function privilegesOf(lookup: ConfigurationLookup, items: readonly RouteItem[]): Promise<ReadonlySet<string>> {
  return new Set(items.length === 0 ? [] : await lookup.privileges([...new Set(items.flatMap(actionNames))]));
}

/** The database holds nothing but JSON there. */
function readStored(route: string): Route | undefined {
  return readRoute(JSON.parse(route));
}

/** Rows are numbered from 0 on. */
export function changesOf(present: readonly RouteRow[], wanted: RouteMap): RowChanges | null {
  const byPosition = new Map(present.map((row) => [row.position, row]));
  const rows = wanted.map((route, position) => ({ position, route }));
  return changesOrNull({
    routes: {
      insert: rows.filter(({ position }) => !byPosition.has(position)),
      update: rows.flatMap((after) => {
        const before = byPosition.get(after.position);
        return before === undefined || before.route === after.route ? [] : [{ before, after }];
      }),
      delete: present.filter(({ position }) => !(position >= 0 && position < wanted.length)),
    },
  });
}
