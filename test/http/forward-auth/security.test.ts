/** The lines of the security list that are about reverse proxies, one by one. */
import { exports } from 'cloudflare:workers';
import fc from 'fast-check';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { call, makeKey, makeOrganization, ROOT } from '../client.ts';
import { ask, COOKIE, FAMILIES, HEADERS, HOST, makeWorld, said, type Told, tell, tokenFor, type World } from './world.ts';

let world: World;
let alice: string;
beforeAll(async () => {
  world = await makeWorld('acme');
  alice = await tokenFor('alice');
});

const RIGHT = '/projects/p1/datasets/d1';

describe('SEC-36 forwarded headers', () => {
  const without = (headers: Record<string, string>, at = '/forward-auth'): Promise<Told> =>
    ask(world, 'GET', '/public/a', { at, headers: { 'x-bitgate-key': null, ...headers } });

  it('mean nothing without the key of a proxy', async () => {
    expect(said(await without({}))).toBe('403 missing_proxy_key');
    expect(said(await without({ authorization: `Bearer ${alice}` }))).toBe('403 missing_proxy_key');
    expect(said(await without({ authorization: `Bearer ${world.keys.nginx}` }))).toBe('403 missing_proxy_key');
    expect(said(await without({ cookie: `${COOKIE}=${alice}` }))).toBe('403 missing_proxy_key');
  });

  it('mean nothing with the root token, a key without a family, a wrong secret, or a JWT', async () => {
    const [last] = world.keys.nginx.slice(-1);
    const wrong = `${world.keys.nginx.slice(0, -1)}${last === 'a' ? 'b' : 'a'}`;
    const reasons = new Map([
      [ROOT, 'not_a_proxy'],
      [(await makeKey('acme')).token, 'not_a_proxy'],
      [wrong, 'invalid_proxy_key'],
      [alice, 'invalid_proxy_key'],
      ['', 'invalid_proxy_key'],
      ['nonsense', 'invalid_proxy_key'],
      [`bg_nobody_abc_${'a'.repeat(52)}`, 'invalid_proxy_key'],
      [`Bearer ${world.keys.nginx}`, 'invalid_proxy_key'],
    ]);
    for (const [key, reason] of reasons) expect(said(await without({ 'x-bitgate-key': key }))).toBe(`403 ${reason}`);
    expect(said(await without({ authorization: `Basic ${btoa('a:b')}` }))).toBe('403 invalid_proxy_key');
  });

  it('mean nothing with a key that may not check, is disabled, or is of another organization', async () => {
    const { token } = await makeKey('acme', [], { forward_auth: 'nginx' });
    expect(said(await without({ 'x-bitgate-key': token }))).toBe('403 missing_privilege');
    const { token: disabled, id } = await makeKey('acme', ['bitgate:checker'], { forward_auth: 'nginx' });
    expect(said(await without({ 'x-bitgate-key': disabled }))).toBe('200');
    await call('PATCH', `/admin/orgs/acme/api-keys/${id}`, { status: 'disabled' });
    expect(said(await without({ 'x-bitgate-key': disabled }))).toBe('403 invalid_proxy_key');
    await makeOrganization('other');
    const { token: foreign } = await makeKey('other', ['bitgate:checker'], { forward_auth: 'nginx' });
    expect(said(await without({ 'x-bitgate-key': foreign }, '/orgs/acme/forward-auth'))).toBe('403 unknown_organization');
    expect(said(await without({ 'x-bitgate-key': foreign }, '/orgs/nobody/forward-auth'))).toBe('403 unknown_organization');
    expect(said(await without({ 'x-bitgate-key': foreign }))).toBe('403 no_route');
  });

  it('count with the key in HTTP Basic, and then the end user is in the cookie alone', async () => {
    const [, organization, id, secret] = world.keys.nginx.split('_');
    const authorization = `Basic ${btoa(`${organization}_${id}:${secret}`)}`;
    expect(said(await without({ authorization }))).toBe('200');
    const named = await ask(world, 'GET', RIGHT, { headers: { 'x-bitgate-key': null, authorization, cookie: `${COOKIE}=${alice}` } });
    expect([said(named), named.headers.get('x-bitgate-subject')]).toEqual(['200', 'user:alice']);
  });

  it('of two proxies mean nothing', async () => {
    const [, organization, id, secret] = world.keys.envoy.split('_');
    for (const headers of [
      { authorization: `Bearer ${world.keys.envoy}` },
      { authorization: `Basic ${btoa(`${organization}_${id}:${secret}`)}` },
      { cookie: `${COOKIE}=${world.keys.envoy}` },
    ]) {
      expect(said(await ask(world, 'GET', '/public/a', { headers }))).toBe('403 two_proxy_keys');
    }
  });

  it.each(FAMILIES)('of another family than %s mean nothing', async (family) => {
    for (const other of FAMILIES.filter((each) => each !== family)) {
      const headers = HEADERS[other]('GET', '/public/a', HOST);
      expect(said(await ask(world, 'GET', '/admin', { family, user: alice, headers }))).toBe('403 no_grant');
      const alone = new Headers({ 'x-bitgate-key': world.keys[family], ...headers });
      expect(said(await tell(new Request('https://bitgate.test/forward-auth', { headers: alone })))).toBe('403 missing_header');
    }
  });
});

