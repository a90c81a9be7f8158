/** The access diff of one policy edit in an organization of 100,000 assignments, in workerd, beside reading every principal of both states. */
import { join } from 'node:path';
import { bundleWorker } from '../../lib/bundle.ts';
import { table } from '../../lib/table.ts';
import { type BenchOptions, type BenchResult, type Figure, roundsOf } from '../bench.ts';
import { startRawWorker } from '../raw-worker.ts';
import { middle, ratio } from '../statistics.ts';

const ROUNDS = 7;
const EDITS = ['allow', 'deny', 'condition'];

interface Timed {
  readonly ms: number;
  readonly answer: string;
}

async function timed(url: string): Promise<Timed> {
  const start = performance.now();
  const response = await fetch(url);
  const answer = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${answer}`);
  return { ms: performance.now() - start, answer };
}

/** Each edit must find what it found the first time. */
export async function benchPreviewTable(options: BenchOptions): Promise<BenchResult> {
  const rounds = roundsOf(options, ROUNDS);
  const figures: Figure[] = [];
  const server = await startRawWorker(await bundleWorker(join(import.meta.dirname, 'worker.ts')));
  const origin = `http://127.0.0.1:${server.port}`;
  try {
    await timed(`${origin}/prepare`);
    const rows: string[][] = [];
    for (const edit of EDITS) {
      const diffs: number[] = [];
      const reads: number[] = [];
      const { answer } = await timed(`${origin}/diff?edit=${edit}`);
      for (let round = 0; round < rounds; round++) {
        reads.push((await timed(`${origin}/read?edit=${edit}`)).ms);
        const diff = await timed(`${origin}/diff?edit=${edit}`);
        if (diff.answer !== answer) throw new Error(`the diff of \`${edit}\` is ${diff.answer}, and was ${answer}`);
        diffs.push(diff.ms);
      }
      const baseline = { what: 'reading both states', value: middle(reads), ratio: ratio(diffs, reads) };
      figures.push({ id: `preview.${edit}`, what: `access diff of an edit (${edit})`, value: middle(diffs), unit: 'ms', baseline, rounds });
      const found: { gained: number; lost: number } = JSON.parse(answer);
      rows.push([
        edit,
        `${found.gained}`,
        `${found.lost}`,
        `${Math.round(middle(diffs))}`,
        `${Math.round(middle(reads))}`,
        (baseline.ratio ?? 0).toFixed(1),
      ]);
    }
    const note = `(ms, medians of ${rounds} rounds in turn; 10 000 subjects, 100 000 assignments, 200 roles, the policy in 20 of them; no leaf at hand)`;
    return { text: `${table(['edit', 'gained', 'lost', 'diff', 'reading both', 'ratio'], rows)}\n${note}`, figures };
  } finally {
    await server.stop();
  }
}
