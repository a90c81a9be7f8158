/** What callers of every face see while D1, KV or the Publisher are down or never answer: at a warm isolate, and at one that has not seen the organization yet. */
import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from '../http/client.ts';
import { HEADERS, HOST, makeWorld, tokenFor } from '../http/forward-auth/world.ts';
import { bound } from '../rpc/face.ts';
import { Breaking, breakable, type Place } from './breaking.ts';
import { breakWorker } from './worker.ts';

const CHECK = { subject: 'user:alice', action: 'read', resource: 'project:p1' };
const EVALUATION = { subject: { type: 'user', id: 'alice' }, action: { name: 'read' }, resource: { type: 'project', id: 'p1' } };

let main: Breaking;
/** of a key that may ask and list */
let key: string;
let proxy: string;
let user: string;

beforeAll(async () => {
  main = await breakWorker();
  const world = await makeWorld('acme');
  proxy = world.keys.envoy;
  key = (await makeKey('acme', ['bitgate:checker', 'bitgate:owner'])).token;
  user = await tokenFor('alice');
});

type Fetch = (path: string, init: RequestInit) => Promise<Response>;

let made = 0;

/** Another isolate: by a query the same module is another instance. */
async function isolate(breaking: Breaking): Promise<Fetch> {
  const address = `../../src/worker.ts?fault${++made}`;
  // `as`: the module that it is
  const { default: worker } = (await import(address)) as typeof import('../../src/worker.ts');
  const bindings = breakable(env, breaking) as Parameters<typeof worker.fetch>[1]; // as the Worker names them
  return async (path, init) => {
    const context = createExecutionContext();
    const asked = new Request(`https://bitgate.test${path}`, init) as Parameters<typeof worker.fetch>[0]; // as it comes in
    return worker.fetch(asked, bindings, context);
  };
}

/** What each face says of one question, without what differs from answer to answer. */
async function everyFace(ask: Fetch): Promise<Readonly<Record<string, string>>> {
  const said = async (path: string, init: RequestInit): Promise<[string, string]> => {
    const answer = await ask(path, init);
    const text = (await answer.text()).replaceAll(/"(age_ms|revision|evaluated_at|request_id|checked_at)":[^,}]+,?/g, '');
    return [path, `${answer.status} ${text}`];
  };
  const post = (path: string, body: object): Promise<[string, string]> =>
    said(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
  const headers = { authorization: `Bearer ${user}`, 'x-bitgate-key': proxy, ...HEADERS.envoy('GET', '/projects/p1', HOST) };
  return Object.fromEntries([
    await post('/check', CHECK),
    await post('/check/batch', { checks: [CHECK, { ...CHECK, subject: 'user:eve' }] }),
    await post('/check?explain=true', CHECK),
    await post('/access/v1/evaluation', EVALUATION),
    await post('/access/v1/evaluations', { evaluations: [EVALUATION] }),
    await post('/list/subjects', { type: 'user', action: 'read', resource: 'project:p1' }),
    await said('/forward-auth', { headers }),
  ]);
}

const RIGHT = /^200 /;

describe.each([
  ['D1 down', 'down', ['D1']],
  ['KV down', 'down', ['KV']],
  ['the Publisher down', 'down', ['publisher']],
  ['D1 and the Publisher down', 'down', ['D1', 'publisher']],
  ['D1 and KV down', 'down', ['D1', 'KV']],
  ['D1 never answering', 'hanging', ['D1']],
  ['KV never answering', 'hanging', ['KV']],
  ['the Publisher never answering', 'hanging', ['publisher']],
] as const)('%s', (_what, how, places: readonly Place[]) => {
  it.each(['warm', 'cold'])(
    'a %s isolate says at every face what it says when all is well',
    async (state) => {
      const breaking = new Breaking();
      const right = await everyFace(await isolate(new Breaking()));
      expect(Object.entries(right).filter(([, answer]) => !RIGHT.test(answer))).toEqual([]);
      const ask = await isolate(breaking);
      if (state === 'warm') expect(await everyFace(ask)).toEqual(right);
      for (const place of places) breaking[how].add(place);
      expect(await everyFace(ask)).toEqual(right);
    },
    60_000,
  );
});

describe('KV and the Publisher down', () => {
  it('a warm isolate says what it said; one that has seen nothing says 503, and a proxy is told to refuse', async () => {
    const breaking = new Breaking();
    const [warm, cold] = [await isolate(breaking), await isolate(breaking)];
    const right = await everyFace(warm);
    breaking.down.add('KV').add('publisher');
    expect(await everyFace(warm)).toEqual(right);
    const { '/forward-auth': proxied, ...others } = await everyFace(cold);
    for (const answer of Object.values(others)) expect(answer).toMatch(/^503 .*"stale"/);
    expect(proxied).toMatch(/^403 /);
  }, 60_000);
});

describe('by RPC', () => {
  afterEach(() => {
    main.down.clear();
  });

  it.each(['D1', 'KV', 'publisher'] as const)('a check is answered while %s is down', async (place) => {
    const pdp = bound({ organization: 'acme', subject: 'user:owner' });
    const right = await pdp.check(CHECK);
    expect(right).toMatchObject({ decision: true });
    main.down.add(place);
    expect(await pdp.check(CHECK)).toMatchObject({ decision: true, reason: right.reason });
  });
});
