/** The real Worker in raw workerd with whole worlds in it: rows written into D1, compiled by the Worker's own publisher, read from its KV. */
import { join } from 'node:path';
import { adminClient } from '../lib/admin-client.ts';
import { bundleWorker } from '../lib/bundle.ts';
import { migrate } from '../lib/migrate.ts';
import { loadRows } from './core/load-rows.ts';
import type { Population } from './core/population.ts';
import { startFrozenWorker } from './frozen-worker.ts';
import type { Server } from './target.ts';

const ROOT = join(import.meta.dirname, '../..');
export const ROOT_TOKEN = 'bench-root-token-of-at-least-32-characters';
const POLL_MS = 100;

type Admin = ReturnType<typeof adminClient>;

export interface WorldServer {
  readonly server: Server;
  /** API keys by the name of the world */
  readonly keys: ReadonlyMap<string, string>;
}

export function organizationOf({ shape }: Population): string {
  return `world-${shape.name.toLowerCase().replaceAll(' ', '-')}`;
}

export interface WorldOptions {
  /** the Worker's module, or one that stands around it */
  readonly entry?: string;
  readonly v8Flags?: readonly string[];
}

export async function startWorldServer(worlds: readonly Population[], options: WorldOptions = {}): Promise<WorldServer> {
  const keys = new Map<string, string>();
  const server = await startFrozenWorker({
    script: await bundleWorker(options.entry ?? join(ROOT, 'src/worker.ts')),
    ...(options.v8Flags === undefined ? {} : { v8Flags: options.v8Flags }),
    bindings: { BITGATE_ROOT_TOKEN: ROOT_TOKEN, BITGATE_SIGNING_KEY: 'bench-signing-key-of-at-least-32-bytes' },
    // A batch of 1,000 is one call of the limiter. That of miniflare is a database in this process, written to disk for each: it would be all that is measured.
    callerLimit: null,
    prepare: async (miniflare, origin) => {
      const database = await miniflare.getD1Database('DB');
      await migrate(database, join(ROOT, 'src/storage/d1/migrations'));
      const admin = adminClient(origin, ROOT_TOKEN);
      for (const world of worlds) {
        const organization = organizationOf(world);
        await expectOk(admin, 'POST', '/admin/orgs', { id: organization, preset: 'blank' });
        await loadRows(database, organization, world.rows);
        keys.set(world.shape.name, await makeKey(admin, organization));
        // a change that the log knows: isolates look for a revision that is newer
        await database.prepare("UPDATE organizations SET name = 'world' WHERE id = ?1").bind(organization).run();
        await publish(admin, origin, organization, keys.get(world.shape.name)!, world.rows.privileges[0]!.name);
      }
    },
  });
  return { server, keys };
}

async function expectOk(admin: Admin, method: string, path: string, body?: object): Promise<object> {
  const reply = await admin(method, path, body);
  if (reply.status >= 300) throw new Error(`${method} ${path} was answered ${reply.status} ${JSON.stringify(reply.body)}`);
  return Object(reply.body);
}

async function makeKey(admin: Admin, organization: string): Promise<string> {
  const body = { name: 'bench', roles: [{ role: 'bitgate:checker', scope: 'org' }] };
  const made = await expectOk(admin, 'POST', `/admin/orgs/${organization}/api-keys`, body);
  if ('secret' in made && typeof made.secret === 'string') return made.secret;
  throw new Error('the new key came without a `secret`');
}

/** A long publish may go on behind the answer: it is over when the catalog is there. */
async function publish(admin: Admin, origin: string, organization: string, key: string, action: string): Promise<void> {
  // the log knows nothing of these rows
  await expectOk(admin, 'POST', `/admin/orgs/${organization}/recompile?full=true`);
  const url = `${origin}/check?${new URLSearchParams({ subject: 'user:u0', action, resource: 'dataset:d0' })}`;
  for (;;) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    const text = await response.text();
    if (response.status === 200 && !text.includes('unknown_privilege')) return;
    if (![200, 401, 404, 503].includes(response.status)) throw new Error(`a first check was answered ${response.status} ${text}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
