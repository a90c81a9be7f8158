/**
 * Route rows → the route map as canonical JSON, in order. What a route that can't be read would have guarded isn't known, and a broader one behind it may
 * answer for less: so the map ends there, and whatever no route before it answers is denied.
 */
import { canonicalJson } from '../sets/canonical-json.ts';
import { compareCodePoints } from '../sets/compare.ts';
import type { Json } from '../terms/json.ts';
import { LIMITS } from '../terms/limits.ts';
import { readRoute } from '../terms/route.ts';
import type { RouteRow } from '../terms/rows.ts';
import { readObject } from './read.ts';
import type { Report } from './report.ts';

export function compileRoutes(rows: readonly RouteRow[], report: Report): string {
  const sorted = [...rows].sort((a, b) => a.position - b.position || compareCodePoints(a.route, b.route));
  const read = sorted.map(({ route }, i) =>
    i < LIMITS.routes && readRoute(readObject(route)) !== undefined ? readObject(route) : undefined,
  );
  read.forEach((route, i) => {
    if (route !== undefined) return;
    const place = `routes/${sorted[i]?.position}`;
    if (i >= LIMITS.routes)
      report.problem('too_many_routes', place, `the route map ends before it: it has at most ${LIMITS.routes} routes`);
    else
      report.problem(
        'unreadable_route',
        place,
        'not a route as `{hosts, methods, path, action, resource?, parents?}`: the route map ends before it',
      );
  });
  const end = read.indexOf(undefined);
  const routes: (Json | undefined)[] = end < 0 ? read : read.slice(0, end);
  return canonicalJson(routes.filter((route) => route !== undefined));
}
