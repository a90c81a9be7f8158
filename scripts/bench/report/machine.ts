/** What a figure was measured on: absolute figures are those of a machine. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const GIB = 1024 ** 3;

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  /** processes that wanted a core in the minute before: more than a few means that the machine was shared */
  readonly load: number;
}

export function machine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / GIB),
    system: `${type()} ${release()}`,
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
  };
}

export interface Versions {
  readonly bitgate: string;
  /** with `+` when the work tree holds changes; null outside a clone */
  readonly commit: string | null;
  readonly node: string;
  readonly workerd: string;
}

export function versions(): Versions {
  const fromMiniflare = createRequire(createRequire(import.meta.url).resolve('miniflare'));
  const project: { readonly version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return {
    bitgate: project.version,
    commit: commit(),
    node: process.versions.node,
    workerd: fromMiniflare('workerd/package.json').version,
  };
}

function commit(): string | null {
  const git = (...args: string[]): string | null => {
    const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : null;
  };
  const head = git('rev-parse', '--short=12', 'HEAD');
  return head === null ? null : `${head}${git('status', '--porcelain') === '' ? '' : '+'}`;
}
