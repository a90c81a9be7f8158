/** A host for forward-auth alone, and what is told whatever goes wrong inside: never anything but 200, 401 and 403. */
import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { exportJWK, generateKeyPair } from 'jose';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Env, parseEnv } from '../../../src/env.ts';
import { makeKey, putManifest } from '../client.ts';
import { FAMILIES, HEADERS, HOST, makeWorld, manifestOf, said, type Told, tokenFor, told, type World } from './world.ts';

const OWN = 'auth.example';

let world: World;
beforeAll(async () => {
  world = await makeWorld('acme');
});

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

let made = 0;

/** A Worker of its own, as a new isolate with these variables would be; the Publisher is that of the others. */
async function workerWith(variables: Partial<Env>): Promise<Fetch> {
  const address = `../../../src/worker.ts?${++made}`;
  // by a query the same module is another instance
  const { default: worker } = (await import(address)) as typeof import('../../../src/worker.ts');
  return async (url, init) =>
    worker.fetch(new Request(url, init) as Parameters<typeof worker.fetch>[0], { ...env, ...variables }, createExecutionContext());
}

const asking = (path: string, more: Record<string, string> = {}, family: (typeof FAMILIES)[number] = 'envoy'): RequestInit => ({
  headers: { 'x-bitgate-key': world.keys[family], ...HEADERS[family]('GET', path, HOST), ...more },
});

describe('with FORWARD_AUTH_HOST', () => {
  let fetched: Fetch;
  beforeEach(async () => {
    fetched = await workerWith({ FORWARD_AUTH_HOST: OWN });
  });

  it('every address of that host is for forward-auth, or refused', async () => {
    for (const path of [
      '/',
      '/healthz',
      '/readyz',
      '/check',
      '/admin/orgs',
      '/orgs/acme/check',
      '/openapi.json',
      '/forward-authx',
      '/x/forward-auth',
    ]) {
      for (const host of [OWN, `${OWN}:8443`, OWN.toUpperCase(), `${OWN}.`, `${OWN}.:8443`])
        expect(said(await told(await fetched(`https://${host}${path}`, asking('/public/a')))), `${host}${path}`).toBe('403 wrong_address');
    }
  });

  it('what is below is forward-auth, and only the headers say what is asked', async () => {
    for (const at of [
      '/forward-auth',
      '/forward-auth/',
      '/forward-auth/admin',
      '/orgs/acme/forward-auth/admin//x?y',
      '/forward-auth/orgs/x',
    ])
      expect(said(await told(await fetched(`https://${OWN}${at}`, asking('/public/a')))), at).toBe('200');
    const other = await fetched(`https://${OWN}/orgs/other/forward-auth/public/a`, asking('/public/a'));
    expect(said(await told(other))).toBe('403 unknown_organization');
  });

  it('other hosts have all that they had', async () => {
    expect((await fetched('https://bitgate.test/healthz')).status).toBe(200);
    expect((await fetched(`https://${OWN}.example/healthz`)).status).toBe(200);
    expect(said(await told(await fetched('https://bitgate.test/forward-auth', asking('/public/a'))))).toBe('200');
    expect(said(await told(await fetched('https://bitgate.test/forward-auth/public/a', asking('/public/a'))))).toBe('403 wrong_address');
  });
});

describe('a credential that is younger than what an isolate knows', () => {
  const at = 'https://bitgate.test/forward-auth';
  const asked = async (fetched: Fetch, young: World, credential: string): Promise<string> => {
    const headers = { 'x-bitgate-key': young.keys.nginx, ...HEADERS.nginx('GET', '/projects/p1', HOST) };
    return said(await told(await fetched(at, { headers: { ...headers, authorization: `Bearer ${credential}` } })));
  };
  /** as if it had passed */
  const seconds = (count: number) => vi.spyOn(Date, 'now').mockReturnValue(Date.now() + count * 1_000);

  it('counts at once when it is a key, with what was given to it; and who makes one up is still told no', async () => {
    const young = await makeWorld('young-key');
    const fetched = await workerWith({});
    expect(await asked(fetched, young, young.plain)).toBe('200');
    const { token } = await makeKey('young-key', [{ role: 'Reader', scope: 'project:p1' }]);
    const clock = seconds(1.5);
    expect(await asked(fetched, young, `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`)).toBe('401 invalid_credentials');
    expect(await asked(fetched, young, token)).toBe('200');
    clock.mockRestore();
  });

  it('counts at once when it is a token of an issuer', async () => {
    const other = await exportJWK((await generateKeyPair('ES256')).publicKey);
    const young = await makeWorld('young-issuer', {}, { jwks: { keys: [{ ...other, kid: 'k0', alg: 'ES256' }] } });
    const fetched = await workerWith({});
    const token = await tokenFor('alice');
    expect(await asked(fetched, young, token)).toBe('401 invalid_credentials');
    await putManifest('young-issuer', await manifestOf());
    const clock = seconds(1.5);
    expect(await asked(fetched, young, token)).toBe('200');
    clock.mockRestore();
  });
});

