/** Starts a reverse proxy from the system's packages, in a folder of its own, and ends it by its own handle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { vi } from 'vitest';

/** `required`: a machine without the proxies fails instead of skipping what needs them. `.ci/run` sets it. */
const REQUIRED = process.env.BITGATE_E2E === 'required';

/** Debian keeps servers where only root's `PATH` leads. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** @returns null when it isn't installed and needn't be: skip then; the reason is printed */
export function installed(program: string): string | null {
  for (const folder of FOLDERS) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return join(folder, program);
    } catch {
      // not in this folder
    }
  }
  const missing = `${program} isn't installed: \`apt-get install ${program}\``;
  if (REQUIRED) throw new Error(`${missing} (\`BITGATE_E2E\` is \`required\`)`);
  console.warn(`skipped: ${missing}`);
  return null;
}

export interface Running {
  stop(): Promise<void>;
}

/** @throws Error with what it printed when it ends instead of listening */
export async function start(program: string, args: readonly string[], port: number, env: Record<string, string> = {}): Promise<Running> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const failed = ended.then(() => {
    throw new Error(`\`${program}\` ended: ${output}`);
  });
  await Promise.race([failed, vi.waitUntil(() => listens(port), { timeout: 30_000, interval: 50 })]);
  failed.catch(() => {});
  return { stop: () => stopped(child, ended) };
}

async function stopped(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  await ended;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1', () => probe.end(() => resolve(true)));
    probe.on('error', () => resolve(false));
  });
}
