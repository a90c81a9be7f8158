/** Invitations: made, listed, sent again, revoked, accepted and declined. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, makeAcme, manifest, reasonOf } from './acme.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';

beforeAll(async () => {
  await makeAcme();
  await makeOrganization('single', { owner: 'user:owner' });
  await putManifest('single', { ...manifest, settings: { role_cardinality: { org: 'single' } } });
});

const ORG = '/admin/orgs/acme';
const invite = (body: object, token = ROOT, at = ORG): Promise<Answer> => call('POST', `${at}/invitations`, body, { token });
const accept = (token: string, more: object = {}, by = ROOT): Promise<Answer> =>
  call('POST', '/invitations/accept', { token, ...more }, { token: by });
const decline = (token: string, more: object = {}, by = ROOT): Promise<Answer> =>
  call('POST', '/invitations/decline', { token, ...more }, { token: by });
const codeOf = ({ status, body }: Answer): string => `${status} ${body.error?.code ?? body.state}`;
const stateOf = async (id: string): Promise<string> => (await call('GET', `${ORG}/invitations/${id}`)).body.state;

describe('an invitation', () => {
  it('can be tried, and sent again for trial, without a token: it would open nothing', async () => {
    for (const body of [{ role: 'Viewer' }, { role: 'Viewer', emails: ['a@try.example', 'b@try.example'] }]) {
      const tried = await call('POST', `${ORG}/invitations?dry_run=true`, body);
      expect([tried.status, tried.body.dry_run, /token|bgi_/.test(tried.text)]).toEqual([200, true, false]);
    }
    const { id, token } = (await invite({ role: 'Viewer' })).body;
    const again = await call('POST', `${ORG}/invitations/${id}/resend?dry_run=true`);
    expect([again.status, again.body.id, /token|bgi_/.test(again.text)]).toEqual([200, id, false]);
    expect((await accept(token, { subject: 'user:tried' })).status).toBe(200);
  });

  it('shows its token once, keeps its hash alone, and gives its roles to who accepts', async () => {
    const made = await invite({ roles: ['Viewer', 'Reader'], max_uses: 2 });
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^[a-z2-7]{16}$/),
        roles: [
          { id: expect.any(String), name: 'Viewer' },
          { id: expect.any(String), name: 'Reader' },
        ],
        scope: 'org',
        email: null,
        subject: null,
        state: 'pending',
        max_uses: 2,
        accepted_by: [],
        inviter: 'root',
        created_at: expect.any(String),
        expires_at: expect.any(String),
        token: expect.stringMatching(/^bgi_acme_[a-z2-7]{16}_[a-z2-7]{52}$/),
        revision: expect.any(Number),
        published: true,
      },
    ]);
    const days = (Date.parse(made.body.expires_at) - Date.parse(made.body.created_at)) / 86_400_000;
    expect(days).toBe(7);
    const shown = await call('GET', `${ORG}/invitations/${made.body.id}`);
    expect(shown.text).not.toContain(made.body.token.slice(-52));
    const row = await env.DB.prepare('SELECT * FROM invitations WHERE id = ?1').bind(made.body.id).first();
    expect(JSON.stringify(row)).not.toContain(made.body.token.slice(-52));
    expect((await call('GET', `${ORG}/audit`)).text).not.toMatch(/bgi_|[0-9a-f]{64}","retired/);

    const { token, id } = await makeKey('acme', []);
    const answer = await accept(made.body.token, {}, token);
    expect([answer.status, answer.body.state, answer.body.accepted_by]).toEqual([200, 'pending', [`api_key:${id}`]]);
    expect(answer.body.accepted.assigned.map(({ role }: { role: string }) => role).toSorted()).toEqual(['Reader', 'Viewer']);
    expect(await reasonOf({ subject: `api_key:${id}`, action: 'view', min_revision: answer.body.revision })).toBe('granted');
    const again = await accept(made.body.token, {}, token);
    expect([again.status, again.body.accepted.assigned, again.body.revision]).toEqual([200, [], answer.body.revision]);
    expect((await accept(made.body.token, { subject: 'user:second' })).body.state).toBe('accepted');
    expect(codeOf(await accept(made.body.token, { subject: 'user:third' }))).toBe('410 invitation_accepted');
  });

  it('is for one subject when it says so', async () => {
    const made = await invite({ role: 'Viewer', subject: 'user:zoe' });
    expect(codeOf(await accept(made.body.token, { subject: 'user:other' }))).toBe('403 not_invited');
    expect(codeOf(await accept(made.body.token, { subject: 'user:zoe' }))).toBe('200 accepted');
  });

  it('to many addresses skips those that are known, whatever the case of their letters', async () => {
    await assign({ subject: 'user:Known@example.com', role: 'Viewer', scope: 'org' });
    await env.DB.prepare(
      `INSERT INTO subjects (org, subject, properties) VALUES ('acme', 'user:77', '{"email":"by-property@example.com"}')`,
    ).run();
    await invite({ role: 'Viewer', email: 'waiting@example.com' });
    const emails = ['known@EXAMPLE.com', 'by-property@example.com', 'new@example.com', 'New@example.com', 'Waiting@example.com'];
    const answer = await invite({ role: 'Viewer', emails });
    expect(answer.body.items.map(({ email, status, reason }: Record<string, string>) => [email, status, reason])).toEqual([
      ['known@EXAMPLE.com', 'skipped', 'member'],
      ['by-property@example.com', 'skipped', 'member'],
      ['new@example.com', 'invited', undefined],
      ['Waiting@example.com', 'skipped', 'invited'],
    ]);
    expect(answer.body.items[2].token).toMatch(/^bgi_acme_/);
    expect(codeOf(await invite({ role: 'Viewer', email: 'new@example.com' }))).toBe('409 already_known');
    // Whoever is in the organization may be new to a project.
    expect((await invite({ role: 'Viewer', scope: 'project:p1', email: 'known@example.com' })).status).toBe(201);
  });

  it('sent again has a new link, and the old one is gone at once', async () => {
    const made = await invite({ role: 'Viewer' });
    const again = await call('POST', `${ORG}/invitations/${made.body.id}/resend`);
    expect([again.status, again.body.state]).toEqual([200, 'pending']);
    expect(again.body.token).not.toBe(made.body.token);
    expect(codeOf(await accept(made.body.token, { subject: 'user:late' }))).toBe('410 invitation_replaced');
    expect(codeOf(await accept(again.body.token, { subject: 'user:late' }))).toBe('200 accepted');
    expect(codeOf(await call('POST', `${ORG}/invitations/${made.body.id}/resend`))).toBe('409 invitation_closed');
  });

  it('revoked, declined or past its end gives nothing', async () => {
    const revoked = await invite({ role: 'Viewer' });
    expect((await call('DELETE', `${ORG}/invitations/${revoked.body.id}`)).body.deleted.state).toBe('revoked');
    expect(codeOf(await accept(revoked.body.token, { subject: 'user:v' }))).toBe('410 invitation_revoked');
    const declined = await invite({ role: 'Viewer' });
    expect(codeOf(await decline(declined.body.token, { subject: 'user:v' }))).toBe('200 declined');
    expect(codeOf(await decline(declined.body.token, { subject: 'user:v' }))).toBe('200 declined');
    expect(codeOf(await accept(declined.body.token, { subject: 'user:v' }))).toBe('410 invitation_declined');
    const expired = await invite({ role: 'Viewer', expires_at: new Date(Date.now() + 300).toISOString() });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(codeOf(await accept(expired.body.token, { subject: 'user:v' }))).toBe('410 invitation_expired');
    expect(await stateOf(expired.body.id)).toBe('expired');
    const again = await call('POST', `${ORG}/invitations/${expired.body.id}/resend`);
    expect(again.body.state).toBe('pending');
    const shared = await invite({ role: 'Viewer', max_uses: 3 });
    expect(codeOf(await decline(shared.body.token, { subject: 'user:v' }))).toBe('409 shared_invitation');
    expect((await call('GET', `${ORG}/members/user:v`)).status).toBe(404);
    for (const state of ['pending', 'revoked', 'declined', 'accepted']) {
      const list = await call('GET', `${ORG}/invitations?state=${state}&limit=1000`);
      expect(list.body.total).toBeGreaterThan(0);
      expect(new Set(list.body.items.map((each: { state: string }) => each.state))).toEqual(new Set([state]));
    }
  });

  it('whose role is gone is void', async () => {
    await makeOrganization('void', { owner: 'user:owner' });
    await putManifest('void', manifest);
    const made = await invite({ role: 'Viewer' }, ROOT, '/admin/orgs/void');
    await putManifest('void', { ...manifest, roles: manifest.roles.filter(({ name }) => name !== 'Viewer') });
    expect(codeOf(await accept(made.body.token, { subject: 'user:v' }))).toBe('410 invitation_void');
    expect((await call('GET', '/admin/orgs/void/invitations')).body.items[0].state).toBe('pending');
  });

  it('to a place that is deleted is revoked', async () => {
    await makeOrganization('places', { owner: 'user:owner' });
    await putManifest('places', manifest);
    const made = await invite({ role: 'Viewer' }, ROOT, '/admin/orgs/places/projects/p1');
    expect((await call('DELETE', '/admin/orgs/places/projects/p1?force=true')).status).toBe(200);
    expect(codeOf(await accept(made.body.token, { subject: 'user:v' }))).toBe('410 invitation_revoked');
  });

  it('in a project is for it and below it, and is listed there', async () => {
    const at = `${ORG}/projects/p1`;
    const made = await invite({ role: 'Reviewer' }, ROOT, at);
    expect([made.status, made.body.scope, made.body.roles[0].name]).toEqual([201, 'project:p1', 'p1/Reviewer']);
    const outside = await invite({ role: 'Viewer' });
    const ids = (await call('GET', `${at}/invitations?limit=1000`)).body.items.map(({ id }: { id: string }) => id);
    expect([ids.includes(made.body.id), ids.includes(outside.body.id)]).toEqual([true, false]);
    expect((await call('GET', `${at}/invitations/${outside.body.id}`)).status).toBe(404);
    expect((await invite({ role: 'Viewer', scope: 'org' }, ROOT, at)).status).toBe(422);
    const answer = await accept(made.body.token, { subject: 'user:rev' });
    expect(answer.body.accepted.assigned[0]).toMatchObject({ role: 'p1/Reviewer', scope: 'project:p1' });
  });

  it.each([
    ['an unknown role', { role: 'Nobody' }, 422],
    ['a project’s role at the organization', { role: 'p1/Reviewer' }, 422],
    ['an end that has passed', { role: 'Viewer', expires_at: '2020-01-01T00:00:00Z' }, 422],
    ['a group', { role: 'Viewer', subject: 'group:staff' }, 422],
    ['one subject several times', { role: 'Viewer', subject: 'user:a', max_uses: 2 }, 422],
    ['role and roles', { role: 'Viewer', roles: ['Viewer'] }, 400],
    ['address and subject', { role: 'Viewer', email: 'a@b.c', subject: 'user:a' }, 400],
    ['no address', { role: 'Viewer', email: 'nobody' }, 400],
    ['no use', { role: 'Viewer', max_uses: 0 }, 400],
    ['no role', {}, 400],
  ])('is refused: %s', async (_name, body, status) => {
    const answer = await invite(body);
    expect([answer.status, answer.body.error.code]).toEqual([status, 'invalid_invitation']);
  });
});

describe('accepting', () => {
  it('never lowers or clears what somebody has, unless asked', async () => {
    await assign({ subject: 'user:keep', role: 'Editor', scope: 'org' });
    const first = await invite({ role: 'Viewer' });
    await accept(first.body.token, { subject: 'user:keep' });
    const roles = async (): Promise<string[]> =>
      (await call('GET', `${ORG}/members/user:keep`)).body.roles.map(({ role }: { role: string }) => role).toSorted();
    expect(await roles()).toEqual(['Editor', 'Viewer']);
    const second = await invite({ role: 'Reader' });
    const replaced = await accept(second.body.token, { subject: 'user:keep', replace: true });
    expect(replaced.body.accepted.replaced.map(({ role }: { role: string }) => role).toSorted()).toEqual(['Editor', 'Viewer']);
    expect(await roles()).toEqual(['Reader']);
  });

  it('where one role at a time is allowed is refused while another is held, and the invitation stays good', async () => {
    const at = '/admin/orgs/single';
    await call('POST', `${at}/assignments`, { subject: 'user:one', role: 'Editor', scope: 'org' });
    const made = await invite({ role: 'Viewer' }, ROOT, at);
    const kept = await accept(made.body.token, { subject: 'user:one' });
    expect([codeOf(kept), kept.body.error.details]).toEqual(['409 role_kept', { roles: ['Editor'] }]);
    expect(codeOf(await accept(made.body.token, { subject: 'user:one', replace: true }))).toBe('200 accepted');
    const list = await call('GET', `${at}/assignments?subject=user:one`);
    expect(list.body.items.map(({ role }: { role: string }) => role)).toEqual(['Viewer']);
    const owner = await invite({ role: 'Viewer' }, ROOT, at);
    expect(codeOf(await accept(owner.body.token, { subject: 'user:owner', replace: true }))).toBe('409 last_owner');
  });

  it('with a wrong, forged or foreign token tells nothing', async () => {
    const made = await invite({ role: 'Viewer' });
    const forged = `${made.body.token.slice(0, -4)}aaaa`;
    const { token: stranger } = await makeKey('single', ['Viewer']);
    for (const answer of [
      await accept(forged, { subject: 'user:f' }),
      await accept('nonsense', { subject: 'user:f' }),
      await accept(`bgi_acme_${'a'.repeat(16)}_${'a'.repeat(52)}`, { subject: 'user:f' }),
      await accept(made.body.token, {}, stranger),
      await accept(made.body.token.replace('bgi_acme', 'bgi_none'), {}, stranger),
    ]) {
      expect(codeOf(answer)).toBe('404 unknown_invitation');
    }
    expect((await call('POST', '/invitations/accept', { token: made.body.token }, { token: null })).status).toBe(401);
    expect((await call('POST', '/invitations/accept', { token: made.body.token }, { token: made.body.token })).status).toBe(401);
    expect(codeOf(await accept(made.body.token))).toBe('422 subject_required');
    const { token } = await makeKey('acme', []);
    expect(codeOf(await accept(made.body.token, { subject: 'user:else' }, token))).toBe('403 not_invited');
    expect(codeOf(await accept(made.body.token, { subject: 'group:staff' }))).toBe('422 invalid_invitation');
    expect((await call('GET', '/invitations/accept')).status).toBe(405);
  });

  it('by many at once is done as often as allowed', async () => {
    const made = await invite({ role: 'Viewer', max_uses: 2 });
    const answers = await Promise.all(Array.from({ length: 5 }, (_, i) => accept(made.body.token, { subject: `user:rush-${i}` })));
    const done = answers.filter(({ status }) => status === 200);
    for (const answer of answers)
      expect(['200 pending', '200 accepted', '410 invitation_accepted', '409 revision_moved']).toContain(codeOf(answer));
    const shown = (await call('GET', `${ORG}/invitations/${made.body.id}`)).body;
    expect(shown.accepted_by).toHaveLength(done.length);
    expect(done.length).toBeLessThanOrEqual(2);
    const members = (await call('GET', `${ORG}/members?q=rush-`)).body.items.map(({ subject }: { subject: string }) => subject);
    expect(members.toSorted()).toEqual(shown.accepted_by.toSorted());
  });

  it('twice at once by who holds the role already uses it up once', async () => {
    for (const i of [0, 1, 2, 3]) await assign({ subject: `user:has-${i}`, role: 'Viewer', scope: 'org' });
    const made = await invite({ role: 'Viewer', max_uses: 1 });
    const answers = await Promise.all([0, 1, 2, 3].map((i) => accept(made.body.token, { subject: `user:has-${i}` })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await call('GET', `${ORG}/invitations/${made.body.id}`)).body.accepted_by).toHaveLength(1);
  });
});

describe('SEC-46 nobody invites above their own rights', () => {
  it('neither when it is made, nor when it is sent again', async () => {
    const { token } = await makeKey('acme', ['Manager']);
    expect((await invite({ role: 'Viewer' }, token)).status).toBe(201);
    expect(codeOf(await invite({ role: 'Editor' }, token))).toBe('403 escalation');
    expect(codeOf(await invite({ role: 'bitgate:owner' }, token))).toBe('403 escalation');
    const above = await invite({ role: 'Editor' });
    expect(codeOf(await call('POST', `${ORG}/invitations/${above.body.id}/resend`, undefined, { token }))).toBe('403 escalation');
    const { token: reader } = await makeKey('acme', ['Reader']);
    expect(codeOf(await invite({ role: 'Viewer' }, reader))).toBe('403 missing_privilege');
    expect((await call('GET', `${ORG}/invitations`, undefined, { token: reader })).status).toBe(403);
    expect((await call('DELETE', `${ORG}/invitations/${above.body.id}`, undefined, { token: reader })).status).toBe(403);
  });

  it('nor when it is accepted: who was demoted or removed since, invites nobody any more', async () => {
    const { token, id } = await makeKey('acme', ['Manager']);
    const made = await invite({ role: 'Viewer', max_uses: 9 }, token);
    expect((await accept(made.body.token, { subject: 'user:before' })).status).toBe(200);
    await call('PUT', `${ORG}/members/api_key:${id}`, { roles: ['Reader'] });
    expect(codeOf(await accept(made.body.token, { subject: 'user:after' }))).toBe('403 inviter_lacks_rights');
    // Sent again by who may, it is good again: that one answers for it now.
    const again = await call('POST', `${ORG}/invitations/${made.body.id}/resend`);
    expect((await accept(again.body.token, { subject: 'user:after' })).status).toBe(200);
  });

  it('nor by an exchange: a deny that the inviter could not take stays', async () => {
    const { token } = await makeKey('acme', ['Manager']);
    await assign({ subject: 'user:held-back', role: 'Denied', scope: 'org' });
    const made = await invite({ role: 'Viewer' }, token);
    expect(codeOf(await accept(made.body.token, { subject: 'user:held-back', replace: true }))).toBe('403 inviter_lacks_rights');
    expect(codeOf(await accept(made.body.token, { subject: 'user:held-back' }))).toBe('200 accepted');
  });

  it('and who accepts needs no right of their own', async () => {
    const made = await invite({ role: 'bitgate:owner' });
    const { token, id } = await makeKey('acme', []);
    expect((await accept(made.body.token, {}, token)).status).toBe(200);
    expect(await reasonOf({ subject: `api_key:${id}`, action: 'edit' })).toBe('granted');
  });
});
