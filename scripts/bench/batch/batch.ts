/** Batches of 1,000 over HTTP in raw workerd, at M and L, beside a Worker that parses the same batches and answers as many bytes. */
import { type BenchOptions, type BenchResult, type Figure, roundsOf } from '../bench.ts';
import { MapOfSets } from '../core/map-of-sets.ts';
import { type Population, populate, type Question, SHAPES } from '../core/population.ts';
import { httpOptions, httpTable, runHttpBench, type TargetFigures } from '../http.ts';
import { parsingWorker, startRawWorker } from '../raw-worker.ts';
import { count } from '../statistics.ts';
import { type Exchange, type Server, shared, type Target } from '../target.ts';
import { startWorldServer } from '../world-server.ts';

const SIZE = 1_000;
/** so that one in three subjects of L is asked about */
const BATCHES = 40;
const WORLDS = ['M', 'L'];
const ROUNDS = 5;

function batchOf(questions: readonly Question[], key: string): Exchange {
  const checks = questions.map(({ subject, action, resourceType, resource }) => ({
    subject: `user:${subject}`,
    action,
    resource: `${resourceType}:${resource}`,
  }));
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return { method: 'POST', path: '/check/batch', headers, body: JSON.stringify({ checks }), expect: '' };
}

/**
 * Asked once to learn the text of the answer, whose decisions are compared with those of the Map of Sets; from then on the text is what is expected.
 * @throws Error at the first decision that differs
 */
async function answered(port: number, exchange: Exchange, questions: readonly Question[], map: MapOfSets): Promise<Exchange> {
  const { method, path, headers, body } = exchange;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`a batch was answered ${response.status} ${text.slice(0, 300)}`);
  const { results }: { results: readonly { readonly decision: boolean }[] } = JSON.parse(text);
  if (results.length !== questions.length) throw new Error(`a batch of ${questions.length} was answered by ${results.length}`);
  results.forEach(({ decision }, i) => {
    if (decision !== map.check(questions[i]!)) throw new Error(`a batch says ${decision} to ${JSON.stringify(questions[i])}`);
  });
  return { ...exchange, expect: text.slice(text.indexOf('"results":')) };
}

async function exchangesOf(port: number, world: Population, key: string): Promise<Exchange[]> {
  const map = new MapOfSets(world.rows);
  const exchanges: Exchange[] = [];
  for (let i = 0; i < BATCHES; i++) {
    const questions = world.questions(SIZE, i + 1);
    exchanges.push(await answered(port, batchOf(questions, key), questions, map));
  }
  return exchanges;
}

/** Batches at M and L. */
export async function benchBatch(options: BenchOptions): Promise<BenchResult> {
  const worlds = SHAPES.filter(({ name }) => WORLDS.includes(name)).map((shape) => populate(shape));
  const { server, keys } = await startWorldServer(worlds);
  try {
    return await benchBatches(worlds, server, keys, options);
  } finally {
    await server.stop();
  }
}

async function benchBatches(
  worlds: readonly Population[],
  server: Server,
  keys: ReadonlyMap<string, string>,
  options: BenchOptions,
): Promise<BenchResult> {
  const bitgate = shared(async () => server);
  const targets: Target[] = [];
  for (const world of worlds) {
    const { name } = world.shape;
    const exchanges = await exchangesOf(server.port, world, keys.get(name)!);
    const answer = `{${exchanges[0]!.expect}`;
    const parse = `parse and answer as much, ${name}`;
    const expecting = exchanges.map((exchange) => ({ ...exchange, expect: answer }));
    targets.push({ name: parse, start: () => startRawWorker(parsingWorker(answer)), exchanges: expecting });
    targets.push({ name: `batch of ${count(SIZE)}, ${name}`, start: bitgate, exchanges, comparedWith: parse });
  }
  const http = { ...httpOptions(options), rounds: roundsOf(options, ROUNDS) };
  const rows = await runHttpBench(targets, http);
  const text = httpTable(rows, http);
  const figures = worlds.flatMap(({ shape: { name } }) => figuresOf(name, rows, http.rounds));
  const decisions = figures
    .filter(({ unit }) => unit === RATE || unit === RATE_OF_CPU)
    .map(({ what, value, unit }) => `${what}: ${value === null ? 'not known' : count(value)} ${unit}`);
  return { text: `${text}\n${decisions.join('\n')}\n(each answer compared, whole; 16 connections, the load generator beside it)`, figures };
}

const RATE = 'decisions/s';
/** of the server: what it does when the machine is its own, and the load generator's is another */
const RATE_OF_CPU = 'decisions per second of CPU';
const MICROSECONDS = 1e6;

function figuresOf(world: string, rows: readonly TargetFigures[], rounds: number): Figure[] {
  const row = rows.find(({ name }) => name.endsWith(`batch of ${count(SIZE)}, ${world}`));
  const parse = rows.find(({ name }) => name === row?.comparedWith);
  if (row === undefined || parse === undefined) return [];
  const perDecision = (value: number | null): number | null => (value === null ? null : value / SIZE);
  return [
    {
      id: `batch.${world}`,
      what: row.name,
      value: row.requestsPerSecond * SIZE,
      unit: RATE,
      baseline: { what: 'parsing and answering as much', value: parse.requestsPerSecond * SIZE, ratio: row.requestRatio },
      rounds,
    },
    {
      id: `batch.${world}.cpu`,
      what: `${row.name}, CPU`,
      value: perDecision(row.cpuPerRequest),
      unit: 'µs/decision',
      baseline: { what: 'parsing and answering as much', value: perDecision(parse.cpuPerRequest), ratio: row.cpuRatio },
      rounds,
    },
    {
      id: `batch.${world}.per-cpu`,
      what: row.name,
      value: row.cpuPerRequest === null ? null : (SIZE * MICROSECONDS) / row.cpuPerRequest,
      unit: RATE_OF_CPU,
      rounds,
    },
  ];
}
