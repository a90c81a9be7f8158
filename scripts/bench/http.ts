/** Runs HTTP targets in turns and compares them. Requests per second swing with the machine; CPU per request is what repeats. */
import { table } from '../lib/table.ts';
import type { Baseline, BenchOptions, Figure } from './bench.ts';
import { pinning } from './cpu.ts';
import type { LoadResult } from './load.ts';
import { type LoadProcess, startLoadProcess } from './load-process.ts';
import { median, ratio } from './statistics.ts';
import type { Server, Target } from './target.ts';

export interface HttpBenchOptions {
  readonly rounds: number;
  readonly connections: number;
  /** before the first round: V8 compiles what runs twice a request only after some ten thousand requests */
  readonly firstWarmUpMs: number;
  readonly warmUpMs: number;
  /** per target and round */
  readonly measureMs: number;
}

export const HTTP_BENCH: HttpBenchOptions = { rounds: 5, connections: 16, firstWarmUpMs: 10_000, warmUpMs: 500, measureMs: 2000 };

export function httpOptions(options: BenchOptions): HttpBenchOptions {
  return options.quick ? { ...HTTP_BENCH, rounds: 2, firstWarmUpMs: 2_000, measureMs: 1_000 } : HTTP_BENCH;
}

export interface TargetFigures {
  readonly name: string;
  readonly comparedWith: string | undefined;
  /** median of the rounds */
  readonly requestsPerSecond: number;
  readonly best: number;
  /** median of the rounds, server process alone, microseconds; null where the system doesn't say */
  readonly cpuPerRequest: number | null;
  /** medians of the ratios within a round, to the target compared with */
  readonly requestRatio: number | null;
  readonly cpuRatio: number | null;
}

/** All servers stand, one is asked at a time; each round asks every target once, in turned order. */
export async function runHttpBench(targets: readonly Target[], options: HttpBenchOptions = HTTP_BENCH): Promise<TargetFigures[]> {
  const servers: Server[] = [];
  const load = startLoadProcess();
  try {
    for (const target of targets) servers.push(await target.start());
    const results = targets.map((): LoadResult[] => []);
    const warmUp = { ...options, warmUpMs: options.firstWarmUpMs, measureMs: 0 };
    for (let index = 0; index < targets.length; index++) await measure(load, targets[index], servers[index], warmUp);
    for (let round = 0; round < options.rounds; round++) {
      for (let turn = 0; turn < targets.length; turn++) {
        const index = (turn + round) % targets.length;
        results[index]?.push(await measure(load, targets[index], servers[index], options));
      }
    }
    return targets.map((target, index) =>
      figures(target, results[index] ?? [], results[targets.findIndex(({ name }) => name === target.comparedWith)]),
    );
  } finally {
    load.stop();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function measure(
  load: LoadProcess,
  target: Target | undefined,
  server: Server | undefined,
  options: HttpBenchOptions,
): Promise<LoadResult> {
  if (!target || !server) throw new Error('a target without a server');
  const { connections, warmUpMs, measureMs } = options;
  const job = { port: server.port, pid: server.pid, exchanges: target.exchanges, connections, warmUpMs, measureMs };
  return load.run(job).catch((error: Error) => {
    throw new Error(`target \`${target.name}\`: ${error.message}`);
  });
}

const rate = ({ requests, seconds }: LoadResult): number => requests / seconds;
const cpu = ({ cpuMs, requests }: LoadResult): number | null => (cpuMs === null ? null : (cpuMs * 1000) / requests);

export function figures(target: Target, own: readonly LoadResult[], other: readonly LoadResult[] | undefined): TargetFigures {
  const to = (figure: (result: LoadResult) => number | null): number | null =>
    other === undefined ? null : ratio(own.map(figure), other.map(figure));
  return {
    name: target.name,
    comparedWith: target.comparedWith,
    requestsPerSecond: median(own.map(rate)) ?? 0,
    best: Math.max(...own.map(rate)),
    cpuPerRequest: median(own.map(cpu)),
    requestRatio: to(rate),
    cpuRatio: to(cpu),
  };
}

export function httpTable(rows: readonly TargetFigures[], options: HttpBenchOptions = HTTP_BENCH): string {
  const number = (value: number | null, digits = 0): string => (value === null ? '' : value.toFixed(digits));
  const header = ['target', 'requests/s', 'best', 'CPU µs/request', 'requests ×', 'CPU ×', 'compared with'];
  const cells = rows.map((row) => [
    row.name,
    number(row.requestsPerSecond),
    number(row.best),
    number(row.cpuPerRequest, 1),
    number(row.requestRatio, 2),
    number(row.cpuRatio, 2),
    row.comparedWith ?? '',
  ]);
  const { rounds, connections, measureMs, firstWarmUpMs } = options;
  return `${table(header, cells)}\n(medians of ${rounds} interleaved rounds of ${measureMs / 1000} s after ${firstWarmUpMs / 1000} s of warm-up each, ${connections} connections, raw workerd; ${pinning})`;
}

/** @param ids of the figures, by the name of the target */
export function httpFigures(rows: readonly TargetFigures[], ids: Readonly<Record<string, string>>, rounds: number): Figure[] {
  return rows.flatMap(({ name, comparedWith, ...row }): Figure[] => {
    const id = ids[name];
    if (id === undefined) return [];
    const other = rows.find((each) => each.name === comparedWith);
    const beside = (value: number | null | undefined, to: number | null): { baseline?: Baseline } =>
      other === undefined ? {} : { baseline: { what: other.name, value: value ?? null, ratio: to } };
    const { requestsPerSecond, cpuPerRequest, requestRatio, cpuRatio } = row;
    return [
      {
        id: `${id}.requests`,
        what: name,
        value: requestsPerSecond,
        unit: 'requests/s',
        rounds,
        ...beside(other?.requestsPerSecond, requestRatio),
      },
      {
        id: `${id}.cpu`,
        what: `${name}, CPU`,
        value: cpuPerRequest,
        unit: 'µs/request',
        rounds,
        ...beside(other?.cpuPerRequest, cpuRatio),
      },
    ];
  });
}
