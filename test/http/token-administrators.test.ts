/** End users administer with the tokens of their identity provider: with what they are given here, and with what claims map to. */
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, call, codeOf, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';
import { traces } from './fuzz/world.ts';
import { makeIssuer } from './issuer.ts';
import { AT, ask, document, idp, inGroups, MAPPINGS, makeTokenAcme, second, write } from './token-acme.ts';

beforeAll(makeTokenAcme);

const settings = (change: object): Promise<Answer> => call('PATCH', `${AT}/settings`, change);
/** As before; what a test left behind in other sections stays. */
const restored = async (): Promise<void> => {
  const answer = await settings(document.settings);
  if (answer.status !== 200) throw new Error(answer.text);
};
const refused = async (asking: Promise<Answer> | Answer, code: string): Promise<void> => expect(codeOf(await asking)).toBe(code);

describe('who administers with a token', () => {
  it('holds what is assigned to them here', async () => {
    expect(codeOf(await write(await idp.sign('rae')))).toBe('201');
    expect(codeOf(await ask('GET', '/members', await idp.sign('rae')))).toBe('200');
    await refused(write(await idp.sign('bob')), '403 missing_privilege');
    await refused(ask('GET', '/members', await idp.sign('bob')), '403 missing_privilege');
  });

  it.each([
    ['a group', 'idp-admins'],
    ['a role', 'idp-owners'],
  ])('holds what a claim maps to, be it %s', async (_what, group) => {
    const token = await inGroups('ada', group);
    expect(codeOf(await write(token))).toBe('201');
    expect(codeOf(await ask('GET', '/roles', token))).toBe('200');
    const { body } = await ask('GET', '/members/user:ada', ROOT);
    expect(body.error.code).toBe('unknown_member');
  });

  it('holds it where it maps to, and nowhere else', async () => {
    const token = await inGroups('ada', 'p1-admins');
    const at = (project: string) => ask('POST', `/projects/${project}/roles`, token, { name: 'Local' });
    expect(codeOf(await at('p1'))).toBe('201');
    await refused(at('p2'), '403 missing_privilege');
    await refused(write(token), '403 missing_privilege');
  });

  it('SEC-34 holds nothing by a claim that no mapping names, whatever it is called', async () => {
    const claims = {
      groups: ['admins', 'bitgate:owner'],
      roles: ['bitgate:owner'],
      role: 'bitgate:owner',
      scope: 'org',
      scp: 'idp-admins',
    };
    await refused(write(await idp.sign('ada', claims)), '403 missing_privilege');
  });

  it('is named by the audit as a subject, and so is what they made', async () => {
    const { body } = await write(await inGroups('ada', 'idp-admins'));
    const lines = await ask('GET', '/audit?actor=user:ada&limit=1', await idp.sign('rae'));
    expect(lines.body.items[0]).toMatchObject({ actor: 'user:ada', action: 'role.create', revision: body.revision });
  });

  it('is not asked about with anybody else’s groups', async () => {
    const token = await inGroups('ada', 'idp-owners');
    const removed = await ask('DELETE', '/members/user:bob?dry_run=true', token);
    expect(codeOf(removed)).toBe('200');
    expect(removed.body.access_diff.items.filter(({ principal }: { principal: string }) => principal !== 'user:bob')).toEqual([]);
  });
});

