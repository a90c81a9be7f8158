/** The blast-radius gate over HTTP: what waits for a second administrator, and what becomes of it. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, call, codeOf, makeKey, makeOrganization, putManifest } from './client.ts';

const people = (first: number, count: number): string[] => Array.from({ length: count }, (_, i) => `user:u${first + i}`);

/** With two keys and two administrators: twenty subjects. Four are 20 %, five are 25 %. */
const manifest = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'edit' }, { name: 'secret' }] },
  policies: [{ name: 'Never secret', effect: 'deny', privileges: ['secret'] }],
  roles: [
    { name: 'Four', privileges: ['view', 'edit'] },
    { name: 'Five', privileges: ['view', 'edit'] },
    { name: 'Grouped', privileges: ['view', 'edit'] },
    { name: 'Secretive', privileges: ['secret'] },
    { name: 'Plain', privileges: ['view'] },
  ],
  groups: [{ name: 'team', members: people(10, 5) }],
  subjects: ['user:ann', 'user:bob', ...people(1, 16)].map((subject) => ({ type: 'user', id: subject.slice(5) })),
  assignments: [
    { subject: 'user:ann', role: 'bitgate:owner', scope: 'org' },
    { subject: 'user:bob', role: 'bitgate:owner', scope: 'org' },
    ...people(1, 4).map((subject) => ({ subject, role: 'Four', scope: 'org' })),
    ...people(5, 5).map((subject) => ({ subject, role: 'Five', scope: 'org' })),
    { subject: 'group:team', role: 'Grouped', scope: 'org' },
  ],
};

const GATE = { sensitive_privileges: ['secret'], lost_percent: 20 };

let org = '';
let ann = '';
let bob = '';
let bobKey = '';
let made = 0;

const as = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  call(method, `/admin/orgs/${org}${path}`, body, { token });
const byRoot = (method: string, path: string, body?: unknown): Promise<Answer> => call(method, `/admin/orgs/${org}${path}`, body);
const revision = async (): Promise<number> => (await call('GET', `/admin/orgs/${org}`)).body.revision;
const allowed = async (subject: string, action: string): Promise<boolean> =>
  (await call('POST', '/check', { org, subject, action })).body.decision;
const give = (subject: string, role: string, token = ann, query = ''): Promise<Answer> =>
  as(token, 'POST', `/assignments${query}`, { subject, role, scope: 'org' });
const narrow = (role: string, query = ''): Promise<Answer> => as(ann, 'PATCH', `/roles/${role}${query}`, { privileges: ['view'] });
const reasons = ({ body }: Answer): string[] => (body.proposal ?? body).reasons.map(({ code }: { code: string }) => code);
const confirm = (id: string, token = bob, query = ''): Promise<Answer> => as(token, 'POST', `/proposals/${id}/confirm${query}`);
const stateOf = async (id: string): Promise<string> => (await byRoot('GET', `/proposals/${id}`)).body.state;

beforeEach(async () => {
  org = `gate${++made}`;
  await makeOrganization(org);
  await putManifest(org, manifest);
  ann = (await makeKey(org, ['bitgate:owner'], { owner: 'user:ann' })).token;
  ({ token: bob, id: bobKey } = await makeKey(org, ['bitgate:owner'], { owner: 'user:bob' }));
  const set = await byRoot('PATCH', '/settings', { blast_radius: GATE });
  if (set.status !== 200) throw new Error(set.text);
});

