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
  /** bit i is set iff it answers METHODS[i] */
  readonly methods: number;
  readonly segments: readonly string[];
}

/**
 * One entry for each route that loses a host and a method altogether, to one earlier route or to several together.
 * @param routes in order; undefined: not readable, and not looked at
 */
export function shadowedRoutes(routes: readonly (Route | undefined)[]): Shadowed[] {
  const prepared = routes.map((route) => (route === undefined ? undefined : prepareRoute(route)));
  return prepared.flatMap((route, position) => {
    const found = route === undefined ? undefined : shadowOf(route, prepared.slice(0, position));
    return found === undefined ? [] : [{ position, ...found }];
  });
}

export function prepareRoute({ hosts, methods, path }: Route): Prepared {
  const answered = new Set(methods.map(methodOf));
  return {
    hosts: new Set(hosts),
    methods: METHODS.reduce((bits, method, i) => (answered.has(method) ? bits | (1 << i) : bits), 0),
    segments: segmentsOf(path),
  };
}

function shadowOf(route: Prepared, earlier: readonly (Prepared | undefined)[]): Omit<Shadowed, 'position'> | undefined {
  const takers: Prepared[][] = [];
  for (const sample of samplesOf(route.segments)) {
    const taking = earlier.filter(
      (each) => each !== undefined && (each.methods & route.methods) !== 0 && matchesPath(each.segments, sample),
    );
    if (taking.length === 0) return undefined;
    takers.push(taking.filter((each) => each !== undefined));
  }
  for (const host of route.hosts) {
    const over = hostPatternsOver(host);
    const covers = ({ hosts }: Prepared): boolean => over.some((pattern) => hosts.has(pattern));
    const lost = takers.reduce((bits, taking) => bits & methodsOf(taking.filter(covers)), route.methods);
    if (lost === 0) continue;
    const by = earlier.findIndex((each) => each !== undefined && takers[0]?.includes(each) && covers(each) && (each.methods & lost) !== 0);
    return { by, host, methods: METHODS.filter((_, i) => lost & (1 << i)) };
  }
  return undefined;
}

function methodsOf(routes: readonly Prepared[]): number {
  return routes.reduce((bits, { methods }) => bits | methods, 0);
}

/** Is there a request that both match? */
export function overlap(a: Prepared, b: Prepared): boolean {
  return (a.methods & b.methods) !== 0 && pathsOverlap(a.segments, b.segments) && (covered(a.hosts, b.hosts) || covered(b.hosts, a.hosts));
}

/** Two patterns of hosts have a host in common iff one of them holds all that the other does. */
function covered(hosts: ReadonlySet<string>, by: ReadonlySet<string>): boolean {
  return [...hosts].some((host) => hostPatternsOver(host).some((pattern) => by.has(pattern)));
}