describe('a token counts', () => {
  beforeEach(restored);

  it.each([
    ['the mapping to a group', 'idp-admins', { claim_mappings: MAPPINGS.filter(({ value }) => value !== 'idp-admins') }],
    ['the mapping to a role', 'idp-owners', { claim_mappings: MAPPINGS.filter(({ value }) => value !== 'idp-owners') }],
    ['all mappings', 'idp-owners', { claim_mappings: [] }],
  ])('F51 no more for what %s gave, from the very next request on', async (_what, group, change) => {
    const token = await inGroups('ada', group);
    expect(codeOf(await write(token))).toBe('201');
    await settings(change);
    await refused(write(token), '403 missing_privilege');
    await refused(ask('GET', '/members', token), '403 missing_privilege');
    await restored();
    expect(codeOf(await write(token))).toBe('201');
  });

  it.each([
    ['that is gone', [second.settings]],
    ['whose audience is another one', [{ ...idp.settings, audience: 'other' }, second.settings]],
  ])('not at the next request when it is of an issuer %s', async (_how, issuers) => {
    const token = await idp.sign('rae');
    expect(codeOf(await write(token))).toBe('201');
    await settings({ issuers });
    const before = await traces();
    await refused(write(token), '401 invalid_credentials');
    await refused(ask('GET', '/members', token), '401 invalid_credentials');
    expect(await traces()).toBe(before);
  });

  it('for another subject when its issuer speaks for others', async () => {
    const token = await idp.sign('rae');
    await settings({ issuers: [{ ...idp.settings, subject_prefix: 'new-' }] });
    await refused(write(token), '403 missing_privilege');
    await ask('POST', '/assignments', ROOT, { subject: 'user:new-rae', role: 'Administrator', scope: 'org' });
    expect((await write(token)).status).toBe(201);
    const lines = await ask('GET', '/audit?limit=1', ROOT);
    expect(lines.body.items[0].actor).toBe('user:new-rae');
  });

  it.each([
    ['the mapping', '$.claim_mappings', [], '403 missing_privilege'],
    ['the issuer', '$.issuers', [], '401 invalid_credentials'],
    ['whom the issuer speaks for', '$.issuers[0].subject_prefix', 'new-', '401 invalid_credentials'],
  ])('by what was committed, not by what this place has seen: %s, changed by hand', async (_what, place, value, code) => {
    const token = await inGroups('ada', 'idp-owners');
    expect(codeOf(await write(token))).toBe('201');
    await env.DB.prepare("UPDATE settings SET settings = json_set(settings, ?1, json(?2)) WHERE org = 'tokens'")
      .bind(place, JSON.stringify(value))
      .run();
    await refused(write(token), code);
  });

  it('not when it has ended, or its keys were exchanged', async () => {
    const now = Math.floor(Date.now() / 1_000);
    await refused(write(await idp.sign('rae', { iat: now - 7_200, exp: now - 3_600 })), '401 invalid_credentials');
    const other = await makeIssuer('https://idp.example');
    await refused(write(await other.sign('rae')), '401 invalid_credentials');
    const token = await idp.sign('rae');
    expect(codeOf(await write(token))).toBe('201');
    await settings({ issuers: [other.settings] });
    await refused(write(token), '401 invalid_credentials');
    expect(codeOf(await write(await other.sign('rae')))).toBe('201');
  });

  it('for nothing while its subject is suspended, whatever it maps to', async () => {
    const token = await inGroups('off', 'idp-owners');
    const before = await traces();
    for (const [method, path] of [
      ['POST', '/roles'],
      ['GET', '/members'],
      ['DELETE', '/members/user:off'],
      ['DELETE', '/projects/p1/members/user:off'],
    ] as const) {
      await refused(ask(method, path, token, method === 'POST' ? { name: 'New' } : undefined), '403 subject_suspended');
    }
    const { token: invitation } = (await ask('POST', '/invitations', ROOT, { role: 'Viewer' })).body;
    for (const how of ['accept', 'decline'])
      await refused(call('POST', `/invitations/${how}`, { token: invitation }, { token }), '403 subject_suspended');
    expect(JSON.parse(await traces()).subjects).toBe(JSON.parse(before).subjects);
  });

  it('for one who is suspended meanwhile no more', async () => {
    const token = await inGroups('sam', 'idp-admins');
    await ask('POST', '/subjects', ROOT, { type: 'user', id: 'sam' });
    expect(codeOf(await write(token))).toBe('201');
    await ask('PATCH', '/subjects/user:sam', ROOT, { status: 'suspended' });
    await refused(write(token), '403 subject_suspended');
  });
});

