/** Which route answers which request. */
import { describe, expect, it } from 'vitest';
import { RouteMap, routeMapOf } from '../../../src/http/forward-auth/route-map.ts';

const route = (path: string, more: object = {}) => ({ hosts: ['a.example'], methods: ['GET'], path, action: path, ...more });
const mapOf = (...routes: Parameters<typeof route>[]): RouteMap => new RouteMap(routes.map((each) => route(...each)));
const found = (map: RouteMap, path: string, host = 'a.example', method = 'GET'): number | undefined =>
  map.find(host, method, path)?.position;

describe('a route map', () => {
  it('asks the question of the route, with resource and parents made of the path', () => {
    const map = mapOf([
      '/projects/:project/datasets/:id',
      { action: 'view', resource: 'dataset:{id}', parents: ['project:{project}', 'x:{project}/{id}'] },
    ]);
    expect(map.find('a.example', 'GET', '/projects/p 1/datasets/d:ä')).toEqual({
      position: 0,
      action: 'view',
      resource: { type: 'dataset', id: 'd:ä' },
      parents: ['project:p 1', 'x:p 1/d:ä'],
    });
    expect(mapOf(['/a']).find('a.example', 'GET', '/a')).toEqual({ position: 0, action: '/a', resource: undefined, parents: [] });
  });

  it('gives the first route by position, whatever is more special', () => {
    const map = mapOf(['/a/:x'], ['/:y/b'], ['/a/b/c'], ['/*'], ['/z']);
    expect(['/a/b', '/x/b', '/a/b/c', '/z', '/', '/a', '/a/'].map((path) => found(map, path))).toEqual([0, 1, 2, 3, 3, 3, 3]);
  });

  it('takes `*` for everything below and the place itself, a parameter for one segment that is not empty, a trailing slash for itself', () => {
    const map = mapOf(['/assets/*'], ['/u/:id'], ['/d/'], ['/e/:x/*']);
    const paths = [
      '/assets',
      '/assets/',
      '/assets/a/b',
      '/assetsx',
      '/u/1',
      '/u/',
      '/u',
      '/u/1/',
      '/d/',
      '/d',
      '/e/1',
      '/e/',
      '/e/1/',
      '/e',
    ];
    expect(paths.map((path) => found(map, path))).toEqual([
      0,
      0,
      0,
      undefined,
      1,
      undefined,
      undefined,
      undefined,
      2,
      undefined,
      3,
      undefined,
      3,
      undefined,
    ]);
  });

  it('SEC-45 has no question for an unknown route, method or host', () => {
    const map = mapOf(['/a'], ['/b', { hosts: ['*.b.example'] }], ['/c', { hosts: ['*'] }], ['/d', { hosts: ['[::1]'] }]);
    for (const method of ['get', 'POST', 'PROPFIND', '', 'ALL', '__proto__', 'constructor'])
      expect(found(map, '/a', 'a.example', method)).toBeUndefined();
    for (const host of [
      '',
      'A.example',
      'a.example.',
      '.a.example',
      'a.example:80',
      '*',
      '*.b.example',
      'b.example',
      'xb.example',
      '[::2]',
    ])
      expect([found(map, '/a', host), found(map, '/b', host), found(map, '/d', host)]).toEqual([undefined, undefined, undefined]);
    expect([
      found(map, '/b', 'x.b.example'),
      found(map, '/b', 'x.y.b.example'),
      found(map, '/c', 'any'),
      found(map, '/d', '[::1]'),
    ]).toEqual([1, 1, 2, 3]);
    expect(new RouteMap([]).find('a.example', 'GET', '/')).toBeNull();
  });

  it('takes HEAD for GET', () => {
    const map = mapOf(['/a'], ['/a', { methods: ['GET', 'HEAD', 'POST'] }]);
    expect([found(map, '/a', 'a.example', 'HEAD'), found(map, '/a', 'a.example', 'POST')]).toEqual([0, 1]);
  });

  it('SEC-40 gives no meaning to what a path or a route holds', () => {
    const map = mapOf(
      ['/u/:id/x', { resource: 'u:{id}' }],
      ['/u/:__proto__/y', { resource: 'u:{__proto__}' }],
      ['/__proto__/0'],
      ['/w/:constructor', { resource: 'u:{constructor}' }],
    );
    for (const id of [':id', ':_', '*', '0', '1', '-', '@0', '{a}', '__proto__', 'constructor', 'a?b', 'a#b', 'é', '(.*)', '.*', '…']) {
      expect(map.find('a.example', 'GET', `/u/${id}/x`)).toMatchObject({ position: 0, resource: { id } });
      expect(map.find('a.example', 'GET', `/u/${id}/y`)).toMatchObject({ position: 1, resource: { id } });
      expect(map.find('a.example', 'GET', `/w/${id}`)).toMatchObject({ position: 3, resource: { id } });
    }
    expect([found(map, '/__proto__/0'), found(map, '/__proto__/1'), found(map, '/0/0')]).toEqual([2, undefined, undefined]);
  });

  it.each(['', 'a', '*', '//', '/a//b', '/./a', '/a/..', '/..', '/a/%2e', '/a\\b', '/a\u0000', '/a\u0085b', '/a/\n'])(
    'has no question for %j, which no canonical path is',
    (path) => {
      expect(mapOf(['/*'], ['/:x'], ['/:x/*']).find('a.example', 'GET', path)).toBeNull();
    },
  );

  it('has no question, not the next one, where a reference would be longer than any', () => {
    const map = mapOf(['/:id', { resource: 'doc:{id}' }], ['/p/:id', { resource: 'doc:d', parents: ['doc:{id}'] }], ['/*']);
    expect(map.find('a.example', 'GET', `/${'x'.repeat(508)}`)?.resource?.id.length).toBe(508);
    for (const path of [`/${'x'.repeat(509)}`, `/${'ä'.repeat(255)}`, `/p/${'x'.repeat(509)}`, '/\ud800', '/p/\udc00'])
      expect(map.find('a.example', 'GET', path)).toBeNull();
  });

  it('is compiled once for a catalog, and ends at what is no route', () => {
    const catalog = { routes: JSON.stringify([route('/a'), { ...route('/b'), methods: ['GTE'] }, route('/*')]) };
    expect(['/a', '/b', '/c'].map((path) => found(routeMapOf(catalog), path))).toEqual([0, undefined, undefined]);
    expect(routeMapOf(catalog)).toBe(routeMapOf(catalog));
    expect(routeMapOf({ routes: catalog.routes })).not.toBe(routeMapOf(catalog));
  });
});