describe('SEC-37 a header under two names', () => {
  it.each(['X_Bitgate_Key', 'X_Bitgate-Key', 'X-Original_Method', 'x_original_url', 'X_Original_URI', 'X-Original_Host'])(
    '%s is refused',
    async (name) => {
      expect(said(await ask(world, 'GET', '/public/a', { headers: { [name]: 'x' } }))).toBe('403 ambiguous_header');
    },
  );

  it('a key sent twice, and a credential sent twice, are refused', async () => {
    const twice = (text: string): string => `${text}, ${text}`;
    expect(said(await ask(world, 'GET', '/public/a', { headers: { 'x-bitgate-key': twice(world.keys.nginx) } }))).toBe(
      '403 ambiguous_header',
    );
    expect(said(await ask(world, 'GET', RIGHT, { headers: { authorization: twice(`Bearer ${alice}`) } }))).toBe('403 ambiguous_header');
  });

  it('an address said twice is refused, in whichever form', async () => {
    const parts = { 'x-original-uri': '/public/a', 'x-original-host': HOST };
    const inParts = { 'x-original-url': null, ...parts };
    expect(said(await ask(world, 'GET', '/', { headers: inParts }))).toBe('200');
    expect(said(await ask(world, 'GET', '/public/a', { headers: parts }))).toBe('403 ambiguous_header');
    for (const [name, value] of Object.entries(parts)) {
      expect(said(await ask(world, 'GET', '/public/a', { headers: { [name]: value } }))).toBe('403 ambiguous_header');
      expect(said(await ask(world, 'GET', '/', { headers: { ...inParts, [name]: null } }))).toBe('403 missing_header');
    }
    for (const url of [
      '/public/a',
      `ftp://${HOST}/public/a`,
      `//${HOST}/public/a`,
      `HTTPS://${HOST}/public/a`,
      `https:/${HOST}/public/a`,
      '',
    ]) {
      expect(said(await ask(world, 'GET', '/', { headers: { 'x-original-url': url } }))).toBe('403 ambiguous_path');
    }
    for (const url of [`https://u@${HOST}/public/a`, 'https:///public/a', `https://${HOST}:x/public/a`]) {
      expect(said(await ask(world, 'GET', '/', { headers: { 'x-original-url': url } }))).toBe('403 ambiguous_host');
    }
  });
});

/** All that a proxy acts on. */
const whole = ({ status, headers }: Told): string => {
  const said = [...headers].filter(([name]) => name.startsWith('x-bitgate-') && name !== 'x-bitgate-identity');
  return JSON.stringify([status, said]);
};

const MEANT = new Set([
  ...['x-bitgate-key', 'authorization', 'cookie', 'accept', 'x-original-url', 'x-original-uri'],
  ...FAMILIES.flatMap((family) => Object.keys(HEADERS[family]('GET', '/', HOST))),
  'x-original-host',
]);

