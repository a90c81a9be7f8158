/**
 * CPU time of one list of who may, in an organization of 100,000 subjects and 1,000,000 assignments: the first page with its exact total, with no leaf at
 * hand and with all at hand, and a page behind it. Members and total are compared with deciding about every subject.
 */
import { evaluate } from '../../../src/core/evaluate/evaluate.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { listPage } from '../../../src/pdp/list/list.ts';
import { LIST_START, type ListFrom, type ListPage, type ListQuestion } from '../../../src/pdp/list/question.ts';
import { Pdp, type Session } from '../../../src/pdp/pdp.ts';
import { sha256Hex } from '../../../src/storage/sha256.ts';
import { table } from '../../lib/table.ts';
import { type BenchOptions, type BenchResult, type Figure, roundsOf } from '../bench.ts';
import { NOW } from '../core/deciding.ts';
import { type CompiledInMemory, compileInMemory } from '../core/in-memory.ts';
import { populate, SHAPES, type Shape } from '../core/population.ts';
import { middle, ratio } from '../statistics.ts';

const ROUNDS = 7;
const LIMIT = 1_000;
export const LIFE = { waitUntil: (): void => {} };

const QUESTION: ListQuestion = {
  of: 'subjects',
  type: 'user',
  action: { name: 'area0:read' },
  resource: { type: 'dataset', id: 'd1' },
};

/** What waits for something that came is no reason to go on; a pause is. */
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    if (ms > 0) timer.unref();
  });
}

export function dataPlane({ stored, manifest }: CompiledInMemory): Pdp {
  const pointer = { revision: 1, manifest, behindSince: null };
  const blob = async (hash: string): Promise<ArrayBuffer | null> => stored.get(hash)?.slice().buffer ?? null;
  const store = { pointer: async () => pointer, kept: async () => pointer, blob };
  const location = { get: async () => null, put: async () => {} };
  const surroundings = {
    now: () => NOW,
    random: () => 0,
    sleep,
    sha256: (bytes: ArrayBuffer) => sha256Hex(new Uint8Array(bytes)),
  };
  return new Pdp(() => ({ publisher: store, blobs: store, location }), surroundings);
}

/** Everybody whom a check allows it, in order, by deciding about each. */
function membersOf(snapshot: Snapshot, subjects: number): string[] {
  const members: string[] = [];
  for (let i = 0; i < subjects; i++) {
    const id = `u${i}`;
    if (QUESTION.of !== 'subjects') break;
    const { action, resource } = QUESTION;
    const decision = evaluate(snapshot, { subject: { type: 'user', id }, action, resource }, NOW);
    if (!('missing' in decision) && decision.decision) members.push(`user:${id}`);
  }
  return members.sort();
}

interface Timed {
  readonly decisions: number;
  /** CPU, all threads: hashing is on another one */
  readonly cpu: number;
  readonly page: ListPage;
}

async function timed(session: Session, from: ListFrom): Promise<Timed> {
  const scan = session.scan();
  const decide = scan.decide.bind(scan);
  let decisions = 0;
  scan.decide = (...asked) => {
    decisions++;
    return decide(...asked);
  };
  const before = process.cpuUsage();
  const page = await listPage({ scan: () => scan }, QUESTION, from, LIMIT, NOW);
  const { user, system } = process.cpuUsage(before);
  return { decisions, cpu: (user + system) / 1_000, page };
}

interface Row {
  /** of its figure */
  readonly id: string;
  readonly name: string;
  readonly start: number;
  readonly times: Timed[];
}

/** @throws Error when the page isn't what checks say */
function prove({ page }: Timed, members: readonly string[], start: number): ListPage {
  const same = page.total === members.length && page.items.every((item, i) => item === members[start + i]);
  if (same && page.items.length === Math.min(LIMIT, members.length - start)) return page;
  throw new Error('the list is not the filter by checks');
}

/** Deciding about each, one after another: what a list without an index of its own does. @returns ms of CPU */
function eachDecided(compiled: CompiledInMemory, shape: Shape, members: readonly string[]): number {
  const before = process.cpuUsage();
  const found = membersOf(compiled.snapshot, shape.subjects);
  const { user, system } = process.cpuUsage(before);
  if (found.length !== members.length) throw new Error('deciding about each gave another list');
  return (user + system) / 1_000;
}

/** Pages of everybody who may, at L. */
export async function benchListTable(options: BenchOptions): Promise<BenchResult> {
  const rounds = roundsOf(options, ROUNDS);
  const shape: Shape = SHAPES.at(-1)!;
  const compiled = await compileInMemory(populate(shape).rows);
  const members = membersOf(compiled.snapshot, shape.subjects);
  const rows: readonly [Row, Row, Row] = [
    { id: 'list.cold', name: 'first page, no leaf at hand', start: 0, times: [] },
    { id: 'list.warm', name: 'first page, all leaves at hand', start: 0, times: [] },
    { id: 'list.next', name: 'the page behind it', start: LIMIT, times: [] },
  ];
  const take = async ({ times, start }: Row, session: Session, from: ListFrom): Promise<ListPage> => {
    const taken = await timed(session, from);
    times.push(taken);
    return prove(taken, members, start);
  };
  const decided: number[] = [];
  for (let round = 0; round < rounds; round++) {
    decided.push(eachDecided(compiled, shape, members));
    const session = await dataPlane(compiled).open('bench', {}, LIFE);
    await take(rows[0], session, LIST_START);
    compiled.snapshot.principals.forEach((leaf, i) => {
      session.snapshot.principals[i] = leaf;
    });
    const { next } = await take(rows[1], session, LIST_START);
    if (next !== null) await take(rows[2], session, next);
  }
  const shown = rows.map(({ name, times }) => [
    name,
    `${middle(times.map(({ decisions }) => decisions))}`,
    `${Math.round(middle(times.map(({ cpu }) => cpu)))}`,
  ]);
  shown.push(['checking each, all leaves at hand', `${shape.subjects}`, `${Math.round(middle(decided))}`]);
  const note =
    `(ms of CPU in all threads, medians of ${rounds}, Node ${process.versions.node}; 100 000 subjects, 1 000 000 assignments, ${members.length} members in ` +
    `pages of ${LIMIT}; members and total compared with a check of each)`;
  const figures = rows.map((row) => figureOf(row, decided));
  return { text: `${table(['list of 100 000 subjects', 'decisions', 'CPU ms'], shown)}\n${note}`, figures };
}

function figureOf({ id, name, times }: Row, decided: readonly number[]): Figure {
  const cpu = times.map((each) => each.cpu);
  const baseline = { what: 'checking each, all at hand', value: middle(decided), ratio: ratio(cpu, decided) };
  return { id, what: `list of 100 000 subjects: ${name}`, value: middle(cpu), unit: 'ms CPU', baseline, rounds: times.length };
}
