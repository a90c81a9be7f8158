/** CPU time of other processes, and which core a process may use. Linux tells both; elsewhere the figures are absent. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** `man 5 proc`: utime and stime are fields 14 and 15, in ticks of sysconf(_SC_CLK_TCK), which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const UTIME = 14;
const STIME = 15;

/** Milliseconds of CPU, user and system, that a process has used with all its threads; null where the system doesn't say. */
export function cpuMilliseconds(pid: number): number | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // the second field is the name in parentheses and may hold spaces
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[UTIME - 3]) + Number(fields[STIME - 3]);
  return (ticks * 1000) / TICKS_PER_SECOND;
}

const NANOSECONDS = 1e6;

/**
 * The same of the threads that there are, to the microsecond: for what takes less than a few ticks. A thread that ended isn't in it; null where the
 * system doesn't say.
 */
export function threadsMilliseconds(pid: number): number | null {
  try {
    // `schedstat`: nanoseconds on a core, then nanoseconds of waiting for one
    const ran = readdirSync(`/proc/${pid}/task`).map((id) =>
      Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
    );
    return ran.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / NANOSECONDS;
  } catch {
    return null;
  }
}

/** Resident memory of a process in KiB: now, and the most that it ever was; null where the system doesn't say. */
export function residentKib(pid: number): { readonly now: number; readonly peak: number } | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const of = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]);
    return { now: of('VmRSS'), peak: of('VmHWM') };
  } catch {
    return null;
  }
}

const canPin = process.platform === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** A command line that runs on one core: the server has core 0, the load generator core 1. Unchanged where cores can't be chosen. */
export function pinned(core: 0 | 1, command: readonly string[]): [string, ...string[]] {
  const [program = '', ...args] = command;
  return canPin ? ['taskset', '-c', String(core), program, ...args] : [program, ...args];
}

export const pinning = canPin ? 'server on core 0, load on core 1' : 'cores not pinned';
