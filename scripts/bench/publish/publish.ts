/**
 * Full and incremental publishing of an organization of a million assignments: the real Publisher in bare workerd, D1 and KV in another process.
 * `node scripts/bench/publish/publish.ts` prints the figures as JSON.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorker } from '../../lib/bundle.ts';
import { BINDINGS } from '../../lib/local-worker.ts';
import { cpuMilliseconds, pinned } from '../cpu.ts';
import { noOpWorker, startRawWorker } from '../raw-worker.ts';
import { median } from '../statistics.ts';
import type { Server } from '../target.ts';
import { serveWorkerd } from '../workerd.ts';
import { L, type Size, seedSql } from './seed.ts';
import type { Counts } from './stores.ts';

const CHANGES = 15;
const MIB = 1024 * 1024;

/** What one publish came to. */
interface Publish {
  /** from the call until the pointer shows it */
  readonly ms: number;
  /** CPU of the measured workerd, with all its threads; null where the system doesn't say */
  readonly cpuMs: number | null;
  readonly invocations: number;
  /** statements of D1 and operations of KV of the invocation that had most, counted at the bindings */
  readonly mostInOneInvocation: number;
  readonly d1Statements: number;
  readonly kvWrites: number;
  readonly kvBytes: number;
}

export interface PublishFigures {
  readonly size: Size;
  readonly full: Publish & {
    /** peak resident memory of workerd less that of a no-op Worker's; null where the system doesn't say */
    readonly peakMibOverNoOp: number | null;
    /** pointer reads while it compiled, ms from outside */
    readonly pointerReads: { readonly count: number; readonly p50: number; readonly p99: number; readonly max: number };
  };
  /** one assignment changed, medians and the worst of some; ms from the call of `publish` until it answered */
  readonly incremental: Publish & { readonly worstMs: number; readonly rounds: number };
}

