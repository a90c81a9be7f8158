/** Use cases: the route map is replaced whole, or one route is put in, changed or taken out. Which route comes first matters, so the rest moves. */
import type { ControlTools } from '../control-ports.ts';
import type { RouteItem } from '../manifest/route-schema.ts';
import type { Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { changesOf, type PlacedRoute, placeRoute, type RouteMap, resolveRoutes, routeAt, routesToChange } from './stored-routes.ts';

type Precondition<T> = (current: T) => Promise<void>;

/** @throws BitgateError `missing_privilege` (403), `changed_meanwhile` (412), `invalid_routes` (422) */
export function replaceRoutes(
  tools: ControlTools,
  writer: Writer,
  items: readonly RouteItem[],
  precondition: Precondition<RouteMap>,
  mode: PublishMode,
): Promise<Written<RouteMap>> {
  return edit(tools, writer, 'routes.put', mode, async (present) => {
    await precondition(present);
    const wanted = await resolveRoutes(tools.configuration, items);
    return { wanted, value: wanted };
  });
}

/**
 * @param position of the new route, those from there on move down; undefined or beyond the end: at the end
 * @throws BitgateError `missing_privilege` (403), `invalid_routes` (422)
 */
export function insertRoute(
  tools: ControlTools,
  writer: Writer,
  item: RouteItem,
  position: number | undefined,
  mode: PublishMode,
): Promise<Written<PlacedRoute>> {
  return edit(tools, writer, 'route.create', mode, async (present) => {
    const at = Math.min(position ?? present.length, present.length);
    return placeRoute(tools.configuration, item, at, (route) => present.toSpliced(at, 0, route));
  });
}

/**
 * @param change the whole route, given the present one
 * @throws BitgateError `missing_privilege` (403), `unknown_route` (404), `changed_meanwhile` (412), `invalid_routes` (422)
 */
export function changeRoute(
  tools: ControlTools,
  writer: Writer,
  position: string,
  change: (current: PlacedRoute) => RouteItem,
  precondition: Precondition<PlacedRoute>,
  mode: PublishMode,
): Promise<Written<PlacedRoute>> {
  return edit(tools, writer, 'route.update', mode, async (present, rows) => {
    const current = routeAt(rows, position);
    await precondition(current);
    return placeRoute(tools.configuration, change(current), current.position, (route) => present.with(current.position, route));
  });
}

/** @throws BitgateError `missing_privilege` (403), `unknown_route` (404), `changed_meanwhile` (412) */
export function deleteRoute(
  tools: ControlTools,
  writer: Writer,
  position: string,
  precondition: Precondition<PlacedRoute>,
  mode: PublishMode,
): Promise<Written<PlacedRoute>> {
  return edit(tools, writer, 'route.delete', mode, async (present, rows) => {
    const current = routeAt(rows, position);
    await precondition(current);
    return { wanted: present.toSpliced(current.position, 1), value: current };
  });
}

interface Edited<T> {
  readonly wanted: RouteMap;
  readonly value: T;
}

function edit<T>(
  tools: ControlTools,
  writer: Writer,
  action: string,
  mode: PublishMode,
  change: (present: RouteMap, rows: readonly { readonly route: string }[]) => Promise<Edited<T>>,
): Promise<Written<T>> {
  return write(tools, writer, mode, async (moment) => {
    const rows = await routesToChange(tools, moment);
    const present = rows.map(({ route }) => route);
    const { wanted, value } = await change(present, rows);
    const audit = { action, target: 'routes', before: shown(present), after: shown(wanted) };
    return { changes: changesOf(rows, wanted), audit, value };
  });
}

/** The database holds nothing but JSON there. */
function shown(routes: RouteMap): string {
  return `[${routes.join(',')}]`;
}