describe('SEC-38 any other header', () => {
  it('has no effect', async () => {
    const name = fc.oneof(
      fc.constantFrom(
        ...['x-forwarded-proto', 'x-forwarded-prefix', 'x-forwarded-for', 'forwarded', 'x-rewrite-url', 'x-original-path', 'x-real-ip'],
        ...['x-http-method-override', 'x-method-override', 'user-agent', 'host', 'via', 'x-request-id', 'referer', 'origin', 'x-auth-user'],
        ...['x-bitgate-subject', 'x-bitgate-decision', 'x-bitgate-identity', 'x-envoy-original-path', 'cf-connecting-ip', 'content-type'],
      ),
      fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/).filter((each) => !MEANT.has(each.replaceAll('_', '-'))),
    );
    const value = fc.oneof(
      fc.constantFrom('/admin', 'GET', 'DELETE', 'user:root', HOST, 'allow', '127.0.0.1'),
      fc.stringMatching(/^[!-~]{0,20}$/),
    );
    const cases = fc.constantFrom(
      ...FAMILIES.flatMap((family) => [
        { family, path: RIGHT, user: true },
        { family, path: '/admin', user: true },
        { family, path: '/admin', user: false },
        { family, path: '/public/a', user: false },
        { family, path: '/none', user: true },
      ]),
    );
    await fc.assert(
      fc.asyncProperty(cases, name, value, async ({ family, path, user }, header, text) => {
        const asking = { family, user: user ? alice : null };
        const [plain, more] = await Promise.all([
          ask(world, 'GET', path, asking),
          ask(world, 'GET', path, { ...asking, headers: { [header]: text } }),
        ]);
        expect(whole(more)).toBe(whole(plain));
      }),
      { numRuns: 150 },
    );
  });
});

describe('SEC-39 a path that can be read in two ways', () => {
  const PATHS = [
    ...[
      '//public/a',
      '/public//a',
      '/public/./a',
      '/public/../admin',
      '/public/%2e%2e/admin',
      '/public%2fa',
      '/public%2Fa',
      '/public/a%5cb',
    ],
    ...[
      '/public/a%00',
      '/public/a;b',
      '/public/..;/admin',
      '/public/a%252f',
      '/public/%FF',
      '/public/%c0%af',
      '/publi%63/a',
      '/public/a\\b',
    ],
    ...['/public/a%0d%0a', '/public/a#b', '/public/<a>', '/public/%', 'public/a', '*', '', 'https://app.example/public/a'],
  ];

  it.each(PATHS)('%j is refused, to everybody', async (path) => {
    const root = await tokenFor('root');
    for (const user of [null, alice, root]) {
      for (const family of ['forwarded', 'envoy'] as const)
        expect(said(await ask(world, 'GET', path, { family, user }))).toBe('403 ambiguous_path');
      const inParts = { 'x-original-url': null, 'x-original-uri': path, 'x-original-host': HOST };
      expect(said(await ask(world, 'GET', '/', { user, headers: inParts }))).toBe('403 ambiguous_path');
    }
  });

  it('is none when a parameter is encoded as it must be', async () => {
    expect(said(await ask(world, 'GET', '/projects/p1/datasets/a%20b%C3%A9', { user: alice }))).toBe('200');
    expect(said(await ask(world, 'GET', '/projects/p1/datasets/zo%C3%AB', { user: alice }))).toBe('200');
  });

  it('is not the address that the proxy itself asks at', async () => {
    const asking = { family: 'envoy', user: alice } as const;
    const mixed = { ...asking, at: '/forward-auth?x=/admin' };
    expect(said(await ask(world, 'GET', RIGHT, mixed))).toBe('200');
    expect(said(await ask(world, 'GET', RIGHT, { ...asking, at: `/forward-auth${RIGHT}` }))).toBe('403 wrong_address');
  });
});

describe('SEC-40 the query', () => {
  it('is never matched', async () => {
    for (const query of ['?', '?/public/a', '?x=/../public/a', '?a=b&c=%2e%2e', '?%00', '?;', `?${'q'.repeat(5_000)}`]) {
      expect(said(await ask(world, 'GET', `/admin${query}`, { user: alice }))).toBe('403 no_grant');
      expect(said(await ask(world, 'GET', `${RIGHT}${query}`, { user: alice }))).toBe('200');
    }
    expect(said(await ask(world, 'GET', '/admin?x#/public/a', { user: alice }))).toBe('403 ambiguous_path');
    expect(said(await ask(world, 'GET', '/?/public/a', { user: alice }))).toBe('403 no_route');
  });
});

