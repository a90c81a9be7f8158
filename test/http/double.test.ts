/**
 * The second evaluation through the real Worker: every face tells of its decisions, what D1 holds agrees with all of them, and where the rows were changed
 * behind the log's back each face's decision is an alarm, and answered as before.
 */
import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { NOW } from '../properties/vocabulary.ts';
import { parseExposition, sampleOf } from '../support/exposition.ts';
import { stock } from './agreement/stocked.ts';
import { call, makeKey } from './client.ts';
import { HEADERS, HOST, makeWorld, tokenFor, type World } from './forward-auth/world.ts';
import { type Isolate, isolateWith } from './isolate.ts';
import { sql } from './sql.ts';

const ORG = 'acme';
const QUESTION = { subject: 'user:alice', action: 'read', resource: 'dataset:d1' };
const AUTHZEN = { subject: { type: 'user', id: 'alice' }, action: { name: 'read' }, resource: { type: 'dataset', id: 'd1' } };

let world: World;
let key: string;
let worker: Isolate;
let log: MockInstance<typeof console.error>;

/** A second later, so that it is looked at again; answers are cold at first, and settled when this returns. */
async function nextSecond(): Promise<void> {
  await worker.settled();
  vi.setSystemTime(Date.now() + 1_000);
}

async function post(path: string, body: object, token: string = key): Promise<unknown> {
  await nextSecond();
  return (await worker.fetch(path, { method: 'POST', body, token })).json();
}

/** Who asks in which way, and what it was answered, as far as it is the decision. */
const FACES: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['check', () => post('/check', QUESTION)],
  ['check', () => post('/check', { ...QUESTION, action: undefined, any_of: ['read'] })],
  ['batch', () => post('/check/batch', { checks: [QUESTION] })],
  ['authzen', () => post('/access/v1/evaluation', AUTHZEN)],
  ['authzen', () => post('/access/v1/evaluations', { evaluations: [AUTHZEN] })],
  [
    'forward-auth',
    async () => {
      await nextSecond();
      const headers = { 'x-bitgate-key': world.keys.nginx, ...HEADERS.nginx('GET', '/datasets/d1', HOST) };
      const answer = await worker.fetch('/forward-auth', { token: await tokenFor('alice'), headers });
      return { decision: answer.status === 200 };
    },
  ],
  [
    'rpc',
    async () => {
      await nextSecond();
      return worker.rpc().check(QUESTION, { key });
    },
  ],
];

/** compared, skipped, mismatched, failed */
async function counts(): Promise<readonly number[]> {
  await worker.settled();
  const families = parseExposition(await (await worker.fetch('/metrics')).text());
  return ['compared', 'skipped', 'mismatched', 'failed'].map((name) => sampleOf(families, `bitgate_double_${name}_total`));
}

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  world = await makeWorld(ORG);
  key = (await makeKey(ORG, ['bitgate:checker'])).token;
  log = vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});
beforeEach(async () => {
  log.mockClear();
  worker = await isolateWith({ DOUBLE_EVALUATION: '1' });
});

describe('with a share of 1', () => {
  it.each(FACES)('what %s answers is decided again', async (_face, ask) => {
    await ask();
    expect(await counts()).toEqual([1, 0, 0, 0]);
  });

  it('a world of questions agrees with its rows', async () => {
    const stocked = await stock(20_261_179, false);
    const ASKED = 90;
    const every = Math.ceil(stocked.questions.length / ASKED);
    const questions = stocked.questions.filter((_, i) => i % every === 0);
    for (const question of questions) await post('/check', question, stocked.token);
    expect(questions.length).toBeGreaterThan(60);
    expect(await counts()).toEqual([questions.length, 0, 0, 0]);
  }, 120_000);

  it('of many decisions in one second one is looked at', async () => {
    await post('/check/batch', { checks: new Array(20).fill(QUESTION) });
    expect(await counts()).toEqual([1, 19, 0, 0]);
  });

  it('what is asked about the past is left alone', async () => {
    const { body } = await call('GET', `/admin/orgs/${ORG}`);
    expect(await post('/check', { ...QUESTION, at_revision: body.revision })).toMatchObject({ decision: true });
    expect(await counts()).toEqual([0, 1, 0, 0]);
  });

  it('while D1 is down every answer is as before', async () => {
    const fails = (): never => {
      throw new Error('D1 is down');
    };
    const down = new Proxy(env.DB, { get: () => fails });
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    worker = await isolateWith({ DOUBLE_EVALUATION: '1', DB: down });
    expect(await post('/check', QUESTION)).toMatchObject({ decision: true, reason: 'granted' });
    expect(await counts()).toEqual([0, 0, 0, 1]);
    expect(warned).toHaveBeenCalledWith(expect.objectContaining({ event: 'double_evaluation_failed', organization: ORG }));
  });
});

describe('rows that changed while the log was told nothing', () => {
  beforeAll(async () => {
    const { results } = await env.DB.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'assignments'").all();
    for (const { name } of results) await sql(`DROP TRIGGER ${name}`);
    await sql(`UPDATE assignments SET expires_at = 1 WHERE org = '${ORG}' AND principal = 'user:alice'`);
  });

  it.each(FACES)('are an alarm at what %s answers, which stays', async (face, ask) => {
    const said = JSON.stringify(await ask());
    expect(said).toContain('"decision":true');
    expect(await counts()).toEqual([1, 0, 1, 0]);
    const line = { event: 'decision_mismatch', organization: ORG, face, resource: 'dataset:d1' };
    const alarm = { event: 'alarm', message: expect.stringContaining('answered granted, the rows say expired') };
    const lines = [alarm, { ...line, from_rows: { decision: false, reason: 'expired' } }];
    expect(log.mock.calls).toEqual(lines.map((each) => [expect.objectContaining(each)]));
  });

  it('are seen by nobody with a share of 0', async () => {
    worker = await isolateWith({ DOUBLE_EVALUATION: '0' });
    for (const [, ask] of FACES) await ask();
    expect([await counts(), log.mock.calls]).toEqual([[0, 0, 0, 0], []]);
  });
});

describe('rows that have moved on', () => {
  it('are not compared with what was answered before', async () => {
    await sql(`INSERT INTO subjects (org, subject) VALUES ('${ORG}', 'user:new')`);
    await post('/check', QUESTION);
    expect(await counts()).toEqual([0, 1, 0, 0]);
  });
});
