/** Cerbos' own server, with a policy on disk that says the roles of a world. It keeps nothing of principals: its client sends their roles. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinned } from '../cpu.ts';
import type { Server } from '../target.ts';
import type { Holdings } from './holdings.ts';

const START_MS = 60_000;
const POLL_MS = 50;

/** One rule a role: Cerbos finds the rules of a role by an index. */
function policy(kind: string, { privileges }: Holdings): string {
  const rules = [...privileges].map(([role, actions]) => ({ actions, effect: 'EFFECT_ALLOW', roles: [role] }));
  return JSON.stringify({ apiVersion: 'api.cerbos.dev/v1', resourcePolicy: { resource: kind, version: 'default', rules } });
}

/** YAML takes JSON. */
function configuration(port: number, folder: string): string {
  return JSON.stringify({
    server: { httpListenAddr: `127.0.0.1:${port}`, grpcListenAddr: `unix:${join(folder, 'grpc.sock')}`, metricsEnabled: false },
    storage: { driver: 'disk', disk: { directory: join(folder, 'policies'), watchForChanges: false } },
    telemetry: { disabled: true },
  });
}

/** @param kind of the resources that are asked about */
export async function startCerbos(binary: string, kind: string, holdings: Holdings): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-cerbos-'));
  const port = await freePort();
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'policies', `${kind}.json`), policy(kind, holdings));
  writeFileSync(join(folder, 'config.yaml'), configuration(port, folder));
  const [program, ...args] = pinned(0, [binary, 'server', `--config=${join(folder, 'config.yaml')}`, '--log-level=error']);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  await serving(child, port);
  if (child.pid === undefined) throw new Error('cerbos has no process id');
  return { port, pid: child.pid, stop: () => stop(child).finally(() => rmSync(folder, { recursive: true, force: true })) };
}

/** Cerbos doesn't say which port it took. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = probe.address();
      probe.close(() => (address === null || typeof address === 'string' ? reject(new Error('no port is free')) : resolve(address.port)));
    });
  });
}

async function serving(child: ChildProcess, port: number): Promise<void> {
  let said = '';
  const keep = (chunk: Buffer): void => {
    said += chunk;
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  for (const until = Date.now() + START_MS; Date.now() < until; ) {
    if (child.exitCode !== null) throw new Error(`cerbos ended with ${child.exitCode}: ${said}`);
    const health = await fetch(`http://127.0.0.1:${port}/_cerbos/health`).catch(() => null);
    if (health?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  await stop(child);
  throw new Error(`cerbos did not start: ${said}`);
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