describe('SEC-46 what a token gives', () => {
  const give = (token: string, role: string, more: object = {}): Promise<Answer> =>
    ask('POST', '/assignments', token, { subject: 'user:new', role, scope: 'org', ...more });

  it.each(['idp-admins', 'idp-owners'])('is held, so that it can be given, for good: %s', async (group) => {
    const token = await inGroups('ada', group);
    expect(codeOf(await give(token, 'Viewer', { subject: `user:given-by-${group}` }))).toBe('201');
    expect((await call('POST', '/check', { org: 'tokens', subject: `user:given-by-${group}`, action: 'view' })).body.decision).toBe(true);
  });

  it('is all that can be given', async () => {
    const before = await traces();
    await refused(give(await inGroups('ada', 'idp-admins'), 'Editor'), '403 escalation');
    await refused(give(await inGroups('ada', 'idp-admins'), 'bitgate:owner'), '403 escalation');
    await refused(give(await inGroups('ada', 'p1-admins'), 'Viewer'), '403 missing_privilege');
    const wider = { claim_mappings: [...MAPPINGS, { claim: 'groups', value: 'idp-admins', role: 'Editor', scope: 'org' }] };
    await refused(ask('PATCH', '/settings', await inGroups('ada', 'idp-admins'), wider), '403 escalation');
    expect(await traces()).toBe(before);
  });

  it('is given for a window that the grants of a mapped group cover together, and for no longer', async () => {
    const token = await inGroups('ada', 'shift');
    expect(codeOf(await give(token, 'Editor', { expires_at: '2095-01-01T00:00:00Z' }))).toBe('201');
    await refused(give(token, 'Editor', { expires_at: '2100-01-01T00:00:00Z' }), '403 escalation');
  });

  it('keeps no organization: the last owner is one by rows', async () => {
    await makeOrganization('alone', { owner: 'user:owner' });
    await putManifest('alone', { ...document, assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }] });
    const as = { token: await inGroups('ada', 'idp-owners') };
    await refused(call('DELETE', '/admin/orgs/alone/members/user:owner', undefined, as), '409 last_owner');
    await refused(call('PATCH', '/admin/orgs/alone/subjects/user:owner', { status: 'suspended' }, as), '409 last_owner');
  });
});

describe('a key', () => {
  it('belongs to the user who made it, and goes with them', async () => {
    const made = await ask('POST', '/api-keys', await idp.sign('rae'), { name: 'k', roles: [{ role: 'Viewer', scope: 'org' }] });
    expect([made.status, made.body.owner]).toEqual([201, 'user:rae']);
  });

  it('is made by somebody unregistered for somebody who is registered alone', async () => {
    const token = await inGroups('nowhere', 'idp-admins');
    const wanted = { name: 'k', roles: [{ role: 'Viewer', scope: 'org' }] };
    await refused(ask('POST', '/api-keys', token, wanted), '422 invalid_api_key');
    const made = await ask('POST', '/api-keys', token, { ...wanted, owner: 'user:bob' });
    expect([made.status, made.body.owner]).toEqual([201, 'user:bob']);
  });
});

describe('a member', () => {
  it('leaves with a token, and then holds nothing here', async () => {
    await ask('POST', '/assignments', ROOT, { subject: 'user:gone', role: 'Administrator', scope: 'org' });
    const token = await idp.sign('gone');
    expect(codeOf(await write(token))).toBe('201');
    const left = await ask('DELETE', '/members/user:gone', token);
    expect([left.status, left.body.deleted?.unregistered ?? left.body.unregistered]).toEqual([200, true]);
    await refused(write(token), '403 missing_privilege');
    await refused(ask('DELETE', '/members/user:bob', token), '403 missing_privilege');
  });

  it('hands the organization over with a token', async () => {
    await makeOrganization('handed', { owner: 'user:owner' });
    await putManifest('handed', { ...document, assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }] });
    const token = await idp.sign('owner');
    const handed = await call('POST', '/admin/orgs/handed/members/user:owner/transfer-ownership', { to: 'user:bob' }, { token });
    expect(codeOf(handed)).toBe('200');
    await refused(call('POST', '/admin/orgs/handed/roles', { name: 'X' }, { token }), '403 missing_privilege');
    expect(codeOf(await call('POST', '/admin/orgs/handed/roles', { name: 'X' }, { token: await idp.sign('bob') }))).toBe('201');
    // What a token gives is no role that could be handed over.
    const mapped = await inGroups('ada', 'idp-owners');
    const none = await call(
      'POST',
      '/admin/orgs/handed/members/user:bob/transfer-ownership',
      { to: 'user:gus', role: 'Viewer' },
      { token: mapped },
    );
    expect(codeOf(none)).toBe('409 not_held');
  });
});