describe('FORWARD_AUTH_HOST itself', () => {
  it('is a host name alone, in whichever case', () => {
    const of = (host: string): unknown => parseEnv({ ...env, FORWARD_AUTH_HOST: host });
    expect(of('Auth.Example')).toMatchObject({ configuration: { forwardAuthHost: 'auth.example' } });
    expect(of('')).toMatchObject({ configuration: { forwardAuthHost: null } });
    for (const wrong of ['https://auth.example', 'auth.example:443', 'auth.example/', 'a b'])
      expect(of(wrong)).toEqual({ problem: expect.stringContaining('`FORWARD_AUTH_HOST`') });
  });
});

describe('SEC-35 whatever is wrong inside', () => {
  const brokenPublisher = { ...env.PUBLISHER, idFromName: (name: string) => env.PUBLISHER.idFromName(name), get: () => ({}) };
  const failing = (): never => {
    throw new Error('secret of the inside');
  };
  const brokenKv = new Proxy(env.KV, { get: () => failing });
  const quiet = () => vi.spyOn(console, 'error').mockImplementation(() => undefined);

  const answers = async (fetched: Fetch): Promise<Told[]> => {
    const token = await tokenFor('alice');
    const all: Told[] = [];
    for (const family of FAMILIES) {
      for (const method of ['GET', 'HEAD']) {
        for (const more of [{}, { authorization: `Bearer ${token}` }])
          all.push(
            await told(await fetched('https://bitgate.test/orgs/acme/forward-auth', { method, ...asking('/public/a', more, family) })),
          );
      }
    }
    return all;
  };

  it('nothing is configured', async () => {
    for (const told of await answers(await workerWith({ BITGATE_ROOT_TOKEN: '' }))) expect(said(told)).toBe('403 not_configured');
    const own = await workerWith({ BITGATE_ROOT_TOKEN: '', FORWARD_AUTH_HOST: OWN });
    expect(said(await told(await own(`https://${OWN}/check`)))).toBe('403 wrong_address');
  });

  it('nothing can be signed: who may is told so without an identity', async () => {
    for (const told of await answers(await workerWith({ BITGATE_SIGNING_KEY: '' })))
      expect([said(told), told.headers.get('x-bitgate-identity')]).toEqual(['200', '-']);
  });

  it('the Publisher and KV fail: refused, and nothing of the inside is told', async () => {
    const log = quiet();
    // a namespace that has nothing of one but its names
    const fetched = await workerWith({ PUBLISHER: brokenPublisher as unknown as Env['PUBLISHER'], KV: brokenKv });
    for (const told of await answers(fetched)) {
      expect(said(told)).toMatch(/^403 (stale|internal)$/);
      expect(told.text).not.toContain('secret');
    }
    log.mockRestore();
  });

  it('KV alone fails: the Publisher has all that is needed', async () => {
    for (const told of await answers(await workerWith({ KV: brokenKv }))) expect(said(told)).toBe('200');
  });

  it("an issuer's keys can not be had: refused, since nobody knows whether the credential is valid", async () => {
    const unreachable = await makeWorld('unreachable', {}, { jwks_uri: 'https://keys.example/jwks' });
    const fetched = await workerWith({});
    const down = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('unreachable'));
    const authorization = `Bearer ${await tokenFor('alice')}`;
    const headers = { 'x-bitgate-key': unreachable.keys.nginx, ...HEADERS.nginx('GET', '/public/a', HOST) };
    const answers = [
      await fetched('https://bitgate.test/forward-auth', { headers: { ...headers, authorization } }),
      await fetched('https://bitgate.test/forward-auth', { headers }),
    ];
    expect(down).toHaveBeenCalled();
    down.mockRestore();
    expect((await Promise.all(answers.map(told))).map(said)).toEqual(['403 keys_unavailable', '200']);
  });

  it('an error that nobody foresaw: refused and logged, without any header of the request', async () => {
    const log = quiet();
    const fetched = await workerWith({});
    const init = asking('/public/a', { cookie: 'c=do-not-log' });
    const keys = vi.spyOn(Headers.prototype, 'keys').mockImplementation(failing);
    const answer = await told(await fetched('https://bitgate.test/forward-auth', init));
    keys.mockRestore();
    expect(said(answer)).toBe('403 internal');
    expect(answer.text).not.toContain('secret of the inside');
    expect(JSON.stringify(log.mock.calls)).toContain('secret of the inside');
    for (const text of ['do-not-log', world.keys.envoy]) expect(JSON.stringify(log.mock.calls)).not.toContain(text);
    log.mockRestore();
  });
});
