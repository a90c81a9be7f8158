/** What is known of memory while the soak goes on, and whether it is flat. */
import { execFileSync } from 'node:child_process';

export interface Weighed {
  /** lives in the Worker's isolate after a collection, MiB */
  readonly heap: number;
  /** resident memory of workerd, simulators included, MiB; null where the system's `ps` doesn't tell */
  readonly resident: number | null;
}

/**
 * By how much the isolate outgrew its first third, MiB: the least of the last third, in which a leak can't hide, less the most of the first, in which
 * code was compiled and caches were filled. Below 0 when it shrank.
 */
export function heapGrowth(samples: readonly Weighed[]): number {
  const heaps = samples.map(({ heap }) => heap);
  const third = Math.ceil(heaps.length / 3);
  return Math.min(...heaps.slice(-third)) - Math.max(...heaps.slice(0, third + 1));
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
