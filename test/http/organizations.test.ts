/** The life of an organization through the Worker: renamed, found, deleted while it is used, and made again with nothing of before. */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { organizationRoutes } from '../../src/http/admin/organizations.ts';
import { organizationAnswer, organizationDeleted, organizationPage, organizationWritten } from '../../src/http/admin/organizations-wire.ts';
import { manifest } from './acme.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';

const at = (method: string, path: string, body?: unknown, token = ROOT): Promise<Answer> =>
  call(method, `/admin/orgs${path}`, body, { token });
const code = (answer: Answer): [number, string | undefined] => [answer.status, answer.body.error?.code];
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Made, with the rows of the tests, a key and somebody who may view. */
async function made(id: string): Promise<{ token: string; id: string }> {
  await makeOrganization(id);
  await putManifest(id, { ...manifest, assignments: [...manifest.assignments, { subject: 'user:v', role: 'Viewer', scope: 'org' }] });
  return makeKey(id, ['bitgate:owner', 'bitgate:checker']);
}

const remove = (id: string): Promise<Answer> => at('DELETE', `/${id}?confirm=${id}`);

async function untilSwept(id: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if ((await env.DB.prepare('SELECT 1 FROM organizations WHERE id = ?1').bind(id).first()) === null) return;
    await pause(50);
  }
  throw new Error(`${id} is not swept`);
}

beforeAll(() => made('acme'));

describe('an organization', () => {
  it('is named anew by who manages its settings, and its id stays', async () => {
    const answer = await at('PATCH', '/acme', { name: 'Acme & Sons' });
    expect([answer.status, organizationWritten.parse(answer.body)]).toMatchObject([
      200,
      { id: 'acme', name: 'Acme & Sons', published: true },
    ]);
    const shown = await at('GET', '/acme');
    expect(organizationAnswer.parse(shown.body)).toMatchObject({ name: 'Acme & Sons', revision: answer.body.revision });
    expect((await at('PATCH', '/acme', { name: 'Acme & Sons' })).body.revision).toBe(answer.body.revision);
    expect((await at('PATCH', '/acme?dry_run=true', { name: 'X' })).body).toMatchObject({ dry_run: true, changed: true, name: 'X' });
    expect((await at('GET', '/acme')).body.name).toBe('Acme & Sons');
    const owner = await makeKey('acme', ['bitgate:owner']);
    expect((await at('PATCH', '/acme', { name: 'By its owner' }, owner.token)).status).toBe(200);
    const reader = await makeKey('acme', ['Reader']);
    expect(code(await at('PATCH', '/acme', { name: 'By a reader' }, reader.token))).toEqual([403, 'missing_privilege']);
    const { items } = (await at('GET', '/acme/audit?action=organization.update')).body;
    expect(items.map((line: { after: { name: string } }) => line.after.name)).toEqual(['By its owner', 'Acme & Sons']);
  });

  it('is not named over what somebody else did meanwhile', async () => {
    const etag = (await at('GET', '/acme')).headers.get('etag') ?? '';
    const patch = (name: string): Promise<Answer> => call('PATCH', '/admin/orgs/acme', { name }, { headers: { 'if-match': etag } });
    expect((await patch('first')).status).toBe(200);
    expect(code(await patch('second'))).toEqual([412, 'changed_meanwhile']);
  });

  it.each([[{ id: 'x' }], [{ name: 1 }], [{ name: 'x'.repeat(129) }], [{ preset: 'datahub' }], [[]]])(
    'refuses the change %j',
    async (body) => {
      expect(code(await at('PATCH', '/acme', body))).toEqual([400, 'invalid_organization']);
    },
  );

  it('is found by a part of its id or name', async () => {
    await at('POST', '', { id: 'needle-1', name: 'Haystack' });
    await at('POST', '', { id: 'other-1', name: 'The NEEDLE' });
    const found = organizationPage.parse((await at('GET', '?q=Needle')).body);
    expect([found.items.map(({ id }) => id), found.total]).toEqual([['needle-1', 'other-1'], 2]);
    expect((await at('GET', '?q=%25')).body.items).toEqual([]);
  });

  it('that is there already is given when that is asked for', async () => {
    expect(code(await at('POST', '', { id: 'acme' }))).toEqual([409, 'organization_exists']);
    const answer = await at('POST', '?if_exists=return', { id: 'acme', name: 'ignored' });
    expect([answer.status, answer.body]).toMatchObject([200, { id: 'acme', name: 'first', published: true }]);
    expect((await at('POST', '?if_exists=return', { id: 'brand-new' })).status).toBe(201);
  });
});

