/** The figures of publishing at L, as rows of the summary. */
import { table } from '../../lib/table.ts';
import type { BenchOptions, BenchResult, Figure } from '../bench.ts';
import { shown } from '../statistics.ts';
import { benchPublish, type PublishFigures } from './publish.ts';
import { L, type Size } from './seed.ts';

/** a fifth of L, to try it out */
const QUICK: Size = { ...L, name: 'a fifth of L', subjects: 20_000, assignments: 200_000 };
const KIB = 1_024;

type Row = readonly [id: string, what: string, value: number | null, unit: string, beside?: readonly [string, number | null]];

function rowsOf({ full, incremental }: PublishFigures): Row[] {
  const whole = 'a full compile';
  return [
    ['full.seconds', 'full compile from D1', full.ms / 1_000, 's'],
    ['full.cpu', 'full compile from D1, CPU', full.cpuMs === null ? null : full.cpuMs / 1_000, 's CPU'],
    ['full.memory', 'full compile, peak over a no-op Worker', full.peakMibOverNoOp, 'MiB'],
    ['full.operations', 'full compile, D1 queries and KV operations of the invocation with most', full.mostInOneInvocation, 'operations'],
    ['full.invocations', 'full compile, invocations', full.invocations, 'invocations'],
    ['full.pointer', 'a read of the pointer meanwhile, p99', full.pointerReads.p99, 'ms'],
    ['one.milliseconds', 'one assignment changed → published', incremental.ms, 'ms', [whole, full.ms]],
    ['one.worst', 'the same, the slowest', incremental.worstMs, 'ms', [whole, full.ms]],
    ['one.blobs', 'the same, writes to KV without the pointer', incremental.kvWrites - 1, 'blobs', [whole, full.kvWrites - 1]],
    ['one.written', 'the same, written to KV', incremental.kvBytes / KIB, 'KiB', [whole, full.kvBytes / KIB]],
    ['one.queries', 'the same, D1 queries', incremental.d1Statements, 'queries', [whole, full.d1Statements]],
  ];
}

function figureOf([id, what, value, unit, beside]: Row, size: string, rounds: number): Figure {
  // a smaller world answers no goal
  const named = {
    id: `${size === L.name ? 'publish' : 'publish.quick'}.${id}`,
    what: `${what}, ${size}`,
    value,
    unit,
    rounds: id.startsWith('one') ? rounds : 1,
  };
  if (beside === undefined) return named;
  const [other, otherValue] = beside;
  const ratio = value === null || otherValue === null || otherValue === 0 ? null : value / otherValue;
  return { ...named, baseline: { what: other, value: otherValue, ratio } };
}

/** Publishing at L in raw workerd, D1 and KV in another process. */
export async function benchPublishing(options: BenchOptions): Promise<BenchResult> {
  const size = options.quick ? QUICK : L;
  const measured = await benchPublish(size);
  const { rounds } = measured.incremental;
  const figures = rowsOf(measured).map((row) => figureOf(row, size.name, rounds));
  const cells = figures.map(({ what, value, unit, baseline }) => [
    what,
    shown(value),
    unit,
    baseline === undefined ? '' : `${baseline.what}: ${shown(baseline.value)}`,
  ]);
  const note = `(${size.subjects} subjects, ${size.assignments} assignments; the real Publisher in raw workerd, D1 and KV in a process of their own on the other core; ${rounds} changes one after another)`;
  return { text: `${table(['publishing', 'figure', 'unit', 'beside'], cells)}\n${note}`, figures };
}
