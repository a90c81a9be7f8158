/** The Worker as it is built, with Cloudflare's rate limiting binding as miniflare has it, and a limit that is soon reached. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

let state: string;
let miniflare: Miniflare;

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

async function makeKey(...roles: string[]): Promise<string> {
  const body = { name: 'k', roles: roles.map((role) => ({ role, scope: 'org' })) };
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
      { name: 'Everything', privileges: ['bitgate:check', 'bitgate:list', 'bitgate:read'] },
    ],
    assignments: [{ subject: 'user:v', role: 'Viewer', scope: 'org' }],
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
