/**
 * The soak: the built Worker in workerd, 50 requests at a time in every way of asking, while another client keeps changing the organization.
 * Every answer is held against the naive evaluator on the rows of the revision that it names; nothing may be wrong, nothing 5xx, and what lives in the
 * Worker's isolate after a collection is flat. `BITGATE_SOAK_MINUTES=10` is the long form, which also asks for 200,000 checks and 500 publishes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleWorker } from '../../scripts/lib/bundle.ts';
import { addressOf, startLocalWorker } from '../../scripts/lib/local-worker.ts';
import { migrate } from '../../scripts/lib/migrate.ts';
import { randomFrom } from '../properties/random.ts';
import { ask, Client, Refused } from './soak/asking.ts';
import { Isolate } from './soak/inspector.ts';
import { Judge } from './soak/judge.ts';
import { heapGrowth, type Weighed, workerdMemory } from './soak/memory.ts';
import { rowsNow } from './soak/rows.ts';
import { Changes, manifest, ORG } from './soak/world.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOKEN = 'a-root-token-of-at-least-32-characters';
const MINUTES = Number(process.env.BITGATE_SOAK_MINUTES ?? 1);
const LONG_MINUTES = 10;
const AT_A_TIME = 50;
/** from the beginning of one write to that of the next, unless it takes longer itself */
const WRITE_EVERY_MS = 800;
const SAMPLES = 10;
/** what may come and go in the isolate with the requests that are under way, and the publish */
const HEAP_GROWTH_MIB = 0.75;
/** of the whole process, which holds the simulators' memory and everybody's garbage: it must not run away, no more */
const RESIDENT_MIB = 2_048;

let state: string;
let miniflare: Miniflare;
let isolate: Isolate;
let root: Client;
/** each key has a limit of requests a minute */
const KEYS = 10;
const askers: Client[] = [];

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'bitgate-soak-'));
  const script = await bundleWorker(join(ROOT, 'src/worker.ts'));
  const bindings = { BITGATE_ROOT_TOKEN: TOKEN, BITGATE_SIGNING_KEY: TOKEN };
  miniflare = await startLocalWorker({ script, host: '127.0.0.1', port: 0, state, bindings, inspected: true });
  isolate = await Isolate.of(miniflare);
  await migrate(await miniflare.getD1Database('DB'), join(ROOT, 'src/storage/d1/migrations'));
  const address = await addressOf(miniflare);
  root = new Client(address, TOKEN);
  await root.send('POST', '/admin/orgs', { id: ORG });
  await root.send('PUT', `/admin/orgs/${ORG}/manifest`, manifest);
  for (let i = 0; i < KEYS; i++) {
    const asker = { name: `asker ${i}`, roles: [{ role: 'Asker', scope: 'org' }] };
    const { body } = await root.send('POST', `/admin/orgs/${ORG}/api-keys`, asker);
    askers.push(new Client(address, String(body.secret)));
  }
});

afterAll(async () => {
  isolate?.close();
  await miniflare?.dispose();
  rmSync(state, { recursive: true });
});

/** What went on, told at the end. */
const tally = { requests: 0, publishes: 0, refusals: 0 };
const refusals: string[] = [];
const judge = new Judge();
let newest = 0;
let over = false;

async function refused(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tally.refusals++;
    if (refusals.length < 5) refusals.push(error.message);
    return true;
  }
}

/** One of the fifty: asks, and asks again when it is answered. */
async function keepAsking(seed: number): Promise<void> {
  const random = randomFrom(seed);
  const asker = askers[seed % KEYS]!;
  while (!over) {
    tally.requests++;
    await refused(ask(asker, random, newest).then((answered) => judge.judge(answered)));
  }
}

async function learn(): Promise<void> {
  const { revision, rows } = await rowsNow(await miniflare.getD1Database('DB'), ORG);
  judge.learn(revision, rows);
  newest = revision;
}

/** The only one that writes: what is in the database after a write is what the write made. */
async function keepChanging(): Promise<void> {
  const changes = new Changes(randomFrom(7));
  while (!over) {
    const began = Date.now();
    const { method, path, body } = changes.next();
    const gone = await refused(
      root.send(method, `/admin/orgs/${ORG}${path}`, body).then((answer) => {
        if (answer.body.published === true && answer.body.revision !== newest) tally.publishes++;
        if (method === 'POST' && path === '/api-keys') changes.keys.push(String(answer.body.id));
      }),
    );
    if (!gone) await learn();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + WRITE_EVERY_MS - Date.now())));
  }
}

/** From the beginning to the end, and then it is over: the isolate collects when it has requests to serve. */
async function keepWeighing(): Promise<Weighed[]> {
  const began = Date.now();
  const samples: Weighed[] = [];
  for (let i = 0; i <= SAMPLES; i++) {
    const due = began + (i / SAMPLES) * MINUTES * 60_000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
    samples.push({ heap: await isolate.heap(), resident: workerdMemory() });
  }
  over = true;
  return samples;
}

it(
  `${MINUTES} min of ${AT_A_TIME} requests at a time beside a writer: no wrong answer, no refusal, flat memory`,
  async () => {
    await learn();
    const asking = Array.from({ length: AT_A_TIME }, (_, i) => keepAsking(i + 1));
    const [samples] = await Promise.all([keepWeighing(), keepChanging(), ...asking]);
    await learn();
    judge.end();

    const { checks, lists, allows, wrong, examples, revisions } = judge;
    const heaps = samples.map(({ heap }) => heap).join(' ');
    const resident = samples.map((each) => each.resident).join(' ');
    console.log(
      `soak of ${MINUTES} min: ${tally.requests} requests, ${checks} checks (${allows} allowed) and ${lists} lists compared with the oracle ` +
        `at ${revisions.size} revisions, ${wrong} wrong; ${tally.publishes} publishes; ${tally.refusals} refused; ` +
        `MiB that live in the isolate ${heaps}; MiB of workerd, with the simulators of D1, KV and objects ${resident}`,
    );
    expect(examples).toEqual([]);
    expect(wrong).toBe(0);
    expect(refusals).toEqual([]);
    expect(revisions.size).toBeGreaterThan(1);
    expect(allows).toBeGreaterThan(checks / 20);
    expect(allows).toBeLessThan((checks * 19) / 20);
    expect(lists).toBeGreaterThan(0);
    expect(heapGrowth(samples)).toBeLessThanOrEqual(HEAP_GROWTH_MIB);
    expect(Math.max(...samples.map(({ resident }) => resident ?? 0))).toBeLessThanOrEqual(RESIDENT_MIB);
    if (MINUTES < LONG_MINUTES) return;
    expect(checks).toBeGreaterThanOrEqual(200_000);
    expect(tally.publishes).toBeGreaterThanOrEqual(500);
  },
  MINUTES * 60_000 + 120_000,
);
