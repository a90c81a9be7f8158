/**
 * The real Worker in bare workerd, with D1, KV and Durable Objects. miniflare writes the configuration, the data are loaded through the
 * Worker's own API, then workerd runs again with the saved configuration and without Node.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Miniflare } from 'miniflare';
import { addressOf, type LocalWorkerOptions, startLocalWorker } from '../lib/local-worker.ts';
import type { Server } from './target.ts';
import { serveWorkerd, workerdPath } from './workerd.ts';

export interface FrozenOptions {
  /** the bundled module */
  readonly script: string;
  readonly bindings: LocalWorkerOptions['bindings'];
  readonly callerLimit?: LocalWorkerOptions['callerLimit'];
  readonly v8Flags?: readonly string[];
  /** fills the databases; the Worker listens on `origin` */
  prepare(miniflare: Miniflare, origin: string): Promise<void>;
}

/** Stands where miniflare looks for workerd: keeps the configuration, then is workerd. */
const TEE = `#!/bin/sh
cat > "$BITGATE_FREEZE/config.bin"
exec "$BITGATE_WORKERD" "$@" < "$BITGATE_FREEZE/config.bin" > /dev/null
`;

export async function startFrozenWorker(options: FrozenOptions): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-frozen-'));
  await fill(folder, options);
  const config = join(folder, 'config.bin');
  const made = makeNamedFolders(config);
  // nobody listens on port 9: nothing of Node can be asked any more
  const args = ['--binary', '--experimental', '--socket-addr=entry=127.0.0.1:0', '--external-addr=loopback=127.0.0.1:9', config];
  const server = await serveWorkerd(args, 'direct:', folder);
  const stop = async (): Promise<void> => {
    await server.stop();
    for (const path of [...made, folder]) rmSync(path, { recursive: true, force: true });
  };
  return { ...server, stop };
}

async function fill(folder: string, { script, bindings, callerLimit, v8Flags, prepare }: FrozenOptions): Promise<void> {
  const tee = join(folder, 'workerd.sh');
  writeFileSync(tee, TEE, { mode: 0o755 });
  Object.assign(process.env, { MINIFLARE_WORKERD_PATH: tee, BITGATE_FREEZE: folder, BITGATE_WORKERD: workerdPath() });
  if (v8Flags !== undefined) process.env.MINIFLARE_WORKERD_V8_FLAGS = v8Flags.join(' ');
  try {
    const where = { host: '127.0.0.1', port: 0, state: join(folder, 'state') };
    const miniflare = await startLocalWorker({ script, bindings, ...where, ...(callerLimit === undefined ? {} : { callerLimit }) });
    await prepare(miniflare, await addressOf(miniflare)).finally(() => miniflare.dispose());
  } finally {
    delete process.env.MINIFLARE_WORKERD_PATH;
    delete process.env.MINIFLARE_WORKERD_V8_FLAGS;
  }
}

/** The configuration names folders of miniflare's own, gone with it, and workerd wants them there. @returns what to remove afterwards */
function makeNamedFolders(config: string): string[] {
  const named = readFileSync(config, 'latin1').matchAll(/\/[\w./-]*\/miniflare-[0-9a-f]{16,}\/[\w-]+/g);
  const folders = [...new Set([...named].map(([path]) => path))];
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  return [...new Set(folders.map((folder) => dirname(folder)))];
}
