/** The grammar of routes: what is one, and what is refused, part by part. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/core/terms/limits.ts';
import { readRoute, routeFaults } from '../../../src/core/terms/route.ts';
import { shadowedRoutes } from '../../../src/core/terms/route-order.ts';

const ROUTE = { hosts: ['a.example'], methods: ['GET'], path: '/', action: 'view' };
const faults = (part: object): string[] => routeFaults({ ...ROUTE, ...part }).map(({ code, at }) => `${at} ${code}`);
const long = (count: number, text = 'a'): string => text.repeat(count);

describe('hosts of a route', () => {
  it.each([
    'a',
    'a.example',
    'a-b.example',
    '0x.a',
    'xn--mnchen-3ya.example',
    '10.0.0.1',
    '[::1]',
    '[2001:db8::102:304]',
    '[::]',
    '[1::]',
    '[1:0:0:2::3]',
    '[1::2:0:0:3:4]',
    '[1:2:3:4:5:6:7:8]',
    '[1:0:2:3:4:5:6:7]',
    '*',
    '*.example',
    '*.a.example',
    long(63),
  ])('may be %s', (host) => {
    expect(faults({ hosts: [host] })).toEqual([]);
  });

  it.each([
    '',
    'A.example',
    'a.example.',
    '.example',
    'a..example',
    'a.example:80',
    'https://a.example',
    'a.example/x',
    'münchen.example',
    'a b',
    '-a',
    'a-',
    '**',
    'my_service',
    '127.1',
    '0x7f.1',
    'a.0x1',
    '010.0.0.1',
    '1.2.3.4.5',
    '256.0.0.1',
    '*.10.0.0.1',
    '*.1',
    '*a.example',
    'a.*.example',
    '*.',
    '*.*.example',
    '*.[::1]',
    '::1',
    '[::1',
    '[g::1]',
    '[0::1]',
    '[::0001]',
    '[2001:db8:0:0:0:0:0:1]',
    '[2001:db8::1.2.3.4]',
    '[:]',
    '[:::]',
    '[1::2::3]',
    '[1:2:3:4:5:6:7::]',
    '[1:::2]',
    '[:1:2:3:4:5:6:7:8]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1:0:0:2:3:0:0:4]',
    '[1:0:0:2:3::4]',
    '[1.2.3.4]',
    '[::1]:80',
    'a\n',
    long(64),
    `${long(60, 'a.b')}.${long(63)}.${long(63)}`,
  ])('may not be %j', (host) => {
    expect(faults({ hosts: ['ok', host] })).toEqual(['hosts[1] invalid_host']);
  });

  it('are not too many', () => {
    const hosts = Array.from({ length: LIMITS.routeHosts + 1 }, (_, i) => `h${i}`);
    expect([faults({ hosts }), faults({ hosts: hosts.slice(1) })]).toEqual([['hosts too_many_hosts'], []]);
  });
});

describe('the path of a route', () => {
  const longest = `/${long(LIMITS.routePathChars - 1)}`;
  const deepest = long(LIMITS.routeSegments, '/a');

  it.each([
    '/',
    '/a',
    '/a/',
    '/a/:id',
    '/:_a1/*',
    '/*',
    '/a b/é/…',
    '/a:b',
    '/...',
    '/.well-known',
    '/a+b,c=d&e@f',
    longest,
    deepest,
    `${deepest.slice(2)}/*`,
  ])('may be %s', (path) => {
    expect(faults({ path })).toEqual([]);
  });

  it.each([
    '',
    'a',
    '*',
    '//',
    '//a',
    '/a//b',
    '/.',
    '/..',
    '/a/./b',
    '/a/../b',
    '/a%2fb',
    '/%41',
    '/a\\b',
    '/a?b',
    '/a#b',
    '/a;b',
    '/a\u0000',
    '/a\u007f',
    '/a\u0085',
    '/a\n',
    '/\ud800',
    '/*/a',
    '/a*',
    '/**',
    '/{id}',
    '/a{b',
    '/a}',
    '/:',
    '/:1',
    '/:a-b',
    '/:é',
    '/:id?',
    '/:id{[0-9]+}',
    '/:a/:a',
    `${longest}a`,
    `${deepest}/a`,
  ])('SEC-40 may not be %j', (path) => {
    expect(faults({ path })).toEqual(['path invalid_path']);
  });
});

describe('the methods of a route', () => {
  it('name GET where they name HEAD, which counts as GET', () => {
    expect([faults({ methods: ['HEAD'] }), faults({ methods: ['HEAD', 'POST'] }), faults({ methods: ['HEAD', 'GET'] })]).toEqual([
      ['methods head_without_get'],
      ['methods head_without_get'],
      [],
    ]);
  });
});

