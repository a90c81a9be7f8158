/** The Worker as it is built, with Cloudflare's rate limiting binding as miniflare has it, and a limit that is soon reached. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleWorker } from '../../scripts/lib/bundle.ts';
import { BINDINGS } from '../../scripts/lib/local-worker.ts';
import { migrate } from '../../scripts/lib/migrate.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOKEN = 'a-root-token-of-at-least-32-characters';
const question = { subject: 'user:v', action: 'view' };
/** one call of the binding each */
const THOUSAND = { checks: Array.from({ length: 1_000 }, () => question) };
/** many more than the limit has room for, also when its window ends meanwhile */
const TRIES = 50;

const ISSUER = { issuer: 'https://id.example', audience: 'bitgate', algorithms: ['ES256'], subject_type: 'user' };
const { privateKey, publicKey } = await generateKeyPair('ES256');

/** A token of an end user. */
function sign(sub: string): Promise<string> {
  const token = new SignJWT({ iss: ISSUER.issuer, aud: ISSUER.audience, sub });
  return token.setProtectedHeader({ alg: 'ES256', kid: 'k1' }).setIssuedAt().setExpirationTime('1h').sign(privateKey);
}

let state: string;
let miniflare: Miniflare;

/** As a proxy asks for an end user. @returns status and reason, e.g. `403 no_grant` */
async function askAsProxy(proxy: string, user: string): Promise<string> {
  const worker = await miniflare.getWorker(BINDINGS.name);
  const headers = {
    'x-bitgate-key': proxy,
    'x-original-method': 'GET',
    'x-original-url': 'https://app.example/',
    authorization: `Bearer ${user}`,
  };
  const { status, headers: told } = await worker.fetch('https://bitgate.test/forward-auth', { headers });
  return [status, told.get('x-bitgate-reason') ?? []].flat().join(' ');
}

async function ask(token: string, method: string, path: string, body?: object) {
  const worker = await miniflare.getWorker(BINDINGS.name);
  const response = await worker.fetch(`https://bitgate.test${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = text.startsWith('{') ? JSON.parse(text) : text;
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: answer };
}

async function admin(method: string, path: string, body: object) {
  const answer = await ask(TOKEN, method, `/admin/orgs${path}`, body);
  if (answer.status > 201) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function makeKey(role: string, more: object = {}): Promise<string> {
  const body = { name: 'k', roles: [{ role, scope: 'org' }], ...more };
  return String((await admin('POST', '/acme/api-keys', body)).secret);
}

/** Asks until it is refused. */
async function exhaust(token: string): Promise<void> {
  for (let i = 0; i < TRIES; i++) if ((await ask(token, 'POST', '/check/batch', THOUSAND)).status === 429) return;
  throw new Error('it was never refused');
}

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'bitgate-limits-'));
  const script = await bundleWorker(join(ROOT, 'src/worker.ts'));
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      resourcePersistencePath: state,
      workers: [
        {
          ...BINDINGS,
          ratelimits: { CALLER_LIMIT: { ...BINDINGS.ratelimits.CALLER_LIMIT, simple: { limit: 1, period: 60 } } },
          modules: [{ type: 'ESModule', path: 'worker.js', contents: script }],
          bindings: { BITGATE_ROOT_TOKEN: TOKEN, BITGATE_SIGNING_KEY: TOKEN },
        },
      ],
    }),
  );
  await migrate(await miniflare.getD1Database('DB', BINDINGS.name), join(ROOT, 'src/storage/d1/migrations'));
  await admin('POST', '', { id: 'acme' });
  await admin('PUT', '/acme/manifest', {
    bitgate: 1,
    catalog: { privileges: [{ name: 'view' }] },
    roles: [
      { name: 'Viewer', privileges: ['view'] },
      { name: 'Everything', privileges: ['view', 'bitgate:check', 'bitgate:list', 'bitgate:read'] },
    ],
    assignments: ['v', 'w'].map((id) => ({ subject: `user:${id}`, role: 'Viewer', scope: 'org' })),
    routes: [{ hosts: ['app.example'], methods: ['GET'], path: '/', action: 'view' }],
    settings: { issuers: [{ ...ISSUER, jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] } }] },
  });
});

afterAll(async () => {
  await miniflare?.dispose();
  rmSync(state, { recursive: true });
});

describe('a caller that asks too much', () => {
  const REFUSED = {
    status: 429,
    retryAfter: expect.stringMatching(/^([1-9]|10)$/),
    body: { error: { code: 'rate_limited', details: { retry_after_s: expect.any(Number) } } },
  };

  it.each([
    ['/check', 'POST', '/check', question, { decision: false }],
    ['/check?…', 'GET', '/check?subject=user:v&action=view', undefined, { decision: false }],
    ['/list', 'POST', '/list/actions', { subject: 'user:v' }, {}],
    ['/bitmap', 'GET', '/bitmap?subject=user:v&privileges=view', undefined, {}],
    [
      'AuthZEN',
      'POST',
      '/access/v1/evaluation',
      { subject: { type: 'user', id: 'v' }, action: { name: 'view' }, resource: { type: 'dataset', id: 'd' } },
      {},
    ],
    ['/admin', 'GET', '/admin/orgs/acme/roles', undefined, {}],
  ])('is told by %s when to come back', async (_, method, path, body, also) => {
    const key = await makeKey('Everything');
    expect(await ask(key, method, path, body)).toMatchObject({ status: 200 });
    await exhaust(key);
    expect(await ask(key, method, path, body)).toMatchObject({ ...REFUSED, body: { ...REFUSED.body, ...also } });
  });

  it('keeps no other key from asking, nor root', async () => {
    const [key, other] = [await makeKey('Everything'), await makeKey('Everything')];
    await exhaust(key);
    expect(await ask(other, 'POST', '/check', question)).toMatchObject({ status: 200, body: { decision: true } });
    for (let i = 0; i < TRIES; i++) expect(await ask(TOKEN, 'POST', '/orgs/acme/check/batch', THOUSAND)).toMatchObject({ status: 200 });
  });
});

describe('forward-auth', () => {
  const REFUSED = '403 rate_limited';
  const makeProxy = (): Promise<string> => makeKey('Everything', { forward_auth: 'nginx' });

  it('refuses for a proxy that asks too much, and for no other', async () => {
    const [proxy, other, user] = [await makeProxy(), await makeProxy(), await sign('v')];
    expect(await askAsProxy(proxy, user)).toBe('200');
    await exhaust(proxy);
    expect(await askAsProxy(proxy, user)).toBe(REFUSED);
    expect(await askAsProxy(other, user)).toBe('200');
  });

  it('refuses an end user who asks too much, and none of the others behind the same proxy', async () => {
    const [proxy, greedy, modest] = [await makeProxy(), await sign('v'), await sign('w')];
    const answers: string[] = [];
    // each is a fiftieth of a call of the binding
    while (answers.length < TRIES * TRIES && answers.at(-1) !== REFUSED) answers.push(await askAsProxy(proxy, greedy));
    expect(new Set(answers)).toEqual(new Set(['200', REFUSED]));
    expect(await askAsProxy(proxy, modest)).toBe('200');
    // by whatever way it asks
    expect(await ask(greedy, 'POST', '/orgs/acme/check', question)).toMatchObject({
      status: 429,
      body: { error: { code: 'rate_limited' } },
    });
  });
});
