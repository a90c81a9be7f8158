/** Of a whole route map: how long it is, and whether each of its routes can be reached. */
import { LIMITS } from '../../../core/terms/limits.ts';
import type { Route } from '../../../core/terms/route.ts';
import { type Shadowed, shadowedRoutes } from '../../../core/terms/route-order.ts';
import { type Problems, quote } from '../problems.ts';

type Routes = readonly (Route | undefined)[];

/**
 * @param routes in order; undefined: not readable
 * @param place how problems name each
 */
export function checkOrder(routes: Routes, place: (position: number) => string, problems: Problems): void {
  if (isTooLong(routes, problems)) return;
  for (const shadowed of shadowedRoutes(routes)) {
    const { position, by } = shadowed;
    const message = `the route at position ${by} takes all of it, ${what(shadowed)}: the first route that matches counts`;
    problems.add('unreachable_route', `${place(position)}.path`, message);
  }
}

/**
 * The same of a map in which one route is new. What was so without it is nobody's fault now.
 * @param position of the new one
 */
export function checkPlaced(routes: Routes, position: number, place: string, problems: Problems): void {
  if (isTooLong(routes, problems)) return;
  const named = (shadowed: Shadowed): string => `${shadowed.position} ${what(shadowed)}`;
  const before = new Set(shadowedRoutes(routes.with(position, undefined)).map(named));
  for (const shadowed of shadowedRoutes(routes)) {
    if (before.has(named(shadowed))) continue;
    const itself = shadowed.position === position;
    const other = itself ? shadowed.by : shadowed.position;
    const route = `the route at position ${other} (${quote(routes[other]?.path ?? '')})`;
    const told = itself ? `${route} takes all of it` : `it leaves nothing to ${route}`;
    problems.add('unreachable_route', `${place}.path`, `${told}, ${what(shadowed)}: the first route that matches counts`);
  }
}

/** Each is compared with those before it: not thousands. */
function isTooLong({ length }: Routes, problems: Problems): boolean {
  if (length > LIMITS.routes) problems.add('too_many_routes', 'routes', `a route map has at most ${LIMITS.routes} routes`);
  return length > LIMITS.routes;
}

function what({ methods, host }: Shadowed): string {
  return `for ${methods.map(quote).join(', ')} at ${quote(host)}`;
}
