/**
 * The route map of a catalog, compiled once: which question a request asks. The first route by position that matches counts, however special others are;
 * no route, no question, and the face denies (SEC-45).
 */
import { TrieRouter } from 'hono/router/trie-router';
import type { Json } from '../../core/terms/json.ts';
import type { Entity } from '../../core/terms/request.ts';
import { methodOf, type Route, readRoute } from '../../core/terms/route.ts';
import { hostPatternsOver, isHost } from '../../core/terms/route-host.ts';
import { isParameter, REST, segmentsOf } from '../../core/terms/route-path.ts';
import { fill, readTemplate, type Template } from '../../core/terms/route-template.ts';

/** What a request asks, by the route at `position`. */
export interface RouteQuestion {
  readonly position: number;
  readonly action: string;
  readonly resource: Entity | undefined;
  /** `type:id` each: claimed by the path, believed by nobody yet */
  readonly parents: readonly string[];
}

/** What of a catalog a route map is made of. */
interface HasRoutes {
  /** JSON */
  readonly routes: string;
}

interface Prepared {
  readonly position: number;
  readonly hosts: ReadonlySet<string>;
  readonly action: string;
  readonly resource: Template | undefined;
  readonly parents: readonly Template[];
  /** which segment is which parameter */
  readonly parameters: readonly (readonly [name: string, segment: number])[];
}

/** what no canonical path holds: empty segments but a trailing one, dot segments, and what stands for something else in some reading */
const NOT_CANONICAL = /^[^/]|^$|\/\/|\/\.{1,2}(?:\/|$)|[\\%\p{Cc}]/u;
/** how a segment that no route names is shown to the router; an empty one stays empty */
const OTHER = '-';

export class RouteMap {
  readonly #router = new TrieRouter<Prepared>();
  /** Literals by number: the router sees numbers alone, so no text of a route or of a path can mean anything to it. */
  readonly #literals = new Map<string, string>([['', '']]);
  readonly #hosts: ReadonlySet<string>;

  constructor(routes: readonly Route[]) {
    this.#hosts = new Set(routes.flatMap(({ hosts }) => hosts));
    routes.forEach((route, position) => {
      const segments = segmentsOf(route.path);
      const path = `/${segments.map((segment) => this.#inRouter(segment)).join('/')}`;
      const prepared = prepare(route, position, segments);
      for (const method of new Set(route.methods.map(methodOf))) if (method !== undefined) this.#router.add(method, path, prepared);
    });
  }

  /**
   * @param host lower case, without port; of IPv6 in brackets
   * @param path canonical, each segment decoded once: none holds a `/`
   * @returns null: no route matches, or the one that does makes a reference longer than any
   */
  find(host: string, method: string, path: string): RouteQuestion | null {
    const known = methodOf(method);
    if (known === undefined || !isHost(host) || NOT_CANONICAL.test(path)) return null;
    const segments = segmentsOf(path);
    const [matches] = this.#router.match(known, `/${segments.map((segment) => this.#literals.get(segment) ?? OTHER).join('/')}`);
    if (matches.length === 0) return null;
    const over = hostPatternsOver(host);
    // In the order in which they were added.
    const first = matches.find(([{ hosts }]) => over.some((pattern) => hosts.has(pattern)))?.[0];
    return first === undefined ? null : questionOf(first, segments);
  }

  /** Does some route name this very host, not only a pattern over it? */
  names(host: string): boolean {
    return isHost(host) && this.#hosts.has(host);
  }

  #inRouter(segment: string): string {
    if (segment === REST) return REST;
    if (isParameter(segment)) return ':_';
    const known = this.#literals.get(segment) ?? String(this.#literals.size);
    this.#literals.set(segment, known);
    return known;
  }
}

function prepare({ hosts, action, resource, parents = [] }: Route, position: number, segments: readonly string[]): Prepared {
  return {
    position,
    hosts: new Set(hosts),
    action,
    resource: resource === undefined ? undefined : readTemplate(resource),
    parents: parents.flatMap((parent) => readTemplate(parent) ?? []),
    parameters: segments.flatMap((segment, i) => (isParameter(segment) ? [[segment.slice(1), i] as const] : [])),
  };
}

function questionOf({ position, action, resource, parents, parameters }: Prepared, segments: readonly string[]): RouteQuestion | null {
  if (resource === undefined) return { position, action, resource: undefined, parents: [] };
  const values = new Map(parameters.map(([name, segment]) => [name, segments[segment] ?? '']));
  const made = fill(resource, values);
  const above = parents.map((parent) => fill(parent, values));
  if (made === undefined || above.includes(undefined)) return null;
  return { position, action, resource: made, parents: above.flatMap((ref) => (ref === undefined ? [] : [`${ref.type}:${ref.id}`])) };
}

const compiled = new WeakMap<HasRoutes, RouteMap>();

/** Of snapshots compiled under an older grammar, the map ends at the first that is no route. */
export function routeMapOf(catalog: HasRoutes): RouteMap {
  let map = compiled.get(catalog);
  if (map === undefined) {
    const read = (JSON.parse(catalog.routes) as readonly Json[]).map(readRoute); // the compiler's own array
    const end = read.indexOf(undefined);
    map = new RouteMap((end < 0 ? read : read.slice(0, end)).filter((route) => route !== undefined));
    compiled.set(catalog, map);
  }
  return map;
}
