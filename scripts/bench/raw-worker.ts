/** A Worker without bindings in bare workerd: what the others are measured against. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINDINGS } from '../lib/local-worker.ts';
import type { Server } from './target.ts';
import { serveWorkerd } from './workerd.ts';

const config = (v8Flags: readonly string[]): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "${BINDINGS.compatibilityDate}"
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
  v8Flags = ${JSON.stringify(v8Flags)}
);
`;

/** @param module text of an ES module that exports a Worker */
export async function startRawWorker(module: string, v8Flags: readonly string[] = []): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-raw-'));
  writeFileSync(join(folder, 'config.capnp'), config(v8Flags));
  writeFileSync(join(folder, 'worker.js'), module);
  const server = await serveWorkerd(['config.capnp'], 'http', folder);
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...server, stop };
}

const headers = `{ headers: { 'content-type': 'application/json' } }`;

/** Answers a constant. */
export function noOpWorker(answer: string): string {
  return `const answer = ${JSON.stringify(answer)};
export default { fetch() { return new Response(answer, ${headers}); } };
`;
}

/** Parses the body of the request, looks at what it holds, and answers a constant. */
export function parsingWorker(answer: string): string {
  return `const answer = ${JSON.stringify(answer)};
export default {
  async fetch(request) {
    const body = await request.json();
    if (typeof body !== 'object') throw new Error('not an object');
    return new Response(answer, ${headers});
  },
};
`;
}
