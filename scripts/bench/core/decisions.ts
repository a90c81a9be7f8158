/**
 * Decisions per second in one isolate, beside a Map of Sets that answers the same questions. Rounds are interleaved and every answer of both
 * is compared; the figures are medians. Ratios of one run are what counts: absolute figures are those of the machine.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { evaluate } from '../../../src/core/evaluate/evaluate.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { table } from '../../lib/table.ts';
import { compileInMemory } from './in-memory.ts';
import { MapOfSets } from './map-of-sets.ts';
import { populate, type Question, SHAPES, type Shape } from './population.ts';

const ROUNDS = 9;
const QUESTIONS = 200_000;
const NOW = Date.UTC(2026, 10, 21);

export interface DecisionFigures {
  readonly world: string;
  /** decisions per second, medians */
  readonly bitgate: number;
  readonly mapOfSets: number;
  readonly ratio: number;
  readonly allowed: number;
  readonly bytesPerAssignment: number;
  readonly catalogBytes: number;
  readonly manifestBytes: number;
  readonly leaves: number;
}

function runBitgate(snapshot: Snapshot, questions: readonly Question[], answers: Uint8Array): void {
  for (let i = 0; i < questions.length; i++) {
    const question = questions[i]!;
    const decision = evaluate(
      snapshot,
      {
        subject: { type: 'user', id: question.subject },
        action: { name: question.action },
        resource: { type: question.resourceType, id: question.resource },
      },
      NOW,
    );
    if ('missing' in decision) throw new Error('a leaf is not at hand');
    answers[i] = decision.decision ? 1 : 0;
  }
}

function runMap(map: MapOfSets, questions: readonly Question[], answers: Uint8Array): void {
  for (let i = 0; i < questions.length; i++) answers[i] = map.check(questions[i]!) ? 1 : 0;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Nanoseconds that `work` takes. */
function time(work: () => void): number {
  collectGarbage();
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start);
}

export async function benchDecisions(shape: Shape): Promise<DecisionFigures> {
  const population = populate(shape);
  const { snapshot, bytes, leaves } = await compileInMemory(population.rows);
  const map = new MapOfSets(population.rows);
  const times: { bitgate: number[]; map: number[] } = { bitgate: [], map: [] };
  const ours = new Uint8Array(QUESTIONS);
  const theirs = new Uint8Array(QUESTIONS);
  let allowed = 0;
  for (let round = -1; round < ROUNDS; round++) {
    const forUs = population.questions(QUESTIONS, round + 2);
    const forThem = population.questions(QUESTIONS, round + 2);
    // in turn first and second, each after the garbage of making its questions is gone
    const takeOurs = (): number => time(() => runBitgate(snapshot, forUs, ours));
    const takeTheirs = (): number => time(() => runMap(map, forThem, theirs));
    const [bitgateTime, mapTime] =
      round % 2 === 0 ? [takeOurs(), takeTheirs()] : (([a, b]: number[]) => [b!, a!])([takeTheirs(), takeOurs()]);
    for (let i = 0; i < QUESTIONS; i++) if (ours[i] !== theirs[i]) throw new Error(`different answers to ${JSON.stringify(forUs[i])}`);
    if (round < 0) continue;
    times.bitgate.push(bitgateTime!);
    times.map.push(mapTime!);
    allowed = ours.reduce((sum, answer) => sum + answer, 0);
  }
  const perSecond = (samples: readonly number[]): number => (QUESTIONS * 1e9) / median(samples);
  return {
    world: shape.name,
    bitgate: perSecond(times.bitgate),
    mapOfSets: perSecond(times.map),
    ratio: median(times.map.map((time, i) => time / times.bitgate[i]!)),
    allowed: allowed / QUESTIONS,
    bytesPerAssignment: bytes.principals / shape.assignments,
    catalogBytes: bytes.catalog,
    manifestBytes: bytes.manifest,
    leaves: leaves.principals + leaves.resources,
  };
}

/** Decisions at S, M and L. @returns the table, every answer having been compared */
export async function benchDecisionsTable(): Promise<string> {
  const rows: string[][] = [];
  for (const shape of SHAPES) {
    const figures = await benchDecisions(shape);
    rows.push([
      figures.world,
      count(shape.subjects),
      count(shape.assignments),
      count(Math.round(figures.bitgate)),
      count(Math.round(figures.mapOfSets)),
      figures.ratio.toFixed(2),
      `${(100 * figures.allowed).toFixed(0)} %`,
      figures.bytesPerAssignment.toFixed(1),
      count(figures.leaves),
    ]);
  }
  const header = ['world', 'subjects', 'assignments', 'bitgate/s', 'Map of Sets/s', 'ratio', 'allowed', 'bytes/assignment', 'leaves'];
  const note = `(medians of ${ROUNDS} rounds of ${count(QUESTIONS)} questions in turn, one core, Node ${process.versions.node}; every answer compared; subjects at random)`;
  return `${table(header, rows)}\n${note}`;
}

function count(value: number): string {
  return value.toLocaleString('en').replaceAll(',', ' ');
}