describe('a proposal', () => {
  const at = '/admin/orgs/proposals';

  it('is confirmed by another subject than its author, whatever either comes with', async () => {
    await makeOrganization('proposals', { owner: 'user:owner' });
    await putManifest('proposals', document);
    const keys = await Promise.all(['user:rae', 'user:owner'].map((owner) => makeKey('proposals', ['bitgate:owner'], { owner })));
    await call('PATCH', `${at}/settings`, { blast_radius: { sensitive_privileges: ['view'], lost_percent: 100 } });
    const by = (token: string) => ({ token });
    const rae = await idp.sign('rae', { groups: ['idp-owners'] });
    const proposed = async (subject: string, token: string): Promise<string> => {
      const answer = await call('POST', `${at}/assignments`, { subject, role: 'Viewer', scope: 'org' }, by(token));
      expect(answer.status, answer.text).toBe(202);
      expect(answer.body.proposal.author).toBe(token === rae ? 'user:rae' : `api_key:${keys[0]?.id}`);
      return `${at}/proposals/${answer.body.proposal.id}/confirm`;
    };
    const [first, other] = [await proposed('user:one', rae), await proposed('user:two', keys[0]?.token ?? '')];
    for (const proposal of [first, other])
      for (const token of [rae, keys[0]?.token ?? '']) await refused(call('POST', proposal, undefined, by(token)), '403 own_proposal');
    // judged as if the change were theirs
    await refused(call('POST', first, undefined, by(await inGroups('ada', 'readers'))), '403 missing_privilege');
    const confirmed = await call('POST', first, undefined, by(await inGroups('ada', 'idp-admins')));
    expect([confirmed.status, confirmed.body.decided.decided_by]).toEqual([200, 'user:ada']);
    expect(codeOf(await call('POST', other, undefined, by(await idp.sign('owner'))))).toBe('200');
  });
});

describe('a token names no organization', () => {
  it('so where the address names none it proves nothing', async () => {
    const token = await inGroups('ada', 'idp-owners');
    for (const [method, path, body] of [
      ['GET', '/admin/orgs'],
      ['POST', '/admin/orgs', { id: 'made-by-a-user' }],
      ['POST', '/admin/recompile'],
    ] as const) {
      await refused(call(method, path, body, { token }), '401 invalid_credentials');
    }
    await refused(call('DELETE', `${AT}?confirm=tokens`, undefined, { token }), '403 missing_privilege');
    await refused(call('GET', '/admin/orgs/no-such-one/roles', undefined, { token }), '401 invalid_credentials');
  });
});

describe('SEC-20, SEC-49 a token', () => {
  it('is written down nowhere, and in no answer', async () => {
    const token = await inGroups('ada', 'idp-owners');
    const answers = [await write(token), await ask('GET', '/audit?limit=1000', token), await ask('GET', '/changes', token)];
    answers.push(await write(`${token.slice(0, -4)}AAAA`), await ask('POST', '/roles', token, { name: 'Made 1' }));
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 401, 409]);
    const { results } = await env.DB.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '% org TEXT %'").all<{
      name: string;
    }>();
    const tables = await env.DB.batch(results.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}"`)));
    const all = JSON.stringify([answers.map(({ text, headers }) => [text, ...headers]), tables.map(({ results: rows }) => rows)]);
    for (const part of token.split('.')) expect(all).not.toContain(part);
  });
});
