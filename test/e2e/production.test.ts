/** The Worker as `wrangler deploy` would send it: minified, and without the description of its API. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AdminCall, adminClient } from '../../scripts/lib/admin-client.ts';
import { loadDemo } from '../../scripts/lib/demo.ts';
import { addressOf, startLocalWorker } from '../../scripts/lib/local-worker.ts';
import { migrate } from '../../scripts/lib/migrate.ts';
import { demoManifest, demoQuestions } from '../../src/presets/demo.ts';
import { ALL_OPERATIONS } from '../support/operations.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOKEN = 'a-root-token-of-at-least-32-characters';
const DOCS = ['/docs', '/openapi.json'];
/** a cold isolate has to load and parse all of it */
const MAX_GZIP_BYTES = 300 * 1024;

let folder: string;
let script: string;
let miniflare: Miniflare;
let origin: string;
let admin: AdminCall;

function build(): string {
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
  const { status, stderr } = spawnSync(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  });
  if (status !== 0) throw new Error(`wrangler ended with ${status}: ${stderr}`);
  return readFileSync(join(folder, 'worker.js'), 'utf8');
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bitgate-production-'));
  script = build();
  const bindings = { BITGATE_ROOT_TOKEN: TOKEN, BITGATE_SIGNING_KEY: TOKEN, BITGATE_DOCS: '1' };
  miniflare = await startLocalWorker({ script, host: '127.0.0.1', port: 0, state: join(folder, 'state'), bindings });
  await migrate(await miniflare.getD1Database('DB'), join(ROOT, 'src/storage/d1/migrations'));
  origin = await addressOf(miniflare);
  admin = adminClient(origin, TOKEN);
});

afterAll(async () => {
  await miniflare?.dispose();
  rmSync(folder, { recursive: true });
});

describe('the Worker that is deployed', () => {
  it(`is not larger than ${MAX_GZIP_BYTES / 1024} KiB, compressed`, () => {
    expect(gzipSync(script).length).toBeLessThanOrEqual(MAX_GZIP_BYTES);
  });

  it('administers and decides', async () => {
    const key = await loadDemo(admin, demoManifest, null);
    for (const { subject, action, resource, decision } of demoQuestions) {
      const asked = await fetch(`${origin}/check?${new URLSearchParams({ subject, action, resource })}`, {
        headers: { authorization: `Bearer ${key}` },
      });
      expect(await asked.json(), `${subject} ${action} ${resource}`).toMatchObject({ decision });
    }
    expect(demoQuestions.length).toBeGreaterThan(0);
  });

  it('has every address that is described, with its methods', async () => {
    const operations = ALL_OPERATIONS.filter(({ path }) => !DOCS.includes(path));
    for (const { method, path } of operations) {
      const answer = await fetch(origin + path.replaceAll(/:\w+/g, 'demo'), { method });
      const { code = null } = Object(Object(JSON.parse((await answer.text()) || '{}')).error);
      expect([method, path, answer.status, code]).not.toEqual([method, path, 405, 'method_not_allowed']);
      expect([method, path, answer.status, code]).not.toEqual([method, path, 404, 'not_found']);
    }
  });

  it('holds no description of its API, even where one is asked for', async () => {
    for (const path of DOCS) expect((await fetch(origin + path)).status).toBe(404);
  });
});
