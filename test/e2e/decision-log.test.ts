/** The decision log into a real queue, as the Worker is built: what a consumer gets is every decision, once and in full. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleWorker } from '../../scripts/lib/bundle.ts';
import { BINDINGS } from '../../scripts/lib/local-worker.ts';
import { migrate } from '../../scripts/lib/migrate.ts';
import type { DecisionRecord } from '../../src/pdp/decision-log/record.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOKEN = 'a-root-token-of-at-least-32-characters';

/** Keeps the bodies of all messages and tells them. */
const CONSUMER = `
const got = [];
export default {
  async queue(batch) { for (const { body } of batch.messages) got.push(body); },
  async fetch() { return Response.json(got); },
};`;

interface Message {
  readonly format: number;
  readonly records: readonly DecisionRecord[];
}

let state: string;
let miniflare: Miniflare;
let key: string;

async function ask(path: string, body?: object, token = key) {
  const worker = await miniflare.getWorker(BINDINGS.name);
  return worker.fetch(`https://bitgate.test${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function admin(path: string, body: object): Promise<{ readonly secret?: string }> {
  const response = await ask(`/admin/orgs${path}`, body, TOKEN);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return Object(await response.json());
}

async function messages(): Promise<readonly Message[]> {
  const consumer = await miniflare.getWorker('consumer');
  // `as`: the Worker above wrote it
  return (await (await consumer.fetch('https://consumer.test')).json()) as readonly Message[];
}

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'bitgate-log-'));
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      resourcePersistencePath: state,
      workers: [
        {
          ...BINDINGS,
          modules: [{ type: 'ESModule', path: 'worker.js', contents: await bundleWorker(join(ROOT, 'src/worker.ts')) }],
          bindings: { BITGATE_ROOT_TOKEN: TOKEN, BITGATE_SIGNING_KEY: TOKEN },
          queueProducers: { DECISION_QUEUE: 'decisions' },
          analyticsEngineDatasets: { DECISION_LOG: { dataset: 'decisions' } },
        },
        {
          name: 'consumer',
          compatibilityDate: BINDINGS.compatibilityDate,
          modules: [{ type: 'ESModule', path: 'worker.js', contents: CONSUMER }],
          queueConsumers: { decisions: { maxBatchSize: 100, maxBatchTimeout: 0 } },
        },
      ],
    }),
  );
  await migrate(await miniflare.getD1Database('DB', BINDINGS.name), join(ROOT, 'src/storage/d1/migrations'));
  await admin('', { id: 'acme', owner: 'user:owner' });
  key = String((await admin('/acme/api-keys', { name: 'k', roles: [{ role: 'bitgate:checker', scope: 'org' }] })).secret);
});

afterAll(async () => {
  await miniflare?.dispose();
  rmSync(state, { recursive: true });
});

describe('the decision log', () => {
  it('gets every decision of a run of requests, once and in full', async () => {
    const wanted: string[] = [];
    const note = (face: string, id: string, resource = ''): void =>
      void wanted.push(`${face} user:${id} bitgate:read ${resource} no_grant`);
    const action = 'bitgate:read';
    for (let i = 0; i < 40; i++) {
      expect((await ask('/check', { subject: `user:one${i}`, action })).status).toBe(200);
      note('check', `one${i}`);
    }
    await ask('/check', { subject: 'user:pair', any_of: [action, action] });
    for (let i = 0; i < 2; i++) note('check', 'pair');
    const checks = Array.from({ length: 3_000 }, (_, i) => ({ subject: `user:many${i}`, action, resource: `doc:${'d'.repeat(100)}${i}` }));
    expect((await ask('/check/batch', { checks })).status).toBe(200);
    for (const [i, { resource }] of checks.entries()) note('batch', `many${i}`, resource);
    const evaluation = { subject: { type: 'user', id: 'zen' }, action: { name: action }, resource: { type: 'doc', id: 'z' } };
    await ask('/access/v1/evaluation', evaluation);
    await ask('/access/v1/evaluations', { ...evaluation, evaluations: [{}, {}] });
    for (let i = 0; i < 3; i++) note('authzen', 'zen', 'doc:z');
    await ask('/check', { subject: 'user:why', action, explain: true }, TOKEN).then(({ status }) => expect(status).toBe(400));
    await ask('/orgs/acme/check', { subject: 'user:why', action, explain: true }, TOKEN);
    note('check', 'why');
    // The others wait for company.
    const got = await vi.waitFor(
      async () => {
        const all = await messages();
        const count = all.reduce((sum, { records }) => sum + records.length, 0);
        if (count < wanted.length) throw new Error(`${count} of ${wanted.length} decisions came`);
        return all;
      },
      { timeout: 60_000, interval: 200 },
    );
    const records = got.flatMap((message) => message.records);
    const shown = records.map(({ face, subject, action, resource, reason }) => [face, subject, action, resource, reason].join(' '));
    expect(shown.toSorted()).toEqual(wanted.toSorted());
    expect(new Set(got.map(({ format }) => format))).toEqual(new Set([1]));
    expect(got.length).toBeLessThan(60);
    for (const message of got) expect(JSON.stringify(message).length).toBeLessThan(128_000);
    const { caller } = records.find(({ subject }) => subject === 'user:one0')!;
    expect(records[0]).toEqual({
      ...{ time: expect.any(Number), organization: 'acme', revision: expect.any(Number), face: 'check' },
      ...{ caller, subject: 'user:one0', action, resource: '' },
      ...{ decision: false, reason: 'no_grant', age_ms: expect.any(Number), share: 1 },
    });
    expect(caller).toMatch(/^api_key:/);
    expect(records.find(({ subject }) => subject === 'user:why')?.caller).toBe('root');
    const metrics = await (await ask('/metrics', undefined, TOKEN)).text();
    const written = (sink: string): number =>
      Number(new RegExp(`bitgate_decision_log_written_total\\{[^}]*sink="${sink}"\\} (\\d+)`).exec(metrics)?.[1]);
    expect(written('queue')).toBe(wanted.length);
    expect(written('analytics')).toBeGreaterThan(0);
    expect(metrics).not.toMatch(/bitgate_decision_log_lost_total\{.*\} [1-9]/);
  });
});
