/**
 * The route map of a catalog, compiled once: which question a request asks. The first route by position that matches counts, however special others are;
 * no route, no question, and the face denies (SEC-45). Routes are gone through in order, with the very comparison by which their order is judged when they
 * are written. Whatever map somebody writes, that is one look at most at each segment and host of it; a trie that splits at each parameter took 18 ms.
 */
import type { Json } from '../../core/terms/json.ts';
import type { Entity } from '../../core/terms/request.ts';
import { methodOf, type Route, readRoute } from '../../core/terms/route.ts';
import { hostPatternsOver, isHost } from '../../core/terms/route-host.ts';
import { isParameter, matchesPath, REST, segmentsOf } from '../../core/terms/route-path.ts';
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
  readonly hosts: readonly string[];
  readonly methods: ReadonlySet<string | undefined>;
  readonly segments: readonly string[];
  readonly action: string;
  readonly resource: Template | undefined;
  readonly parents: readonly Template[];
  /** which segment is which parameter */
  readonly parameters: readonly (readonly [name: string, segment: number])[];
}

/** what no canonical path holds: empty segments but a trailing one, dot segments, and what stands for something else in some reading */
const NOT_CANONICAL = /^[^/]|^$|\/\/|\/\.{1,2}(?:\/|$)|[\\%\p{Cc}]/u;

export class RouteMap {
  /** by first segment, in order: those that it begins, and those that any may begin */
  readonly #byFirst = new Map<string, Prepared[]>();
  /** those that any may begin */
  readonly #open: Prepared[] = [];
  readonly #hosts: ReadonlySet<string>;

  constructor(routes: readonly Route[]) {
    this.#hosts = new Set(routes.flatMap(({ hosts }) => hosts));
    for (const [position, route] of routes.entries()) this.#add(prepare(route, position));
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
    let over: ReadonlySet<string> | undefined;
    const holds = ({ hosts }: Prepared): boolean => {
      over ??= new Set(hostPatternsOver(host));
      for (const each of hosts) if (over.has(each)) return true;
      return false;
    };
    const candidates = this.#byFirst.get(segments[0] ?? '') ?? this.#open;
    const first = candidates.find((each) => each.methods.has(known) && matchesPath(each.segments, segments) && holds(each));
    return first === undefined ? null : questionOf(first, segments);
  }

  /** Does some route name this very host, not only a pattern over it? */
  names(host: string): boolean {
    return isHost(host) && this.#hosts.has(host);
  }

  #add(route: Prepared): void {
    const [first = ''] = route.segments;
    if (first === REST || isParameter(first)) {
      for (const list of [this.#open, ...this.#byFirst.values()]) list.push(route);
      return;
    }
    const list = this.#byFirst.get(first);
    if (list === undefined) this.#byFirst.set(first, [...this.#open, route]);
    else list.push(route);
  }
}

function prepare({ hosts, methods, path, action, resource, parents = [] }: Route, position: number): Prepared {
  const segments = segmentsOf(path);
  return {
    position,
    hosts,
    methods: new Set(methods.map(methodOf)),
    segments,
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
