import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, call, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';

let token = '';
let id = '';

beforeAll(async () => {
  await makeOrganization('acme', { owner: 'user:owner' });
  ({ token, id } = await makeKey('acme', ['bitgate:checker']));
});

const question = { subject: 'user:a', action: 'bitgate:read' };
const checkWith = (authorization: string): Promise<Answer> => call('POST', '/check', question, { token: null, headers: { authorization } });

describe('credentials', () => {
  it('that are missing are 401 with what to send, on every face', async () => {
    for (const [method, path] of [
      ['POST', '/check'],
      ['GET', '/check'],
      ['POST', '/check/batch'],
      ['POST', '/orgs/acme/check'],
      ['GET', '/admin/orgs'],
      ['GET', '/admin/orgs/acme'],
      ['PUT', '/admin/orgs/acme/manifest'],
      ['POST', '/admin/recompile'],
    ] as const) {
      const answer = await call(method, path, method === 'GET' ? undefined : {}, { token: null });
      expect([path, answer.status, answer.body.error.code]).toEqual([path, 401, 'missing_credentials']);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="bitgate", Basic realm="bitgate"/);
    }
  });

  it('are a token as Bearer, or id and secret as Basic', async () => {
    expect((await checkWith(`Bearer ${token}`)).status).toBe(200);
    const [, org, key, secret] = /^bg_([^_]+)_([^_]+)_(.+)$/.exec(token) ?? [];
    expect((await checkWith(`Basic ${btoa(`${org}_${key}:${secret}`)}`)).status).toBe(200);
  });

  it('that are wrong are 401, whatever is wrong, in the same words', async () => {
    const last = token.at(-1) === 'a' ? 'b' : 'a';
    const wrong = [
      `Bearer ${token.slice(0, -1)}${last}`,
      `Bearer ${token}a`,
      `Bearer ${token.replace('bg_acme', 'bg_nowhere')}`,
      `Bearer ${token.replace(id, 'aaaaaaaaaaaaaaaa')}`,
      'Bearer nonsense',
      `Basic ${btoa('acme_x:y')}`,
      `Bearer ${ROOT}x`,
    ];
    const answers = await Promise.all(wrong.map(checkWith));
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect([answers[0]?.status, answers[0]?.body.error.code, answers[0]?.body.decision]).toEqual([401, 'invalid_credentials', false]);
  });

  it('SEC-31 in a second header count as none', async () => {
    const headers = new Headers({ 'content-type': 'application/json' });
    headers.append('authorization', `Bearer ${token}`);
    headers.append('authorization', `Bearer ${token}`);
    const answer = await call('POST', '/check', question, { token: null, headers: { authorization: headers.get('authorization') ?? '' } });
    expect(answer.status).toBe(401);
  });

  it('of a key without `bitgate:check` are 403', async () => {
    const none = await makeKey('acme', []);
    const answer = await call('POST', '/check', question, { token: none.token });
    expect([answer.status, answer.body.error]).toMatchObject([
      403,
      { code: 'missing_privilege', details: { privilege: 'bitgate:check', scope: 'org' } },
    ]);
    expect(answer.body.decision).toBe(false);
  });

  it('of a key that was suspended as a subject open nothing', async () => {
    const key = await makeKey('acme');
    await env.DB.prepare("UPDATE subjects SET status = 'suspended' WHERE org = 'acme' AND subject = ?1").bind(`api_key:${key.id}`).run();
    await call('POST', '/admin/orgs/acme/recompile');
    expect((await call('POST', '/check', question, { token: key.token })).status).toBe(403);
  });

  it('that are revoked, expired or deleted end with the next revision', async () => {
    for (const sql of [
      "UPDATE api_keys SET status = 'disabled' WHERE id = ?1",
      'UPDATE api_keys SET expires_at = 1 WHERE id = ?1',
      'DELETE FROM api_keys WHERE id = ?1',
    ]) {
      const key = await makeKey('acme');
      expect((await call('POST', '/check', question, { token: key.token })).status).toBe(200);
      await env.DB.prepare(sql).bind(key.id).run();
      await call('POST', '/admin/orgs/acme/recompile');
      expect((await call('POST', '/check', question, { token: key.token })).status).toBe(401);
    }
  });

  it('SEC-23 are no default ones, and no other site’s page may send them', async () => {
    for (const guess of ['admin', 'password', 'root', '']) expect((await checkWith(`Bearer ${guess}`)).status).toBe(401);
    const answer = await call('OPTIONS', '/check', undefined, {
      headers: { origin: 'https://evil.test', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(405);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('SEC-20 SEC-49 secrets', () => {
  it('are in no answer, log line, row, blob or export', async () => {
    const lines: string[] = [];
    const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => void lines.push(JSON.stringify(parts))),
    );
    const key = await makeKey('acme', ['bitgate:owner']);
    const texts: string[] = [];
    const ask = async (method: string, path: string, body?: unknown, more: object = { token: key.token }): Promise<void> => {
      const answer = await call(method, path, body, more);
      texts.push(answer.text, JSON.stringify([...answer.headers]));
    };
    await ask('POST', '/check', question);
    await ask('POST', '/check', { ...question, ressource: 1 });
    await ask('POST', '/check', '{"subject":');
    await ask('GET', '/admin/orgs/acme/api-keys');
    await ask('GET', '/admin/orgs/acme/manifest');
    await ask('GET', '/admin/orgs');
    await ask('POST', '/admin/orgs/acme/assignments', {});
    await ask('GET', '/nowhere');
    await ask('POST', '/check', question, { token: `${key.token}x` });
    await ask('POST', '/check', question, { token: `${ROOT}x` });
    await ask('GET', '/readyz');
    await putManifest('acme', { bitgate: 1, assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }] });
    for (const spy of spies) spy.mockRestore();

    const stored: string[] = [];
    const tables = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'").all<{
      name: string;
    }>();
    for (const { name } of tables.results) stored.push(JSON.stringify((await env.DB.prepare(`SELECT * FROM "${name}"`).all()).results));
    for (const { name } of (await env.KV.list()).keys) stored.push(name, (await env.KV.get(name)) ?? '');
    expect(stored.join('')).toContain(key.id);

    const secrets = [key.token, key.token.split('_')[3] ?? '', ROOT, env.BITGATE_SIGNING_KEY ?? ''];
    for (const secret of secrets) {
      expect(secret).not.toBe('');
      for (const text of [...lines, ...texts, ...stored]) expect(text.includes(secret)).toBe(false);
    }
  });
});

describe('SEC-26 what was not foreseen', () => {
  it('is 503 without a word about the inside, and logged', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await env.DB.prepare('ALTER TABLE organizations RENAME TO hidden').run();
    const answer = await call('GET', '/admin/orgs');
    await env.DB.prepare('ALTER TABLE hidden RENAME TO organizations').run();
    expect([answer.status, answer.body.error.code]).toEqual([503, 'database_unavailable']);
    expect(answer.text).not.toMatch(/organizations|sqlite|D1|table/i);
    expect(logged).toHaveBeenCalled();
    logged.mockRestore();
  });
});
