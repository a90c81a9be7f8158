/** `npm start` as a newcomer meets it: the real process, its printed commands, SQL by hand beside it, and its ends. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const READY = 'Ctrl+C';
const SWEEP_MS = 60_000;

let state: string;
let port: number;
let server: Started;

interface Started {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

function npmStart(settings: Record<string, string> = {}): Started {
  const env = { ...process.env, PORT: String(port), BITGATE_STATE: state, BITGATE_ROOT_TOKEN: '', BITGATE_DEMO: '', ...settings };
  const child = spawn('npm', ['start'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  return { process: child, output: () => output, ended };
}

/** @throws Error with what it printed when it ends instead */
async function ready(started: Started): Promise<Started> {
  const failed = started.ended.then((code) => {
    throw new Error(`npm start ended with ${code}: ${started.output()}`);
  });
  await Promise.race([failed, vi.waitUntil(() => started.output().includes(READY), { timeout: 60_000, interval: 50 })]);
  failed.catch(() => {});
  return started;
}

async function stopped({ process, ended }: Started): Promise<void> {
  process.kill('SIGTERM');
  await ended;
  await vi.waitUntil(portIsFree, { timeout: 10_000 });
}

function portIsFree(): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

const printedCommands = (): string[] => server.output().match(/^ {2}curl .*$/gm) ?? [];

/** Does what a pasted curl line would: the shell splits it into words, and fetch stands in for curl, which not every machine has. */
async function paste(line: string): Promise<{ status: number; text: string; body: Record<string, unknown> }> {
  const words = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }; ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
  const after = (option: string): string[] => words.flatMap((word, index) => (word === option ? [words[index + 1] ?? ''] : []));
  const [body] = after('-d');
  const url = words.find((word) => word.startsWith('http')) ?? '';
  const response = await fetch(url, {
    method: after('-X')[0] ?? (body === undefined ? 'GET' : 'POST'),
    headers: after('-H').map((header): [string, string] => [header.split(': ')[0] ?? '', header.split(': ')[1] ?? '']),
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, text, body: isJson ? Object(JSON.parse(text)) : {} };
}

/** What wrangler says of the server's database. */
async function wrangler(...args: string[]): Promise<string> {
  const program = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' };
  const run = promisify(execFile)(process.execPath, [program, 'd1', ...args, '--local', '--persist-to', state], { cwd: ROOT, env });
  return (await run).stdout;
}

/** SQL typed by hand, beside the running server, as its banner shows. */
async function sql(command: string): Promise<void> {
  await wrangler('execute', 'DB', '--command', command);
}

const printedRecompile = (): string => printedCommands().find((line) => line.includes('/recompile')) ?? '';

/** The printed check whose answer is a deny, asked again. */
async function deniedNow(): Promise<unknown> {
  const line = printedCommands()[1] ?? '';
  return (await paste(line)).body.decision;
}

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'bitgate-e2e-'));
  port = await freePort();
  server = await ready(npmStart());
});

afterAll(async () => {
  await stopped(server);
  rmSync(state, { recursive: true });
});

describe('npm start', () => {
  it('prints an allow, a deny, why, who may, and a recompile that work when pasted', async () => {
    const [allow = '', deny = '', why = '', who = '', ...others] = printedCommands();
    expect(await paste(allow)).toMatchObject({ status: 200, body: { decision: true } });
    expect(await paste(deny)).toMatchObject({ status: 200, body: { decision: false } });
    expect(await paste(why)).toMatchObject({ status: 200, text: expect.stringMatching(/^DENY no_grant\n/) });
    expect(await paste(who)).toMatchObject({ status: 200, body: { total: 3, next_cursor: null } });
    expect(others).toEqual([printedRecompile()]);
    expect(await paste(printedRecompile())).toMatchObject({ status: 200 });
  });

  it('applied the migrations in the ledger that wrangler keeps', async () => {
    expect(await wrangler('migrations', 'list', 'DB')).toContain('No migrations to apply');
  });

  it('shows an assignment inserted with wrangler after a recompile', async () => {
    expect(await deniedNow()).toBe(false);
    await sql(
      "INSERT INTO assignments (org, id, principal, role, scope) SELECT 'demo', 'by-hand', 'user:carol', id, 'org' FROM roles WHERE org = 'demo' AND name = 'Editor'",
    );
    await paste(printedRecompile());
    expect(await deniedNow()).toBe(true);
  });

  it('shows an assignment deleted with wrangler after the sweep, without any call', { timeout: 2 * SWEEP_MS }, async () => {
    await sql("DELETE FROM assignments WHERE org = 'demo' AND id = 'by-hand'");
    await expect.poll(deniedNow, { timeout: SWEEP_MS + 20_000, interval: 1000 }).toBe(false);
  });

  it('says when the port is taken, and what to do', async () => {
    const second = npmStart();
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`port ${port} is taken by another process`);
    expect(second.output()).toContain(`PORT=${port + 1} npm start`);
  });

  it('keeps data, root token and key when it is stopped and started again, and is up in 5 seconds', async () => {
    const before = printedCommands();
    await stopped(server);
    const started = performance.now();
    server = await ready(npmStart());
    expect(performance.now() - started).toBeLessThan(5000);
    expect(printedCommands()).toEqual(before);
    expect((await paste(printedCommands()[0] ?? '')).body.decision).toBe(true);
  });

  it('starts empty with BITGATE_DEMO=0 and takes the root token it is given', async () => {
    await stopped(server);
    const token = 'a-root-token-of-at-least-32-characters';
    server = await ready(npmStart({ BITGATE_DEMO: '0', BITGATE_ROOT_TOKEN: token, BITGATE_STATE: join(state, 'empty') }));
    const [create = ''] = printedCommands();
    expect(create).toContain(token);
    expect(await paste(create)).toMatchObject({ status: 201, body: { id: 'acme' } });
  });
});
