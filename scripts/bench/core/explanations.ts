/**
 * Why beside what: the same questions explained and only decided, in one isolate. Rounds are interleaved, every decision of both is compared, and the
 * figures are medians; what counts is the ratio.
 */
import { evaluate } from '../../../src/core/evaluate/evaluate.ts';
import { explain } from '../../../src/core/evaluate/explain.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import type { CheckRequest } from '../../../src/core/terms/request.ts';
import { table } from '../../lib/table.ts';
import { type BenchOptions, type BenchResult, type Figure, roundsOf } from '../bench.ts';
import { middle, ratio } from '../statistics.ts';
import { NOW } from './deciding.ts';
import { compileInMemory } from './in-memory.ts';
import { type Population, populate, SHAPES, type Shape } from './population.ts';

const ROUNDS = 15;
const QUESTIONS = 4_000;

function requestsOf(population: Population, seed: number): CheckRequest[] {
  return population.questions(QUESTIONS, seed).map(({ subject, action, resourceType, resource }) => ({
    subject: { type: 'user', id: subject },
    action: { name: action },
    resource: { type: resourceType, id: resource },
  }));
}

type Ask = (snapshot: Snapshot, request: CheckRequest, now: number) => ReturnType<typeof evaluate>;

/** Nanoseconds for each request. */
function time(ask: Ask, snapshot: Snapshot, requests: readonly CheckRequest[], answers: Uint8Array): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < requests.length; i++) {
    const answer = ask(snapshot, requests[i]!, NOW);
    if ('missing' in answer) throw new Error('a leaf is not at hand');
    answers[i] = answer.decision ? 1 : 0;
  }
  return Number(process.hrtime.bigint() - start) / requests.length;
}

interface Times {
  readonly check: number;
  readonly allow: number;
  readonly deny: number;
  readonly explain: number;
}

async function benchExplanations(shape: Shape, rounds: number): Promise<Times[]> {
  const population = populate(shape);
  const { snapshot } = await compileInMemory(population.rows);
  const decided = new Uint8Array(QUESTIONS);
  const explained = new Uint8Array(QUESTIONS);
  const times: Times[] = [];
  for (let round = -2; round < rounds; round++) {
    const requests = requestsOf(population, round + 3);
    // Each after a turn that isn't counted: what one has just read is warm for the other.
    time(evaluate, snapshot, requests, decided);
    const check = time(evaluate, snapshot, requests, decided);
    time(explain, snapshot, requests, explained);
    const both = time(explain, snapshot, requests, explained);
    for (let i = 0; i < QUESTIONS; i++)
      if (decided[i] !== explained[i]) throw new Error(`explained otherwise than decided: ${JSON.stringify(requests[i])}`);
    const [allowed, denied] = [1, 0].map((answer) => requests.filter((_, i) => decided[i] === answer));
    const allow = time(explain, snapshot, allowed!, explained);
    const deny = time(explain, snapshot, denied!, explained);
    if (round >= 0) times.push({ check, allow, deny, explain: both });
  }
  return times;
}

function row(world: string, times: readonly Times[]): string[] {
  const figure = (of: (each: Times) => number): string => (middle(times.map(of)) / 1_000).toFixed(2);
  const perCheck = middle(times.map((each) => each.explain / each.check)).toFixed(1);
  return [
    world,
    figure(({ check }) => check),
    figure((each) => each.explain),
    figure(({ allow }) => allow),
    figure(({ deny }) => deny),
    perCheck,
  ];
}

function figureOf(world: string, times: readonly Times[]): Figure {
  const [checks, explanations] = [times.map(({ check }) => check / 1_000), times.map((each) => each.explain / 1_000)];
  return {
    id: `explain.${world}`,
    what: `explaining, ${world}`,
    value: middle(explanations),
    unit: 'µs',
    baseline: { what: 'a check', value: middle(checks), ratio: ratio(explanations, checks) },
    rounds: times.length,
  };
}

/** Explanations at S, M and L. */
export async function benchExplanationsTable(options: BenchOptions): Promise<BenchResult> {
  const rounds = roundsOf(options, ROUNDS);
  const rows: string[][] = [];
  const figures: Figure[] = [];
  for (const shape of SHAPES) {
    const times = await benchExplanations(shape, rounds);
    rows.push(row(shape.name, times));
    figures.push(figureOf(shape.name, times));
  }
  const header = ['world', 'check µs', 'explain µs', 'of an allow', 'of a deny', 'explain / check'];
  const note = `(medians of ${rounds} rounds of ${QUESTIONS} questions, every leaf at hand, one core, Node ${process.versions.node}; a deny comes with up to three near misses, each tried)`;
  return { text: `${table(header, rows)}\n${note}`, figures };
}
