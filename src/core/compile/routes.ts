/** Route rows → the route map as canonical JSON, in order. A route that can't be read leads nowhere: skipped and reported. */
import { canonicalJson } from '../sets/canonical-json.ts';
import { compareCodePoints } from '../sets/compare.ts';
import type { JsonObject } from '../terms/json.ts';
import type { RouteRow } from '../terms/rows.ts';
import { readObject, textsOf } from './read.ts';
import type { Report } from './report.ts';

export function compileRoutes(rows: readonly RouteRow[], report: Report): string {
  const sorted = [...rows].sort((a, b) => a.position - b.position || compareCodePoints(a.route, b.route));
  const routes = sorted.flatMap((row) => {
    const route = readObject(row.route);
    if (route !== undefined && isRoute(route)) return [route];
    report.problem('unreadable_route', `routes/${row.position}`, 'expected `{hosts, methods, path, action, resource?, parents?}`');
    return [];
  });
  return canonicalJson(routes);
}

function isRoute(route: JsonObject): boolean {
  const { hosts, methods, path, action, resource, parents } = route;
  return (
    textsOf(hosts) !== undefined &&
    textsOf(methods) !== undefined &&
    typeof path === 'string' &&
    typeof action === 'string' &&
    (resource === undefined || typeof resource === 'string') &&
    (parents === undefined || textsOf(parents) !== undefined)
  );
}
