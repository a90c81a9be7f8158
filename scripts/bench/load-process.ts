/** Keeps the load generator's process: one for all rounds, so that its code is warm. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pinned } from './cpu.ts';
import type { LoadJob, LoadReply, LoadResult } from './load.ts';

export interface LoadProcess {
  /** @throws Error with the first wrong answer */
  run(job: LoadJob): Promise<LoadResult>;
  stop(): void;
}

export function startLoadProcess(): LoadProcess {
  const [program, ...args] = pinned(1, [process.execPath, join(import.meta.dirname, 'load.ts')]);
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        const ended = (): void => reject(new Error('the load generator ended'));
        child.once('exit', ended);
        child.once('message', (reply: LoadReply) => {
          child.off('exit', ended);
          if ('result' in reply) resolve(reply.result);
          else reject(new Error(reply.error));
        });
        child.send(job);
      }),
    stop: () => child.disconnect(),
  };
}