describe('what a route makes of a path', () => {
  const path = '/:a/:b';

  it.each([
    'doc:d',
    'doc:{a}',
    'doc:{a}/{b}',
    'doc:{a}-/-{b}',
    'doc:x-{a}-y',
    'doc:{a}:b',
    'doc:{a}/{a}',
    'a b:{a}',
    'project:{a}',
    `doc:${long(500)}`,
  ])('may be %s', (resource) => {
    expect(faults({ path, resource, parents: [resource] })).toEqual([]);
  });

  it.each([
    '',
    'doc',
    ':{a}',
    'doc:',
    '{a}:d',
    'doc:{a',
    'doc:a}',
    'doc:{}',
    'doc:{a-b}',
    'doc:{{a}}',
    'doc:\u0000',
    'doc:\ud800',
    `doc:${long(513)}`,
    `${long(129)}:d`,
  ])('may not be %j', (resource) => {
    expect(faults({ path, resource })).toEqual(['resource invalid_reference']);
    expect(faults({ path, resource: 'doc:d', parents: ['doc:p', resource] })).toEqual(['parents[1] invalid_reference']);
  });

  it.each(['doc:{a}{b}', 'doc:{a}-{b}', 'doc:{a}:{b}', 'doc:{a}/{b}{a}'])('SEC-01 is never two things with one name: %s', (resource) => {
    expect(faults({ path, resource })).toEqual(['resource invalid_reference']);
  });

  it('is made of parameters that the path has, and parents are those of a resource', () => {
    expect(faults({ path, resource: 'doc:{c}', parents: ['p:{a}', 'p:{d}/{e}'] })).toEqual([
      'parents[1] unknown_parameter',
      'parents[1] unknown_parameter',
      'resource unknown_parameter',
    ]);
    expect(faults({ path, parents: ['p:{a}'] })).toEqual(['parents parents_without_resource']);
    const parents = Array.from({ length: LIMITS.ancestorDepth + 1 }, () => 'p:{a}');
    expect([faults({ path, resource: 'doc:d', parents }), faults({ path, resource: 'doc:d', parents: parents.slice(1) })]).toEqual([
      ['parents too_many_parents'],
      [],
    ]);
  });
});

it.each([
  null,
  5,
  [],
  {},
  { ...ROUTE, hosts: 'a' },
  { ...ROUTE, hosts: [] },
  { ...ROUTE, hosts: [5] },
  { ...ROUTE, methods: ['get'] },
  { ...ROUTE, methods: [] },
  { ...ROUTE, action: 5 },
  { ...ROUTE, resource: null },
  { ...ROUTE, parents: 'p:a' },
  { ...ROUTE, path: '/a//b' },
])('SEC-45 a row that holds %j is no route', (row) => {
  expect(readRoute(row)).toBeUndefined();
});

describe('routes that nothing is left to', () => {
  const shadowed = (...routes: object[]): string[] =>
    shadowedRoutes(routes.map((part) => ({ ...ROUTE, ...part }))).map(
      ({ position, by, host, methods }) => `${position} by ${by}: ${methods} at ${host}`,
    );
  const path = (...paths: string[]): string[] => shadowed(...paths.map((each) => ({ path: each })));

  it('are those of which an earlier one takes every path', () => {
    expect(path('/a', '/a')).toEqual(['1 by 0: GET at a.example']);
    expect(path('/u/:id', '/u/:name')).toEqual(['1 by 0: GET at a.example']);
    expect(path('/:x', '/a')).toEqual(['1 by 0: GET at a.example']);
    expect(path('/*', '/')).toEqual(['1 by 0: GET at a.example']);
    expect(path('/a/*', '/b', '/a', '/a/', '/a/:x/*')).toEqual([2, 3, 4].map((position) => `${position} by 0: GET at a.example`));
  });

  it('are not those that have a path of their own: a later one may be broader', () => {
    expect(path('/a', '/:x', '/:x/', '/:x/b', '/a/:y', '/a/*', '/*')).toEqual([]);
    expect(path('/:x/*', '/*')).toEqual([]);
    expect(path('/a/:x/*', '/a/*')).toEqual([]);
    expect(path('/:x', '/')).toEqual([]);
  });

  it('are those that several take together', () => {
    expect(path('/a', '/a/', '/a/:x/*', '/a/*')).toEqual(['3 by 2: GET at a.example']);
    expect(path('/a', '/a/:x/*', '/a/*')).toEqual([]);
    expect(
      shadowed({ path: '/*', methods: ['GET'] }, { path: '/*', methods: ['PUT'] }, { path: '/a', methods: ['PUT', 'HEAD', 'GET'] }),
    ).toEqual(['2 by 0: GET,PUT at a.example']);
  });

  it('are told for each host and method that they name and never answer, HEAD being GET', () => {
    expect(shadowed({}, { methods: ['GET', 'POST'] })).toEqual(['1 by 0: GET at a.example']);
    expect(shadowed({ methods: ['GET', 'HEAD'] }, { methods: ['POST'] })).toEqual([]);
    expect(shadowed({ hosts: ['*'] }, { hosts: ['b.example', '[::1]'] })).toEqual(['1 by 0: GET at b.example']);
    expect(shadowed({ hosts: ['*.example'] }, { hosts: ['example', 'x.a.example'] })).toEqual(['1 by 0: GET at x.a.example']);
    expect(shadowed({ hosts: ['*.example'] }, { hosts: ['*.a.example'] })).toEqual(['1 by 0: GET at *.a.example']);
    expect(shadowed({ hosts: ['a.example', '*.a.example'] }, { hosts: ['*.example', '*'] })).toEqual([]);
  });
});