describe('deleting an organization', () => {
  it('needs root, the id once more, and an organization', async () => {
    const { token } = await makeKey('acme', ['bitgate:owner']);
    expect(code(await at('DELETE', '/acme?confirm=acme', undefined, token))).toEqual([403, 'missing_privilege']);
    expect(code(await at('DELETE', '/needle-1?confirm=needle-1', undefined, token))).toEqual([404, 'unknown_organization']);
    for (const query of ['', '?confirm=', '?confirm=acm', '?confirm=needle-1']) {
      expect(code(await at('DELETE', `/acme${query}`))).toEqual([422, 'not_confirmed']);
    }
    expect(code(await remove('nowhere'))).toEqual([404, 'unknown_organization']);
    expect((await at('DELETE', '/acme?dry_run=true')).body).toMatchObject({ deleted: { id: 'acme' }, dry_run: true });
    expect((await at('GET', '/acme')).status).toBe(200);
  });

  it('ends it at once: no checks, no administration, no keys, and it is in no list', async () => {
    const key = await made('ends');
    const ask = (token = ROOT): Promise<Answer> =>
      call('POST', '/check', { ...(token === ROOT ? { org: 'ends' } : {}), subject: 'user:v', action: 'view' }, { token });
    expect([(await ask()).body.decision, (await ask(key.token)).body.decision]).toEqual([true, true]);
    const answer = await remove('ends');
    expect([answer.status, organizationDeleted.parse(answer.body)]).toMatchObject([200, { deleted: { id: 'ends' }, published: true }]);
    expect((await ask()).body).toMatchObject({ decision: false, reason: 'unknown_organization' });
    expect(code(await ask(key.token))).toEqual([401, 'invalid_credentials']);
    for (const path of ['', '/manifest', '/audit', '/changes', '/api-keys', '/privileges', '/assignments']) {
      expect([path, ...code(await at('GET', `/ends${path}`))]).toEqual([path, 404, 'unknown_organization']);
    }
    expect(code(await at('GET', '/ends', undefined, key.token))).toEqual([401, 'invalid_credentials']);
    expect(code(await at('POST', '/ends/recompile'))).toEqual([404, 'unknown_organization']);
    expect(code(await at('POST', '/ends/api-keys', { name: 'x' }))).toEqual([404, 'unknown_organization']);
    expect((await at('GET', '?q=ends')).body.items).toEqual([]);
    await untilSwept('ends');
  });

  it('while checks and writes go on: each is answered as before or as after, and none after is as before', async () => {
    const { token } = await made('busy');
    const answers: { readonly at: number; readonly status: number; readonly decision?: boolean }[] = [];
    let going = true;
    const checking = Array.from({ length: 4 }, async (_, i) => {
      while (going) {
        const by = i % 2 === 0 ? { token } : {};
        const org = i % 2 === 0 ? {} : { org: 'busy' };
        const began = Date.now();
        const { status, body } = await call('POST', '/check', { ...org, subject: 'user:v', action: 'view' }, by);
        answers.push({ at: began, status, decision: body.decision });
        await pause(1);
      }
    });
    const writing = (async () => {
      const statuses: number[] = [];
      for (let i = 0; going; i++) {
        statuses.push((await at('POST', '/busy/assignments', { subject: `user:w${i}`, role: 'Viewer', scope: 'org' })).status);
        await pause(1);
      }
      return statuses;
    })();
    await pause(300);
    expect((await remove('busy')).status).toBe(200);
    const ended = Date.now();
    await pause(300);
    going = false;
    await Promise.all(checking);
    expect([...new Set(await writing)].sort()).toEqual([201, 404]);
    for (const { at: began, status, decision } of answers) {
      if (began > ended) expect([status, decision]).not.toEqual([200, true]);
      expect(
        [
          [200, true],
          [401, undefined],
          [404, false],
        ].map(String),
      ).toContain(String([status, status === 401 ? undefined : decision]));
    }
    await untilSwept('busy');
  });

  it('leaves the id free, and whoever has it next sees nothing of before', async () => {
    const old = await made('twice');
    const { revision } = (await at('GET', '/twice')).body;
    await remove('twice');
    await untilSwept('twice');
    const again = await at('POST', '', { id: 'twice', name: 'Second' });
    expect(again.status).toBe(201);
    expect(again.body.revision).toBeGreaterThan(revision);
    const owner = await makeKey('twice', ['bitgate:owner', 'bitgate:checker']);
    const by = (path: string): Promise<Answer> => at('GET', `/twice${path}`, undefined, owner.token);
    expect((await call('POST', '/check', { subject: 'user:v', action: 'view' }, { token: owner.token })).body.reason).toBe(
      'unknown_privilege',
    );
    expect(code(await call('POST', '/check', { subject: 'user:v', action: 'view' }, { token: old.token }))).toEqual([
      401,
      'invalid_credentials',
    ]);
    const pruned = await by('/changes');
    expect(code(pruned)).toEqual([410, 'changes_pruned']);
    const texts = [
      (await by('/manifest')).text,
      (await by('/api-keys?limit=1000')).text,
      (await by('/assignments?limit=1000')).text,
      (await by(`/changes?after=${pruned.body.error.details.oldest_after}&limit=1000`)).text,
      (await by('/audit?limit=1000')).text,
    ];
    for (const text of texts) for (const word of ['Viewer', 'user:v', old.id, 'dataset:d1']) expect(text).not.toContain(word);
    // The operator still sees what was: the audit is kept.
    expect((await at('GET', '/twice/audit?action=organization.delete')).body.total).toBe(1);
    expect((await at('GET', '/twice/audit?limit=1000')).text).toContain(old.id);
    expect((await at('GET', '/twice/audit/verify')).body.valid).toBe(true);
  });

  it('empties what the Publisher and KV hold', async () => {
    await made('stored');
    const list = async (): Promise<string[]> => (await env.KV.list({ prefix: 'org/stored/' })).keys.map(({ name }) => name);
    expect((await list()).length).toBeGreaterThan(1);
    await remove('stored');
    const stub = env.PUBLISHER.get(env.PUBLISHER.idFromName('stored'));
    for (let i = 0; i < 20 && (await list()).length > 0; i++) {
      await runDurableObjectAlarm(stub);
      await pause(50);
    }
    expect(await list()).toEqual([]);
    expect(await stub.pointer()).toBeNull();
    await untilSwept('stored');
  });
});

it('the operations are described with examples that are answers', () => {
  for (const { id, answer, answerExample, body, bodyExample } of organizationRoutes) {
    expect([id, answer.safeParse(answerExample).error]).toEqual([id, undefined]);
    if (body !== undefined) expect([id, body.safeParse(bodyExample).error]).toEqual([id, undefined]);
  }
});
