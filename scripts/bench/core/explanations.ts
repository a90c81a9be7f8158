/**
 * Why beside what: the same questions explained and only decided, in one isolate. Rounds are interleaved, every decision of both is compared, and the
 * figures are medians; what counts is the ratio.
 */
import { evaluate } from '../../../src/core/evaluate/evaluate.ts';
import { explain } from '../../../src/core/evaluate/explain.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import type { CheckRequest } from '../../../src/core/terms/request.ts';
import { table } from '../../lib/table.ts';
import { compileInMemory } from './in-memory.ts';
import { type Population, populate, SHAPES, type Shape } from './population.ts';

const ROUNDS = 15;
const QUESTIONS = 4_000;
const NOW = Date.UTC(2026, 10, 21);

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

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

async function benchExplanations(shape: Shape): Promise<string[]> {
  const population = populate(shape);
  const { snapshot } = await compileInMemory(population.rows);
  const decided = new Uint8Array(QUESTIONS);
  const explained = new Uint8Array(QUESTIONS);
  const times: { readonly check: number; readonly allow: number; readonly deny: number; readonly explain: number }[] = [];
  for (let round = -2; round < ROUNDS; round++) {
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
  const figure = (of: (each: (typeof times)[number]) => number): string => (median(times.map(of)) / 1_000).toFixed(2);
  return [
    shape.name,
    figure(({ check }) => check),
    figure((each) => each.explain),
    figure(({ allow }) => allow),
    figure(({ deny }) => deny),
    median(times.map((each) => each.explain / each.check)).toFixed(1),
  ];
}

/** Explanations at S, M and L. @returns the table, every decision having been compared */
export async function benchExplanationsTable(): Promise<string> {
  const rows: string[][] = [];
  for (const shape of SHAPES) rows.push(await benchExplanations(shape));
  const header = ['world', 'check µs', 'explain µs', 'of an allow', 'of a deny', 'explain / check'];
  const note = `(medians of ${ROUNDS} rounds of ${QUESTIONS} questions, every leaf at hand, one core, Node ${process.versions.node}; a deny comes with up to three near misses, each tried)`;
  return `${table(header, rows)}\n${note}`;
}
