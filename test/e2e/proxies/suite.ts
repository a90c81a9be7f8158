/** What holds of every reverse proxy that runs here, whichever it is. */
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAILURES } from './failures.ts';
import type { Running } from './process.ts';
import { sendRaw } from './raw-client.ts';
import { type Arrival, freePort, openWay, startUpstream, type Upstream, type Way } from './servers.ts';
import { SPELLINGS } from './spellings/index.ts';
import { acceptable, type Parties, request } from './spellings/request.ts';
import { COOKIE, type Family, HOST, SIGN_IN, startWorld, type World } from './world.ts';

/** Where the parts of one proxy's set-up are, all on this machine. */
export interface Setting {
  readonly port: number;
  readonly bitgatePort: number;
  readonly upstreamPort: number;
  readonly proxyKey: string;
}

export interface Proxy {
  readonly name: string;
  readonly family: Family;
  start(setting: Setting): Promise<Running>;
}

export function describeProxy({ name, family, start }: Proxy): void {
  let world: World;
  let upstream: Upstream;
  let way: Way;
  let proxy: Running;
  let parties: Parties;
  let port: number;

  const send = (target: string, written?: Parameters<typeof request>[2]) => sendRaw(port, request(target, parties, written));
  const header = (arrival: Arrival | undefined, name: string): readonly string[] => arrival?.headers.get(name) ?? [];

  beforeAll(async () => {
    world = await startWorld();
    upstream = await startUpstream();
    way = await openWay(world.port);
    port = await freePort();
    parties = {
      token: await world.token('ada'),
      adminToken: await world.token('root', { groups: ['idp-admins'] }),
      expiredToken: await world.token('ada', { exp: 1_700_000_000 }),
      proxyKey: await world.proxyKey(family),
    };
    proxy = await start({ port, bitgatePort: way.port, upstreamPort: upstream.port, proxyKey: parties.proxyKey });
  });

  afterAll(async () => {
    await proxy?.stop();
    await way?.close();
    await upstream?.close();
    await world?.stop();
  });

  describe(`behind ${name}, the upstream`, () => {
    it('gets what is allowed, byte for byte, and whose it is', async () => {
      const { statuses } = await send('/reports/q1?a=%2F..//b&c;d');
      expect(statuses).toEqual([200]);
      const [arrival, ...others] = upstream.take();
      expect(others).toEqual([]);
      expect(arrival?.line).toBe('GET /reports/q1?a=%2F..//b&c;d HTTP/1.1');
      expect(header(arrival, 'host')).toEqual([HOST]);
      expect(header(arrival, 'x-bitgate-subject')).toEqual(['user:ada']);
      expect(header(arrival, 'x-bitgate-key')).toEqual([]);
    });

    it('SEC-44 can prove who asks with the keys that bitgate publishes', async () => {
      await send('/reports/q1');
      const [identity = ''] = header(upstream.take()[0], 'x-bitgate-identity');
      const keys = createRemoteJWKSet(new URL(`http://127.0.0.1:${world.port}/.well-known/jwks.json`));
      const { payload } = await jwtVerify(identity, keys, { audience: HOST });
      expect(payload).toMatchObject({ sub: 'user:ada', iss: expect.stringMatching(/\/orgs\/acme$/) });
      await expect(jwtVerify(identity, keys, { audience: 'other.example.com' })).rejects.toThrow('unexpected "aud" claim value');
    });

    it('SEC-36 gets no identity that a client wrote', async () => {
      const names = ['Subject', 'Identity', 'Decision', 'Revision', 'Key'].map((last) => `X-Bitgate-${last}`);
      const aliases = ['X_Bitgate_Subject', 'X-Bitgate_Subject', 'X.Bitgate.Subject', 'x~BITGATE!identity', 'X_Bitgate-Identity'];
      const { statuses } = await send('/reports/q1', { headers: [...names, ...names, ...aliases].map((each) => `${each}: user:root`) });
      const arrivals = upstream.take();
      expect([statuses, arrivals.length]).toEqual(statuses[0] === 200 ? [[200], 1] : [[403], 0]);
      for (const { headers } of arrivals) expect(JSON.stringify([...headers])).not.toContain('user:root');
    });

    it('gets the identity that bitgate gave, though the client would have it taken away on the way', async () => {
      const names = ['X-Bitgate-Subject', 'X-Bitgate-Identity', 'X-Bitgate-Key', 'X-Forwarded-Uri', 'X-Original-URL'];
      const { statuses } = await sendRaw(
        port,
        request('/reports/q1', parties).replace('Connection: close', `Connection: close, ${names.join(', ')}`),
      );
      const [arrival] = upstream.take();
      expect([statuses, header(arrival, 'x-bitgate-subject')]).toEqual([[200], ['user:ada']]);
      expect(header(arrival, 'x-bitgate-identity')[0]).toMatch(/^ey/);
    });

    it('gets no address and no method but those that were decided about', async () => {
      const told = [
        'X-Original-URL',
        'X-Original-URI',
        'X-Original-Method',
        'X-Rewrite-URL',
        'X-Forwarded-Uri',
        'X-Forwarded-Method',
        'X-Forwarded-Prefix',
        'X-Forwarded-Host',
        'X-HTTP-Method-Override',
        'X-HTTP-Method',
        'X-Method-Override',
        'Forwarded',
      ];
      await send('/reports/q1', { headers: told.map((each) => `${each}: /made-up`) });
      const [arrival] = upstream.take();
      expect(arrival?.line).toBe('GET /reports/q1 HTTP/1.1');
      expect(JSON.stringify([...(arrival?.headers ?? [])])).not.toContain('/made-up');
    });

    it('gets what anyone may have, without a subject', async () => {
      const { statuses } = await send('/welcome', {
        authorization: null,
        headers: ['X-Bitgate-Subject: user:root', 'X-Bitgate-Identity: x'],
      });
      expect(statuses).toEqual([200]);
      const [arrival] = upstream.take();
      expect(['subject', 'identity'].map((last) => header(arrival, `x-bitgate-${last}`))).toEqual([['anyone'], ['-']]);
    });

    it('gets HEAD, bodies, characters beyond ASCII, and who comes with a cookie', async () => {
      const admin = `Bearer ${parties.adminToken}`;
      await send('/reports/q1', { method: 'HEAD' });
      await send('/reports/%C3%A4%20b', { authorization: admin });
      await send('/reports/q1', { method: 'POST', authorization: admin, headers: ['Content-Length: 5'], body: 'hello' });
      await send('/reports/q1', { authorization: null, headers: [`Cookie: a=b; ${COOKIE}=${parties.token}`] });
      const arrivals = upstream.take();
      expect(arrivals.map(({ line }) => line)).toEqual(
        ['HEAD /reports/q1', 'GET /reports/%C3%A4%20b', 'POST /reports/q1', 'GET /reports/q1'].map((line) => `${line} HTTP/1.1`),
      );
      expect(arrivals[2]?.body).toBe('hello');
      expect(arrivals.map((arrival) => header(arrival, 'x-bitgate-subject')[0])).toEqual([
        'user:ada',
        'user:root',
        'user:root',
        'user:ada',
      ]);
    });

    it.each([
      `Host: ${HOST}:8080`,
      `Host: ${HOST.toUpperCase()}`,
      `Host: ${HOST}.`,
      `Host: ${HOST}:x`,
      `Host: ${HOST}:80:80`,
      'X-No-Host: and HTTP/1.0',
    ])('gets a request with `%s` only with the host that was decided about', async (line) => {
      const bytes = request('/reports/q1', parties, { host: null, headers: [line] });
      const { statuses } = await sendRaw(port, line.includes('1.0') ? bytes.replace('HTTP/1.1', 'HTTP/1.0') : bytes);
      const hosts = upstream.take().map((arrival) => header(arrival, 'host').map((host) => host.toLowerCase().replace(/:8080$/, '')));
      expect(hosts).toEqual(statuses[0] === 200 ? [[HOST]] : []);
      expect([200, 400, 403]).toContain(statuses[0]);
    });

    it('gets an absolute address only with the host that was decided about', async () => {
      const { statuses } = await sendRaw(port, request(`http://${HOST}/reports/q1`, parties, { host: 'other.example.com' }));
      const arrivals = upstream.take().map((arrival) => [arrival.line, header(arrival, 'host')[0]]);
      expect([statuses, arrivals]).toEqual(statuses[0] === 200 ? [[200], [['GET /reports/q1 HTTP/1.1', HOST]]] : [[400], []]);
    });
  });

  describe(`SEC-39 behind ${name}, the upstream never sees`, () => {
    it.each(SPELLINGS)('$name', async (spelling) => {
      const { statuses, text } = await sendRaw(port, spelling.bytes(parties));
      expect(upstream.take()).toEqual([]);
      // A proxy may also hang up, or answer in the way of HTTP/0.9.
      for (const status of statuses) expect(acceptable(spelling), text.slice(0, 300)).toContain(status);
    });
  });

  describe(`through ${name}, a client`, () => {
    it('is told to authenticate, or no, and why', async () => {
      const anonymous = await send('/reports/q1', { authorization: null });
      expect([anonymous.statuses, anonymous.headers.get('www-authenticate')]).toEqual([[401], expect.stringContaining('Bearer')]);
      const denied = await send('/admin/users');
      expect(denied.statuses).toEqual([403]);
      expect(upstream.take()).toEqual([]);
    });

    it('is sent to sign in when it is a browser, and comes back to where it was', async () => {
      const { statuses, headers } = await send('/reports/q1?a=b', {
        authorization: null,
        headers: ['Accept: text/html', 'Sec-Fetch-Mode: navigate'],
      });
      expect(statuses).toEqual([302]);
      const location = new URL(headers.get('location') ?? '');
      expect(location.origin + location.pathname).toBe(SIGN_IN);
      expect([...location.searchParams.values()]).toEqual([
        expect.stringMatching(/^https?:\/\/app\.example\.com(:\d+)?\/reports\/q1\?a=b$/),
      ]);
      expect(upstream.take()).toEqual([]);
    });
  });

  describe(`SEC-35 behind ${name}, nothing reaches the upstream`, () => {
    const nothingPasses = async (): Promise<void> => {
      for (const target of ['/reports/q1', '/welcome']) {
        const { statuses, text } = await send(target);
        expect(
          statuses.filter((status) => status < 400 && status !== 302),
          text.slice(0, 300),
        ).toEqual([]);
        expect(upstream.take()).toEqual([]);
      }
    };

    it('while bitgate is stopped, and what is allowed passes when it is back', async () => {
      await way.whileStopped(nothingPasses);
      await expect.poll(async () => (await send('/reports/q1')).statuses, { timeout: 15_000 }).toEqual([200]);
      expect(upstream.take().length).toBeGreaterThan(0);
    });

    it.each(Object.entries(FAILURES))('while what should be bitgate %s', async (_name, stand) => {
      await way.whileReplaced(stand, nothingPasses);
    });
  });

  describe(`a change, behind ${name},`, () => {
    it('takes away with its publish what was allowed before it', async () => {
      const before = await send('/admin/users', { authorization: `Bearer ${parties.adminToken}` });
      expect([before.statuses, upstream.take().length]).toEqual([[200], 1]);
      await world.admin('PATCH', '/settings', { claim_mappings: [] });
      const after = await send('/admin/users', { authorization: `Bearer ${parties.adminToken}` });
      expect([after.statuses, upstream.take()]).toEqual([[403], []]);
    });

    it('lets nobody through once the key of the proxy is gone', async () => {
      const id = parties.proxyKey.split('_')[2];
      await world.admin('DELETE', `/api-keys/${id}`);
      expect([(await send('/reports/q1')).statuses, upstream.take()]).toEqual([[403], []]);
    });
  });
}
