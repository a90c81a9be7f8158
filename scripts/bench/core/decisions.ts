/**
 * Decisions per second in one isolate, beside a Map of Sets that answers the same questions. Rounds are interleaved and every answer of both
 * is compared; the figures are medians. Ratios of one run are what counts: absolute figures are those of the machine.
 */
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { table } from '../../lib/table.ts';
import type { BenchOptions, BenchResult, Figure } from '../bench.ts';
import { roundsOf } from '../bench.ts';
import { count, middle, ratio } from '../statistics.ts';
import { decide, proveSame, runBitgate, runMap, time } from './deciding.ts';
import { compileInMemory } from './in-memory.ts';
import { MapOfSets } from './map-of-sets.ts';
import { populate, type Question, SHAPES, type Shape } from './population.ts';
import { REAL_SHAPE } from './real-shape.ts';

const ROUNDS = 9;
const QUESTIONS = 200_000;
/** decisions between two looks at the clock, which costs as much as a decision */
const BLOCK = 16;

interface World {
  readonly shape: Shape;
  /** decisions per second, of each round */
  readonly bitgate: readonly number[];
  readonly map: readonly number[];
  /** microseconds of the middle decision, of each round */
  readonly p50: readonly number[];
  /** share of the questions */
  readonly allowed: number;
  readonly bytesPerAssignment: number;
  /** bytes of the rows as JSON, per assignment */
  readonly jsonPerAssignment: number;
  readonly leaves: number;
}

function p50(snapshot: Snapshot, questions: readonly Question[]): number {
  const blocks: number[] = [];
  for (let from = 0; from + BLOCK <= questions.length; from += BLOCK) {
    const start = performance.now();
    for (let i = from; i < from + BLOCK; i++) decide(snapshot, questions[i]!);
    blocks.push(((performance.now() - start) * 1_000) / BLOCK);
  }
  return middle(blocks);
}

async function benchWorld(shape: Shape, rounds: number): Promise<World> {
  const population = populate(shape);
  const { snapshot, bytes, leaves } = await compileInMemory(population.rows);
  const map = new MapOfSets(population.rows);
  const [bitgate, mapOfSets, medians]: [number[], number[], number[]] = [[], [], []];
  const ours = new Uint8Array(QUESTIONS);
  const theirs = new Uint8Array(QUESTIONS);
  for (let round = -1; round < rounds; round++) {
    const [forUs, forThem] = [population.questions(QUESTIONS, round + 2), population.questions(QUESTIONS, round + 2)];
    const takeOurs = (): number => time(() => runBitgate(snapshot, forUs, ours));
    const takeTheirs = (): number => time(() => runMap(map, forThem, theirs));
    // in turn first and second
    const swapped = round % 2 !== 0;
    const [first, second] = swapped ? [takeTheirs(), takeOurs()] : [takeOurs(), takeTheirs()];
    proveSame(forUs, ours, theirs, 'the Map of Sets');
    const middleOne = p50(snapshot, population.questions(QUESTIONS, round + 1_002));
    if (round < 0) continue;
    bitgate.push((QUESTIONS * 1e9) / (swapped ? second : first));
    mapOfSets.push((QUESTIONS * 1e9) / (swapped ? first : second));
    medians.push(middleOne);
  }
  return {
    shape,
    bitgate,
    map: mapOfSets,
    p50: medians,
    allowed: ours.reduce((sum, answer) => sum + answer, 0) / QUESTIONS,
    bytesPerAssignment: bytes.principals / shape.assignments,
    jsonPerAssignment: rowsAsJson(population.rows) / shape.assignments,
    leaves: leaves.principals + leaves.resources,
  };
}

/** What the leaves of principals are made of. */
function rowsAsJson({ assignments, memberships, group_nesting, subjects }: ReturnType<typeof populate>['rows']): number {
  const bytes = (rows: readonly object[]): number => rows.reduce((sum: number, row) => sum + JSON.stringify(row).length + 1, 0);
  return bytes(assignments) + bytes(memberships) + bytes(group_nesting) + bytes(subjects);
}

function figuresOf({ shape, bitgate, map, p50: medians, bytesPerAssignment, jsonPerAssignment }: World): Figure[] {
  const rounds = bitgate.length;
  const beside = { what: 'Map of Sets', value: middle(map), ratio: ratio(bitgate, map) };
  const perJson = { what: 'the rows as JSON', value: jsonPerAssignment, ratio: bytesPerAssignment / jsonPerAssignment };
  const { name } = shape;
  return [
    { id: `decisions.${name}`, what: `decisions in the isolate, ${name}`, value: middle(bitgate), unit: '/s', baseline: beside, rounds },
    {
      id: `decisions.${name}.p50`,
      what: `the middle decision, ${name}`,
      value: middle(medians),
      unit: 'µs',
      baseline: { what: 'Map of Sets, mean', value: 1e6 / middle(map), ratio: null },
      rounds,
    },
    { id: `size.${name}`, what: `bytes per assignment, ${name}`, value: bytesPerAssignment, unit: 'B', baseline: perJson, rounds: 1 },
  ];
}

function row(world: World): string[] {
  const { shape, allowed, bytesPerAssignment, leaves } = world;
  return [
    shape.name,
    count(shape.subjects),
    count(shape.assignments),
    count(middle(world.bitgate)),
    count(middle(world.map)),
    (ratio(world.bitgate, world.map) ?? 0).toFixed(2),
    middle(world.p50).toFixed(2),
    `${(100 * allowed).toFixed(0)} %`,
    bytesPerAssignment.toFixed(1),
    count(leaves),
  ];
}

/** Decisions at S, M, L and with a real catalog. */
export async function benchDecisionsTable(options: BenchOptions): Promise<BenchResult> {
  const rounds = roundsOf(options, ROUNDS);
  const worlds: World[] = [];
  for (const shape of [...SHAPES, REAL_SHAPE]) worlds.push(await benchWorld(shape, rounds));
  const header = [
    'world',
    'subjects',
    'assignments',
    'bitgate/s',
    'Map of Sets/s',
    'ratio',
    'p50 µs',
    'allowed',
    'bytes/assignment',
    'leaves',
  ];
  const note = `(medians of ${rounds} rounds of ${count(QUESTIONS)} questions in turn, of the thread's CPU time (p50: of the clock, ${BLOCK} at a time), one core, Node ${process.versions.node}; every answer compared; subjects at random; \`catalog\`: 2 500 roles, 14 000 privileges, 165 000 pairs)`;
  return { text: `${table(header, worlds.map(row))}\n${note}`, figures: worlds.flatMap(figuresOf) };
}
