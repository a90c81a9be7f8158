/** Policies, roles and projects as large as a body allows, and deletions that take much along: refused or done, never an error of the server. */
import { beforeAll, describe, expect, it } from 'vitest';
import { call, codeOf, makeOrganization, putManifest } from './client.ts';

const at = '/admin/orgs/large';
const USERS = 17_000;

beforeAll(async () => {
  await makeOrganization('large', { owner: 'user:owner' });
});

describe('a thing of a megabyte', () => {
  it('is made, changed and deleted, and the audit says where it was cut', { timeout: 120_000 }, async () => {
    const description = '"'.repeat(500_000);
    for (const kind of ['policies', 'roles']) {
      const body = kind === 'policies' ? { privileges: [] } : {};
      const made = await call('POST', `${at}/${kind}`, { name: 'Large', description, ...body });
      expect(made.status).toBe(201);
      const changed = await call('PATCH', `${at}/${kind}/Large`, { description: `${description}!` });
      expect(changed.status).toBe(200);
      expect((await call('GET', `${at}/${kind}/Large`)).body.description.length).toBe(500_001);
      expect((await call('DELETE', `${at}/${kind}/Large`)).status).toBe(200);
      const { items } = (await call('GET', `${at}/audit?target=${kind === 'roles' ? 'role' : 'policy'}:${made.body.id}`)).body;
      expect(items.at(0).before.description).toMatch(/more characters$/);
    }
    expect((await call('POST', `${at}/roles`, { name: 'Larger', description: 'x'.repeat(1_100_000) })).status).toBe(413);
  });
});

describe('deleting what many hold', () => {
  it('is one write up to its limit, and beyond it refused', { timeout: 300_000 }, async () => {
    const held = (scope: string) => Array.from({ length: USERS }, (_, i) => ({ subject: `user:${i}`, role: 'Held', scope }));
    const assignments = [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }];
    for (const scope of ['org', 'doc:1', 'doc:2']) {
      assignments.push(...held(scope));
      await putManifest('large', { bitgate: 1, roles: [{ name: 'Held' }], assignments });
    }
    const tooMany = await call('DELETE', `${at}/roles/Held?force=true`);
    expect([codeOf(tooMany), tooMany.body.error.details]).toEqual(['413 too_many_rows', { rows: 3 * USERS, limit: 50_000 }]);
    await putManifest('large', { bitgate: 1, roles: [{ name: 'Held' }], assignments: assignments.slice(0, 1 + 2 * USERS) });
    const gone = await call('DELETE', `${at}/roles/Held?force=true`);
    expect([codeOf(gone), (await call('GET', `${at}/assignments`)).body.total]).toEqual(['200', 1]);
  });
});
