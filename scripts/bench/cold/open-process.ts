/**
 * A process that opens an organization once and asks it one question, its code as cold as an isolate's: from pieces as bitgate does, or from the rows as JSON
 * as a hand-written Map of Sets would. Says the CPU that it took.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pdp } from '../../../src/pdp/pdp.ts';
import { sha256Hex } from '../../../src/storage/sha256.ts';
import { MapOfSets } from '../core/map-of-sets.ts';
import type { Question } from '../core/population.ts';

export type OpenJob = OpenPieces | OpenRows;

export interface OpenPieces {
  /** a file for each piece, named by its hash */
  readonly folder: string;
  readonly manifest: string;
  readonly question: Question;
  readonly now: number;
}

export interface OpenRows {
  /** a file of JSON */
  readonly rows: string;
  readonly question: Question;
}

export interface Opened {
  readonly decision: boolean;
  /** ms of this thread's CPU until the organization is open */
  readonly open: number;
  /** the same until the decision */
  readonly cpu: number;
}

function since(start: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1_000;
}

async function openPieces({ folder, manifest, question, now }: OpenPieces): Promise<Opened> {
  const pieces = new Map(readdirSync(folder).map((name) => [name, Uint8Array.from(readFileSync(join(folder, name))).buffer]));
  const pointer = { revision: 1, manifest, behindSince: null };
  const store = { pointer: async () => pointer, kept: async () => pointer, blob: async (hash: string) => pieces.get(hash) ?? null };
  const location = { get: async () => null, put: async () => {} };
  const surroundings = {
    now: () => now,
    random: () => 0,
    // what waits for something that came is no reason to go on
    sleep: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref()),
    sha256: (bytes: ArrayBuffer) => sha256Hex(new Uint8Array(bytes)),
  };
  const pdp = new Pdp(() => ({ publisher: store, blobs: store, location }), surroundings);
  const request = {
    subject: { type: 'user', id: question.subject },
    action: { name: question.action },
    resource: { type: question.resourceType, id: question.resource },
  };
  // Node reads its own code for hashes and timers when they are first used: an isolate has them.
  await Promise.all([surroundings.sha256(new ArrayBuffer(8)), new Promise((resolve) => void setTimeout(resolve, 1))]);
  const start = process.threadCpuUsage();
  const session = await pdp.open('bench', {}, { waitUntil: () => {} });
  const open = since(start);
  const { decision } = await session.decide(request, now);
  return { decision, open, cpu: since(start) };
}

async function openRows({ rows, question }: OpenRows): Promise<Opened> {
  const text = readFileSync(rows, 'utf8');
  const start = process.threadCpuUsage();
  const decision = new MapOfSets(JSON.parse(text)).check(question);
  const cpu = since(start);
  return { decision, open: cpu, cpu };
}

process.once('message', (job: OpenJob) => {
  ('rows' in job ? openRows(job) : openPieces(job)).then(
    (opened) => process.send?.(opened, () => process.exit()),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
