/** What passes a reverse proxy, and in what form it reaches the upstream. */
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { sendRaw } from './raw-client.ts';
import type { Rig } from './rig.ts';
import type { Arrival } from './servers.ts';
import { request } from './spellings/request.ts';
import { COOKIE, HOST } from './world.ts';

const header = (arrival: Arrival | undefined, name: string): readonly string[] => arrival?.headers.get(name) ?? [];

export function describePassing(rig: Rig): void {
  describe(`behind ${rig.name}, the upstream`, () => {
    it('gets what is allowed, byte for byte, and whose it is', async () => {
      const { statuses } = await rig.send('/reports/q1?a=%2F..//b&c;d');
      expect(statuses).toEqual([200]);
      const [arrival, ...others] = rig.upstream.take();
      expect(others).toEqual([]);
      expect(arrival?.line).toBe('GET /reports/q1?a=%2F..//b&c;d HTTP/1.1');
      expect(header(arrival, 'host')).toEqual([HOST]);
      expect(header(arrival, 'x-bitgate-subject')).toEqual(['user:ada']);
      expect(header(arrival, 'x-bitgate-key')).toEqual([]);
    });

    it('SEC-44 can prove who asks with the keys that bitgate publishes, by type, organization and host', async () => {
      await rig.send('/reports/q1');
      const [identity = ''] = header(rig.upstream.take()[0], 'x-bitgate-identity');
      const keys = createRemoteJWKSet(new URL(`http://127.0.0.1:${rig.world.port}/.well-known/jwks.json`));
      // under the name by which the recipe has the proxy ask
      const issuers = (organization: string): string[] =>
        ['https://bitgate.example.com', `http://127.0.0.1:${rig.way.port}`].map((origin) => `${origin}/orgs/${organization}`);
      const expected = { audience: HOST, issuer: issuers('acme'), typ: 'bitgate-identity+jwt' };
      const { payload } = await jwtVerify(identity, keys, expected);
      expect(payload).toMatchObject({ sub: 'user:ada' });
      for (const [name, other] of Object.entries({ audience: 'other.example.com', issuer: issuers('other'), typ: 'JWT' }))
        await expect(jwtVerify(identity, keys, { ...expected, [name]: other })).rejects.toThrow('unexpected');
    });

    it('SEC-36 gets no identity that a client wrote', async () => {
      const names = ['Subject', 'Identity', 'Decision', 'Revision', 'Key'].map((last) => `X-Bitgate-${last}`);
      const aliases = ['X_Bitgate_Subject', 'X-Bitgate_Subject', 'X.Bitgate.Subject', 'x~BITGATE!identity', 'X_Bitgate-Identity'];
      const { statuses } = await rig.send('/reports/q1', { headers: [...names, ...names, ...aliases].map((each) => `${each}: user:root`) });
      const arrivals = rig.upstream.take();
      expect([statuses, arrivals.length]).toEqual(statuses[0] === 200 ? [[200], 1] : [[403], 0]);
      for (const { headers } of arrivals) expect(JSON.stringify([...headers])).not.toContain('user:root');
    });

    it('gets the identity that bitgate gave, though the client would have it taken away on the way', async () => {
      const names = ['X-Bitgate-Subject', 'X-Bitgate-Identity', 'X-Bitgate-Key', 'X-Forwarded-Uri', 'X-Original-URL'];
      const { statuses } = await sendRaw(
        rig.port,
        request('/reports/q1', rig.parties).replace('Connection: close', `Connection: close, ${names.join(', ')}`),
      );
      const [arrival] = rig.upstream.take();
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
      await rig.send('/reports/q1', { headers: told.map((each) => `${each}: /made-up`) });
      const [arrival] = rig.upstream.take();
      expect(arrival?.line).toBe('GET /reports/q1 HTTP/1.1');
      expect(JSON.stringify([...(arrival?.headers ?? [])])).not.toContain('/made-up');
    });

    it('gets what anyone may have, without a subject', async () => {
      const { statuses } = await rig.send('/welcome', {
        authorization: null,
        headers: ['X-Bitgate-Subject: user:root', 'X-Bitgate-Identity: x'],
      });
      expect(statuses).toEqual([200]);
      const [arrival] = rig.upstream.take();
      expect(['subject', 'identity'].map((last) => header(arrival, `x-bitgate-${last}`))).toEqual([['anyone'], ['-']]);
    });

    it('gets HEAD, bodies, characters beyond ASCII, and who comes with a cookie', async () => {
      const admin = `Bearer ${rig.parties.adminToken}`;
      await rig.send('/reports/q1', { method: 'HEAD' });
      await rig.send('/reports/%C3%A4%20b', { authorization: admin });
      await rig.send('/reports/q1', { method: 'POST', authorization: admin, headers: ['Content-Length: 5'], body: 'hello' });
      await rig.send('/reports/q1', { authorization: null, headers: [`Cookie: a=b; ${COOKIE}=${rig.parties.token}`] });
      const arrivals = rig.upstream.take();
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

    it.each([['h2c'], ['H2C'], ['h2c, websocket'], ['websocket, h2c'], ['h2c', 'websocket'], ['websocket', 'h2c'], ['TLS/1.2'], ['']])(
      'SEC-39 is asked to change to websockets, and never to another protocol, in which a client could ask for anything: %s %s',
      async (...protocols) => {
        const connection = `Connection: close, Upgrade, HTTP2-Settings`;
        const headers = [...protocols.map((each) => `Upgrade: ${each}`), 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'];
        await sendRaw(rig.port, request('/reports/q1', rig.parties, { headers }).replace('Connection: close', connection));
        for (const arrival of rig.upstream.take()) {
          const asked = header(arrival, 'upgrade').filter((each) => each !== '');
          expect(asked.filter((each) => each.toLowerCase() !== 'websocket')).toEqual([]);
          expect(header(arrival, 'http2-settings')).toEqual([]);
        }
      },
    );

    it.each(['websocket', 'WebSocket'])('is asked to open a websocket with `Upgrade: %s`', async (protocol) => {
      const headers = [`Upgrade: ${protocol}`, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
      await sendRaw(rig.port, request('/reports/q1', rig.parties, { headers }).replace('Connection: close', 'Connection: Upgrade'));
      const [arrival] = rig.upstream.take();
      expect([header(arrival, 'upgrade'), header(arrival, 'connection')].flat().map((each) => each.toLowerCase())).toEqual([
        'websocket',
        'upgrade',
      ]);
      expect(header(arrival, 'sec-websocket-key')).toEqual(['dGhlIHNhbXBsZSBub25jZQ==']);
      expect(header(arrival, 'x-bitgate-subject')).toEqual(['user:ada']);
    });

    it.each([
      `Host: ${HOST}:8080`,
      `Host: ${HOST.toUpperCase()}`,
      `Host: ${HOST}.`,
      `Host: ${HOST}:x`,
      `Host: ${HOST}:80:80`,
      'X-No-Host: and HTTP/1.0',
    ])('gets a request with `%s` only with the host that was decided about', async (line) => {
      const bytes = request('/reports/q1', rig.parties, { host: null, headers: [line] });
      const { statuses } = await sendRaw(rig.port, line.includes('1.0') ? bytes.replace('HTTP/1.1', 'HTTP/1.0') : bytes);
      const hosts = rig.upstream.take().map((arrival) => header(arrival, 'host').map((host) => host.toLowerCase().replace(/:8080$/, '')));
      expect(hosts).toEqual(statuses[0] === 200 ? [[HOST]] : []);
      expect([200, 400, 403]).toContain(statuses[0]);
    });

    it('gets an absolute address only with the host that was decided about', async () => {
      const { statuses } = await sendRaw(rig.port, request(`http://${HOST}/reports/q1`, rig.parties, { host: 'other.example.com' }));
      const arrivals = rig.upstream.take().map((arrival) => [arrival.line, header(arrival, 'host')[0]]);
      expect([statuses, arrivals]).toEqual(statuses[0] === 200 ? [[200], [['GET /reports/q1 HTTP/1.1', HOST]]] : [[400], []]);
    });
  });
}
