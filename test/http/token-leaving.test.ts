/** Who leaves and keeps what a token gives: leaving must not take denies away. */
import { expect, it } from 'vitest';
import { type Answer, call, codeOf, makeOrganization, putManifest } from './client.ts';
import { makeIssuer } from './issuer.ts';

it('an end user does not leave to be rid of what the default role denies, since the token gives the rest again', async () => {
  const idp = await makeIssuer('https://idp.example');
  await makeOrganization('leaving');
  await putManifest('leaving', {
    bitgate: 1,
    catalog: { privileges: [{ name: 'edit' }] },
    policies: [{ name: 'No edit', effect: 'deny', privileges: ['edit'] }],
    roles: [
      { name: 'Editor', privileges: ['edit'] },
      { name: 'Ordinary', policies: ['No edit'] },
    ],
    subjects: ['ada', 'bob'].map((id) => ({ type: 'user', id })),
    assignments: [
      { subject: 'user:bob', role: 'Editor', scope: 'org' },
      { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    ],
    settings: {
      default_role: 'Ordinary',
      issuers: [idp.settings],
      claim_mappings: [{ claim: 'groups', value: 'editors', role: 'Editor', scope: 'folder:f' }],
    },
  });
  const [ada, bob] = await Promise.all([idp.sign('ada', { groups: ['editors'] }), idp.sign('bob')]);
  const edit = async (): Promise<string> =>
    (await call('POST', '/orgs/leaving/check', { action: 'edit', resource: 'folder:f' }, { token: ada })).body.reason;
  const leave = (subject: string, token: string): Promise<Answer> =>
    call('DELETE', `/admin/orgs/leaving/members/${subject}`, undefined, { token });
  expect(await edit()).toBe('denied_by_policy');
  expect(codeOf(await leave('user:ada', ada))).toBe('403 missing_privilege');
  expect(await edit()).toBe('denied_by_policy');
  // Of whom a role of their own has the place of the default role, nothing is denied.
  expect((await leave('user:bob', bob)).status).toBe(200);
});
