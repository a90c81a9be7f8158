/** What a deploy uploads, and the CPU that a start of it takes in workerd, beside a Worker that does nothing. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { table } from '../../lib/table.ts';
import { type BenchOptions, type BenchResult, type Figure, roundsOf } from '../bench.ts';
import { threadsMilliseconds } from '../cpu.ts';
import { noOpWorker, startRawWorker } from '../raw-worker.ts';
import { median, shown } from '../statistics.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ROUNDS = 9;
const KIB = 1_024;
const OUTPUT = 'worker.js';

/** As `wrangler deploy` makes it, minified and without what only describes the API. @returns the module, and wrangler's own size of it, KiB gzipped */
function deployed(): { readonly module: string; readonly gzip: number } {
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-bundle-'));
  try {
    const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', folder], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const gzip = gzipKib(stdout);
    if (status !== 0 || gzip === null) throw new Error(`wrangler did not build the Worker: ${stdout}${stderr}`);
    return { module: readFileSync(join(folder, OUTPUT), 'utf8'), gzip };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Out of `Total Upload: 938.93 KiB / gzip: 297.71 KiB`. */
export function gzipKib(said: string): number | null {
  const found = /gzip: ([\d.]+) KiB/.exec(said)?.[1];
  return found === undefined ? null : Number(found);
}

/** Milliseconds of CPU of a process that starts, evaluates the Worker and answers once. */
async function startOf(module: string, status: number): Promise<number | null> {
  const server = await startRawWorker(module);
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}/healthz`);
    await response.arrayBuffer();
    if (response.status !== status) throw new Error(`the first request was answered ${response.status}`);
    return threadsMilliseconds(server.pid);
  } finally {
    await server.stop();
  }
}

/** Size and start of the Worker. */
export async function benchBundle(options: BenchOptions): Promise<BenchResult> {
  const rounds = roundsOf(options, ROUNDS);
  const { module, gzip } = deployed();
  const nothing = noOpWorker('{}');
  const [starts, none]: [(number | null)[], (number | null)[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    none.push(await startOf(nothing, 200));
    starts.push(await startOf(module, 200));
  }
  const over = starts.map((ms, i) => (ms === null || none[i] === null || none[i] === undefined ? null : ms - none[i]));
  const noOpGzip = gzipSync(nothing).byteLength / KIB;
  const figures: Figure[] = [
    {
      id: 'bundle.gzip',
      what: 'the Worker, gzipped',
      value: gzip,
      unit: 'KiB',
      baseline: { what: 'no-op Worker', value: noOpGzip, ratio: null },
      rounds: 1,
    },
    {
      id: 'bundle.start',
      what: 'start of the Worker and a first answer, over those of a no-op',
      value: median(over),
      unit: 'ms CPU',
      baseline: { what: 'workerd with a no-op Worker', value: median(none), ratio: null },
      rounds,
    },
  ];
  const rows = [
    ['gzipped KiB', shown(gzip), shown(noOpGzip)],
    ['start and a first answer, ms CPU of workerd', shown(median(starts)), shown(median(none))],
  ];
  const note = `(what \`wrangler deploy\` uploads; medians of ${rounds} starts each in turn, all threads of a fresh workerd)`;
  return { text: `${table(['of the Worker', 'bitgate', 'no-op'], rows)}\n${note}`, figures };
}
