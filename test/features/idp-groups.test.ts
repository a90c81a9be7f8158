/** What an identity provider's tokens give: groups and roles by claim mappings, for the request that brings the claim and no longer. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, codeOf, makeOrganization, putManifest } from '../http/client.ts';
import { type Issuing, issuing } from '../http/users.ts';

let issuer: Issuing;

const MAPPINGS = [
  { claim: 'groups', value: 'idp-admins', role: 'Admin', scope: 'org' },
  { claim: 'groups', value: 'idp-team', group: 'team' },
  { claim: 'groups', pattern: 'idp-p1-*', role: 'Worker', scope: 'project:p1' },
];

const document = (settings: object): object => ({
  bitgate: 1,
  catalog: { privileges: [{ name: 'administer' }, { name: 'work' }, { name: 'browse' }] },
  roles: [
    { name: 'Admin', privileges: ['administer', 'bitgate:check'] },
    { name: 'Worker', privileges: ['work'] },
    { name: 'Browser', privileges: ['browse'] },
  ],
  groups: [{ name: 'team' }],
  subjects: [{ type: 'user', id: 'ada' }],
  projects: [{ id: 'p1' }],
  assignments: [
    { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    { subject: 'group:team', role: 'Worker', scope: 'org' },
  ],
  settings: { issuers: [issuer.settings], claim_mappings: MAPPINGS, ...settings },
});

beforeAll(async () => {
  issuer = await issuing('idp');
  await makeOrganization('idp', { owner: 'user:owner' });
  await putManifest('idp', document({ default_role: 'Browser' }));
});

const tokenOf = (groups: readonly string[], sub = 'ada'): Promise<string> => issuer.sign({ sub, groups });
const check = (token: string, question: object): Promise<Answer> => call('POST', '/orgs/idp/check', question, { token });
const may = async (token: string, action: string, resource?: string): Promise<boolean> =>
  (await check(token, { action, resource })).body.decision;

describe('F67 groups and roles of an identity provider', () => {
  it('F67 a user whose token says `groups: [idp-admins]` has the role that the mapping gives, and asks with its privileges', async () => {
    const admin = await tokenOf(['idp-admins']);
    expect(await may(admin, 'administer')).toBe(true);
    expect((await check(admin, { subject: 'user:owner', action: 'work' })).status).toBe(200);
  });

  it('F67 a group of the provider makes a member of a group here, and a pattern gives a role in a project', async () => {
    expect(await may(await tokenOf(['idp-team']), 'work')).toBe(true);
    const worker = await tokenOf(['idp-p1-berlin']);
    expect([await may(worker, 'work', 'project:p1'), await may(worker, 'work')]).toEqual([true, false]);
  });

  it('F67 without the claim nothing of it is left: the next token of the same user has the default role alone', async () => {
    const plain = await tokenOf([]);
    expect([await may(plain, 'administer'), await may(plain, 'work'), await may(plain, 'browse')]).toEqual([false, false, true]);
    expect(codeOf(await check(plain, { subject: 'user:owner', action: 'work' }))).toBe('403 missing_privilege');
  });

  it('F67 a role at the organization takes the place of the default role, one in a project and a group don’t', async () => {
    expect(await may(await tokenOf(['idp-admins']), 'browse')).toBe(false);
    expect(await may(await tokenOf(['idp-p1-berlin']), 'browse')).toBe(true);
    expect(await may(await tokenOf(['idp-team']), 'browse')).toBe(true);
  });

  it('F67 somebody whom nobody registered has what the token gives, and neither registers by it nor gets the default role', async () => {
    const stranger = await tokenOf(['idp-admins'], 'stranger');
    expect([await may(stranger, 'administer'), await may(stranger, 'browse')]).toEqual([true, false]);
    expect(await may(await tokenOf([], 'stranger'), 'browse')).toBe(false);
    expect((await call('GET', '/admin/orgs/idp/subjects')).text).not.toContain('stranger');
  });

  it('F67 a mapping that is removed and published gives nothing any more, not even to a token that was used before', async () => {
    const admin = await tokenOf(['idp-admins', 'idp-team']);
    expect([await may(admin, 'administer'), await may(admin, 'work')]).toEqual([true, true]);
    await putManifest('idp', document({ claim_mappings: MAPPINGS.slice(1) }));
    const { revision } = (await call('GET', '/admin/orgs/idp')).body;
    expect((await check(admin, { action: 'administer', min_revision: revision })).body.decision).toBe(false);
    expect((await check(admin, { action: 'work', min_revision: revision })).body.decision).toBe(true);
    expect(await may(admin, 'administer')).toBe(false);
  });
});
