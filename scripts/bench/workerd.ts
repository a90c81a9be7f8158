/** Runs workerd itself, with nothing of Node between a client and the Worker. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { pinned } from './cpu.ts';
import type { Server } from './target.ts';

/** workerd comes with miniflare: the same binary that tests and `npm start` use. */
export function workerdPath(): string {
  const fromMiniflare = createRequire(createRequire(import.meta.url).resolve('miniflare'));
  return fromMiniflare('workerd').default;
}

/**
 * @param args after `workerd serve`; addresses with port 0 take a free one
 * @param socket name, or its start, of the socket whose port is wanted
 * @param cwd folder that relative paths in the configuration start from
 * @throws Error with workerd's own output when it doesn't listen
 */
export async function serveWorkerd(args: readonly string[], socket: string, cwd: string): Promise<Server> {
  const [program, ...rest] = pinned(0, [workerdPath(), 'serve', '--control-fd=3', ...args]);
  const child = spawn(program, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const said: string[] = [];
  const port = await listeningPort(child, socket, said);
  if (child.pid === undefined) throw new Error('workerd has no process id');
  return { port, pid: child.pid, said: () => said.join(''), stop: () => stop(child) };
}

function listeningPort(child: ChildProcess, socket: string, said: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    let control = '';
    const keep = (chunk: Buffer): void => {
      said.push(String(chunk));
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`workerd ended with ${code}: ${said.join('')}`)));
    // the pipe asked for as the fourth of `stdio`
    const pipe = child.stdio[3] as Readable;
    pipe.on('data', (chunk: Buffer) => {
      control += chunk;
      const port = portOf(control, socket);
      if (port !== null) resolve(port);
    });
  });
}

/** workerd writes one JSON object a line: `{"event":"listen","socket":"http","port":1234}`. */
export function portOf(control: string, socket: string): number | null {
  for (const line of control.split('\n').slice(0, -1)) {
    const event: { event: string; socket: string; port: number } = JSON.parse(line);
    if (event.event === 'listen' && event.socket.startsWith(socket)) return event.port;
  }
  return null;
}

/** Also of one that has ended. */
function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
