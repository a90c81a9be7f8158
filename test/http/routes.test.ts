/** The route map of forward-auth over HTTP. */
import { beforeAll, describe, expect, it } from 'vitest';
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
