/** F10, F27–F34: cardinality, assigning, batches, lists, invitations, members, ownership. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, makeKey, makeOrganization, putManifest } from '../http/client.ts';

const ORG = '/admin/orgs/team';
const ACTIONS = ['view', 'edit', 'own_view', 'public_view', 'bitgate:manage_policies'];
const RESOURCES = ['org', 'project:p1', 'project:p2', 'dataset:d1', 'dataset:d2', 'dataset:free'];

const document = {
  bitgate: 1,
  catalog: { privileges: ['view', 'edit', 'own_view', 'public_view'].map((name) => ({ name })) },
  policies: [{ name: 'No edits', effect: 'deny', privileges: ['edit'] }],
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Editor', privileges: ['view', 'edit'] },
    { name: 'Owners', privileges: ['own_view'] },
    { name: 'Public', privileges: ['public_view'] },
  ],
  projects: [{ id: 'p1' }, { id: 'p2' }],
  groups: [
    { name: 'staff', members: ['user:bob', 'user:eve', 'group:leads'] },
    { name: 'leads', members: ['user:lea', 'user:bob'] },
  ],
  resources: [
    { type: 'dataset', id: 'd1', parents: ['project:p1'], owners: [{ subject: 'user:bob' }, { subject: 'user:eve' }] },
    { type: 'dataset', id: 'd2', parents: ['project:p2'], access: 'restricted', owners: [{ subject: 'group:leads' }] },
  ],
  assignments: [
    { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    { subject: 'user:bob', role: 'bitgate:owner', scope: 'org' },
    { subject: 'user:bob', role: 'Viewer', scope: 'project:p1' },
    { subject: 'user:bob', role: 'Editor', scope: 'dataset:d2' },
    { subject: 'user:bob', policy: 'No edits', scope: 'project:p2' },
    { subject: 'user:eve', role: 'Editor', scope: 'project:p1' },
    { subject: 'group:staff', role: 'Viewer', scope: 'project:p2' },
    { subject: 'group:leads', role: 'Editor', scope: 'project:p1' },
    { subject: 'group:owner', role: 'Owners', scope: 'org' },
    { subject: 'group:everyone', role: 'Viewer', scope: 'dataset:free' },
    { subject: 'group:anyone', role: 'Public', scope: 'org' },
  ],
};

const made = async (org: string, more: object = {}): Promise<void> => {
  await makeOrganization(org, { owner: 'user:owner' });
  await putManifest(org, { ...document, ...more });
};

/** `subject action resource` of everything that is allowed. */
async function allowed(org: string, subjects: readonly string[], min_revision: number): Promise<Set<string>> {
  const questions = subjects.flatMap((subject) =>
    ACTIONS.flatMap((action) => RESOURCES.map((resource) => ({ subject, action, ...(resource === 'org' ? {} : { resource }) }))),
  );
  const { body } = await call('POST', '/check/batch', { org, checks: questions, min_revision });
  const names = questions.map(({ subject, action, resource = 'org' }) => `${subject} ${action} ${resource}`);
  return new Set(names.filter((_, i) => body.results[i].decision));
}

const of = (grid: ReadonlySet<string>, subjects: readonly string[]): string[] =>
  [...grid].filter((each) => subjects.some((subject) => each.startsWith(`${subject} `))).toSorted();
const others = (grid: ReadonlySet<string>, subjects: readonly string[]): string[] =>
  [...grid].filter((each) => !subjects.some((subject) => each.startsWith(`${subject} `))).toSorted();
const revisionOf = async (org: string): Promise<number> => (await call('GET', `/admin/orgs/${org}`)).body.revision;
const assign = (body: object): Promise<Answer> => call('POST', `${ORG}/assignments`, body);

beforeAll(() => made('team'));

