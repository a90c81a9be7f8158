import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import type { AdminCall, Reply } from '../../scripts/lib/admin-client.ts';
import { banner, shellWord } from '../../scripts/lib/banner.ts';
import { loadDemo } from '../../scripts/lib/demo.ts';
import { BINDINGS, SWEEP_CRON } from '../../scripts/lib/local-worker.ts';
import { assertPortFree } from '../../scripts/lib/port.ts';
import { parseSettings } from '../../scripts/lib/settings.ts';
import { openState, saveState } from '../../scripts/lib/state.ts';

/** The part of wrangler's answer that is compared; its own type comes from a package that is not published. */
interface WranglerConfig {
  readonly name: string;
  readonly compatibility_date: string;
  readonly d1_databases: readonly { binding: string; database_id?: string }[];
  readonly kv_namespaces: readonly { binding: string; id?: string }[];
  readonly ratelimits: readonly { name: string; namespace_id: string; simple: object }[];
  readonly durable_objects: { readonly bindings: readonly { name: string; class_name: string }[] };
  readonly migrations: readonly { new_sqlite_classes?: string[] }[];
  readonly triggers: { readonly crons: readonly string[] };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-serve-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const TOKEN = 'a-root-token-of-at-least-32-characters';

describe('the settings of npm start', () => {
  it('have defaults', () => {
    expect(parseSettings({}, '/p')).toEqual({ port: 8787, state: '/p/.wrangler/state', demo: true, rootToken: null });
  });

  it('are taken from the environment', () => {
    const env = { PORT: '9000', BITGATE_STATE: 'here', BITGATE_DEMO: '0', BITGATE_ROOT_TOKEN: TOKEN };
    expect(parseSettings(env, '/p')).toEqual({ port: 9000, state: '/p/here', demo: false, rootToken: TOKEN });
  });

  it.each([
    [{ PORT: 'http' }, 'PORT must be a number from 1 to 65535, and is `http`'],
    [{ PORT: '70000' }, 'PORT must be'],
    [{ PORT: '0' }, 'PORT must be'],
    [{ BITGATE_DEMO: 'no' }, 'BITGATE_DEMO must be 0 or 1, and is `no`'],
    [{ BITGATE_ROOT_TOKEN: 'short' }, 'BITGATE_ROOT_TOKEN must have at least 32 characters'],
    [{ BITGATE_ROOT_TOKEN: 'two words' }, 'BITGATE_ROOT_TOKEN must be printable ASCII without spaces'],
  ])('are refused with their name: %o', (env, message) => {
    expect(() => parseSettings(env, '/p')).toThrow(message);
  });
});

describe('the state folder', () => {
  it('keeps secrets and the demo key from one start to the next, for its owner alone', () => {
    const folder = join(temporaryFolder(), 'deep/er');
    const first = openState(folder);
    saveState(folder, { ...first, demoKey: 'key' });
    expect(openState(folder)).toEqual({ ...first, demoKey: 'key' });
    expect(statSync(join(folder, 'bitgate.json')).mode & 0o777).toBe(0o600);
  });

  it('is not started anew over a file that can’t be understood', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bitgate.json'), '{}');
    expect(() => openState(folder)).toThrow('is not a state file of bitgate');
    expect(readFileSync(join(folder, 'bitgate.json'), 'utf8')).toBe('{}');
  });
});

describe('the local Worker', () => {
  it('has the bindings of wrangler.toml', () => {
    const config: WranglerConfig = unstable_readConfig({ config: join(import.meta.dirname, '../../wrangler.toml') });
    const classes = config.durable_objects.bindings.map(({ name, class_name }) => [name, { className: class_name, useSQLite: true }]);
    expect(BINDINGS).toEqual({
      name: config.name,
      compatibilityDate: config.compatibility_date,
      d1Databases: Object.fromEntries(config.d1_databases.map(({ binding, database_id }) => [binding, database_id ?? binding])),
      kvNamespaces: Object.fromEntries(config.kv_namespaces.map(({ binding, id }) => [binding, id ?? binding])),
      ratelimits: Object.fromEntries(config.ratelimits.map(({ name, ...limit }) => [name, limit])),
      durableObjects: Object.fromEntries(classes),
    });
    expect(config.migrations.flatMap((migration) => migration.new_sqlite_classes ?? [])).toEqual(['Publisher']);
    expect(config.triggers.crons).toEqual([SWEEP_CRON]);
  });
});

