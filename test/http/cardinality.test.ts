/** Role cardinality: where it is `single`, a new direct role takes the place of those in an overlapping window at that very scope. */
import { beforeAll, describe, expect, it } from 'vitest';
import { manifest } from './acme.ts';
import { type Answer, call, makeOrganization, putManifest } from './client.ts';

beforeAll(async () => {
  await makeOrganization('one', { owner: 'user:owner' });
  await putManifest('one', { ...manifest, settings: { role_cardinality: { org: 'single', project: 'single' } } });
  await makeOrganization('mixed', { owner: 'user:owner' });
  await putManifest('mixed', { ...manifest, settings: { role_cardinality: { org: 'multiple', project: 'single' } } });
});

const post = (org: string, body: object): Promise<Answer> => call('POST', `/admin/orgs/${org}/assignments`, body);
async function held(org: string, subject: string): Promise<string[]> {
  const { body } = await call('GET', `/admin/orgs/${org}/assignments?subject=${subject}`);
  return body.items.map((row: { role?: string; policy?: string; scope: string }) => `${row.role ?? row.policy} ${row.scope}`).toSorted();
}

describe('one role at a time', () => {
  it('a second role takes the place of the first, and the answer says so', async () => {
    const first = await post('one', { subject: 'user:a', role: 'Viewer', scope: 'org' });
    expect(first.body.replaced).toBeUndefined();
    const second = await post('one', { subject: 'user:a', role: 'Editor', scope: 'org' });
    expect([second.status, second.body.replaced]).toEqual([201, [expect.objectContaining({ id: first.body.id, role: 'Viewer' })]]);
    expect(await held('one', 'user:a')).toEqual(['Editor org']);
    const again = await post('one', { subject: 'user:a', role: 'Editor', scope: 'org' });
    expect([again.status, again.body.id, again.body.replaced]).toEqual([200, second.body.id, undefined]);
  });

  it('each scope counts by itself: the organization, each project; what lies below a project, groups and policies don’t', async () => {
    await post('one', { subject: 'user:b', role: 'Viewer', scope: 'org' });
    await post('one', { subject: 'user:b', role: 'Viewer', scope: 'project:p1' });
    await post('one', { subject: 'user:b', role: 'Editor', scope: 'project:p1' });
    await post('one', { subject: 'user:b', role: 'Viewer', scope: 'project:p2' });
    await post('one', { subject: 'user:b', role: 'Viewer', scope: 'dataset:d1' });
    await post('one', { subject: 'user:b', role: 'Editor', scope: 'dataset:d1' });
    await post('one', { subject: 'user:b', policy: 'Never edit', scope: 'org' });
    expect(await held('one', 'user:b')).toEqual([
      'Editor dataset:d1',
      'Editor project:p1',
      'Never edit org',
      'Viewer dataset:d1',
      'Viewer org',
      'Viewer project:p2',
    ]);
    await post('one', { subject: 'group:staff', role: 'Viewer', scope: 'org' });
    await post('one', { subject: 'group:staff', role: 'Editor', scope: 'org' });
    expect(await held('one', 'group:staff')).toEqual(['Editor org', 'Viewer org']);
  });

  it('windows that don’t overlap stand side by side', async () => {
    const at = (role: string, not_before: string | null, expires_at: string | null): Promise<Answer> =>
      post('one', { subject: 'user:c', role, scope: 'org', not_before, expires_at });
    await at('Viewer', null, '2030-01-01T00:00:00Z');
    expect((await at('Editor', '2030-01-01T00:00:00Z', null)).body.replaced).toBeUndefined();
    expect((await at('Reader', '2029-12-31T00:00:00Z', '2030-01-01T00:00:00Z')).body.replaced).toHaveLength(1);
    expect(await held('one', 'user:c')).toEqual(['Editor org', 'Reader org']);
    expect((await at('Typist', null, null)).body.replaced).toHaveLength(2);
  });

  it('holds at the level that says so, and nowhere else', async () => {
    for (const scope of ['org', 'project:p1'])
      for (const role of ['Viewer', 'Editor']) await post('mixed', { subject: 'user:d', role, scope });
    expect(await held('mixed', 'user:d')).toEqual(['Editor org', 'Editor project:p1', 'Viewer org']);
  });

  it('holds for batches, members and keys', async () => {
    await post('one', { subject: 'user:e', role: 'Viewer', scope: 'org' });
    const batch = await call('POST', '/admin/orgs/one/assignments/batch', { role: 'Editor', subjects: ['user:e', 'user:f', 'user:e'] });
    expect(batch.body.items.map(({ status }: { status: string }) => status)).toEqual(['replaced', 'assigned', 'unchanged']);
    expect(batch.body.items[0].replaced[0].role).toBe('Viewer');
    const put = await call('PUT', '/admin/orgs/one/members/user:e', { roles: ['Viewer', 'Editor'] });
    expect([put.status, put.body.error.code]).toEqual([422, 'single_role']);
    expect((await call('PUT', '/admin/orgs/one/members/user:e', { roles: ['Viewer'] })).status).toBe(200);
    const roles = ['Viewer', 'Editor'].map((role) => ({ role, scope: 'org' }));
    const key = await call('POST', '/admin/orgs/one/api-keys', { name: 'k', roles });
    expect([key.status, key.body.error.code]).toEqual([422, 'single_role']);
  });

  it('the last owner’s can’t be replaced', async () => {
    const answer = await post('one', { subject: 'user:owner', role: 'Viewer', scope: 'org' });
    expect([answer.status, answer.body.error.code]).toEqual([409, 'last_owner']);
    expect(await held('one', 'user:owner')).toEqual(['bitgate:owner org']);
  });

  it('two at once, a hundred times: one role is left, that of the later revision', { timeout: 240_000 }, async () => {
    for (let round = 0; round < 100; round++) {
      const subject = `user:race-${round}`;
      const roles = ['Viewer', 'Editor'];
      const answers = await Promise.all(roles.map((role) => post('one', { subject, role, scope: 'org' })));
      const made = answers.filter(({ status }) => status === 201).toSorted((a, b) => a.body.revision - b.body.revision);
      for (const answer of answers) expect([201, 409]).toContain(answer.status);
      expect(await held('one', subject)).toEqual([`${made.at(-1)?.body.role} org`]);
      if (made.length === 2) expect(made[1]?.body.replaced).toEqual([expect.objectContaining({ id: made[0]?.body.id })]);
    }
  });
});