export const configText = (port: number): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "${BINDINGS.compatibilityDate}",
      durableObjectNamespaces = [(className = "Publisher", uniqueKey = "bench-publisher", enableSql = true)],
      durableObjectStorage = (localDisk = "objects"),
      bindings = [
        (name = "KV", kvNamespace = "stores"),
        (name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "stores")])),
        (name = "PUBLISHER", durableObjectNamespace = "Publisher"),
      ],
    )),
    (name = "stores", external = (address = "127.0.0.1:${port}", http = ())),
    (name = "objects", disk = (path = "objects", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
`;

/** @throws Error when the process doesn't say its port */
export async function startStores(): Promise<Server> {
  const [program, ...args] = pinned(1, [process.execPath, join(import.meta.dirname, 'stores.ts')]);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())));
    child.once('exit', (code) => reject(new Error(`the stores ended with ${code}`)));
  });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  return { port, pid: child.pid ?? 0, stop };
}

export async function startPublisher(stores: Server): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-publish-'));
  mkdirSync(join(folder, 'objects'));
  writeFileSync(join(folder, 'config.capnp'), configText(stores.port));
  writeFileSync(join(folder, 'worker.js'), await bundleWorker(join(import.meta.dirname, 'worker.ts')));
  const server = await serveWorkerd(['config.capnp', `--directory-path=objects=${join(folder, 'objects')}`], 'http', folder);
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...server, stop };
}

export async function ask<T>({ port }: Server, path: string, body?: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: body === undefined ? 'GET' : 'POST', body: body ?? null });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text === '' ? 'null' : text);
}

/** Peak resident memory so far in bytes; null where the system doesn't say. */
function peakBytes({ pid }: Server): number | null {
  try {
    const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    return null;
  }
}

/** Peak of a Worker that answers a constant, after as many requests as the measured one gets. */
async function noOpPeak(requests: number): Promise<number | null> {
  const server = await startRawWorker(noOpWorker('{}'));
  for (let i = 0; i < requests; i++) await ask(server, '/');
  const peak = peakBytes(server);
  await server.stop();
  return peak;
}

interface Invocation {
  readonly name: string;
  readonly d1: number;
  readonly kv: number;
}

/** Runs something that publishes, and counts what that asked. */
async function counted(publisher: Server, stores: Server, run: () => Promise<void>, settle: () => Promise<void>): Promise<Publish> {
  await ask(publisher, '/invocations');
  const before = await ask<Counts>(stores, '/counts');
  const cpu = cpuMilliseconds(publisher.pid);
  const start = performance.now();
  await run();
  const ms = performance.now() - start;
  await settle();
  const after = await ask<Counts>(stores, '/counts');
  const cpuAfter = cpuMilliseconds(publisher.pid);
  const invocations = await ask<Invocation[]>(publisher, '/invocations');
  return {
    ms,
    cpuMs: cpu === null || cpuAfter === null ? null : cpuAfter - cpu,
    invocations: invocations.length,
    mostInOneInvocation: Math.max(...invocations.map(({ d1, kv }) => d1 + kv)),
    d1Statements: after.d1 - before.d1,
    kvWrites: after.kvPuts - before.kvPuts,
    kvBytes: after.kvBytes - before.kvBytes,
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Report {
  readonly revision: number;
  readonly compiling?: object;
}

/** Until the pointer moves. @returns how long each read of it took, ms */
async function untilPublished(publisher: Server): Promise<number[]> {
  const reads: number[] = [];
  for (;;) {
    const start = performance.now();
    const pointer = await ask<object | null>(publisher, '/pointer');
    reads.push(performance.now() - start);
    if (pointer !== null) return reads;
    await sleep(5);
  }
}

/** Until KV was asked nothing for a while. */
async function quiet(stores: Server): Promise<void> {
  for (let last = -1; ; ) {
    const { kvPuts } = await ask<Counts>(stores, '/counts');
    if (kvPuts === last) return;
    last = kvPuts;
    await sleep(1_500);
  }
}

async function full(publisher: Server, stores: Server): Promise<PublishFigures['full']> {
  let reads: number[] = [];
  const publish = await counted(
    publisher,
    stores,
    async () => {
      const report = ask<Report>(publisher, '/publish', '');
      reads = await untilPublished(publisher);
      await report;
    },
    () => quiet(stores),
  );
  reads.sort((a, b) => a - b);
  const at = (share: number): number => reads[Math.min(reads.length - 1, Math.floor(reads.length * share))] ?? 0;
  const peak = peakBytes(publisher);
  const noOp = await noOpPeak(reads.length);
  return {
    ...publish,
    peakMibOverNoOp: peak === null || noOp === null ? null : (peak - noOp) / MIB,
    pointerReads: { count: reads.length, p50: at(0.5), p99: at(0.99), max: at(1) },
  };
}

/** One assignment more each time, of another subject. */
async function incremental(publisher: Server, stores: Server, size: Size): Promise<PublishFigures['incremental']> {
  const publishes: Publish[] = [];
  for (let i = 0; i < CHANGES; i++) {
    const subject = (i * 7_919_003) % size.subjects;
    await ask(
      stores,
      '/sql',
      `INSERT INTO assignments (org, principal, role, scope) VALUES ('bench', 'user:u${subject}', 'rol_1', 'project:new${i}')`,
    );
    const run = async (): Promise<void> => {
      const { compiling } = await ask<Report>(publisher, '/publish', '');
      if (compiling !== undefined) throw new Error('one change is no long compile');
    };
    // KV takes the pointer once a second: each change finds it ready
    publishes.push(await counted(publisher, stores, run, () => sleep(1_100)));
  }
  const middle = (pick: (publish: Publish) => number): number => median(publishes.map(pick)) ?? 0;
  return {
    ms: middle(({ ms }) => ms),
    cpuMs: publishes.some(({ cpuMs }) => cpuMs === null) ? null : middle(({ cpuMs }) => cpuMs ?? 0),
    invocations: middle(({ invocations }) => invocations),
    mostInOneInvocation: Math.max(...publishes.map(({ mostInOneInvocation }) => mostInOneInvocation)),
    d1Statements: middle(({ d1Statements }) => d1Statements),
    kvWrites: Math.max(...publishes.map(({ kvWrites }) => kvWrites)),
    kvBytes: Math.max(...publishes.map(({ kvBytes }) => kvBytes)),
    worstMs: Math.max(...publishes.map(({ ms }) => ms)),
    rounds: publishes.length,
  };
}

/** @param size absent: L */
export async function benchPublish(size: Size = L): Promise<PublishFigures> {
  const stores = await startStores();
  try {
    await ask(stores, '/sql', seedSql(size));
    const publisher = await startPublisher(stores);
    try {
      const fullFigures = await full(publisher, stores);
      return { size, full: fullFigures, incremental: await incremental(publisher, stores, size) };
    } finally {
      await publisher.stop();
    }
  } finally {
    await stores.stop();
  }
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify(await benchPublish(), null, 2));