describe('a taken port', () => {
  it('is named, with what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(assertPortFree('127.0.0.1', port)).rejects.toThrow(`port ${port} is taken by another process`);
    await expect(assertPortFree('127.0.0.1', port)).rejects.toThrow(`PORT=${port + 1} npm start`);
  });
});

describe('loading the demo', () => {
  function server(existing: boolean): { call: AdminCall; log: string[] } {
    const log: string[] = [];
    const call: AdminCall = async (method, path): Promise<Reply> => {
      log.push(`${method} ${path}`);
      if (path === '/admin/orgs') return existing ? { status: 409, body: null } : { status: 201, body: { id: 'demo' } };
      return path.endsWith('/api-keys') ? { status: 201, body: { id: 'k', secret: 'bg_demo_k_s' } } : { status: 200, body: null };
    };
    return { call, log };
  }
  const everyStep = [
    'POST /admin/orgs',
    'PUT /admin/orgs/demo/manifest',
    'POST /admin/orgs/demo/api-keys',
    'POST /admin/orgs/demo/recompile',
  ];

  it('makes the organization, fills it, makes a key and publishes', async () => {
    const { call, log } = server(false);
    expect(await loadDemo(call, {}, null)).toBe('bg_demo_k_s');
    expect(log).toEqual(everyStep);
  });

  it('leaves a demo alone that was loaded before', async () => {
    const { call, log } = server(true);
    expect(await loadDemo(call, {}, 'bg_demo_old')).toBe('bg_demo_old');
    expect(log).toEqual(['POST /admin/orgs']);
  });

  it('completes what a crash left half done', async () => {
    const { call, log } = server(true);
    expect(await loadDemo(call, {}, null)).toBe('bg_demo_k_s');
    expect(log).toEqual(everyStep);
  });

  it('makes a new key when the database behind a kept one was wiped', async () => {
    expect(await loadDemo(server(false).call, {}, 'bg_demo_old')).toBe('bg_demo_k_s');
  });

  it('says which step was refused, and the answer', async () => {
    const refuse: AdminCall = async () => ({ status: 422, body: { code: 'bad' } });
    await expect(loadDemo(refuse, {}, null)).rejects.toThrow('creating the organization was answered 422 {"code":"bad"}');
  });
});

describe('the banner', () => {
  const facts = { origin: 'http://localhost:1', state: 's', rootToken: 'root', seconds: 1 };
  const question = { subject: 'user:o’x:y', action: 'VIEW', resource: "dataset:it's", decision: true };

  it('has commands that a shell reads back as meant', () => {
    const text = banner({ ...facts, demo: { key: 'k', questions: [question] } });
    const line = text.split('\n').find((row) => row.includes('/check')) ?? '';
    const body = execFileSync('sh', ['-c', line.replace(/^ *curl .* -d /, 'printf %s ')], { encoding: 'utf8' });
    expect(JSON.parse(body)).toEqual({ subject: 'user:o’x:y', action: 'VIEW', resource: "dataset:it's" });
  });

  it('shows how to create an organization when there is no demo', () => {
    expect(banner({ ...facts, demo: null })).toContain('# create an organization');
  });

  it('quotes only what needs it', () => {
    expect([shellWord('.wrangler/state'), shellWord('a b'), shellWord("it's")]).toEqual(['.wrangler/state', "'a b'", "'it'\\''s'"]);
  });
});