describe('SEC-41 methods, user agents and overrides', () => {
  it('lead nowhere but where a route does', async () => {
    for (const method of ['OPTIONS', 'TRACE', 'POST', 'PATCH', 'PROPFIND', 'CONNECT', 'FOO'])
      expect(said(await ask(world, method, '/public/a', { user: alice })), method).toBe('403 no_route');
    for (const method of ['get', 'Get', 'GET ,', 'GET,HEAD', '']) {
      expect(said(await ask(world, method, '/public/a', { user: alice })), method).toMatch(/^403 ambiguous_method$/);
    }
    expect(said(await ask(world, 'HEAD', '/admin', { user: alice }))).toBe('403 no_grant');
    expect(said(await ask(world, 'HEAD', RIGHT, { user: alice }))).toBe('200');
  });

  it('of the proxy itself are GET and HEAD, but for Envoy, which asks with the original one', async () => {
    for (const as of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      expect(said(await ask(world, 'GET', RIGHT, { user: alice, as }))).toBe('403 wrong_method');
      expect(said(await ask(world, 'GET', RIGHT, { user: alice, as, family: 'forwarded' }))).toBe('403 wrong_method');
      expect(said(await ask(world, 'GET', RIGHT, { user: alice, as, family: 'envoy' }))).toBe('200');
      expect(said(await ask(world, 'DELETE', RIGHT, { user: alice, as, family: 'envoy' }))).toBe('403 no_grant');
    }
  });

  it('of a request to the proxy may have a body, which nobody reads', async () => {
    const headers = { 'x-bitgate-key': world.keys.envoy, ...HEADERS.envoy('GET', '/public/a', HOST) };
    const answer = await exports.default.fetch('https://bitgate.test/forward-auth', { method: 'POST', headers, body: '{' });
    expect(answer.status).toBe(200);
  });
});

describe('SEC-44 the identity', () => {
  const identityOf = async (told: Told) => {
    const { keys } = (await call('GET', '/.well-known/jwks.json', undefined, { token: null })).body;
    return jwtVerify(told.headers.get('x-bitgate-identity') ?? '', createLocalJWKSet({ keys }), {
      typ: 'bitgate-identity+jwt',
      issuer: 'https://bitgate.test/orgs/acme',
      audience: HOST,
    });
  };

  it('is signed, ends within a minute, and is for the host that was asked', async () => {
    const { payload } = await identityOf(await ask(world, 'GET', RIGHT, { user: alice }));
    expect(payload).toEqual({
      iss: 'https://bitgate.test/orgs/acme',
      sub: 'user:alice',
      aud: HOST,
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    expect(Math.abs((payload.iat ?? 0) - Date.now() / 1_000)).toBeLessThan(40);
  });

  it('is of each subject and host its own, and serves several requests', async () => {
    const of = async (user: string, host = HOST): Promise<string> => {
      const answer = await ask(world, 'GET', '/public/a', { user, host });
      return answer.headers.get('x-bitgate-identity') ?? '';
    };
    const [first, again] = [await of(alice), await of(alice)];
    expect(again).toBe(first);
    const others = [await of(await tokenFor('eve')), await of(alice, 'a.wild.example'), await of(alice, 'b.wild.example')];
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it('is not given for nobody, nor with a refusal', async () => {
    expect((await ask(world, 'GET', '/public/a')).headers.get('x-bitgate-identity')).toBe('-');
    for (const told of [await ask(world, 'GET', '/admin', { user: alice }), await ask(world, 'GET', '/admin')])
      expect([...told.headers.keys()].filter((name) => /identity|subject|decision|revision/.test(name))).toEqual([]);
  });
});

describe('SEC-45 what no route names', () => {
  it('is denied, whoever asks', async () => {
    const root = await tokenFor('root');
    for (const user of [null, alice, root]) {
      expect(said(await ask(world, 'GET', '/none', { user }))).toBe('403 no_route');
      expect(said(await ask(world, 'GET', '/public/a', { user, host: 'other.example' }))).toBe('403 no_route');
      expect(said(await ask(world, 'GET', '/public/a', { user, host: `${HOST}.evil.example` }))).toBe('403 no_route');
      expect(said(await ask(world, 'POST', RIGHT, { user }))).toBe('403 no_route');
      expect(said(await ask(world, 'GET', '/', { user }))).toBe('403 no_route');
      expect(said(await ask(world, 'GET', '/PUBLIC/a', { user }))).toBe('403 no_route');
    }
    expect(said(await ask(world, 'GET', '/public/a', { user: alice, host: `${HOST.toUpperCase()}:8443` }))).toBe('200');
  });

  it('is denied where the path names a parent that the resource does not lie in', async () => {
    expect(said(await ask(world, 'GET', '/projects/p1/datasets/d2', { user: alice }))).toBe('403 wrong_parent');
    expect(said(await ask(world, 'GET', '/projects/p1/datasets/d2', { user: await tokenFor('eve') }))).toBe('403 wrong_parent');
    expect(said(await ask(world, 'GET', '/projects/p1/datasets/new', { user: alice }))).toBe('200');
    expect(said(await ask(world, 'GET', '/projects/none/datasets/new', { user: alice }))).toBe('403 wrong_parent');
  });
});
