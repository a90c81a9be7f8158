/**
 * Several isolates, for real: the built Worker three times in workerd, each with a memory of its own, over one D1, one KV and one Publisher. What one
 * writes the others learn within the stated bound, and at once where the revision of the write is asked for. Nothing here looks at how much
 * time went by: what is compared is what answers say of themselves.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleWorker } from '../../scripts/lib/bundle.ts';
import { BINDINGS } from '../../scripts/lib/local-worker.ts';
import { migrate } from '../../scripts/lib/migrate.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOKEN = 'a-root-token-of-at-least-32-characters';
const MAX_AGE_MS = 10_000;
const ISOLATES = ['bitgate', 'second', 'third'] as const;
type Name = (typeof ISOLATES)[number];
const WRITER = 'bitgate';
const READERS: readonly Name[] = ['second', 'third'];

/** at once, through all of them */
const WRITES = 12;

const manifest = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }] },
  roles: [{ name: 'Viewer', privileges: ['view'] }],
  groups: [{ name: 'team', members: ['user:eve'] }],
  resources: [
    { type: 'folder', id: 'f' },
    { type: 'doc', id: 'kept', parents: ['folder:f'] },
  ],
  assignments: [{ subject: 'group:team', role: 'Viewer', scope: 'folder:f' }],
};

interface Asked {
  readonly decision: boolean;
  readonly reason: string;
  readonly revision: number;
  /** ms */
  readonly age: number;
}

let state: string;
let miniflare: Miniflare;
let key: string;

async function sent(name: Name, method: string, path: string, body: object | undefined, token: string): Promise<Response> {
  const worker = await miniflare.getWorker(name);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  // `as`: miniflare's own type of the same thing
  return (await worker.fetch(`https://bitgate.test${path}`, init)) as unknown as Response;
}

/** An administrative write. @returns the answer's body */
async function admin(
  name: Name,
  method: string,
  path: string,
  body?: object,
): Promise<{ readonly revision: number; readonly secret: string }> {
  const response = await sent(name, method, `/admin/orgs${path}`, body, TOKEN);
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return Object(await response.json());
}

async function ask(name: Name, more: object = {}): Promise<Asked> {
  const response = await sent(name, 'POST', '/check', { subject: 'user:eve', action: 'view', resource: 'doc:kept', ...more }, key);
  const body = Object(await response.json());
  expect(response.status, JSON.stringify(body)).toBe(200);
  return { ...body, age: Number(response.headers.get('x-bitgate-age-ms') ?? Number.NaN) };
}

const revoke = async (): Promise<number> => (await admin(WRITER, 'DELETE', '/acme/groups/team/members/user:eve')).revision;
const restore = async (): Promise<number> => (await admin(WRITER, 'PUT', '/acme/groups/team/members/user:eve')).revision;

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'bitgate-isolates-'));
  const script = await bundleWorker(join(ROOT, 'src/worker.ts'));
  const worker = {
    ...BINDINGS,
    modules: [{ type: 'ESModule' as const, path: 'worker.js', contents: script }],
    bindings: { BITGATE_ROOT_TOKEN: TOKEN, BITGATE_SIGNING_KEY: TOKEN },
  };
  const shared = { PUBLISHER: { ...BINDINGS.durableObjects.PUBLISHER, scriptName: WRITER } };
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      resourcePersistencePath: state,
      workers: [worker, ...READERS.map((name) => ({ ...worker, name, durableObjects: shared }))],
    }),
  );
  await migrate(await miniflare.getD1Database('DB', WRITER), join(ROOT, 'src/storage/d1/migrations'));
  await admin(WRITER, 'POST', '', { id: 'acme' });
  await admin(WRITER, 'PUT', '/acme/manifest', manifest);
  key = (await admin(WRITER, 'POST', '/acme/api-keys', { name: 'k', roles: [{ role: 'bitgate:checker', scope: 'org' }] })).secret;
});

afterAll(async () => {
  await miniflare?.dispose();
  rmSync(state, { recursive: true });
});

describe('what one isolate writes', () => {
  it('the others answer at once to whoever asks for its revision', async () => {
    for (let round = 0; round < 5; round++) {
      const given = await restore();
      for (const name of READERS) expect(await ask(name, { min_revision: given })).toMatchObject({ reason: 'granted', revision: given });
      const taken = await revoke();
      for (const name of ISOLATES) expect(await ask(name, { min_revision: taken })).toMatchObject({ reason: 'no_grant', revision: taken });
    }
  });

  it('the others go on without it as they knew: each answer is that of the revision that it names, and the enemy is real', async () => {
    let old = 0;
    for (let round = 0; round < 5; round++) {
      const given = await restore();
      for (const name of READERS) await ask(name, { min_revision: given });
      const taken = await revoke();
      for (const name of READERS) {
        const { reason, revision } = await ask(name);
        expect([reason, revision]).toEqual(revision < taken ? ['granted', given] : ['no_grant', taken]);
        if (revision < taken) old++;
      }
    }
    console.log(`asked without the revision: ${old} of 10 answers were from before the write`);
    expect(old).toBeGreaterThan(0);
  });

  it('is known to all within 10 s of knowledge: no answer from before it says that it is older', async () => {
    const given = await restore();
    for (const name of READERS) await ask(name, { min_revision: given });
    const taken = await revoke();
    const ages: number[] = [];
    const missing = new Set(READERS);
    while (missing.size > 0) {
      for (const name of missing) {
        const { reason, revision, age } = await ask(name);
        expect(age).toBeLessThanOrEqual(MAX_AGE_MS);
        expect([reason, revision]).toEqual(revision < taken ? ['granted', given] : ['no_grant', taken]);
        if (revision < taken) ages.push(age);
        else missing.delete(name);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    console.log(`gone everywhere; the oldest answer from before it was ${Math.max(0, ...ages)} ms old`);
    for (const name of READERS) expect(await ask(name)).toMatchObject({ reason: 'no_grant', revision: taken });
  });

  it('is what they write upon: writes through all of them at once lose nothing', async () => {
    const revisions = await Promise.all(
      Array.from({ length: WRITES }, async (_, i) => {
        const write = { subject: `user:w${i}`, role: 'Viewer', scope: 'org' };
        for (;;) {
          const response = await sent(ISOLATES[i % 3]!, 'POST', '/admin/orgs/acme/assignments', write, TOKEN);
          const body = Object(await response.json());
          if (response.ok) return Number(body.revision);
          expect([response.status, body.error?.code]).toEqual([409, 'revision_moved']);
          await new Promise((resolve) => setTimeout(resolve, 200 * Math.random()));
        }
      }),
    );
    expect(new Set(revisions).size).toBe(WRITES);
    for (const [i, revision] of revisions.entries()) {
      const question = { subject: `user:w${i}`, resource: 'doc:kept', min_revision: revision };
      expect(await ask(ISOLATES[(i + 1) % 3]!, question)).toMatchObject({ reason: 'granted' });
    }
  });
});
