/**
 * The first check of a cold isolate: what it reads, how many reads wait for one another, and the CPU of opening. Reads are counted at the bindings of the real
 * Worker in raw workerd, which has just started; CPU is that of a fresh process each time.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from '../../lib/table.ts';
import { type BenchOptions, type BenchResult, type Figure, roundsOf } from '../bench.ts';
import { NOW } from '../core/deciding.ts';
import { compileInMemory } from '../core/in-memory.ts';
import { MapOfSets } from '../core/map-of-sets.ts';
import { type Population, populate, type Question, SHAPES } from '../core/population.ts';
import { REAL_SHAPE } from '../core/real-shape.ts';
import { count, median, middle, shown } from '../statistics.ts';
import { startWorldServer } from '../world-server.ts';
import type { Opened, OpenJob } from './open-process.ts';
import type { Read } from './reads.ts';

const ROUNDS = 7;
const SEED = 9;
const KIB = 1_024;

interface First {
  readonly world: string;
  readonly reads: readonly Read[];
  readonly open: readonly number[];
  readonly cpu: readonly number[];
  readonly jsonKib: number;
  readonly jsonCpu: number;
}

/** Each world's first check in a Worker that has just started; the answers are compared. @returns reads by the name of the world */
async function readsOf(worlds: readonly Population[]): Promise<Map<string, Read[]>> {
  const { server, keys } = await startWorldServer(worlds, { entry: join(import.meta.dirname, 'worker.ts') });
  const origin = `http://127.0.0.1:${server.port}`;
  try {
    const reads = new Map<string, Read[]>();
    for (const world of worlds) {
      const question = questionOf(world);
      const { subject, action, resourceType, resource } = question;
      const asked = new URLSearchParams({ subject: `user:${subject}`, action, resource: `${resourceType}:${resource}` });
      const response = await fetch(`${origin}/check?${asked}`, { headers: { authorization: `Bearer ${keys.get(world.shape.name)}` } });
      const text = await response.text();
      if (!text.includes(`"decision":${new MapOfSets(world.rows).check(question)}`))
        throw new Error(`the first check was answered ${text}`);
      const answer = await fetch(`${origin}/bench/reads`);
      const taken: Read[] = JSON.parse(await answer.text());
      if (taken.length === 0) throw new Error('the first check read nothing: the isolate was not cold');
      reads.set(world.shape.name, taken);
    }
    return reads;
  } finally {
    await server.stop();
  }
}

function questionOf(world: Population): Question {
  return world.questions(1, SEED)[0]!;
}

function inFreshProcess(job: OpenJob): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'open-process.ts'), { execArgv: ['--max-old-space-size=8192'] });
    child.once('message', (opened: Opened) => resolve(opened));
    child.once('exit', (code) => reject(new Error(`the process that opens ended with ${code}`)));
    child.send(job);
  });
}

async function opened(world: Population, rounds: number): Promise<Pick<First, 'open' | 'cpu' | 'jsonKib' | 'jsonCpu'>> {
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-cold-'));
  const rows = join(tmpdir(), `${folder.slice(tmpdir().length + 1)}.json`);
  try {
    const { stored, manifest } = await compileInMemory(world.rows);
    for (const [hash, bytes] of stored) writeFileSync(join(folder, hash), bytes);
    const json = JSON.stringify(world.rows);
    writeFileSync(rows, json);
    const question = questionOf(world);
    const byMap = await inFreshProcess({ rows, question });
    const [open, cpu]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const own = await inFreshProcess({ folder, manifest, question, now: NOW });
      if (own.decision !== byMap.decision) throw new Error(`a cold process says ${own.decision} to ${JSON.stringify(question)}`);
      open.push(own.open);
      cpu.push(own.cpu);
    }
    return { open, cpu, jsonKib: json.length / KIB, jsonCpu: byMap.cpu };
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(rows, { force: true });
  }
}

const depthOf = (reads: readonly Read[]): number => Math.max(...reads.map(({ depth }) => depth));
const kibOf = (reads: readonly Read[]): number => reads.reduce((sum, { bytes }) => sum + bytes, 0) / KIB;

function figuresOf({ world, reads, open, cpu, jsonKib, jsonCpu }: First): Figure[] {
  const all = 'all rows as JSON, for a Map of Sets';
  const figure = (id: string, what: string, value: number, unit: string, beside: number | null, rounds: number): Figure => ({
    id: `cold.${world}.${id}`,
    what: `first check of a cold isolate, ${world}: ${what}`,
    value,
    unit,
    baseline: { what: all, value: beside, ratio: beside === null ? null : value / beside },
    rounds,
  });
  return [
    figure('reads', 'reads that wait for one another', depthOf(reads), 'reads', 1, 1),
    figure('read', 'read', kibOf(reads), 'KiB', jsonKib, 1),
    figure('cpu', 'opening', middle(open), 'ms CPU', jsonCpu, open.length),
    figure('first', 'opening and deciding', middle(cpu), 'ms CPU', jsonCpu, cpu.length),
  ];
}

function row({ world, reads, open, cpu, jsonKib, jsonCpu }: First): string[] {
  const list = reads.map(
    ({ depth, what, bytes }) => `${depth} ${what.replace(/org\/[^/]*\/|([0-9a-f]{6})[0-9a-f]{58}/g, '$1')} ${shown(bytes / KIB)}`,
  );
  return [
    world,
    String(depthOf(reads)),
    String(reads.length),
    shown(kibOf(reads)),
    shown(median(open)),
    shown(median(cpu)),
    count(jsonKib),
    shown(jsonCpu),
    list.join(', '),
  ];
}

/** First checks at S, M, L and with a real catalog. */
export async function benchCold(options: BenchOptions): Promise<BenchResult> {
  const worlds = [...SHAPES, REAL_SHAPE].map((shape) => populate(shape));
  const reads = await readsOf(worlds);
  const firsts: First[] = [];
  for (const world of worlds) {
    const { name } = world.shape;
    firsts.push({ world: name, reads: reads.get(name) ?? [], ...(await opened(world, roundsOf(options, ROUNDS))) });
  }
  const header = ['world', 'in turn', 'reads', 'KiB', 'open CPU ms', 'and decide', 'JSON KiB', 'its CPU ms', 'each: depth, what, KiB'];
  const note =
    '(reads of KV and of the Publisher by a Worker that has just started, key and all; the look into the location’s cache before them has no binding; ' +
    `CPU: medians of ${roundsOf(options, ROUNDS)} fresh processes that open and decide, code cold, reads not in it, nor hashing, which other threads do, nor what Node loads for it; JSON: the same rows parsed into a Map of Sets)`;
  return { text: `${table(header, firsts.map(row))}\n${note}`, figures: firsts.flatMap(figuresOf) };
}