describe('a change that gives a sensitive privilege', () => {
  it('is not written but proposed, and written when another administrator confirms it', async () => {
    const before = await revision();
    const answer = await give('user:u1', 'Secretive');
    expect([answer.status, answer.body]).toEqual([
      202,
      {
        proposal: expect.objectContaining({ state: 'pending', action: 'assignment.create', gained: 1, lost: 0, decided_by: null }),
        revision: before,
        published: false,
      },
    ]);
    expect([reasons(answer), await revision(), await allowed('user:u1', 'secret')]).toEqual([['sensitive_privilege'], before, false]);
    const { id, author, created_at, expires_at } = answer.body.proposal;
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(7 * 24 * 3_600_000);

    const shown = await as(bob, 'GET', `/proposals/${id}`);
    expect(shown.body.access_diff).toEqual({
      gained: 1,
      lost: 0,
      items: [{ change: 'gained', principal: 'user:u1', privilege: 'secret', scope: 'org', conditional: false }],
      next_cursor: null,
      total: 1,
    });
    const confirmed = await confirm(id);
    expect([confirmed.status, confirmed.body.decided.state, confirmed.body.decided.decided_by]).toEqual([
      200,
      'confirmed',
      `api_key:${bobKey}`,
    ]);
    expect(confirmed.body.published).toBe(true);
    expect([await allowed('user:u1', 'secret'), confirmed.body.revision > before]).toEqual([true, true]);
    const [line] = (await byRoot('GET', '/audit?action=assignment.create&limit=1')).body.items;
    expect([line.actor, line.after.proposal]).toEqual([`api_key:${bobKey}`, { id, author, confirmed_by: `api_key:${bobKey}` }]);
    expect((await byRoot('GET', '/audit?action=proposal.create')).body.total).toBe(1);
  });

  it('is gated whoever gains: a group, everyone, a role with holders, a key', async () => {
    expect(reasons(await give('group:team', 'Secretive'))).toEqual(['sensitive_privilege']);
    expect(reasons(await give('group:everyone', 'Secretive'))).toEqual(['sensitive_privilege']);
    expect(reasons(await as(ann, 'PATCH', '/roles/Four', { privileges: ['view', 'edit', 'secret'] }))).toEqual(['sensitive_privilege']);
    expect(reasons(await as(ann, 'PATCH', '/settings', { default_role: 'Secretive' }))).toEqual(['sensitive_privilege']);
  });

  it('is not gated when nobody holds it, and neither is what is not sensitive', async () => {
    expect((await as(ann, 'POST', '/roles', { name: 'Unheld', privileges: ['secret'] })).status).toBe(201);
    expect((await give('user:u1', 'Plain')).status).toBe(201);
  });

  it('is gated under a condition too', async () => {
    await as(ann, 'POST', '/policies', { name: 'Sometimes', privileges: ['secret'], condition: 'context.x == 1' });
    const answer = await as(ann, 'POST', '/assignments', { subject: 'user:u1', policy: 'Sometimes', scope: 'org' });
    expect(reasons(answer)).toEqual(['sensitive_privilege']);
  });

  it('is gated when a claim would give it', async () => {
    const issuer = {
      issuer: 'https://id.example',
      audience: 'a',
      algorithms: ['RS256'],
      jwks_uri: 'https://id.example/j',
      subject_type: 'user',
    };
    const mapping = (role: string) => ({ claim_mappings: [{ claim: 'groups', value: 'a', role }] });
    expect(reasons(await as(ann, 'PATCH', '/settings', { issuers: [issuer] }))).toEqual(['issuer_changed']);
    expect((await as(ann, 'PATCH', '/settings', mapping('Plain'))).status).toBe(200);
    expect(reasons(await as(ann, 'PATCH', '/settings', mapping('Secretive')))).toEqual(['claims_give']);
    expect(reasons(await as(ann, 'PATCH', '/roles/Plain', { privileges: ['view', 'secret'] }))).toEqual(['claims_give']);
  });

  it('is gated when a claim would give it through a group: by a group above, or by what it owns', async () => {
    const groups = [{ name: 'team' }, { name: 'inner' }, { name: 'outer', members: ['group:inner'] }, { name: 'owners' }];
    const resources = [{ type: 'dataset', id: 'd', owners: [{ subject: 'group:owners' }] }];
    const given = [
      { subject: 'group:outer', role: 'Secretive', scope: 'org' },
      { subject: 'group:owner', role: 'Secretive', scope: 'org' },
    ];
    await putManifest(org, {
      ...manifest,
      groups,
      resources,
      assignments: [...manifest.assignments, ...given],
      settings: { blast_radius: GATE },
    });
    const map = (group: string): Promise<Answer> =>
      as(ann, 'PATCH', '/settings', { claim_mappings: [{ claim: 'groups', value: 'a', group }] });
    expect((await map('team')).status).toBe(200);
    for (const group of ['inner', 'owners']) expect(reasons(await map(group)), group).toEqual(['claims_give']);
  });

  it('is gated when a deny that stood against it goes, though it is a deletion', async () => {
    await byRoot('POST', '/assignments', { subject: 'user:u1', role: 'Secretive', scope: 'org' });
    const deny = await byRoot('POST', '/assignments', { subject: 'user:u1', policy: 'Never secret', scope: 'org' });
    const answer = await as(ann, 'DELETE', `/assignments/${deny.body.id}`);
    expect([answer.status, reasons(answer)]).toEqual([202, ['sensitive_privilege']]);
  });
});

