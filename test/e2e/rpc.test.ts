/**
 * Two Workers in one workerd, as two are deployed: bitgate as it is built, and one that has it in its service bindings, now with `props`,
 * now without.
 */
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
const SERVICE = { name: BINDINGS.name, entrypoint: 'Pdp' };

/** Does what it is asked to with its bindings, and tells what came of it. */
const CLIENT = `
const HOSTILE = {
  cycle() { const cyclic = {}; cyclic.context = cyclic; return cyclic; },
  function: () => () => true,
  map: () => new Map(),
};
export default {
  async fetch(request, env) {
    const { binding, method, given, hostile } = await request.json();
    try {
      const args = hostile === undefined ? given : [HOSTILE[hostile]()];
      return Response.json({ answer: await env[binding][method](...args) });
    } catch (error) {
      return Response.json({ thrown: String(error) });
    }
  },
};`;

const module = (contents: string) => [{ type: 'ESModule' as const, path: 'worker.js', contents }];
const question = { subject: 'user:v', action: 'view', resource: 'dataset:d1' };
const others = { ...question, subject: 'user:w' };

let state: string;
let miniflare: Miniflare;
let key: string;

interface Outcome {
  readonly answer?: unknown;
  readonly thrown?: string;
}

async function asked(binding: string, method: string, given: readonly unknown[], hostile?: string): Promise<Outcome> {
  const client = await miniflare.getWorker('client');
  const response = await client.fetch('https://client.test', {
    method: 'POST',
    body: JSON.stringify({ binding, method, given, hostile }),
  });
  return Object(await response.json());
}

async function admin(method: string, path: string, body: object): Promise<{ readonly secret?: string }> {
  const bitgate = await miniflare.getWorker(BINDINGS.name);
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const response = await bitgate.fetch(`https://bitgate.test/admin/orgs${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return Object(await response.json());
}

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'bitgate-rpc-'));
  const script = await bundleWorker(join(ROOT, 'src/worker.ts'));
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      resourcePersistencePath: state,
      workers: [
        {
          name: 'client',
          compatibilityDate: BINDINGS.compatibilityDate,
          modules: module(CLIENT),
          serviceBindings: {
            BITGATE: { ...SERVICE, props: { organization: 'acme', subject: 'service:billing' } },
            IDLE: { ...SERVICE, props: { organization: 'acme', subject: 'user:v' } },
            BARE: SERVICE,
            SECRETLESS: { ...SERVICE, name: 'secretless' },
          },
        },
        { ...BINDINGS, modules: module(script), bindings: { BITGATE_ROOT_TOKEN: TOKEN } },
        { ...BINDINGS, name: 'secretless', modules: module(script) },
      ],
    }),
  );
  await migrate(await miniflare.getD1Database('DB', BINDINGS.name), join(ROOT, 'src/storage/d1/migrations'));
  await admin('POST', '', { id: 'acme' });
  await admin('PUT', '/acme/manifest', {
    bitgate: 1,
    catalog: { privileges: [{ name: 'view' }, { name: 'edit' }] },
    roles: [{ name: 'Viewer', privileges: ['view'] }],
    assignments: [
      { subject: 'user:v', role: 'Viewer', scope: 'org' },
      { subject: 'service:billing', role: 'bitgate:checker', scope: 'org' },
    ],
  });
  const made = await admin('POST', '/acme/api-keys', { name: 'k', roles: [{ role: 'bitgate:checker', scope: 'org' }] });
  key = made.secret ?? '';
});

afterAll(async () => {
  await miniflare?.dispose();
  rmSync(state, { recursive: true });
});

describe('a second Worker', () => {
  it('asks as the subject that its binding names', async () => {
    const provenance = { revision: expect.any(Number), age_ms: expect.any(Number) };
    expect(await asked('BITGATE', 'check', [question])).toEqual({ answer: { decision: true, reason: 'granted', ...provenance } });
    expect(await asked('BITGATE', 'check', [{ ...question, action: 'edit' }])).toMatchObject({ answer: { reason: 'no_grant' } });
    expect(await asked('BITGATE', 'checkBatch', [{ checks: [question, { ...question, action: '' }] }])).toMatchObject({
      answer: { ...provenance, results: [{ decision: true }, { decision: false, error: { code: 'invalid_check' } }] },
    });
  });

  it('asks with a key, and without either is refused', async () => {
    expect(await asked('BARE', 'check', [question, { key }])).toMatchObject({ answer: { decision: true } });
    expect(await asked('BARE', 'check', [question])).toMatchObject({ answer: { decision: false, error: { code: 'missing_credentials' } } });
    expect(await asked('IDLE', 'check', [others])).toMatchObject({ answer: { decision: false, error: { code: 'missing_privilege' } } });
    expect(await asked('IDLE', 'check', [question])).toMatchObject({ answer: { decision: true } });
  });

  it('is told why, and lists, by who may', async () => {
    const root = { key: TOKEN };
    expect(await asked('BARE', 'explain', [{ ...question, org: 'acme' }, root])).toMatchObject({
      answer: { decision: true, explanation: { grants: [{ outcome: 'applies', role: 'Viewer' }] } },
    });
    expect(await asked('BARE', 'listActions', [{ subject: 'user:v', org: 'acme' }, root])).toMatchObject({
      answer: { items: ['view'], total: 1, next_cursor: null },
    });
    expect(await asked('BITGATE', 'explain', [question])).toMatchObject({
      answer: { decision: false, error: { code: 'missing_privilege' } },
    });
    expect(await asked('IDLE', 'listActions', [{ subject: others.subject }])).toMatchObject({
      answer: { error: { code: 'missing_privilege' } },
    });
    expect(await asked('IDLE', 'listActions', [{ subject: 'user:v' }])).toMatchObject({ answer: { items: ['view'] } });
  });

  it.each(['cycle', 'function', 'map'])('is told what is wrong with a %s, and nothing is thrown', async (hostile) => {
    expect(await asked('BITGATE', 'check', [], hostile)).toMatchObject({ answer: { decision: false, error: { code: 'malformed_body' } } });
  });

  it('SEC-18 is told by a bitgate without its secret that it is not configured', async () => {
    expect(await asked('SECRETLESS', 'check', [question, { key }])).toMatchObject({
      answer: { decision: false, error: { code: 'not_configured' } },
    });
  });

  it('reaches the methods for callers and nothing else', async () => {
    for (const name of ['services', '#services', 'env', 'ctx', 'constructor', 'answer'])
      expect(await asked('BITGATE', name, []), name).toEqual({ thrown: expect.any(String) });
  });
});
