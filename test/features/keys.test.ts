/** What the seeds ask of API keys and of whoever is shut out. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, makeKey, makeOrganization, putManifest, ROOT } from '../http/client.ts';

const check = (question: object, token = ROOT): Promise<Answer> => call('POST', '/check', question, { token });
const keys = (path: string, method = 'GET', body?: unknown): Promise<Answer> => call(method, `/admin/orgs/rows/api-keys${path}`, body);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
/** 200 or 401, at the edge. */
const opens = async (token: string): Promise<number> => (await check({ subject: 'user:x', action: 'read' }, token)).status;

const manifest = (suspended: boolean): object => ({
  bitgate: 1,
  catalog: { privileges: [{ name: 'read' }, { name: 'public' }, { name: 'all' }] },
  roles: [
    { name: 'Reader', privileges: ['read'] },
    { name: 'Public', privileges: ['public'] },
    { name: 'Everyone', privileges: ['all'] },
  ],
  projects: [{ id: 'p1' }],
  subjects: [{ type: 'user', id: 'gone', status: suspended ? 'suspended' : 'active' }],
  assignments: [
    { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    { subject: 'user:gone', role: 'Reader', scope: 'org' },
    { subject: 'group:anyone', role: 'Public', scope: 'org' },
    { subject: 'group:everyone', role: 'Everyone', scope: 'org' },
  ],
});

beforeAll(async () => {
  await makeOrganization('rows');
  await putManifest('rows', manifest(false));
});

describe('F14 machine actors', () => {
  it('F14 the same role gives the same decisions to a user, a service and an API key, for every privilege', async () => {
    await makeOrganization('machines', { preset: 'datahub', owner: 'user:owner' });
    const { items } = (await call('GET', '/admin/orgs/machines/privileges?limit=1000')).body;
    const names: string[] = items.map(({ name }: { name: string }) => name);
    expect(names.filter((name) => !name.startsWith('bitgate:')).length).toBeGreaterThanOrEqual(102);
    const roles = ['Admin', 'Editor', 'Reader'];
    for (const role of roles) {
      const { id } = await makeKey('machines', [role]);
      const subjects = [`user:${role}`, `service:${role}`, `api_key:${id}`];
      for (const subject of subjects.slice(0, 2)) {
        expect((await call('POST', '/admin/orgs/machines/assignments', { subject, role, scope: 'org' })).status).toBe(201);
      }
      const decisions = await Promise.all(
        subjects.map(async (subject) => {
          const { body } = await call('POST', '/check/batch', { org: 'machines', checks: names.map((action) => ({ subject, action })) });
          return body.results.map(({ decision }: { decision: boolean }) => decision);
        }),
      );
      expect(decisions[0]).toContain(true);
      expect(decisions[1]).toEqual(decisions[0]);
      expect(decisions[2]).toEqual(decisions[0]);
    }
  });
});

describe('F35 the life of an API key', () => {
  it('F35 the secret is shown once, stored as a hash, and masked afterwards', async () => {
    const made = await keys('', 'POST', { name: 'once', roles: [{ role: 'bitgate:checker', scope: 'org' }] });
    const { id, secret } = made.body;
    const tail = secret.split('_')[3];
    const row = await env.DB.prepare('SELECT * FROM api_keys WHERE id = ?1').bind(id).first();
    expect(JSON.stringify(row)).not.toContain(tail.slice(-6));
    for (const answer of [await keys(`/${id}`), await keys('?limit=1000'), await keys(`/${id}`, 'PATCH', { name: 'twice' })]) {
      // What tells keys apart is the id, which every token holds: of the secret not even the end is kept.
      expect(answer.text).toContain(`bg_rows_${id}_******`);
      expect(answer.text).not.toContain(tail.slice(-6));
    }
  });

  it('F35 disabling denies, enabling allows, deleting is final', async () => {
    const { id, token } = await makeKey('rows');
    expect(await opens(token)).toBe(200);
    await keys(`/${id}`, 'PATCH', { status: 'disabled' });
    expect(await opens(token)).toBe(401);
    await keys(`/${id}`, 'PATCH', { status: 'active' });
    expect(await opens(token)).toBe(200);
    expect((await keys(`/${id}`, 'DELETE')).status).toBe(200);
    expect(await opens(token)).toBe(401);
    expect((await keys(`/${id}`, 'PATCH', { status: 'active' })).status).toBe(404);
  });

  it('F35 expiry is honoured to the second', async () => {
    const end = (Math.floor(Date.now() / 1_000) + 2) * 1_000;
    const { token } = await makeKey('rows', undefined, { expires_at: new Date(end).toISOString() });
    await pause(end - 200 - Date.now());
    expect([Date.now() < end, await opens(token)]).toEqual([true, 200]);
    await pause(end + 20 - Date.now());
    expect(await opens(token)).toBe(401);
  });

  it('F35 keys are of the organization or of a project, and whoever is above all organizations must name one', async () => {
    const made = await call('POST', '/admin/orgs/rows/projects/p1/api-keys', {
      name: 'p',
      roles: [{ role: 'Reader', scope: 'project:p1' }],
    });
    const subject = `api_key:${made.body.id}`;
    const decide = async (resource?: string): Promise<boolean> =>
      (await check({ org: 'rows', subject, action: 'read', resource })).body.decision;
    expect([await decide('project:p1'), await decide()]).toEqual([true, false]);
    const global = await check({ subject, action: 'read' });
    expect([global.status, global.body.error.code]).toEqual([400, 'missing_organization']);
  });

  it('F35 when a key was last used is told, within seconds, without an entry in the history of the organization', async () => {
    const { id, token } = await makeKey('rows');
    const before = (await call('GET', '/admin/orgs/rows')).body.revision;
    expect((await keys(`/${id}`)).body.last_used_at).toBeNull();
    const began = Date.now();
    expect(await opens(token)).toBe(200);
    let used: string | null = null;
    for (let i = 0; i < 40 && used === null; i++) {
      await pause(100);
      used = (await keys(`/${id}`)).body.last_used_at;
    }
    expect(Math.abs(Date.parse(used ?? '') - began)).toBeLessThan(2_000);
    expect((await keys('?limit=1000')).body.items.find((item: { id: string }) => item.id === id).last_used_at).toBe(used);
    expect((await call('GET', '/admin/orgs/rows')).body.revision).toBe(before);
    await keys(`/${id}`, 'DELETE');
    expect(await env.DB.prepare('SELECT count(*) AS n FROM key_use WHERE key = ?1').bind(id).first('n')).toBe(0);
  });
});

describe('F61 whoever is shut out', () => {
  const actions = ['read', 'public', 'all'];
  const decisions = (subject: string): Promise<[boolean, string][]> =>
    Promise.all(
      actions.map(async (action) => {
        const { decision, reason } = (await check({ org: 'rows', subject, action })).body;
        return [decision, reason];
      }),
    );

  it('F61 a suspended subject is denied everything, what all and anybody may do too, as soon as it is written', async () => {
    expect(await decisions('user:gone')).toEqual(actions.map(() => [true, 'granted']));
    await putManifest('rows', manifest(true));
    expect(await decisions('user:gone')).toEqual(actions.map(() => [false, 'subject_suspended']));
    // Anybody else still may what anybody may.
    expect((await decisions('user:stranger'))[1]).toEqual([true, 'granted']);
    await putManifest('rows', manifest(false));
    expect(await decisions('user:gone')).toEqual(actions.map(() => [true, 'granted']));
  });

  it('F61 a disabled key is denied everything and opens nothing, as soon as it is written', async () => {
    const { id, token } = await makeKey('rows', ['bitgate:checker', 'Reader']);
    const subject = `api_key:${id}`;
    expect([await decisions(subject), await opens(token)]).toEqual([actions.map(() => [true, 'granted']), 200]);
    await keys(`/${id}`, 'PATCH', { status: 'disabled' });
    expect([await decisions(subject), await opens(token)]).toEqual([actions.map(() => [false, 'subject_suspended']), 401]);
  });
});