describe('a change that takes access', () => {
  it('is written at exactly the percentage, and waits above it', async () => {
    expect((await narrow('Four')).status).toBe(200);
    const answer = await narrow('Five');
    expect([answer.status, reasons(answer)]).toEqual([202, ['many_lose']]);
    expect(answer.body.proposal.reasons[0].message).toContain('5 of 20');
    expect(await allowed('user:u5', 'edit')).toBe(true);
    await confirm(answer.body.proposal.id);
    expect(await allowed('user:u5', 'edit')).toBe(false);
  });

  it('counts the members of a group that loses, and not those who are suspended', async () => {
    const answer = await narrow('Grouped');
    expect([answer.status, answer.body.proposal.lost, answer.body.proposal.reasons[0].message]).toEqual([
      202,
      1,
      expect.stringContaining('5 of 20'),
    ]);
    for (const subject of people(10, 2)) await byRoot('PATCH', `/subjects/${subject}`, { status: 'suspended' });
    expect((await narrow('Grouped')).status).toBe(200);
  });

  it('counts owners when what they hold as owners changes, each once', async () => {
    await byRoot('POST', '/assignments', { subject: 'group:owner', role: 'Plain', scope: 'org' });
    const own = (id: string, owner: string): Promise<Answer> =>
      byRoot('POST', '/resources', { type: 'dataset', id, owners: [{ subject: owner }] });
    for (const [i, owner] of ['user:u1', 'user:u1', 'user:u2', 'user:u3', 'user:u4'].entries())
      expect((await own(`d${i}`, owner)).status).toBe(201);
    const dry = await as(ann, 'PATCH', '/roles/Plain?dry_run=true', { privileges: [] });
    expect([dry.status, dry.body.gated, dry.body.access_diff.lost > 0]).toEqual([200, undefined, true]);
    await own('d9', 'group:team');
    const answer = await as(ann, 'PATCH', '/roles/Plain', { privileges: [] });
    expect([answer.status, answer.body.proposal.reasons[0].message]).toEqual([202, expect.stringContaining('9 of 20')]);
  });

  it('counts everybody when everyone loses', async () => {
    await byRoot('PATCH', '/settings', { default_role: 'Plain' });
    const answer = await as(ann, 'PATCH', '/settings', { default_role: null });
    expect(answer.body.proposal.reasons[0].message).toMatch(/(\d+) of 20/);
    expect(reasons(answer)).toEqual(['many_lose']);
  });

  it('is never gated when it only takes access away', async () => {
    const assignments = (await byRoot('GET', '/assignments?role=Five&limit=100')).body.items;
    expect((await as(ann, 'DELETE', `/assignments/${assignments[0].id}`)).status).toBe(200);
    const group = (await byRoot('GET', '/assignments?subject=group:team')).body.items[0];
    expect((await as(ann, 'DELETE', `/assignments/${group.id}`)).status).toBe(200);
    await byRoot('PATCH', '/settings', { blast_radius: { ...GATE, lost_percent: 1 } });
    expect((await as(ann, 'PATCH', '/subjects/user:u2', { status: 'suspended' })).status).toBe(200);
    expect((await as(ann, 'DELETE', '/members/user:u3')).status).toBe(200);
    expect((await as(ann, 'DELETE', '/subjects/user:u4?force=true')).status).toBe(200);
    expect((await as(ann, 'DELETE', '/groups/team/members/user:u10')).status).toBe(200);
    const key = await makeKey(org, ['Plain']);
    expect((await as(ann, 'PATCH', `/api-keys/${key.id}`, { status: 'disabled' })).status).toBe(200);
    expect((await as(ann, 'DELETE', `/api-keys/${key.id}`)).status).toBe(200);
  });

  it('is gated as a manifest, which may leave assignments out by a slip', async () => {
    const { settings } = (await byRoot('GET', '/manifest')).body;
    expect(settings).toEqual({ blast_radius: GATE });
    const less = { ...manifest, settings, assignments: manifest.assignments.slice(0, 2) };
    const before = await revision();
    const answer = await as(ann, 'PUT', '/manifest', less);
    expect([answer.status, reasons(answer), await revision()]).toEqual([202, ['many_lose'], before]);
    const confirmed = await confirm(answer.body.proposal.id);
    expect([confirmed.status, await allowed('user:u5', 'view')]).toEqual([200, false]);
  });
});

