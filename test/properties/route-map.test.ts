/**
 * Random route maps against the obvious reading: go through the routes in order, compare segment by segment, take the first. With it: which routes are
 * never the first, and which two have a request in common.
 */
import { describe, expect, it } from 'vitest';
import type { Route } from '../../src/core/terms/route.ts';
import { overlap, prepareRoute, shadowedRoutes, sharingHosts } from '../../src/core/terms/route-order.ts';
import { RouteMap } from '../../src/http/forward-auth/route-map.ts';
import { type Random, randomFrom } from './random.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_122);
const MAPS = 300;
const LITERALS = ['a', 'b', ':x', '*', '__proto__', '0', '-', '{a}'] as const;
const HOSTS = ['a.example', '*.a.example', '*.example', 'b.example', '*'];
const METHODS = ['GET', 'HEAD', 'POST'];
/** no literal of any route, so they stand for all others */
const UNNAMED = ['zzz', ':_', '@0', '1'];
/** of each host pattern one host that only it and broader ones hold */
const FRESH: Readonly<Record<string, string>> = {
  'a.example': 'a.example',
  '*.a.example': 'x.a.example',
  '*.example': 'c.example',
  'b.example': 'b.example',
  '*': 'other',
};

function randomRoute(random: Random): Route {
  const segments = Array.from({ length: random.between(0, 3) }, (_, i) =>
    random.chance(0.4) ? `:p${i}` : random.pick(['a', 'b', '__proto__', '0', '-']),
  );
  if (random.chance(0.3)) segments.push('*');
  else if (segments.length === 0 || random.chance(0.15)) segments.push('');
  const methods = random.some(METHODS, 0.5);
  return {
    hosts: random.sample(HOSTS, random.pick([1, 1, 2])),
    methods: methods.length === 0 || methods.join() === 'HEAD' ? ['GET'] : methods,
    path: `/${segments.join('/')}`,
    action: `act${random.below(3)}`,
    resource: `doc:${segments
      .filter((each) => each.startsWith(':'))
      .map((each) => `{${each.slice(1)}}`)
      .join('/')}.`,
  };
}

function holdsHost(pattern: string, host: string): boolean {
  return pattern === '*' || (pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : pattern === host);
}

/** The values of its parameters, undefined when it doesn't match. */
function valuesOf(pattern: string, path: string): string[] | undefined {
  const [wanted, given] = [pattern.split('/').slice(1), path.split('/').slice(1)];
  const values: string[] = [];
  while (wanted.length > 0) {
    const [want, have] = [wanted.shift() as string, given.shift()];
    if (want === '*') return values;
    if (have === undefined) return undefined;
    if (want.startsWith(':')) {
      if (have === '') return undefined;
      values.push(have);
    } else if (want !== have) return undefined;
  }
  return given.length === 0 ? values : undefined;
}

function matches(route: Route, host: string, method: string, path: string): boolean {
  const methods = route.methods.map((each) => each.replace('HEAD', 'GET'));
  return (
    route.hosts.some((each) => holdsHost(each, host)) &&
    methods.includes(method.replace('HEAD', 'GET')) &&
    valuesOf(route.path, path) !== undefined
  );
}

/** Every path of up to four segments. */
function* paths(segments: readonly string[], depth: number): Generator<string> {
  yield '/';
  for (const segment of depth === 0 ? [] : segments) {
    yield `/${segment}`;
    for (const rest of paths(segments, depth - 1)) yield `/${segment}${rest}`;
  }
}

const maps = Array.from({ length: MAPS }, (_, i) => {
  const random = randomFrom(SEED + i);
  return { random, seed: SEED + i, routes: Array.from({ length: random.between(1, 12) }, () => randomRoute(random)) };
});
const FEW = [...new Set(paths(['a', 'b', '__proto__', '0', '-', 'zzz'], 3))];

describe(`the first route that matches, in ${MAPS} maps from seed ${SEED}`, () => {
  it('SEC-40 is what a naive reading finds, whatever the segments hold', () => {
    let found = 0;
    for (const { random, routes, seed } of maps) {
      const map = new RouteMap(routes);
      for (let i = 0; i < 200; i++) {
        const segments = Array.from({ length: random.between(1, 4) }, () => random.pick([...LITERALS, ...UNNAMED]));
        const path = `/${segments.join('/')}${random.chance(0.2) ? '/' : ''}`;
        const [host, method] = [random.pick(Object.values(FRESH)), random.pick([...METHODS, 'PUT'])];
        const first = routes.findIndex((route) => matches(route, host, method, path));
        const wanted = routes[first];
        const said = `seed ${seed}: ${method} ${host}${path} of ${JSON.stringify(routes)}`;
        const question = map.find(host, method, path);
        if (wanted === undefined) expect(question, said).toBeNull();
        else {
          found++;
          const id = `${valuesOf(wanted.path, path)?.join('/')}.`;
          expect(question, said).toEqual({ position: first, action: wanted.action, resource: { type: 'doc', id }, parents: [] });
        }
      }
    }
    expect(found).toBeGreaterThan(MAPS * 20);
  });

  it('is never one that is told to be shadowed at that host, and each other has a request of its own for each host and method that it names', () => {
    let told = 0;
    for (const { routes, seed } of maps) {
      const shadowed = new Map(shadowedRoutes(routes).map((each) => [each.position, each]));
      for (const [position, route] of routes.entries()) {
        const reached = (host: string, method: string): boolean =>
          FEW.some((path) => routes.findIndex((each) => matches(each, FRESH[host] ?? host, method, path)) === position);
        const found = shadowed.get(position);
        const said = `seed ${seed}, ${position} of ${JSON.stringify(routes)}`;
        if (found === undefined) {
          for (const host of route.hosts)
            for (const method of route.methods) expect(reached(host, method), `${said} at ${method} ${host}`).toBe(true);
        } else {
          told++;
          for (const method of found.methods) expect(reached(found.host, method), said).toBe(false);
          expect(found.by, said).toBeLessThan(position);
        }
      }
    }
    expect(told).toBeGreaterThan(MAPS);
  });

  it('can only be another one where two overlap', () => {
    const seen = { yes: 0, no: 0 };
    for (const { routes } of maps.slice(0, 100)) {
      const [a, b] = routes;
      if (a === undefined || b === undefined) continue;
      const both = Object.values(FRESH).some((host) =>
        METHODS.some((method) => FEW.some((path) => matches(a, host, method, path) && matches(b, host, method, path))),
      );
      const [one, other] = [prepareRoute(a), prepareRoute(b)];
      const far = prepareRoute({ ...a, hosts: ['far.example'] });
      const meet = sharingHosts([far, one], [far, other])(one).has(1);
      expect(meet && overlap(one, other), JSON.stringify([a, b])).toBe(both);
      seen[both ? 'yes' : 'no']++;
    }
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(5);
  });
});
