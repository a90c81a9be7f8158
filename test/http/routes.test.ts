/** The route map of forward-auth over HTTP. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/core/terms/limits.ts';
import { makeAcme, revision } from './acme.ts';
import { type Answer, call, makeKey } from './client.ts';

const ROUTES = '/admin/orgs/acme/routes';

const codeOf = ({ status, body }: Answer): string => [status, body?.error?.code ?? []].flat().join(' ');
const problemsOf = ({ body }: Answer): string[] =>
  body.error.details.problems.map(({ code, path }: { code: string; path: string }) => `${path} ${code}`);
const route = (path: string, more: object = {}): object => ({ hosts: ['a.example'], methods: ['GET'], path, action: 'view', ...more });
const paths = async (): Promise<string[]> => (await call('GET', ROUTES)).body.items.map((item: { path: string }) => item.path);

beforeAll(makeAcme);

describe('the route map', () => {
  it('is replaced whole, and its routes are put in, changed and taken out where they stand', async () => {
    const put = await call('PUT', ROUTES, { routes: [route('/a'), route('/c', { resource: 'dataset:{x}', path: '/c/:x' })] });
    expect([put.status, put.body.routes[1]]).toEqual([
      200,
      { position: 1, hosts: ['a.example'], methods: ['GET'], path: '/c/:x', action: 'view', resource: 'dataset:{x}', parents: [] },
    ]);
    const made = await call('POST', ROUTES, { ...route('/b'), position: 1 });
    expect([made.status, made.body.position]).toEqual([201, 1]);
    expect((await call('POST', ROUTES, route('/d'))).body.position).toBe(3);
    expect((await call('POST', ROUTES, { ...route('/e'), position: 999 })).body.position).toBe(4);
    expect(await paths()).toEqual(['/a', '/b', '/c/:x', '/d', '/e']);
    const got = await call('GET', `${ROUTES}/1`);
    expect([got.body.path, got.headers.get('etag')]).toEqual(['/b', made.headers.get('etag')]);
    expect((await call('PUT', `${ROUTES}/1`, route('/b2'))).body).toMatchObject({ position: 1, path: '/b2' });
    expect((await call('PATCH', `${ROUTES}/2`, { methods: ['PUT'] })).body).toMatchObject({ methods: ['PUT'], resource: 'dataset:{x}' });
    expect((await call('PATCH', `${ROUTES}/2`, { resource: null })).body).toMatchObject({ methods: ['PUT'], resource: null });
    expect((await call('DELETE', `${ROUTES}/0`)).body.deleted.path).toBe('/a');
    expect(await paths()).toEqual(['/b2', '/c/:x', '/d', '/e']);
    const same = await revision();
    expect((await call('PATCH', `${ROUTES}/0`, {})).body.revision).toBe(same);
    for (const position of ['4', '-1', '01', 'x', '1e0'])
      expect(codeOf(await call('GET', `${ROUTES}/${position}`))).toBe('404 unknown_route');
  });

  it('is listed in pages', async () => {
    await call('PUT', ROUTES, { routes: ['/1', '/2', '/3'].map((path) => route(path)) });
    const first = await call('GET', `${ROUTES}?limit=2`);
    const second = await call('GET', `${ROUTES}?limit=2&cursor=${first.body.next_cursor}`);
    expect([first.body.items.length, first.body.total, second.body.items[0].position, second.body.next_cursor]).toEqual([2, 3, 2, null]);
  });

  it('is refused with every fault', async () => {
    const before = await revision();
    const bad = await call('PUT', ROUTES, {
      routes: [
        route('/a', { action: 'fly' }),
        route('/b', { resource: 'dataset:{y}' }),
        route('/c', { resource: 'x:y', parents: ['nonsense'] }),
      ],
    });
    expect([codeOf(bad), problemsOf(bad)]).toEqual([
      '422 invalid_routes',
      ['routes[0].action unknown_privilege', 'routes[1].resource unknown_parameter', 'routes[2].parents[0] invalid_reference'],
    ]);
    expect(problemsOf(await call('POST', ROUTES, route('/a', { action: 'fly' })))).toEqual(['action unknown_privilege']);
    for (const body of [{}, route('a'), route('/a', { methods: ['get'] }), route('/a', { hosts: [] }), route('/a', { x: 1 }), null])
      expect(codeOf(await call('POST', ROUTES, body))).toBe('400 invalid_route');
    expect(await revision()).toBe(before);
  });

  it('names the part of a route that is none', async () => {
    const bad = { hosts: ['A.example'], methods: ['HEAD'], path: '/a//b', resource: 'doc:{x}{y}' };
    expect(problemsOf(await call('POST', ROUTES, route('/a', bad)))).toEqual([
      'hosts[0] invalid_host',
      'methods head_without_get',
      'path invalid_path',
      'resource invalid_reference',
    ]);
    const parents = await call('POST', ROUTES, route('/a', { parents: ['project:p1'] }));
    expect([codeOf(parents), problemsOf(parents)]).toEqual(['422 invalid_routes', ['parents parents_without_resource']]);
  });

  it('SEC-45 is refused where a route takes all that another one answers, in a whole map and in one put among others', async () => {
    const whole = await call('PUT', ROUTES, { routes: [route('/u/:id'), route('/b'), route('/u/:name')] });
    expect([codeOf(whole), problemsOf(whole)]).toEqual(['422 invalid_routes', ['routes[2].path unreachable_route']]);
    expect(whole.body.error.message).toContain('`routes[2].path`: the route at position 0 takes all of it, for `GET` at `a.example`');

    expect((await call('PUT', ROUTES, { routes: [route('/u/:id'), route('/u/:id', { methods: ['PUT'] })] })).status).toBe(200);
    const before = await revision();
    const refused = async (method: string, path: string, body: object): Promise<string> => {
      const answer = await call(method, path, body);
      expect([codeOf(answer), problemsOf(answer)]).toEqual(['422 invalid_routes', ['path unreachable_route']]);
      return answer.body.error.message;
    };
    expect(await refused('POST', ROUTES, route('/u/me'))).toContain(
      'the route at position 0 (`/u/:id`) takes all of it, for `GET` at `a.example`',
    );
    expect(await refused('POST', ROUTES, { ...route('/*', { methods: ['GET', 'PUT'] }), position: 1 })).toContain(
      'it leaves nothing to the route at position 2',
    );
    expect(await refused('PUT', `${ROUTES}/1`, route('/u/:x'))).toContain('position 0');
    expect(await refused('PATCH', `${ROUTES}/0`, { methods: ['PUT'] })).toContain('it leaves nothing to the route at position 1');
    expect(await revision()).toBe(before);
    expect((await call('POST', ROUTES, route('/*', { methods: ['GET', 'PUT'] }))).status).toBe(201);
  });

  it('typed by hand with such a fault can be mended route by route', async () => {
    await call('PUT', ROUTES, { routes: [] });
    const insert = env.DB.prepare('INSERT INTO routes (org, position, route) VALUES (?1, ?2, ?3)');
    const typed = [route('/*'), route('/a'), { ...route('/b'), path: '/b//' }, route('/c')].map((each) => JSON.stringify(each));
    await env.DB.batch(typed.map((each, position) => insert.bind('acme', position, each)));
    expect((await call('POST', ROUTES, route('/d', { methods: ['PUT'] }))).status).toBe(201);
    expect(problemsOf(await call('PATCH', `${ROUTES}/2`, { action: 'view' }))).toEqual(['path invalid_path']);
    expect(problemsOf(await call('PATCH', `${ROUTES}/2`, { path: '/b' }))).toEqual(['path unreachable_route']);
    expect((await call('PATCH', `${ROUTES}/2`, { path: '/b', methods: ['PUT'] })).status).toBe(200);
    expect((await call('DELETE', `${ROUTES}/1`)).status).toBe(200);
    expect(await paths()).toEqual(['/*', '/b', '/c', '/d']);
  });

  it('holds a limited number of routes', async () => {
    const routes = Array.from({ length: LIMITS.routes }, (_, i) => route(`/${i}`));
    expect((await call('PUT', ROUTES, { routes })).status).toBe(200);
    const more = await call('POST', ROUTES, route('/more'));
    expect([codeOf(more), problemsOf(more)]).toEqual(['422 invalid_routes', ['routes too_many_routes']]);
    expect(problemsOf(await call('PUT', ROUTES, { routes: [...routes, route('/more')] }))).toEqual(['routes too_many_routes']);
    expect((await call('PUT', ROUTES, { routes: [route('/1')] })).status).toBe(200);
  });

  it('is not overwritten by who read it before somebody else changed it', async () => {
    const list = await call('GET', ROUTES);
    const one = await call('GET', `${ROUTES}/0`);
    const headers = (answer: Answer): object => ({ headers: { 'if-match': answer.headers.get('etag') ?? '' } });
    expect((await call('POST', ROUTES, { ...route('/new'), position: 0 })).status).toBe(201);
    expect(codeOf(await call('DELETE', `${ROUTES}/0`, undefined, headers(one)))).toBe('412 changed_meanwhile');
    expect(codeOf(await call('PUT', ROUTES, { routes: [] }, headers(list)))).toBe('412 changed_meanwhile');
    expect((await call('PUT', ROUTES, { routes: [] }, headers(await call('GET', ROUTES)))).status).toBe(200);
  });

  it.each([
    ['PUT', ROUTES, { routes: [] }],
    ['POST', ROUTES, route('/x')],
    ['PUT', `${ROUTES}/0`, route('/x')],
    ['PATCH', `${ROUTES}/9`, {}],
    ['DELETE', `${ROUTES}/9`, undefined],
  ])('%s %s needs `bitgate:manage_settings`', async (method, path, body) => {
    const { token } = await makeKey('acme', ['Manager']);
    expect(codeOf(await call(method, path, body, { token }))).toBe('403 missing_privilege');
  });
});
