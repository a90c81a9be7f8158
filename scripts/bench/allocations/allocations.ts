/** Bytes that a decision allocates in the isolate, and a check over HTTP in raw workerd, beside those that do no more than HTTP and JSON. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { evaluate } from '../../../src/core/evaluate/evaluate.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import type { CheckRequest } from '../../../src/core/terms/request.ts';
import { table } from '../../lib/table.ts';
import { type BenchOptions, type BenchResult, type Figure, roundsOf } from '../bench.ts';
import { NOW, runMap } from '../core/deciding.ts';
import { compileInMemory } from '../core/in-memory.ts';
import { MapOfSets } from '../core/map-of-sets.ts';
import { type Population, populate, type Question, SHAPES } from '../core/population.ts';
import { startLoadProcess } from '../load-process.ts';
import { noOpWorker, parsingWorker, startRawWorker } from '../raw-worker.ts';
import { count, middle, ratio, shown } from '../statistics.ts';
import type { Exchange, Server } from '../target.ts';
import { startWorldServer } from '../world-server.ts';
import { allocationRate } from './garbage.ts';

/** of 10,000 decisions each: so few that the young generation takes all of them without a collection */
const ROUNDS = 100;
const DECISIONS = 10_000;
const WORLD = 'M';
const CONNECTIONS = 16;
const WARM_UP_MS = 5_000;
const MEASURE_MS = 4_000;
/** a small young generation is collected often, so that there is much to count */
const TRACE = ['--trace-gc', '--max-semi-space-size=1'];
const CONSTANT = '{"decision":true,"reason":"granted","revision":1}';

setFlagsFromString('--expose-gc');
const collect: (options: { type: 'minor' }) => void = runInNewContext('gc');

/** Bytes for each of `amount`. */
function bytesOf(amount: number, work: () => void): number {
  collect({ type: 'minor' });
  const before = getHeapStatistics().used_heap_size;
  work();
  return (getHeapStatistics().used_heap_size - before) / amount;
}

function requestOf({ subject, action, resourceType, resource }: Question): CheckRequest {
  return { subject: { type: 'user', id: subject }, action: { name: action }, resource: { type: resourceType, id: resource } };
}

function run(snapshot: Snapshot, requests: readonly CheckRequest[], answers: Uint8Array): void {
  for (let i = 0; i < requests.length; i++) {
    const decision = evaluate(snapshot, requests[i]!, NOW);
    if ('missing' in decision) throw new Error('a leaf is not at hand');
    answers[i] = decision.decision ? 1 : 0;
  }
}

/** @returns bytes per decision of each round; requests are made beforehand */
async function inTheIsolate(world: Population, map: MapOfSets, rounds: number): Promise<{ bitgate: number[]; map: number[] }> {
  const { snapshot } = await compileInMemory(world.rows);
  const bytes: { bitgate: number[]; map: number[] } = { bitgate: [], map: [] };
  const [ours, theirs] = [new Uint8Array(DECISIONS), new Uint8Array(DECISIONS)];
  // the first rounds let V8 compile
  for (let round = -10; round < rounds; round++) {
    const questions = world.questions(DECISIONS, round + 100);
    const requests = questions.map(requestOf);
    const own = bytesOf(DECISIONS, () => run(snapshot, requests, ours));
    const other = bytesOf(DECISIONS, () => runMap(map, questions, theirs));
    for (let i = 0; i < DECISIONS; i++) if (ours[i] !== theirs[i]) throw new Error(`different answers to ${JSON.stringify(questions[i])}`);
    if (round < 0) continue;
    bytes.bitgate.push(own);
    bytes.map.push(other);
  }
  return bytes;
}

/** @returns bytes per request */
async function overHttp(server: Server, exchanges: readonly Exchange[], measureMs: number): Promise<number | null> {
  const load = startLoadProcess();
  const job = { port: server.port, pid: server.pid, exchanges, connections: CONNECTIONS };
  try {
    const { requests, seconds } = await load.run({ ...job, warmUpMs: WARM_UP_MS, measureMs });
    // workerd prints in blocks: what it last said lies somewhere in the time that was measured
    const bytesPerMs = allocationRate(server.said?.() ?? '', measureMs);
    return bytesPerMs === null ? null : (bytesPerMs * seconds * 1_000) / requests;
  } finally {
    load.stop();
    await server.stop();
  }
}

function exchanges(world: Population, map: MapOfSets, key: string, method: 'GET' | 'POST'): Exchange[] {
  const authorization = `Bearer ${key}`;
  return world.questions(2_000, 3).map((question) => {
    const asked = {
      subject: `user:${question.subject}`,
      action: question.action,
      resource: `${question.resourceType}:${question.resource}`,
    };
    const expect = `"decision":${map.check(question)}`;
    if (method === 'GET') return { method, path: `/check?${new URLSearchParams(asked)}`, headers: { authorization }, body: '', expect };
    return { method, path: '/check', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(asked), expect };
  });
}

/** Allocations at M. */
export async function benchAllocations(options: BenchOptions): Promise<BenchResult> {
  const world = populate(SHAPES.find(({ name }) => name === WORLD)!);
  const map = new MapOfSets(world.rows);
  const rounds = roundsOf(options, ROUNDS);
  const isolate = await inTheIsolate(world, map, rounds);
  const measureMs = options.quick ? MEASURE_MS / 2 : MEASURE_MS;
  const figures: Figure[] = [
    {
      id: 'allocations.decision',
      what: 'allocated by a decision in the isolate',
      value: middle(isolate.bitgate),
      unit: 'B',
      baseline: { what: 'Map of Sets', value: middle(isolate.map), ratio: ratio(isolate.bitgate, isolate.map) },
      rounds,
    },
  ];
  for (const method of ['POST', 'GET'] as const) {
    const { server, keys } = await startWorldServer([world], { v8Flags: TRACE });
    const asked = exchanges(world, map, keys.get(WORLD)!, method);
    const own = await overHttp(server, asked, measureMs);
    const worker = method === 'POST' ? parsingWorker(CONSTANT) : noOpWorker(CONSTANT);
    const constant = asked.map((exchange) => ({ ...exchange, expect: CONSTANT }));
    const other = await overHttp(await startRawWorker(worker, TRACE), constant, measureMs);
    figures.push({
      id: `allocations.${method.toLowerCase()}`,
      what: `allocated by a ${method} /check`,
      value: own,
      unit: 'B',
      baseline: { what: method === 'POST' ? 'parse and answer a constant' : 'no-op Worker', value: other, ratio: ratio([own], [other]) },
      rounds: 1,
    });
  }
  const rows = figures.map(({ what, value, baseline }) => [what, shown(value), baseline?.what ?? '', shown(baseline?.value ?? null)]);
  const note = `(world ${WORLD}; in the isolate: medians of ${count(rounds)} rounds of ${count(DECISIONS)} decisions, the request at hand; over HTTP: what \`--trace-gc\` of workerd says, of V8's own heap)`;
  return { text: `${table(['bytes', 'bitgate', 'beside', 'its bytes'], rows)}\n${note}`, figures };
}
