/** Proxies that don't run here, by what they send: bytes written to bitgate itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONVENTIONS, type Convention, readRequest } from './conventions.ts';
import { type RawAnswer, sendRaw } from './raw-client.ts';
import { partiesOf } from './rig.ts';
import { SPELLINGS } from './spellings/index.ts';
import { type Parties, request } from './spellings/request.ts';
import { COOKIE, startWorld, type World } from './world.ts';

let world: World;
let parties: Parties;
const keys = new Map<string, string>();

/** What bitgate answers when a proxy of this convention has got these bytes. */
function asked(convention: Convention, bytes: string): Promise<RawAnswer> {
  const read = readRequest(bytes);
  if (read === null) throw new Error(`no proxy reads this as a request: ${bytes}`);
  return sendRaw(world.port, convention.asks(read, keys.get(convention.family) ?? ''));
}

/** Bytes that this proxy takes for a request don't depend on the tokens in them. */
const SAMPLE: Parties = { token: 'a.b.c', adminToken: 'd.e.f', expiredToken: 'g.h.i', proxyKey: 'bg_acme_k_s' };

beforeAll(async () => {
  world = await startWorld();
  for (const family of ['nginx', 'forwarded', 'envoy'] as const) keys.set(family, await world.proxyKey(family));
  parties = { ...(await partiesOf(world, 'forwarded')), proxyKey: keys.get('forwarded') ?? '' };
});

afterAll(async () => {
  await world?.stop();
});

describe.each(CONVENTIONS)('a proxy that asks as $name does', (convention) => {
  const taken = SPELLINGS.filter((spelling) => {
    const read = readRequest(spelling.bytes(SAMPLE));
    return read !== null && convention.takes(read);
  });

  it('is told yes, and who it is, for what is allowed', async () => {
    const admin = `Bearer ${parties.adminToken}`;
    const allowed = {
      'user:ada': [
        request('/reports/q1', parties),
        request('/reports/q1?a=//b;c', parties, { method: 'HEAD' }),
        request('/reports/q1', parties, { authorization: null, headers: [`Cookie: a=b; ${COOKIE}=${parties.token}`] }),
      ],
      'user:root': [
        request('/reports/%C3%A4%20b', parties, { authorization: admin }),
        request('/reports/q1', parties, { authorization: admin, method: 'POST', headers: ['Content-Length: 0'] }),
        request('/admin/users', parties, { authorization: admin }),
      ],
      anyone: [request('/welcome', parties, { authorization: null })],
    };
    for (const [subject, requests] of Object.entries(allowed)) {
      for (const bytes of requests) {
        const { statuses, headers } = await asked(convention, bytes);
        expect([statuses, headers.get('x-bitgate-subject'), headers.get('x-bitgate-decision')], bytes).toEqual([[200], subject, 'allow']);
      }
    }
  });

  it('takes most of the table for requests', () => {
    expect(taken.length).toBeGreaterThan(200);
  });

  it.each(taken)('SEC-35 is told 401 or 403 for $name', async (spelling) => {
    const { statuses, text } = await asked(convention, spelling.bytes(parties));
    expect(statuses, text.slice(0, 300)).toEqual([expect.toSatisfy((status: number) => status === 401 || status === 403)]);
  });

  it('SEC-36 is told 403 without its key, with a wrong one, and with one of another family', async () => {
    const read = readRequest(request('/reports/q1', parties));
    if (read === null) throw new Error('not a request');
    const key = keys.get(convention.family) ?? '';
    const other = keys.get(convention.family === 'envoy' ? 'nginx' : 'envoy') ?? '';
    const asks = [
      convention.asks(read, key).replace(/^x-bitgate-key:.*\r\n/im, ''),
      ...[`${key}x`, other, ''].map((each) => convention.asks(read, each)),
    ];
    for (const bytes of asks) expect((await sendRaw(world.port, bytes)).statuses, bytes).toEqual([403]);
  });

  it('SEC-37 is told 403 when a header of its family comes twice, or under a second spelling', async () => {
    const read = readRequest(request('/reports/q1', parties));
    if (read === null) throw new Error('not a request');
    const bytes = convention.asks(read, keys.get(convention.family) ?? '');
    const own = [...bytes.matchAll(/^(x-(?:original|forwarded|bitgate-original)-(?:method|url|uri|path|host)|x-bitgate-key): (.*)\r$/gim)];
    expect(own.length).toBeGreaterThan(2);
    for (const [line, name = '', value = ''] of own) {
      for (const more of [line.trimEnd(), `${name.replaceAll('-', '_')}: ${value}`, `${name.toUpperCase()}: ${value}`]) {
        const { statuses } = await sendRaw(world.port, bytes.replace('\r\n', `\r\n${more}\r\n`));
        expect(statuses, more).toEqual([403]);
      }
    }
  });
});
