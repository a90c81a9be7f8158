/** What becomes of a proposal: confirmed, withdrawn, expired, outdated; and by whom. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { type Answer, call, codeOf, makeKey, makeOrganization } from './client.ts';
import {
  allowed,
  ann,
  as,
  bob,
  bobKey,
  byRoot,
  confirm,
  GATE,
  give,
  manifest,
  narrow,
  org,
  people,
  reasons,
  revision,
  setUp,
  stateOf,
} from './gated.ts';

setUp();

describe('a proposal', () => {
  it('shows the secret of a new key once, and the key opens nothing until it is confirmed', async () => {
    const answer = await as(ann, 'POST', '/api-keys', { name: 'k', roles: [{ role: 'Secretive', scope: 'org' }] });
    expect([answer.status, reasons(answer)]).toEqual([202, ['sensitive_privilege']]);
    const { secret, proposal } = answer.body;
    const ask = (): Promise<Answer> => call('POST', '/check', { subject: 'user:u1', action: 'view' }, { token: secret });
    expect((await ask()).status).toBe(401);
    expect((await byRoot('GET', `/proposals/${proposal.id}`)).text).not.toContain(secret);
    expect((await confirm(proposal.id)).status).toBe(200);
    expect((await ask()).status).not.toBe(401);
  });

  it('cannot be confirmed by its author, nor by another key of the same person', async () => {
    const { id } = (await give('user:u1', 'Secretive')).body.proposal;
    const other = await makeKey(org, ['bitgate:owner'], { owner: 'user:ann' });
    expect(codeOf(await confirm(id, ann))).toBe('403 own_proposal');
    expect(codeOf(await confirm(id, other.token))).toBe('403 own_proposal');
    expect(await stateOf(id)).toBe('pending');
  });

  it('is confirmed by nobody who could not make the change', async () => {
    const { id } = (await give('user:u1', 'Secretive')).body.proposal;
    const reader = await makeKey(org, [], { owner: 'user:u9' });
    expect(codeOf(await confirm(id, reader.token))).toBe('403 missing_privilege');
    await byRoot('POST', '/roles', { name: 'Members', privileges: ['bitgate:read', 'bitgate:manage_members'] });
    const weak = await makeKey(org, ['Members'], { owner: 'user:u9' });
    expect(codeOf(await confirm(id, weak.token))).toBe('403 escalation');
    expect(codeOf(await as(weak.token, 'DELETE', `/proposals/${id}`))).toBe('200');
    expect(await stateOf(id)).toBe('withdrawn');
  });

  it('is withdrawn by its author, and then over', async () => {
    const { id } = (await give('user:u1', 'Secretive')).body.proposal;
    const before = await revision();
    const answer = await as(ann, 'DELETE', `/proposals/${id}`);
    expect([answer.status, answer.body.decided.state]).toEqual([200, 'withdrawn']);
    expect([codeOf(await confirm(id)), codeOf(await as(ann, 'DELETE', `/proposals/${id}`))]).toEqual([
      '409 proposal_decided',
      '409 proposal_decided',
    ]);
    expect([await revision(), await allowed('user:u1', 'secret')]).toEqual([before, false]);
    const row = await env.DB.prepare('SELECT changes, beside, line FROM proposals WHERE org = ?1 AND id = ?2').bind(org, id).first();
    expect(row).toEqual({ changes: '{}', beside: '{}', line: '{}' });
  });

  it('expires', async () => {
    const { id } = (await give('user:u1', 'Secretive')).body.proposal;
    await env.DB.prepare('UPDATE proposals SET expires_at = 1 WHERE org = ?1').bind(org).run();
    expect([codeOf(await confirm(id)), await stateOf(id)]).toEqual(['410 proposal_expired', 'expired']);
    expect((await byRoot('GET', '/proposals?state=expired')).body.total).toBe(1);
    expect((await byRoot('GET', '/proposals?state=pending')).body.total).toBe(0);
  });

  it('is outdated when a row that it touches was changed', async () => {
    const { id } = (await narrow('Five')).body.proposal;
    await byRoot('PATCH', '/roles/Five', { title: 'Others' });
    expect((await byRoot('GET', `/proposals/${id}`)).body.access_diff).toBeNull();
    expect(codeOf(await confirm(id, bob, '?dry_run=true'))).toBe('409 proposal_outdated');
    expect(await stateOf(id)).toBe('pending');
    expect([codeOf(await confirm(id)), await stateOf(id)]).toEqual(['409 proposal_outdated', 'outdated']);
    expect(codeOf(await confirm(id))).toBe('409 proposal_decided');
    expect(await allowed('user:u5', 'edit')).toBe(true);
  });

  it('is outdated when others would lose by it than those it was made for', async () => {
    const { id } = (await narrow('Five')).body.proposal;
    await byRoot('POST', '/assignments', { subject: 'user:u15', role: 'Five', scope: 'org' });
    expect(codeOf(await confirm(id))).toBe('409 proposal_outdated');
  });

  it('is outdated when somebody was given the same in between, and when what it needs is gone', async () => {
    const first = (await give('user:u1', 'Secretive')).body.proposal.id;
    await byRoot('POST', '/assignments', { subject: 'user:u1', role: 'Secretive', scope: 'org' });
    expect(codeOf(await confirm(first))).toBe('409 proposal_outdated');
    const second = (await give('user:u2', 'Secretive')).body.proposal.id;
    await byRoot('DELETE', '/roles/Secretive?force=true');
    expect([codeOf(await confirm(second)), await stateOf(second)]).toEqual(['409 proposal_outdated', 'outdated']);
  });

  it('stays good when something else was changed', async () => {
    const { id } = (await narrow('Five')).body.proposal;
    await byRoot('POST', '/roles', { name: 'Another', privileges: ['view'] });
    expect((await confirm(id)).status).toBe(200);
  });

  it('is confirmed once, however many confirm it at once', async () => {
    const { id } = (await give('user:u1', 'Secretive')).body.proposal;
    const answers = await Promise.all([confirm(id), confirm(id), confirm(id)]);
    expect(answers.map(codeOf).sort()).toEqual(['200', '409 proposal_decided', '409 proposal_decided']);
    expect((await byRoot('GET', '/assignments?role=Secretive')).body.total).toBe(1);
  });

  it('shows who would lose what page by page', async () => {
    const { id, lost } = (await narrow('Five')).body.proposal;
    const principals: string[] = [];
    let cursor = '';
    do {
      const { body } = await as(bob, 'GET', `/proposals/${id}?limit=2${cursor}`);
      principals.push(...body.access_diff.items.map(({ principal }: { principal: string }) => principal));
      cursor = body.access_diff.next_cursor === null ? '' : `&cursor=${body.access_diff.next_cursor}`;
    } while (cursor !== '');
    expect([principals, lost]).toEqual([people(5, 5), 5]);
  });

  it('is listed newest first, page by page, and is nobody else’s', async () => {
    const ids: string[] = [];
    for (const subject of people(1, 3)) ids.push((await give(subject, 'Secretive')).body.proposal.id);
    const first = await as(bob, 'GET', '/proposals?limit=2');
    const rest = await as(bob, 'GET', `/proposals?limit=2&cursor=${first.body.next_cursor}`);
    const listed = [...first.body.items, ...rest.body.items].map(({ id }) => id);
    expect([first.body.total, rest.body.next_cursor, new Set(listed)]).toEqual([3, null, new Set(ids)]);
    const times = [...first.body.items, ...rest.body.items].map(({ created_at }) => created_at);
    expect(times).toEqual([...times].sort().reverse());
    await makeOrganization(`${org}x`);
    expect(codeOf(await call('GET', `/admin/orgs/${org}x/proposals/${ids[0]}`))).toBe('404 not_found');
    expect(codeOf(await as(ann, 'GET', '/proposals/prp_none'))).toBe('404 not_found');
  });

  it('cannot be confirmed by who made or rotated its author’s key for somebody else', async () => {
    const rotated: string = (await as(ann, 'POST', `/api-keys/${bobKey}/rotate`, {})).body.secret;
    const { id } = (await give('user:u1', 'Secretive', rotated)).body.proposal;
    expect(codeOf(await confirm(id, ann))).toBe('403 own_proposal');
    const third = await makeKey(org, ['bitgate:owner'], { owner: 'user:u9' });
    expect((await confirm(id, third.token)).status).toBe(200);
  });

  it('cannot be confirmed with a key that its author made or rotated for somebody else', async () => {
    await byRoot('PATCH', '/settings', { blast_radius: { ...GATE, sensitive_privileges: ['edit'] } });
    const theirs = await as(ann, 'POST', '/api-keys', { name: 'k', owner: 'user:u9', roles: [{ role: 'bitgate:owner', scope: 'org' }] });
    expect([theirs.status, reasons(theirs)]).toEqual([202, ['sensitive_privilege']]);
    await confirm(theirs.body.proposal.id);
    const { id } = (await narrow('Five')).body.proposal;
    expect(codeOf(await confirm(id, theirs.body.secret))).toBe('403 own_proposal');
    const rotated = await as(ann, 'POST', `/api-keys/${bobKey}/rotate`, {});
    expect([rotated.status, codeOf(await confirm(id, rotated.body.secret))]).toEqual([200, '403 own_proposal']);
    const own = await as(rotated.body.secret, 'POST', `/api-keys/${bobKey}/rotate`, {});
    expect(codeOf(await confirm(id, own.body.secret))).toBe('200');
  });

  it('is what accepting an invitation to a sensitive role comes to', async () => {
    const made = await as(ann, 'POST', '/invitations', { role: 'Secretive' });
    expect(made.status).toBe(201);
    const guest = await makeKey(org, []);
    const answer = await call('POST', '/invitations/accept', { token: made.body.token }, { token: guest.token });
    expect([answer.status, reasons(answer), answer.body.proposal.author]).toEqual([202, ['sensitive_privilege'], `api_key:${guest.id}`]);
    expect((await byRoot('GET', `/invitations/${made.body.id}`)).body.state).toBe('pending');
    expect((await as(guest.token, 'GET', `/proposals/${answer.body.proposal.id}`)).status).toBe(200);
    expect((await confirm(answer.body.proposal.id)).status).toBe(200);
    expect((await byRoot('GET', `/invitations/${made.body.id}`)).body.state).toBe('accepted');
    expect(await allowed(`api_key:${guest.id}`, 'secret')).toBe(true);
  });

  it('is outdated when the invitation was revoked', async () => {
    const made = await as(ann, 'POST', '/invitations', { role: 'Secretive' });
    const guest = await makeKey(org, []);
    const { id } = (await call('POST', '/invitations/accept', { token: made.body.token }, { token: guest.token })).body.proposal;
    await byRoot('DELETE', `/invitations/${made.body.id}`);
    expect(codeOf(await confirm(id))).toBe('409 proposal_outdated');
  });

  it('is what a rollback to a sensitive state comes to, and can itself be rolled back', async () => {
    const given = await byRoot('POST', '/assignments', { subject: 'user:u1', role: 'Secretive', scope: 'org' });
    await byRoot('DELETE', `/assignments/${given.body.id}`);
    const answer = await as(ann, 'POST', `/revisions/${given.body.revision}/rollback`);
    expect([answer.status, reasons(answer)]).toEqual([202, ['sensitive_privilege']]);
    const base = (await byRoot('POST', '/roles', { name: 'Later', privileges: ['view'] })).body.revision;
    expect((await confirm(answer.body.proposal.id)).status).toBe(200);
    const [line] = (await byRoot('GET', '/audit?action=revision.rollback')).body.items;
    expect([line.after.base, await allowed('user:u1', 'secret')]).toEqual([base, true]);
  });

  it('is refused when it is too large to be kept', async () => {
    const { settings } = (await byRoot('GET', '/manifest')).body;
    const note = 'x'.repeat(16_000);
    const subjects = Array.from({ length: 130 }, (_, i) => ({ type: 'user', id: `many${i}`, properties: { note } }));
    const assignments = [...manifest.assignments, { subject: 'user:u1', role: 'Secretive', scope: 'org' }];
    const answer = await as(ann, 'PATCH', '/manifest', {
      bitgate: 1,
      settings,
      subjects: [...manifest.subjects, ...subjects],
      assignments,
    });
    expect(codeOf(answer)).toBe('422 proposal_too_large');
  });

  it('is no revision, and goes with its organization', async () => {
    const before = (await byRoot('GET', '/revisions')).body.items[0];
    await give('user:u1', 'Secretive');
    expect((await byRoot('GET', '/revisions')).body.items[0]).toEqual(before);
    expect((await call('DELETE', `/admin/orgs/${org}?confirm=${org}`)).status).toBe(200);
    await expect
      .poll(async () => (await env.DB.prepare('SELECT count(*) AS n FROM proposals WHERE org = ?1').bind(org).first())?.n, {
        timeout: 10_000,
      })
      .toBe(0);
  });
});
