/** `POST /check`, `GET /check`, AuthZEN's evaluation and `/forward-auth` on the demo organization, beside Workers that do no more than HTTP and JSON. */
import { join } from 'node:path';
import { parseRef } from '../../src/core/terms/ref.ts';
import { type DemoQuestion, demoQuestions } from '../../src/presets/demo.ts';
import { adminClient } from '../lib/admin-client.ts';
import { bundleWorker } from '../lib/bundle.ts';
import { loadDemo } from '../lib/demo.ts';
import { migrate } from '../lib/migrate.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { forwarded, makeIssuer, makeProxy } from './forward-auth.ts';
import { startFrozenWorker } from './frozen-worker.ts';
import { httpFigures, httpOptions, httpTable, runHttpBench } from './http.ts';
import { noOpWorker, parsingWorker, startRawWorker } from './raw-worker.ts';
import { type Exchange, type Server, shared, type Target } from './target.ts';

const ROOT = join(import.meta.dirname, '../..');
const ROOT_TOKEN = 'bench-root-token-of-at-least-32-characters';
const CONSTANT = '{"decision":true,"reason":"granted","revision":1}';

/** The key is made when the server starts, and the requests carry it: so the server starts before the targets are described. */
async function startBitgate(manifest: object): Promise<{ server: Server; key: string; proxy: string }> {
  const script = await bundleWorker(join(ROOT, 'src/worker.ts'));
  let key = '';
  let proxy = '';
  const server = await startFrozenWorker({
    script,
    bindings: { BITGATE_ROOT_TOKEN: ROOT_TOKEN, BITGATE_SIGNING_KEY: 'bench-signing-key-of-at-least-32-bytes' },
    prepare: async (miniflare, origin) => {
      await migrate(await miniflare.getD1Database('DB'), join(ROOT, 'src/storage/d1/migrations'));
      const admin = adminClient(origin, ROOT_TOKEN);
      key = await loadDemo(admin, manifest, null);
      proxy = await makeProxy(admin);
    },
  });
  return { server, key, proxy };
}

function post(key: string, { subject, action, resource, decision }: DemoQuestion): Exchange {
  return {
    method: 'POST',
    path: '/check',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject, action, resource }),
    expect: `"decision":${decision}`,
  };
}

function get(key: string, { subject, action, resource, decision }: DemoQuestion): Exchange {
  return {
    method: 'GET',
    path: `/check?${new URLSearchParams({ subject, action, resource })}`,
    headers: { authorization: `Bearer ${key}` },
    body: '',
    expect: `"decision":${decision}`,
  };
}

function evaluation(key: string, { subject, action, resource, decision }: DemoQuestion): Exchange {
  return {
    method: 'POST',
    path: '/access/v1/evaluation',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject: parseRef(subject), action: { name: action }, resource: parseRef(resource) }),
    expect: `{"decision":${decision}}`,
  };
}

const constant = (exchange: Exchange): Exchange => ({ ...exchange, expect: CONSTANT });

const IDS = {
  'no-op': 'http.no-op',
  'parse and answer a constant': 'http.parse',
  'POST /check': 'http.post',
  'AuthZEN evaluation': 'http.authzen',
  'GET /check': 'http.get',
  'forward-auth, warm JWT': 'http.forward-auth',
};

/** Single checks in raw workerd. */
export async function benchCheckOverHttp(options: BenchOptions): Promise<BenchResult> {
  const issuer = await makeIssuer(demoQuestions);
  const { server, key, proxy } = await startBitgate(issuer.manifest);
  const bitgate = shared(async () => server);
  const posts = demoQuestions.map((question) => post(key, question));
  const evaluations = demoQuestions.map((question) => evaluation(key, question));
  const gets = demoQuestions.map((question) => get(key, question));
  const asked = await forwarded(proxy, issuer, demoQuestions);
  const targets: Target[] = [
    { name: 'no-op', start: () => startRawWorker(noOpWorker(CONSTANT)), exchanges: gets.map(constant) },
    { name: 'parse and answer a constant', start: () => startRawWorker(parsingWorker(CONSTANT)), exchanges: posts.map(constant) },
    { name: 'POST /check', start: bitgate, exchanges: posts, comparedWith: 'parse and answer a constant' },
    { name: 'AuthZEN evaluation', start: bitgate, exchanges: evaluations, comparedWith: 'parse and answer a constant' },
    { name: 'GET /check', start: bitgate, exchanges: gets, comparedWith: 'no-op' },
    { name: 'forward-auth, warm JWT', start: bitgate, exchanges: asked, comparedWith: 'GET /check' },
  ];
  const http = httpOptions(options);
  const rows = await runHttpBench(targets, http);
  return { text: httpTable(rows, http), figures: httpFigures(rows, IDS, http.rounds) };
}