describe('the gate itself', () => {
  it('can be tightened at once, and loosened only by two', async () => {
    const put = (blast_radius: object | null): Promise<Answer> => as(ann, 'PATCH', '/settings', { blast_radius });
    expect((await put({ sensitive_privileges: ['edit', 'secret'], lost_percent: 10 })).status).toBe(200);
    expect(reasons(await put({ sensitive_privileges: ['secret'], lost_percent: 10 }))).toEqual(['gate_loosened']);
    expect(reasons(await put({ sensitive_privileges: ['edit', 'secret'], lost_percent: 11 }))).toEqual(['gate_loosened']);
    const off = await put(null);
    expect(reasons(off)).toEqual(['gate_loosened']);
    expect(await confirm(off.body.proposal.id)).toMatchObject({ status: 200 });
    expect((await byRoot('GET', '/settings')).body.blast_radius).toBeNull();
    expect((await give('user:u1', 'Secretive')).status).toBe(201);
  });

  it('names privileges that there are', async () => {
    const wrong = await byRoot('PATCH', '/settings', { blast_radius: { sensitive_privileges: ['view', 'nope'], lost_percent: 5 } });
    expect([codeOf(wrong), wrong.body.error.details.problems[0].path]).toEqual([
      '422 invalid_settings',
      'blast_radius.sensitive_privileges[1]',
    ]);
    for (const lost_percent of [0, 101, 1.5]) {
      expect((await byRoot('PATCH', '/settings', { blast_radius: { ...GATE, lost_percent } })).status).toBe(400);
    }
  });

  it('lets root pass', async () => {
    expect((await byRoot('POST', '/assignments', { subject: 'user:u1', role: 'Secretive', scope: 'org' })).status).toBe(201);
    expect((await byRoot('PATCH', '/roles/Five', { privileges: ['view'] })).status).toBe(200);
  });

  it('is told of by a dry run', async () => {
    const dry = await give('user:u1', 'Secretive', ann, '?dry_run=true');
    expect([dry.status, dry.body.gated, reasons(dry), dry.body.access_diff.gained]).toEqual([200, true, ['sensitive_privilege'], 1]);
    const passing = await give('user:u1', 'Plain', ann, '?dry_run=true');
    expect([passing.status, passing.body.gated]).toEqual([200, undefined]);
    expect((await byRoot('GET', '/proposals')).body.total).toBe(0);
  });
});

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
    await as(ann, 'POST', `/api-keys/${bobKey}/rotate`, {}).then(({ body }) => {
      bob = body.secret;
    });
    const { id } = (await give('user:u1', 'Secretive', bob)).body.proposal;
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
