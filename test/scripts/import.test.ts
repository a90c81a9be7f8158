/** `npm run import` and `npm run export`: what they say and send, and against a real Worker on this machine. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type LinePart, lineParts } from '../../scripts/lib/line-parts.ts';
import { linesOptions } from '../../scripts/lib/lines-options.ts';
import { progressText } from '../../scripts/lib/progress.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOKEN = 'a-root-token-of-at-least-32-characters';

describe('the parts of a file', () => {
  async function* chunks(text: string, size: number): AsyncGenerator<Buffer> {
    const all = Buffer.from(text);
    for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
  }

  it.each([1, 2, 3, 10])('are whole lines, in order, whatever comes at once: %i bytes', async (size) => {
    for (const text of ['a\nbb\nccc\n', 'a\nbb\nccc', '\n\n\n', '', 'long line without an end']) {
      const parts: LinePart[] = [];
      for await (const part of lineParts(chunks(text, size), 4)) parts.push(part);
      expect(parts.map(({ bytes }) => bytes.toString()).join('')).toBe(text);
      expect(parts.slice(0, -1).every(({ bytes, last }) => bytes.at(-1) === 10 && !last)).toBe(true);
      expect(parts.at(-1)?.last).toBe(true);
      expect(parts.at(-1)?.read).toBe(text.length);
      let next = 1;
      for (const { from, to } of parts) {
        expect(from).toBe(next);
        next = to + 1;
      }
      expect(next - 1).toBe(text.replace(/\n$/, '').split('\n').length - (text === '' ? 1 : 0));
    }
  });
});

describe('the command line', () => {
  const env = { BITGATE_TOKEN: TOKEN };

  it('has a default for the address, and takes the token from the environment', () => {
    const options = { org: 'a', token: TOKEN, import: undefined };
    expect(linesOptions(['--org', 'a', 'f'], env)).toEqual({ ...options, url: 'http://localhost:8787', file: 'f' });
    expect(linesOptions(['-', '--org', 'a', '--url', 'http://x/', '--import', 'i'], env)).toEqual({
      ...options,
      url: 'http://x',
      file: undefined,
      import: 'i',
    });
    expect(linesOptions(['--help'], {})).toBeNull();
  });

  it.each([
    [['f'], 'name the organization'],
    [['--org', 'a', 'f', 'g'], 'one file at a time, not `g` too'],
    [['--org', 'a', '--url', 'x'], '`x` is no address'],
    [['--orgs', 'a'], "Unknown option '--orgs'"],
  ])('is refused when it is wrong: %o', (args, message) => {
    expect(() => linesOptions(args, env)).toThrow(message);
    expect(() => linesOptions(['--org', 'a'], {})).toThrow('BITGATE_TOKEN');
  });

  it('shows how far it is, how fast, and how long it takes', () => {
    const none = { lines: 0, share: 0 };
    expect(progressText({ lines: 30_000, share: 0.25 }, none, 10)).toBe(
      '[######..................]  25 %  30,000 lines, 3,000/s, 30 s left',
    );
    expect(progressText({ lines: 30_000, share: 0.5 }, { lines: 20_000, share: 0.4 }, 100)).toBe(
      '[############............]  50 %  30,000 lines, 100/s, 8 min 20 s left',
    );
    expect(progressText({ lines: 40_000, share: 1 }, none, 10)).toBe('[########################] 100 %  40,000 lines, 4,000/s');
    expect(progressText({ lines: 5, share: null }, none, 0)).toBe('5 lines, 0/s');
  });
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(script: string, url: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const all = [join(ROOT, 'scripts', script), ...args, '--org', 'acme', '--url', url];
    execFile(process.execPath, all, { maxBuffer: 1 << 26, env: { ...process.env, BITGATE_TOKEN: TOKEN } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

describe('against a Worker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-import-'));
  const file = join(folder, 'lines');
  let server: ChildProcess;
  let url = '';

  beforeAll(async () => {
    const port = await freePort();
    url = `http://localhost:${port}`;
    server = spawn(process.execPath, [join(ROOT, 'scripts/serve.ts')], {
      env: { ...process.env, PORT: String(port), BITGATE_STATE: join(folder, 'state'), BITGATE_DEMO: '0', BITGATE_ROOT_TOKEN: TOKEN },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      server.stdout?.on('data', (text: Buffer) => text.includes('Ctrl+C') && resolve());
      server.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    });
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    await fetch(`${url}/admin/orgs`, { method: 'POST', headers, body: JSON.stringify({ id: 'acme' }) });
  }, 60_000);

  afterAll(async () => {
    const ended = new Promise((resolve) => server.on('exit', resolve));
    server.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  });

  const LINES = [
    { kind: 'role', name: 'Viewer', privileges: ['bitgate:read'] },
    ...Array.from({ length: 20_000 }, (_, i) => ({ kind: 'assignment', subject: `user:u${i}`, role: 'Viewer', scope: 'org' })),
  ].map((item) => JSON.stringify(item));

  it('imports, tells of faults by line, goes on when they are mended, and exports the same', async () => {
    writeFileSync(file, LINES.toSpliced(12_345, 1, '{"kind":"assignment","subject":"user:x","role":"Viewers","scope":"org"}').join('\n'));
    const faulty = await run('import.ts', url, file);
    expect([faulty.code, faulty.out]).toEqual([1, '']);
    expect(faulty.err).toMatch(/line 12346, role: there is no role `Viewers`.* \(unknown_role\)/);
    const [, next, id = ''] = /every line before (\d+) is imported: mend it and add --import (imp_[0-9a-f]{16})/.exec(faulty.err) ?? [];
    expect(Number(next)).toBeGreaterThan(5_000);
    writeFileSync(file, LINES.join('\n'));
    const mended = await run('import.ts', url, file, '--import', id);
    expect([mended.code, mended.err]).toEqual([0, expect.stringContaining('assignment: 20000 created, 0 updated, 0 unchanged')]);
    const copy = join(folder, 'copy');
    expect(await run('export.ts', url, copy)).toMatchObject({ code: 0 });
    const written = readFileSync(copy, 'utf8').trimEnd().split('\n');
    expect(written.filter((line) => line.includes('"assignment"')).sort()).toEqual(LINES.slice(1).sort());
    const again = await run('import.ts', url, copy);
    expect([again.code, again.err]).toEqual([0, expect.stringContaining('subject: 0 created, 0 updated, 20000 unchanged')]);
    const standard = await run('export.ts', url);
    expect(standard.out).toBe(readFileSync(copy, 'utf8'));
  }, 120_000);

  it('goes on after answers that don’t come', async () => {
    const broken = breaking(url, [1, 2, 4]);
    const at = await listening(broken);
    writeFileSync(file, LINES.slice(0, 300).join('\n'));
    const { code, err } = await run('import.ts', at, file);
    expect([code, err]).toEqual([0, expect.stringContaining('trying again')]);
    expect(err).toContain('assignment: 0 created, 0 updated, 299 unchanged');
  }, 60_000);

  it('says what it was refused for', async () => {
    expect(await run('import.ts', url, '--help')).toMatchObject({ code: 0, out: expect.stringContaining('npm run import -- FILE') });
    expect(await run('export.ts', url, '--wrong')).toMatchObject({ code: 2 });
    expect(await run('import.ts', url, file, '--import', 'imp_none')).toMatchObject({
      code: 1,
      err: expect.stringContaining('unknown_import'),
    });
    expect(await run('import.ts', url, join(folder, 'none'))).toMatchObject({ code: 3, err: expect.stringContaining('ENOENT') });
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  const url = await listening(probe, false);
  await new Promise((resolve) => probe.close(resolve));
  return Number(new URL(url).port);
}

async function listening(server: Server, close = true): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  if (close) onTestFinished(() => void server.close());
  // `as`: it listens at a port
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Hands requests on, but hangs up on some: before they arrive, or with the answer in hand. */
function breaking(url: string, which: readonly number[]): Server {
  let count = 0;
  return createServer(async (request, response): Promise<void> => {
    const number = ++count;
    const body = Buffer.concat(await request.toArray());
    if (which.includes(number) && number % 2 === 1) return void request.socket.destroy();
    const answer = await fetch(`${url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { authorization: request.headers.authorization ?? '', 'content-type': request.headers['content-type'] ?? '' },
      ...(request.method === 'POST' ? { body: new Uint8Array(body) } : {}),
    });
    const text = await answer.text();
    if (which.includes(number)) return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
}
