/** The organization of the tests of end users who administer: its issuers, what its claims map to, and who is who. */
import { type Answer, call, makeOrganization, putManifest } from './client.ts';
import { makeIssuer } from './issuer.ts';

export const AT = '/admin/orgs/tokens';

export const idp = await makeIssuer('https://idp.example');
export const second = await makeIssuer('https://second.example', 'staff');

export const MAPPINGS = [
  { claim: 'groups', value: 'idp-owners', role: 'bitgate:owner', scope: 'org' },
  { claim: 'groups', value: 'idp-admins', group: 'admins' },
  { claim: 'groups', value: 'p1-admins', role: 'Administrator', scope: 'project:p1' },
  { claim: 'groups', value: 'readers', role: 'Reader' },
  { claim: 'groups', value: 'shift', group: 'shift' },
];

const MANAGE = ['policies', 'members', 'resources', 'settings', 'keys'].map((thing) => `bitgate:manage_${thing}`);

export const document = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'edit' }] },
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Editor', privileges: ['edit'] },
    { name: 'Reader', privileges: ['bitgate:read'] },
    { name: 'Administrator', privileges: [...MANAGE, 'bitgate:read', 'bitgate:audit', 'view'] },
  ],
  projects: [{ id: 'p1', roles: [{ name: 'Reviewer', privileges: ['view'] }] }, { id: 'p2' }],
  groups: [{ name: 'admins' }, { name: 'shift' }, { name: 'staff', members: ['user:gus'] }],
  subjects: [
    { type: 'user', id: 'bob' },
    { type: 'user', id: 'off', status: 'suspended' },
  ],
  assignments: [
    { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    { subject: 'user:rae', role: 'Administrator', scope: 'org' },
    { subject: 'user:off', role: 'bitgate:owner', scope: 'org' },
    { subject: 'group:admins', role: 'Administrator', scope: 'org' },
    { subject: 'group:shift', role: 'Administrator', scope: 'org' },
    { subject: 'group:shift', role: 'Editor', scope: 'org', expires_at: '2090-01-01T00:00:00Z' },
    { subject: 'group:shift', role: 'Editor', scope: 'org', not_before: '2090-01-01T00:00:00Z', expires_at: '2099-01-01T00:00:00Z' },
  ],
  settings: { issuers: [idp.settings, second.settings], claim_mappings: MAPPINGS },
};

export async function makeTokenAcme(): Promise<void> {
  await makeOrganization('tokens', { owner: 'user:owner' });
  await putManifest('tokens', document);
}

/** A call of the organization's own administration. */
export const ask = (method: string, path: string, token: string, body?: object): Promise<Answer> =>
  call(method, `${AT}${path}`, body, { token });

/** Of whom the identity provider says that it is in these groups. */
export const inGroups = (sub: string, ...groups: readonly string[]): Promise<string> => idp.sign(sub, { groups });

let made = 0;
/** A write that changes something each time. */
export const write = (token: string): Promise<Answer> => ask('POST', '/roles', token, { name: `Made ${++made}` });
