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
import { type CompiledInMemory, compileInMemory } from '../core/in-memory.ts';
import { populate, SHAPES, type Shape } from '../core/population.ts';
import { median } from '../http.ts';

const ROUNDS = 7;
const LIMIT = 1_000;
export const NOW = Date.UTC(2026, 10, 21);
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

/** @returns the table; every answer is compared */
export async function benchListTable(): Promise<string> {
  const shape: Shape = SHAPES.at(-1)!;
  const compiled = await compileInMemory(populate(shape).rows);
  const members = membersOf(compiled.snapshot, shape.subjects);
  const rows: readonly [Row, Row, Row] = [
    { name: 'first page, no leaf at hand', start: 0, times: [] },
    { name: 'first page, all leaves at hand', start: 0, times: [] },
    { name: 'the page behind it', start: LIMIT, times: [] },
  ];
  const take = async ({ times, start }: Row, session: Session, from: ListFrom): Promise<ListPage> => {
    const taken = await timed(session, from);
    times.push(taken);
    return prove(taken, members, start);
  };
  for (let round = 0; round < ROUNDS; round++) {
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
    `${median(times.map(({ decisions }) => decisions)) ?? 0}`,
    `${Math.round(median(times.map(({ cpu }) => cpu)) ?? 0)}`,
  ]);
  const note =
    `(ms of CPU in all threads, medians of ${ROUNDS}, Node ${process.versions.node}; 100 000 subjects, 1 000 000 assignments, ${members.length} members in ` +
    `pages of ${LIMIT}; members and total compared with a check of each)`;
  return `${table(['list of 100 000 subjects', 'decisions', 'CPU ms'], shown)}\n${note}`;
}
