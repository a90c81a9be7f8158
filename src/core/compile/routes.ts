/**
 * Route rows → the route map as canonical JSON, in order. What a route that can't be read would have guarded isn't known, and a broader one behind it may
 * answer for less: so the map ends there, and whatever no route before it answers is denied.
 */
import { canonicalJson } from '../sets/canonical-json.ts';
import { compareCodePoints } from '../sets/compare.ts';
import type { JsonObject } from '../terms/json.ts';
import { LIMITS } from '../terms/limits.ts';
import { readRoute } from '../terms/route.ts';
import type { RouteRow } from '../terms/rows.ts';
import { readObject } from './read.ts';
import type { Report } from './report.ts';

export function compileRoutes(rows: readonly RouteRow[], report: Report): string {
  const sorted = [...rows].sort((a, b) => a.position - b.position || compareCodePoints(a.route, b.route));
  const routes: JsonObject[] = [];
  let ended = false;
  for (const [i, { position, route }] of sorted.entries()) {
    const read = readObject(route);
    const place = `routes/${position}`;
    if (i >= LIMITS.routes)
      report.problem('too_many_routes', place, `a route map has at most ${LIMITS.routes} routes, and ends before this one`);
    else if (read === undefined || readRoute(read) === undefined)
      report.problem(
        'unreadable_route',
        place,
        'expected `{hosts, methods, path, action, resource?, parents?}`: the route map ends before it',
      );
    else {
      if (!ended) routes.push(read);
      continue;
    }
    ended = true;
  }
  return canonicalJson(routes);
}
