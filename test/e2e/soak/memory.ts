/** Resident memory of the workerd that this process started, MiB; null where the system's `ps` doesn't tell. */
import { execFileSync } from 'node:child_process';

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
