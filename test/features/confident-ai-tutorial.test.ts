/** Confident AI's tutorial on roles and permissions, step by step, at organization and at project level, with a key of its Owner. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, codeOf, makeKey, makeOrganization, namesOf } from '../http/client.ts';

let token = '';
const send = (method: string, path: string, body?: unknown): Promise<Answer> =>
  call(method, `/admin/orgs/confident${path}`, body, { token });

beforeAll(async () => {
  await makeOrganization('confident', { preset: 'confident-ai', owner: 'user:founder' });
  ({ token } = await makeKey('confident', ['Owner']));
  expect((await send('POST', '/projects', { id: 'chatbot', nickname: 'Chatbot' })).status).toBe(201);
});

describe.each([
  {
    level: 'organization',
    at: '',
    read: 'user:read',
    manage: 'user:manage',
    more: 'billing:read',
    scope: 'org',
    owner: 'Owner',
    role: 'Auditor',
  },
  {
    level: 'project',
    at: '/projects/chatbot',
    read: 'trace:read',
    manage: 'trace:manage',
    more: 'dataset:read',
    scope: 'project:chatbot',
    owner: 'Project Owner',
    role: 'chatbot/Auditor',
  },
])('the tutorial at $level level', ({ at, read, manage, more, scope, owner, role }) => {
  const check = async (action: string): Promise<boolean> => {
    const resource = scope === 'org' ? {} : { resource: scope };
    return (await call('POST', '/check', { org: 'confident', subject: 'user:aud', action, ...resource })).body.decision;
  };

  it('1. lists the permissions', async () => {
    const listed = await send('GET', `${at}/privileges?limit=1000`);
    expect(listed.status).toBe(200);
    for (const name of [read, manage, more]) expect(namesOf(listed)).toContain(name);
  });

  it('2. creates a policy of permissions', async () => {
    const made = await send('POST', `${at}/policies`, { name: 'Read Only', description: 'May look', privileges: [read] });
    expect([made.status, made.body.privileges, made.body.project]).toEqual([201, [read], scope === 'org' ? null : 'chatbot']);
    expect(codeOf(await send('POST', `${at}/policies`, { name: 'read only', privileges: [read] }))).toBe('409 policy_exists');
    expect(codeOf(await send('POST', `${at}/policies`, { name: 'Unknown', privileges: ['no:such'] }))).toBe('422 invalid_policy');
  });

  it('3. lists the custom policies', async () => {
    expect(namesOf(await send('GET', `${at}/policies?system=false`))).toEqual(['Read Only']);
  });

  it('4. creates a role of policies, with a name that is nobody else’s', async () => {
    const made = await send('POST', `${at}/roles`, { name: 'Auditor', description: 'Looks at everything', policies: ['Read Only'] });
    expect([made.status, made.body.policies]).toEqual([201, ['Read Only']]);
    expect(codeOf(await send('POST', `${at}/roles`, { name: 'AUDITOR' }))).toBe('409 role_exists');
    for (const name of [owner, owner.toLowerCase()]) expect(codeOf(await send('POST', `${at}/roles`, { name }))).toBe('409 system_name');
  });

  it('5. lists roles, the preset’s and its own', async () => {
    expect(namesOf(await send('GET', `${at}/roles?system=false`))).toEqual(['Auditor']);
    expect(namesOf(await send('GET', '/roles?limit=100'))).toEqual(expect.arrayContaining(['Owner', 'Admin', 'Member', 'Project Owner']));
  });

  it('6. gives the role to a member, who then may what its policies say', async () => {
    expect((await send('POST', '/assignments', { subject: 'user:aud', role, scope })).status).toBe(201);
    expect([await check(read), await check(manage), await check(more)]).toEqual([true, false, false]);
  });

  it('7. updates the policy, and the role with it', async () => {
    const updated = await send('PUT', `${at}/policies/Read%20Only`, { name: 'Look Around', privileges: [read, more] });
    expect([updated.status, updated.body.name, updated.body.description]).toEqual([200, 'Look Around', '']);
    expect([await check(read), await check(manage), await check(more)]).toEqual([true, false, true]);
    expect((await send('GET', `${at}/roles/Auditor`)).body.policies).toEqual(['Look Around']);
  });

  it('8. updates the role', async () => {
    const { body: policy } = await send('POST', `${at}/policies`, { name: 'Manage', privileges: [manage] });
    const updated = await send('PUT', `${at}/roles/Auditor`, { name: 'Auditor', policies: ['Look Around', policy.id] });
    expect([updated.status, updated.body.policies]).toEqual([200, ['Look Around', 'Manage']]);
    expect(await check(manage)).toBe(true);
    const narrowed = await send('PATCH', `${at}/roles/Auditor`, { policies: ['Manage'] });
    expect([narrowed.body.policies, await check(more)]).toEqual([['Manage'], false]);
  });

  it('9. modifies no role of the preset', async () => {
    for (const [method, body] of [
      ['PUT', { name: owner }],
      ['PATCH', { description: 'x' }],
      ['DELETE', undefined],
    ] as const)
      expect(codeOf(await send(method, `/roles/${encodeURIComponent(owner)}`, body))).toBe('409 system_role');
  });

  it('10. deletes no policy or role that is in use, and what is not', async () => {
    expect(codeOf(await send('DELETE', `${at}/policies/Manage`))).toBe('409 policy_in_use');
    const refused = await send('DELETE', `${at}/roles/Auditor`);
    expect([codeOf(refused), refused.body.error.details.assignments.items[0].subject]).toEqual(['409 role_in_use', 'user:aud']);
    expect((await send('DELETE', `/assignments?subject=user:aud&role=${encodeURIComponent(role)}&scope=${scope}`)).status).toBe(200);
    for (const path of ['/roles/Auditor', '/policies/Manage', '/policies/Look%20Around'])
      expect((await send('DELETE', `${at}${path}`)).status).toBe(200);
    expect([namesOf(await send('GET', `${at}/roles?system=false`)), namesOf(await send('GET', `${at}/policies?system=false`))]).toEqual([
      [],
      [],
    ]);
    expect(await check(read)).toBe(false);
  });
});
