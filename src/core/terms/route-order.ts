/**
 * Routes that can't be reached. The first route that matches counts, so what those before it take is lost to a route; where that is all of its paths, for a
 * host and a method that it names, whoever wrote it believes in a guard that isn't there.
 */
import { METHODS, methodOf, type Route } from './route.ts';
import { hostPatternsOver } from './route-host.ts';
import { isWhole, joined, NOTHING, pathsOverlap, segmentsOf, type Taken, takenOf } from './route-path.ts';

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
  /** bit i is set iff it answers METHODS[i] */
  readonly methods: number;
  readonly segments: readonly string[];
}

interface Earlier {
  readonly position: number;
  readonly methods: number;
  readonly segments: readonly string[];
}

/**
 * One entry for each route that loses a host and a method altogether, to one earlier route or to several together.
 * @param routes in order; undefined: not readable, and not looked at
 */
export function shadowedRoutes(routes: readonly (Route | undefined)[]): Shadowed[] {
  // Those before, by their hosts: in maps of many hosts few routes have one in common.
  const byHost = new Map<string, Earlier[]>();
  return routes.flatMap((given, position) => {
    if (given === undefined) return [];
    const hosts = new Set(given.hosts);
    const route: Earlier = { position, methods: bitsOf(given.methods), segments: segmentsOf(given.path) };
    const found = shadowOf(route, hosts, byHost);
    for (const host of hosts) {
      // Of patterns that hold each other the broadest alone, so that a route stands but once above any host.
      if (hostPatternsOver(host).some((pattern) => pattern !== host && hosts.has(pattern))) continue;
      const others = byHost.get(host);
      if (others === undefined) byHost.set(host, [route]);
      else others.push(route);
    }
    return found === undefined ? [] : [found];
  });
}

function bitsOf(methods: readonly string[]): number {
  const answered = new Set(methods.map(methodOf));
  return METHODS.reduce((bits, method, i) => (answered.has(method) ? bits | (1 << i) : bits), 0);
}

export function prepareRoute({ hosts, methods, path }: Route): Prepared {
  return {
    hosts: new Set(hosts),
    methods: bitsOf(methods),
    segments: segmentsOf(path),
  };
}

function shadowOf(route: Earlier, hosts: ReadonlySet<string>, byHost: ReadonlyMap<string, readonly Earlier[]>): Shadowed | undefined {
  const known: Taken[] = [];
  const taking = ({ position, segments }: Earlier): Taken => {
    known[position] ??= takenOf(route.segments, segments);
    return known[position];
  };
  for (const host of hosts) {
    const others = hostPatternsOver(host).flatMap((pattern) => byHost.get(pattern) ?? []);
    // Only what takes the longest paths can, with others, take all.
    const longest = others.filter((other) => other.methods & route.methods && taking(other).from < Number.POSITIVE_INFINITY);
    const possible = route.methods & methodsOf(longest);
    const lost = METHODS.reduce((bits, _, i) => bits | (possible & (1 << i) && isLost(route, 1 << i, others, taking) ? 1 << i : 0), 0);
    if (lost === 0) continue;
    const by = Math.min(...longest.filter(({ methods }) => methods & lost).map(({ position }) => position));
    return { position: route.position, by, host, methods: METHODS.filter((_, i) => lost & (1 << i)) };
  }
  return undefined;
}

function methodsOf(routes: readonly Earlier[]): number {
  return routes.reduce((bits, { methods }) => bits | methods, 0);
}

function isLost({ segments }: Earlier, method: number, others: readonly Earlier[], taking: (other: Earlier) => Taken): boolean {
  let taken = NOTHING;
  for (const other of others) {
    if (!(other.methods & method)) continue;
    taken = joined(taken, taking(other));
    if (taken.from === 0) return true;
  }
  return isWhole(segments, taken);
}

/** Are there a method and a path that both match? */
export function overlap(a: Prepared, b: Prepared): boolean {
  return (a.methods & b.methods) !== 0 && pathsOverlap(a.segments, b.segments);
}

/**
 * Which of `others`, by position, have a host in common with one of `some`. Two patterns have one iff either holds all that the other does.
 * Looked up and not compared in pairs: of 1,000 routes with 32 hosts each there are a thousand million.
 */
export function sharingHosts(some: readonly Prepared[], others: readonly Prepared[]): (one: Prepared) => ReadonlySet<number> {
  const named = new Set(some.flatMap(({ hosts }) => [...hosts]));
  const at = new Map<string, number[]>();
  const below = new Map<string, number[]>();
  others.forEach(({ hosts }, position) => {
    for (const host of hosts) {
      noted(at, host, position);
      for (const pattern of hostPatternsOver(host)) if (named.has(pattern)) noted(below, pattern, position);
    }
  });
  return ({ hosts }) => {
    const found = new Set<number>();
    for (const host of hosts) {
      for (const position of below.get(host) ?? []) found.add(position);
      for (const pattern of hostPatternsOver(host)) for (const position of at.get(pattern) ?? []) found.add(position);
    }
    return found;
  };
}

function noted(positions: Map<string, number[]>, host: string, position: number): void {
  const known = positions.get(host);
  if (known === undefined) positions.set(host, [position]);
  else if (known.at(-1) !== position) known.push(position);
}
