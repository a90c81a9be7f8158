/** The load generator, a process of its own on a core of its own. Takes jobs from its parent, one at a time. */
import { cpuMilliseconds } from './cpu.ts';
import { converse, encodeRequest, type PreparedExchange } from './http-client.ts';
import type { Exchange } from './target.ts';

export interface LoadJob {
  readonly port: number;
  /** process whose CPU time is counted */
  readonly pid: number;
  readonly exchanges: readonly Exchange[];
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** null where the system doesn't say */
  readonly cpuMs: number | null;
}

export type LoadReply = { readonly result: LoadResult } | { readonly error: string };

async function run(job: LoadJob): Promise<LoadResult> {
  const prepared = job.exchanges.map(
    (exchange): PreparedExchange => ({
      request: encodeRequest(exchange, `127.0.0.1:${job.port}`),
      expect: Buffer.from(exchange.expect),
      status: exchange.status ?? 200,
    }),
  );
  let asked = 0;
  let answered = 0;
  let stopped = false;
  const next = (): PreparedExchange | null => (stopped ? null : (prepared[asked++ % prepared.length] ?? null));
  const done = (): void => {
    answered += 1;
  };
  const mark = (): Mark => ({ answered, at: performance.now(), cpu: cpuMilliseconds(job.pid) });
  const measured = async (): Promise<LoadResult> => {
    try {
      await sleep(job.warmUpMs);
      const start = mark();
      await sleep(job.measureMs);
      return between(start, mark());
    } finally {
      stopped = true;
    }
  };
  const conversations = Promise.all(Array.from({ length: job.connections }, () => converse(job.port, next, done)));
  // a broken conversation ends the job at once
  const [result] = await Promise.all([measured(), conversations]);
  return result;
}

interface Mark {
  readonly answered: number;
  readonly at: number;
  readonly cpu: number | null;
}

function between(start: Mark, end: Mark): LoadResult {
  return {
    requests: end.answered - start.answered,
    seconds: (end.at - start.at) / 1000,
    cpuMs: start.cpu === null || end.cpu === null ? null : end.cpu - start.cpu,
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function reply(message: LoadReply): void {
  process.send?.(message);
}

process.on('message', (job: LoadJob) => {
  run(job).then(
    (result) => reply({ result }),
    (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
  );
});