describe('members', () => {
  it('F10 cardinality is configurable: where it is single a second role replaces the first, else rights are the union', async () => {
    await made('one', { settings: { role_cardinality: { org: 'single' } } });
    for (const org of ['one', 'team']) {
      for (const role of ['Editor', 'Owners'])
        await call('POST', `/admin/orgs/${org}/assignments`, { subject: 'user:dan', role, scope: 'org' });
      const grid = await allowed(org, ['user:dan'], await revisionOf(org));
      expect([grid.has('user:dan edit org'), grid.has('user:dan own_view org')]).toEqual([org === 'team', true]);
    }
  });

  it('F27 a role is assigned to one, and once more is the same', async () => {
    const first = await assign({ subject: 'user:f27', role: 'Viewer', scope: 'org' });
    const again = await assign({ subject: 'user:f27', role: 'Viewer', scope: 'org' });
    expect([first.status, again.status, again.body.id, again.body.revision]).toEqual([201, 200, first.body.id, first.body.revision]);
  });

  it('F28 a batch tells each what became of it, and is all or nothing on request', async () => {
    const body = { role: 'Viewer', subjects: ['user:f27', 'user:lea', 'user:unknown'], must_exist: true };
    const refused = await call('POST', `${ORG}/assignments/batch`, { ...body, atomic: true });
    expect(refused.status).toBe(409);
    const answer = await call('POST', `${ORG}/assignments/batch`, body);
    expect(answer.body.items.map(({ status }: { status: string }) => status)).toEqual(['unchanged', 'assigned', 'not_found']);
  });

  it('F29 a null role takes roles away, and what isn’t there is 404 with its ids', async () => {
    await assign({ subject: 'user:f29', role: 'Viewer', scope: 'org' });
    const taken = await call('POST', `${ORG}/assignments/batch`, { role: null, subjects: ['user:f29'] });
    expect(taken.body.items[0].status).toBe('unassigned');
    const missing = await call('DELETE', `${ORG}/assignments?subject=user:f29&role=Viewer&scope=org`);
    expect(missing.status).toBe(404);
    for (const name of ['user:f29', 'Viewer', 'organization']) expect(missing.body.error.message).toContain(name);
  });

  it('F30 assignments are listed by role, subject and object, members with their roles', async () => {
    const total = async (query: string): Promise<number> => (await call('GET', `${ORG}/assignments?${query}`)).body.total;
    expect(await total('subject=user:eve')).toBe(1);
    const all: { role?: string }[] = (await call('GET', `${ORG}/assignments?limit=1000`)).body.items;
    expect(await total('role=Editor')).toBe(all.filter(({ role }) => role === 'Editor').length);
    expect(await total('scope=dataset:d2')).toBe(1);
    expect(await total('role=Editor&scope=project:p1')).toBe(2);
    const members = await call('GET', `${ORG}/projects/p1/members?role=Editor`);
    expect(members.body.items.map(({ subject }: { subject: string }) => subject)).toEqual(['user:bob', 'user:eve', 'user:lea']);
  });

  it('F31 an invitation has role, scope, end and uses; its link is shown once and a new one ends it; known addresses are skipped', async () => {
    await assign({ subject: 'user:kim@example.com', role: 'Viewer', scope: 'org' });
    const emails = ['kim@example.com', 'new@example.com'];
    const sent = await call('POST', `${ORG}/invitations`, { role: 'Viewer', emails, expires_at: '2099-01-01T00:00:00Z', max_uses: 2 });
    expect(sent.body.items.map(({ status }: { status: string }) => status)).toEqual(['skipped', 'invited']);
    const { invitation, token } = sent.body.items[1];
    expect((await call('GET', `${ORG}/invitations/${invitation.id}`)).text).not.toContain(token);
    const again = await call('POST', `${ORG}/invitations/${invitation.id}/resend`);
    expect((await call('POST', '/invitations/accept', { token, subject: 'user:new' })).status).toBe(410);
    expect((await call('POST', '/invitations/accept', { token: again.body.token, subject: 'user:new' })).status).toBe(200);
    await call('DELETE', `${ORG}/invitations/${invitation.id}`);
    expect((await call('POST', '/invitations/accept', { token: again.body.token, subject: 'user:late' })).status).toBe(410);
  });

  it('F31 an invitation is pending, accepted, declined, revoked or expired, and is found by that; its token is stored nowhere', async () => {
    await made('states');
    const at = '/admin/orgs/states/invitations';
    const sent = async (more: object = {}): Promise<{ id: string; token: string }> =>
      (await call('POST', at, { role: 'Viewer', ...more })).body;
    const soon = Date.now() + 1_500;
    const [pending, accepted, declined, revoked, expired] = await Promise.all([
      ...[sent(), sent(), sent(), sent()],
      sent({ expires_at: new Date(soon).toISOString() }),
    ]);
    expect((await call('POST', '/invitations/accept', { token: accepted.token, subject: 'user:new' })).status).toBe(200);
    expect((await call('POST', '/invitations/decline', { token: declined.token, subject: 'user:not' })).status).toBe(200);
    expect((await call('DELETE', `${at}/${revoked.id}`)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, soon - Date.now()) + 50));
    // what is pending is accepted in the end
    const states = { accepted, declined, revoked, expired, pending };
    for (const [state, { id, token }] of Object.entries(states)) {
      expect((await call('GET', `${at}/${id}`)).body.state).toBe(state);
      const found = (await call('GET', `${at}?state=${state}`)).body.items;
      expect(found.map((each: { id: string }) => each.id)).toEqual([id]);
      const row = await env.DB.prepare('SELECT * FROM invitations WHERE org = ?1 AND id = ?2').bind('states', id).first();
      expect(JSON.stringify(row)).not.toContain(token.slice(-20));
      const late = await call('POST', '/invitations/accept', { token, subject: 'user:late' });
      expect([state, late.status]).toEqual([state, state === 'pending' ? 200 : 410]);
    }
  });

  it('F32 accepting adds and never clears, and nobody invites above their own rights', async () => {
    await assign({ subject: 'user:f32', role: 'Editor', scope: 'org' });
    const sent = await call('POST', `${ORG}/invitations`, { role: 'Viewer' });
    await call('POST', '/invitations/accept', { token: sent.body.token, subject: 'user:f32' });
    const member = await call('GET', `${ORG}/members/user:f32`);
    expect(member.body.roles.map(({ role }: { role: string }) => role).toSorted()).toEqual(['Editor', 'Public', 'Viewer']);
    const { token } = await makeKey('team', ['Viewer']);
    expect((await call('POST', `${ORG}/invitations`, { role: 'Viewer' }, { token })).status).toBe(403);
  });

  it('F33 removing a member ends all that was theirs: of the whole grid only what the answer names is left, and nobody else’s changes', async () => {
    await made('grid');
    const key = await makeKey('grid', ['Editor', 'Owners'], { owner: 'user:bob' });
    const other = await makeKey('grid', ['Viewer']);
    const theirs = ['user:bob', `api_key:${key.id}`];
    const everybody = [...theirs, 'user:owner', 'user:eve', 'user:lea', `api_key:${other.id}`, 'user:stranger'];
    const before = await allowed('grid', everybody, await revisionOf('grid'));
    expect(of(before, theirs).length).toBeGreaterThan(20);
    const answer = await call('DELETE', '/admin/orgs/grid/members/user:bob');
    const after = await allowed('grid', everybody, answer.body.revision);
    expect(others(after, theirs)).toEqual(others(before, theirs));
    const still = answer.body.still_reached_through.map(({ through, role, scope }: Record<string, string>) => [through, role, scope]);
    expect(still).toEqual([['group:anyone', 'Public', 'org']]);
    // What is for anyone is for them, too; a key that is gone is a stranger likewise.
    expect(of(after, theirs)).toEqual(
      theirs
        .flatMap((subject) => RESOURCES.filter((each) => each !== 'dataset:d2').map((each) => `${subject} public_view ${each}`))
        .toSorted(),
    );
    expect((await call('GET', '/admin/orgs/grid', undefined, { token: key.token })).status).toBe(401);
  });

  it('F33 removed from a project, they hold there what comes through groups, everyone and the organization, and the answer names it', async () => {
    await made('project', {
      assignments: document.assignments.filter(({ subject, role }) => subject !== 'user:bob' || role !== 'bitgate:owner'),
    });
    const everybody = ['user:bob', 'user:eve', 'user:lea', 'user:owner'];
    const before = await allowed('project', everybody, await revisionOf('project'));
    const answer = await call('DELETE', '/admin/orgs/project/projects/p1/members/user:bob');
    const after = await allowed('project', everybody, answer.body.revision);
    expect(others(after, ['user:bob'])).toEqual(others(before, ['user:bob']));
    const inProject = (each: string): boolean => / (project:p1|dataset:d1)$/.test(each);
    // Outside of the project nothing changed.
    expect(of(after, ['user:bob']).filter((each) => !inProject(each))).toEqual(of(before, ['user:bob']).filter((each) => !inProject(each)));
    const still = answer.body.still_reached_through.map(({ through, role }: Record<string, string>) => `${through} ${role}`);
    expect(still.toSorted()).toEqual(['group:anyone Public', 'group:leads Editor']);
    expect(of(after, ['user:bob']).filter(inProject)).toEqual(
      ['edit', 'public_view', 'view'].flatMap((action) => ['dataset:d1', 'project:p1'].map((each) => `user:bob ${action} ${each}`)),
    );
    expect(of(before, ['user:bob'])).toContain('user:bob own_view dataset:d1');
  });

  it('F34 ownership is handed over in one step, and the last owner can neither be removed, demoted nor give it up', async () => {
    await makeOrganization('owned', { owner: 'user:owner' });
    await putManifest('owned', { ...document, assignments: [document.assignments[0]!], groups: [], resources: [] });
    const at = '/admin/orgs/owned';
    await call('POST', `${at}/assignments`, { subject: 'user:heir', role: 'Viewer', scope: 'org' });
    const codes = [
      await call('DELETE', `${at}/members/user:owner`),
      await call('PUT', `${at}/members/user:owner`, { roles: ['Viewer'] }),
      await call('POST', `${at}/assignments/batch`, { role: null, subjects: ['user:owner'] }),
    ].map(({ status, body }) => `${status} ${body.error?.code}`);
    expect(new Set(codes)).toEqual(new Set(['409 last_owner']));
    const handed = await call('POST', `${at}/members/user:owner/transfer-ownership`, { to: 'user:heir', demote_to: 'Viewer' });
    expect(handed.status).toBe(200);
    const grid = await allowed('owned', ['user:owner', 'user:heir'], handed.body.revision);
    expect(['user:owner', 'user:heir'].map((each) => grid.has(`${each} bitgate:manage_policies org`))).toEqual([false, true]);
    expect(grid.has('user:owner view org')).toBe(true);
    expect((await call('DELETE', `${at}/members/user:heir`)).status).toBe(409);
  });

  it('F34 the last owner is neither suspended nor locked out by a policy, a role or a group, whoever tries', async () => {
    await makeOrganization('locked', { owner: 'user:owner' });
    const at = '/admin/orgs/locked';
    const roles = [{ name: 'Chief', policies: ['Administer'] }];
    const policies = [
      { name: 'Administer', privileges: ['bitgate:manage_policies', 'bitgate:read'] },
      { name: 'Never', effect: 'deny', privileges: ['bitgate:manage_policies'], state: 'DRAFT' },
    ];
    await putManifest('locked', {
      ...{ bitgate: 1, policies, roles, groups: [{ name: 'chiefs', members: ['user:chief'] }] },
      assignments: [
        { subject: 'group:chiefs', role: 'Chief', scope: 'org' },
        { subject: 'group:anyone', policy: 'Never', scope: 'org' },
      ],
    });
    const chief = async (): Promise<boolean> =>
      (await call('POST', '/check', { org: 'locked', subject: 'user:chief', action: 'bitgate:manage_policies' })).body.decision;
    const before = await revisionOf('locked');
    for (const [method, path, body] of [
      ['PATCH', '/subjects/user:chief', { status: 'suspended' }],
      ['DELETE', '/subjects/user:chief?force=true', undefined],
      ['DELETE', '/members/user:chief', undefined],
      ['PATCH', '/policies/Administer', { privileges: ['bitgate:read'] }],
      ['PATCH', '/policies/Administer', { state: 'INACTIVE' }],
      ['PATCH', '/policies/Administer', { condition: 'context.x == 1' }],
      ['PATCH', '/policies/Administer', { effect: 'deny' }],
      ['PUT', '/policies/Administer', { name: 'Administer', privileges: [] }],
      ['DELETE', '/policies/Administer?force=true', undefined],
      ['PATCH', '/policies/Never', { state: 'ACTIVE' }],
      ['PATCH', '/roles/Chief', { policies: [] }],
      ['DELETE', '/roles/Chief?force=true', undefined],
      ['DELETE', '/groups/chiefs/members/user:chief', undefined],
      ['DELETE', '/groups/chiefs?force=true', undefined],
      ['DELETE', '/assignments?subject=group:chiefs&role=Chief&scope=org', undefined],
    ] as const) {
      const answer = await call(method, `${at}${path}`, body);
      expect([method, path, answer.status, answer.body.error?.code]).toEqual([method, path, 409, 'last_owner']);
    }
    expect([await chief(), await revisionOf('locked')]).toEqual([true, before]);
  });
});
