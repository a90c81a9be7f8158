/**
 * The route map: what guards a path. It gives nobody a privilege, but a path that was guarded by one privilege and is by another is open to others than
 * before: whoever changes that must hold the privilege that guarded it. A path that no route answered was open to nobody and stood for nothing: opening and
 * shutting paths is what `bitgate:manage_settings` is for.
 */
import type { Json } from '../../../core/terms/json.ts';
import { ORG_SCOPE } from '../../../core/terms/ref.ts';
import { readRoute } from '../../../core/terms/route.ts';
import { overlap, type Prepared, prepareRoute, sharingHosts } from '../../../core/terms/route-order.ts';
import type { Needs } from './context.ts';

export function routeNeeds(needs: Needs): void {
  if (needs.changes.routes === undefined) return;
  const [before, after] = [routesOf(needs.before.routes), routesOf(needs.after.routes)];
  const [earlier, later] = [placesOf(before), placesOf(after)];
  const sharing = sharingHosts(
    before.map(({ ready }) => ready),
    after.map(({ ready }) => ready),
  );
  const names = before.flatMap((route, position) => {
    const end = later.get(route.text) ?? after.length;
    // Those that stood before it already took what they take.
    const taken = [...sharing(route.ready)].some((i) => {
      const other = after[i];
      if (other === undefined || i >= end || (earlier.get(other.text) ?? before.length) <= position) return false;
      return other.asks !== route.asks && overlap(other.ready, route.ready);
    });
    return taken ? route.names : [];
  });
  const wanted = new Set(names);
  const bits = needs.before.privileges.flatMap(({ name }, bit) => (wanted.has(name) ? [bit] : []));
  needs.bits({ scope: ORG_SCOPE, since: 0, until: null }, bits);
}

interface Guard {
  /** equal iff the routes are */
  readonly text: string;
  /** equal iff the same question is asked */
  readonly asks: string;
  /** under which its privilege may stand in the catalog */
  readonly names: readonly string[];
  readonly ready: Prepared;
}

/** The compiler's array of routes, each sound. */
function routesOf(json: string): Guard[] {
  const routes = (JSON.parse(json) as readonly Json[]).flatMap((each) => readRoute(each) ?? []); // the compiler's own array
  return routes.map((route) => {
    const { action, resource = '', parents = [] } = route;
    const names = [action, `${resource.split(':', 1)[0]}:${action}`];
    return { text: JSON.stringify(route), asks: JSON.stringify([action, resource, parents]), names, ready: prepareRoute(route) };
  });
}

/** Where each stands first. */
function placesOf(routes: readonly Guard[]): ReadonlyMap<string, number> {
  return new Map(routes.map(({ text }, position) => [text, position] as const).toReversed());
}
