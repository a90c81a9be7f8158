/** What is known of memory while the soak goes on, and whether it is flat. */
import { execFileSync } from 'node:child_process';

export interface Weighed {
  /** lives in the Worker's isolate after a collection, MiB */
  readonly heap: number;
  /** resident memory of workerd, simulators included, MiB; null where the system's `ps` doesn't tell */
  readonly resident: number | null;
}

/**
 * By how much the isolate grew from the first third to the last, MiB, below 0 when it shrank: medians, since what is under way at a collection lives too.
 * The very first sample counts for nothing: much of the code isn't compiled yet.
 */
export function heapGrowth(samples: readonly Weighed[]): number {
  const heaps = samples.slice(1).map(({ heap }) => heap);
  const third = Math.ceil(heaps.length / 3);
  return median(heaps.slice(-third)) - median(heaps.slice(0, third));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/** Resident memory of the workerd that this process started, MiB. */
export function workerdMemory(): number | null {
  let listed: string;
  try {
    listed = execFileSync('ps', ['-A', '-o', 'ppid=,rss=,comm='], { encoding: 'utf8' });
  } catch {
    return null;
  }
  const mine = listed
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([parent, , command]) => Number(parent) === process.pid && command?.includes('workerd'));
  return mine.length === 0 ? null : Math.round(mine.reduce((sum, [, kib]) => sum + Number(kib), 0) / 1_024);
}
