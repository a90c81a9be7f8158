/** The blast-radius gate over HTTP: which changes wait for a second administrator. */
import { describe, expect, it } from 'vitest';
import { type Answer, codeOf, makeKey, putManifest } from './client.ts';
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
} from './gated.ts';

setUp();

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
