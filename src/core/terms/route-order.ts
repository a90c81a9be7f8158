/**
 * Routes that can't be reached. The first route that matches counts, so what those before it take is lost to a route; where that is all of its paths, for a
 * host and a method that it names, whoever wrote it believes in a guard that isn't there.
 */
import { METHODS, methodOf, type Route } from './route.ts';
import { hostPatternsOver } from './route-host.ts';
import { matchesPath, pathsOverlap, samplesOf, segmentsOf } from './route-path.ts';

export interface Shadowed {
  readonly position: number;
  /** one of those that take what it names; before it */
  readonly by: number;
  /** as the shadowed route names it */
  readonly host: string;
  /** of that host, all that are lost */
  readonly methods: readonly string[];
}

/** A route as it is compared with others. */
export interface Prepared {
  readonly hosts: ReadonlySet<string>;
  /** every pattern that holds one of them */
  readonly over: ReadonlySet<string>;
  /** bit i is set iff it answers METHODS[i] */
  readonly methods: number;
  readonly segments: readonly string[];
}

type Placed = Prepared & { readonly position: number };

/**
 * One entry for each route that loses a host and a method altogether, to one earlier route or to several together.
 * @param routes in order; undefined: not readable, and not looked at
 */
export function shadowedRoutes(routes: readonly (Route | undefined)[]): Shadowed[] {
  // Those before, by their hosts: in maps of many hosts few routes have one in common.
  const byHost = new Map<string, Placed[]>();
  return routes.flatMap((given, position) => {
    if (given === undefined) return [];
    const route = { ...prepareRoute(given), position };
    const earlier = new Set<Placed>();
    for (const host of route.over) for (const each of byHost.get(host) ?? []) earlier.add(each);
    for (const host of route.hosts) byHost.set(host, [...(byHost.get(host) ?? []), route]);
    const found = shadowOf(
      route,
      [...earlier].sort((a, b) => a.position - b.position),
    );
    return found === undefined ? [] : [{ position, ...found }];
  });
}

export function prepareRoute({ hosts, methods, path }: Route): Prepared {
  const answered = new Set(methods.map(methodOf));
  return {
    hosts: new Set(hosts),
    over: new Set(hosts.flatMap(hostPatternsOver)),
    methods: METHODS.reduce((bits, method, i) => (answered.has(method) ? bits | (1 << i) : bits), 0),
    segments: segmentsOf(path),
  };
}

function shadowOf(route: Prepared, earlier: readonly Placed[]): Omit<Shadowed, 'position'> | undefined {
  const takers: Placed[][] = [];
  for (const sample of samplesOf(route.segments)) {
    const taking = earlier.filter(({ methods, segments }) => (methods & route.methods) !== 0 && matchesPath(segments, sample));
    if (taking.length === 0) return undefined;
    takers.push(taking);
  }
  for (const host of route.hosts) {
    const over = hostPatternsOver(host);
    const covers = ({ hosts }: Prepared): boolean => over.some((pattern) => hosts.has(pattern));
    const lost = takers.reduce((bits, taking) => (bits === 0 ? 0 : bits & methodsOf(taking.filter(covers))), route.methods);
    const by = lost === 0 ? undefined : takers[0]?.find((each) => covers(each) && (each.methods & lost) !== 0);
    if (by !== undefined) return { by: by.position, host, methods: METHODS.filter((_, i) => lost & (1 << i)) };
  }
  return undefined;
}

function methodsOf(routes: readonly Prepared[]): number {
  return routes.reduce((bits, { methods }) => bits | methods, 0);
}

/** Is there a request that both match? Two patterns of hosts have a host in common iff one of them holds all that the other does. */
export function overlap(a: Prepared, b: Prepared): boolean {
  return (a.methods & b.methods) !== 0 && pathsOverlap(a.segments, b.segments) && (meet(a.hosts, b.over) || meet(b.hosts, a.over));
}

function meet(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const each of some) if (others.has(each)) return true;
  return false;
}
