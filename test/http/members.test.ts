/** `L/members`: who is there with which roles, set, removed, and ownership handed over. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/authn/constant-time.ts';
import { assign, makeAcme, manifest, reasonOf } from './acme.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';

beforeAll(makeAcme);

const ORG = '/admin/orgs/acme';
const P1 = `${ORG}/projects/p1`;
const put = (member: string, roles: unknown, token = ROOT, at = ORG): Promise<Answer> =>
  call('PUT', `${at}/members/${member}`, { roles }, { token });
const remove = (member: string, token = ROOT, at = ORG): Promise<Answer> => call('DELETE', `${at}/members/${member}`, undefined, { token });
const subjects = ({ body }: Answer): string[] => body.items.map(({ subject }: { subject: string }) => subject);
const roleNames = (rows: { role?: string }[]): string[] => rows.map(({ role }) => role ?? '').toSorted();

describe('members', () => {
  it('are listed with their roles, directly or through which group, found by name and role, in pages', async () => {
    await assign({ subject: 'user:gus', role: 'Viewer', scope: 'org' });
    await assign({ subject: 'group:staff', role: 'Editor', scope: 'org' });
    await assign({ subject: 'user:gus', role: 'Typist', scope: 'project:p1' });
    const { body } = await call('GET', `${ORG}/members/user:gus`);
    expect(body).toEqual({
      subject: 'user:gus',
      status: 'active',
      roles: expect.any(Array),
      revision: expect.any(Number),
    });
    expect(body.roles.map(({ role, through }: { role: string; through: string }) => [role, through]).toSorted()).toEqual([
      ['Editor', 'group:staff'],
      ['Viewer', null],
    ]);
    expect(subjects(await call('GET', `${ORG}/members?role=Editor`))).toEqual(['user:gus']);
    expect(subjects(await call('GET', `${ORG}/members?q=GU`))).toEqual(['user:gus']);
    const page = await call('GET', `${ORG}/members?limit=1`);
    expect([page.body.items.length, page.body.total]).toEqual([1, 2]);
    const next = await call('GET', `${ORG}/members?limit=1&cursor=${page.body.next_cursor}`);
    expect([subjects(next), next.body.next_cursor]).toEqual([['user:owner'], null]);
    expect((await call('GET', `${ORG}/members?role=Nobody`)).status).toBe(404);
    expect((await call('GET', `${ORG}/members/user:nobody`)).body.error.code).toBe('unknown_member');
  });

  it('of a project are those whom something at it or below it reaches, with what comes from the organization beside', async () => {
    await assign({ subject: 'user:below', role: 'Viewer', scope: 'dataset:d1' });
    const list = await call('GET', `${P1}/members`);
    expect(subjects(list)).toEqual(['user:below', 'user:gus']);
    const [, gus] = list.body.items;
    expect([roleNames(gus.roles), roleNames(gus.reached_through)]).toEqual([['Typist'], ['Editor', 'Viewer']]);
    expect(subjects(await call('GET', `${P1}/members?role=Typist`))).toEqual(['user:gus']);
  });

  it('get exactly the roles that are put, with windows, and none with an empty list', async () => {
    const made = await put('user:pat', ['Viewer', { role: 'Editor', expires_at: '2030-01-01T00:00:00Z' }]);
    expect([made.status, roleNames(made.body.roles), made.body.removed]).toEqual([200, ['Editor', 'Viewer'], []]);
    await assign({ subject: 'user:pat', role: 'Viewer', scope: 'project:p1' });
    await assign({ subject: 'user:pat', policy: 'Never edit', scope: 'org' });
    const changed = await put('user:pat', ['Viewer', 'Reader', 'Viewer']);
    expect([roleNames(changed.body.roles), roleNames(changed.body.removed)]).toEqual([['Reader', 'Viewer'], ['Editor']]);
    const again = await put('user:pat', ['Viewer', 'Reader']);
    expect(again.body.revision).toBe(changed.body.revision);
    const none = await put('user:pat', []);
    expect([none.body.roles, roleNames(none.body.removed)]).toEqual([[], ['Reader', 'Viewer']]);
    const left = await call('GET', `${ORG}/assignments?subject=user:pat`);
    expect(left.body.items.map((row: { role?: string; policy?: string }) => row.role ?? row.policy).toSorted()).toEqual([
      'Never edit',
      'Viewer',
    ]);
    const own = await put('user:pat', ['Reviewer'], ROOT, P1);
    expect([roleNames(own.body.roles), roleNames(own.body.removed)]).toEqual([['p1/Reviewer'], ['Viewer']]);
  });

  it('are not overwritten by who read them before another change', async () => {
    await put('user:etag', ['Viewer']);
    const etag = (await call('GET', `${ORG}/members/user:etag`)).headers.get('etag') ?? '';
    const headers = { 'if-match': etag };
    expect((await call('PUT', `${ORG}/members/user:etag`, { roles: ['Reader'] }, { headers })).status).toBe(200);
    const late = await call('PUT', `${ORG}/members/user:etag`, { roles: ['Editor'] }, { headers });
    expect([late.status, late.body.error.code]).toEqual([412, 'changed_meanwhile']);
  });

  it.each([
    ['a group', 'group:staff', ['Viewer'], 422, 'invalid_member'],
    ['nobody who gets nothing', 'user:none', [], 404, 'unknown_member'],
    ['no reference', 'nonsense', ['Viewer'], 400, 'invalid_reference'],
    ['an unknown role', 'user:pat', ['Nobody'], 422, 'invalid_member'],
    ['a project’s role at the organization', 'user:pat', ['p1/Reviewer'], 422, 'invalid_member'],
    ['no list', 'user:pat', 'Viewer', 400, 'invalid_member'],
  ])('are refused: %s', async (_name, member, roles, status, code) => {
    const answer = await put(member, roles);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('SEC-46 are set and removed by who may give and take that', async () => {
    const { token: reader } = await makeKey('acme', ['Reader']);
    expect((await put('user:x', ['Viewer'], reader)).body.error.code).toBe('missing_privilege');
    expect((await remove('user:gus', reader)).body.error.code).toBe('missing_privilege');
    expect((await call('GET', `${ORG}/members`, undefined, { token: (await makeKey('acme')).token })).status).toBe(403);
    const { token, id } = await makeKey('acme', ['Manager']);
    expect((await put('user:x', ['Viewer'], token)).status).toBe(200);
    expect((await put('user:x', ['Editor'], token)).body.error.code).toBe('escalation');
    expect((await put(`api_key:${id}`, ['Viewer'], token)).body.error.code).toBe('own_rights');
    await put('user:ed', ['Editor']);
    expect((await remove('user:ed', token)).body.error.code).toBe('escalation');
    expect((await remove('user:x', token)).status).toBe(200);
  });
});

describe('removing a member', () => {
  it('takes all that is theirs in one transaction, revokes their invitations, and ends their keys', async () => {
    await makeOrganization('gone', { owner: 'user:owner' });
    await putManifest('gone', {
      ...manifest,
      groups: [{ name: 'staff', members: ['user:bob', 'user:eve'] }],
      resources: [{ type: 'dataset', id: 'd1', parents: ['project:p1'], owners: [{ subject: 'user:bob', kind: 'TECHNICAL' }] }],
      assignments: [
        ...manifest.assignments,
        { subject: 'user:bob', role: 'Viewer', scope: 'org' },
        { subject: 'user:bob', policy: 'Never edit', scope: 'project:p1' },
        { subject: 'group:staff', role: 'Editor', scope: 'org' },
        { subject: 'group:anyone', role: 'Reader', scope: 'org' },
      ],
    });
    const key = await makeKey('gone', ['bitgate:owner'], { owner: 'user:bob' });
    const child = await call(
      'POST',
      '/admin/orgs/gone/api-keys',
      { name: 'child', roles: [{ role: 'Viewer', scope: 'org' }] },
      { token: key.token },
    );
    const other = await makeKey('gone', ['Viewer']);
    const to = await call('POST', '/admin/orgs/gone/invitations', { role: 'Viewer', subject: 'user:bob' });
    const by = await call('POST', '/admin/orgs/gone/invitations', { role: 'Viewer' }, { token: key.token });
    const answer = await call('DELETE', '/admin/orgs/gone/members/user:bob');
    expect(answer.status).toBe(200);
    const { deleted, still_reached_through: still } = answer.body;
    expect(deleted).toMatchObject({ subject: 'user:bob', unregistered: true, ownerships: [{ resource: 'dataset:d1', kind: 'TECHNICAL' }] });
    expect(deleted.assignments).toHaveLength(4);
    expect([deleted.memberships.length, deleted.api_keys.map(({ id }: { id: string }) => id).toSorted()]).toEqual([
      1,
      [key.id, child.body.id].toSorted(),
    ]);
    expect(deleted.invitations.toSorted()).toEqual([to.body.id, by.body.id].toSorted());
    expect(still.map(({ through, role }: { through: string; role: string }) => [through, role])).toEqual([['group:anyone', 'Reader']]);
    for (const { token } of [key, { token: child.body.secret }]) {
      expect((await call('GET', '/admin/orgs/gone', undefined, { token })).status).toBe(401);
    }
    expect((await call('GET', `/admin/orgs/gone/api-keys/${other.id}`)).status).toBe(200);
    expect((await call('GET', '/admin/orgs/gone/members/user:bob')).status).toBe(404);
    for (const { body } of [to, by]) {
      const accept = await call('POST', '/invitations/accept', { token: body.token, subject: 'user:bob' });
      expect([accept.status, accept.body.error.code]).toEqual([410, 'invitation_revoked']);
    }
    const audit = await call('GET', '/admin/orgs/gone/audit?action=member.remove');
    expect([audit.body.total, audit.body.items[0].target]).toEqual([1, 'user:bob']);
    for (const token of [key.token, child.body.secret]) expect(audit.text).not.toContain(await sha256Hex(token));
  });

  it('from a project leaves what is above it, and says so', async () => {
    await put('user:proj', ['Viewer']);
    await assign({ subject: 'user:proj', role: 'Typist', scope: 'project:p1' });
    await assign({ subject: 'user:proj', role: 'Viewer', scope: 'dataset:d1' });
    await assign({ subject: 'group:everyone', role: 'Reader', scope: 'project:p1' });
    const answer = await remove('user:proj', ROOT, P1);
    expect(answer.body.deleted.assignments.map(({ scope }: { scope: string }) => scope).toSorted()).toEqual(['dataset:d1', 'project:p1']);
    expect(answer.body.deleted.unregistered).toBe(false);
    const through = answer.body.still_reached_through.map((each: { through: string; role: string }) => `${each.through} ${each.role}`);
    expect(through.toSorted()).toEqual(['group:everyone Reader', 'organization Viewer']);
    expect((await remove('user:nobody', ROOT, P1)).status).toBe(404);
    const again = await remove('user:proj', ROOT, P1);
    expect([again.status, again.body.revision]).toEqual([200, answer.body.revision]);
  });

  it('who is suspended stays so: what is for anyone does not come back', async () => {
    await assign({ subject: 'group:anyone', role: 'Viewer', scope: 'org' });
    await put('user:bad', ['Editor']);
    await env.DB.prepare("UPDATE subjects SET status = 'suspended' WHERE org = 'acme' AND subject = 'user:bad'").run();
    const answer = await remove('user:bad');
    expect([answer.status, answer.body.deleted.unregistered]).toEqual([200, false]);
    expect(await reasonOf({ subject: 'user:bad', action: 'view', min_revision: answer.body.revision })).toBe('subject_suspended');
  });

  it('everybody may do to themselves: a key leaves, and is gone', async () => {
    const { token, id } = await makeKey('acme', ['Viewer']);
    const answer = await remove(`api_key:${id}`, token);
    expect([answer.status, answer.body.deleted.api_keys]).toEqual([200, [{ id, name: 'test' }]]);
    expect((await call('GET', ORG, undefined, { token })).status).toBe(401);
  });

  it('everybody may do, whatever they hold, but nobody leaves what is denied to them', async () => {
    const { token, id } = await makeKey('acme', ['Conditional', 'Editor']);
    expect((await remove(`api_key:${id}`, token)).status).toBe(200);
    const denied = await makeKey('acme', ['Editor', { role: 'Denied', scope: 'project:p1' }]);
    const answer = await remove(`api_key:${denied.id}`, denied.token, P1);
    expect([answer.status, answer.body.error.code]).toEqual([403, 'missing_privilege']);
    expect((await remove(`api_key:${denied.id}`, denied.token)).status).toBe(200);
  });

  it('is not done to the last owner, nor by the last owner', async () => {
    expect((await remove('user:owner')).body.error.code).toBe('last_owner');
    await makeOrganization('keyed');
    await putManifest('keyed', { bitgate: 1, catalog: { privileges: [] } });
    const { token, id } = await makeKey('keyed', ['bitgate:owner']);
    expect((await call('DELETE', `/admin/orgs/keyed/members/api_key:${id}`, undefined, { token })).body.error.code).toBe('last_owner');
  });

  it('of the last two owners at once leaves one, a hundred times', { timeout: 240_000 }, async () => {
    await makeOrganization('pair', { owner: 'user:start' });
    const codes: string[] = [];
    let kept = 'user:start';
    for (let round = 0; round < 100; round++) {
      const other = `user:owner-${round}`;
      await call('POST', '/admin/orgs/pair/assignments', { subject: other, role: 'bitgate:owner', scope: 'org' });
      const answers = await Promise.all([kept, other].map((each) => call('DELETE', `/admin/orgs/pair/members/${each}`)));
      codes.push(
        answers
          .map(({ status, body }) => `${status} ${body.error?.code ?? ''}`.trim())
          .toSorted()
          .join(),
      );
      const owners = subjects(await call('GET', '/admin/orgs/pair/members?role=bitgate:owner'));
      expect(owners).toHaveLength(1);
      kept = owners[0] ?? '';
    }
    expect(new Set(codes)).toEqual(new Set(['200,409 last_owner']));
  });
});

describe('handing ownership over', () => {
  const transfer = (from: string, body: object, token = ROOT, at = ORG): Promise<Answer> =>
    call('POST', `${at}/members/${from}/transfer-ownership`, body, { token });

  it('gives it to the new one and demotes the old one, in one transaction', async () => {
    await put('user:heir', ['Viewer']);
    const before = (await call('GET', ORG)).body.revision;
    const answer = await transfer('user:owner', { to: 'user:heir', demote_to: 'Editor' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ from: 'user:owner', to: 'user:heir', role: 'bitgate:owner', demoted_to: 'Editor' });
    const rolesOf = async (member: string): Promise<string[]> => roleNames((await call('GET', `${ORG}/members/${member}`)).body.roles);
    expect(await rolesOf('user:heir')).toContain('bitgate:owner');
    expect(await rolesOf('user:owner')).not.toContain('bitgate:owner');
    expect(await rolesOf('user:owner')).toContain('Editor');
    expect((await call('GET', `${ORG}/audit?action=member.hand_over`)).body.total).toBe(1);
    expect(answer.body.revision).toBeGreaterThan(before);
    expect((await transfer('user:heir', { to: 'user:owner' })).status).toBe(200);
  });

  it('is the owner’s own to do', async () => {
    const { token, id } = await makeKey('acme', ['bitgate:owner']);
    await put('user:heir', ['Viewer']);
    const answer = await transfer(`api_key:${id}`, { to: 'user:heir', demote_to: 'Viewer' }, token);
    expect(answer.status).toBe(200);
    expect((await call('GET', ORG, undefined, { token })).body.error.code).toBe('missing_privilege');
    await put('user:heir', []);
  });

  it('names another role, and holds in a project', async () => {
    await assign({ subject: 'user:lead', role: 'Manager', scope: 'project:p1' });
    await put('user:next', ['Viewer']);
    const answer = await transfer('user:lead', { to: 'user:next', role: 'Manager', demote_to: 'Reviewer' }, ROOT, P1);
    expect(answer.status).toBe(200);
    const list = await call('GET', `${P1}/assignments?role=Manager`);
    expect(list.body.items.map(({ subject }: { subject: string }) => subject)).toEqual(['user:next']);
    expect((await call('GET', `${P1}/assignments?subject=user:lead`)).body.items[0].role).toBe('p1/Reviewer');
  });

  it.each([
    ['to nobody', 'user:owner', { to: 'user:nobody' }, 422, 'invalid_transfer'],
    ['to oneself', 'user:owner', { to: 'user:owner' }, 422, 'invalid_transfer'],
    ['to who is suspended', 'user:owner', { to: 'user:bad' }, 422, 'invalid_transfer'],
    ['to a group', 'user:owner', { to: 'group:staff' }, 422, 'invalid_transfer'],
    ['of what is not held', 'user:owner', { to: 'user:gus', role: 'Typist' }, 409, 'not_held'],
    ['by nobody', 'user:nobody', { to: 'user:gus' }, 404, 'unknown_member'],
    ['to the same role', 'user:owner', { to: 'user:gus', demote_to: 'bitgate:owner' }, 422, 'invalid_transfer'],
  ])('is refused: %s', async (_name, from, body, status, code) => {
    const answer = await transfer(from, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('never leaves the organization to who is denied it', async () => {
    await makeOrganization('barred', { owner: 'user:owner' });
    await putManifest('barred', {
      ...manifest,
      policies: [...manifest.policies, { name: 'Locked', effect: 'deny', privileges: ['bitgate:manage_policies'] }],
      assignments: [...manifest.assignments, { subject: 'user:barred', policy: 'Locked', scope: 'org' }],
    });
    const answer = await call('POST', '/admin/orgs/barred/members/user:owner/transfer-ownership', { to: 'user:barred' });
    expect([answer.status, answer.body.error.code]).toEqual([409, 'last_owner']);
  });
});
