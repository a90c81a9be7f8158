/** The organization that the tests of the admin face work on, and what they often ask of it. */
import { type Answer, call, makeOrganization, putManifest, ROOT } from './client.ts';

export const catalog = {
  privileges: [
    { name: 'view' },
    { name: 'edit' },
    { name: 'org_only', levels: ['org'] },
    { name: 'typed', resource_types: ['dataset'] },
    { name: 'in_project', levels: ['project'] },
  ],
};

export const manifest = {
  bitgate: 1,
  catalog,
  policies: [
    { name: 'Sometimes', privileges: ['org_only'], condition: 'context.x == 1' },
    { name: 'Never edit', effect: 'deny', privileges: ['edit'] },
  ],
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Editor', privileges: ['view', 'edit'] },
    { name: 'Typist', privileges: ['typed', 'in_project'] },
    { name: 'Conditional', policies: ['Sometimes'] },
    { name: 'Denied', policies: ['Never edit'] },
    { name: 'Manager', privileges: ['bitgate:manage_members', 'bitgate:read', 'view', 'typed', 'in_project'] },
    { name: 'Keeper', privileges: ['bitgate:manage_keys', 'view'] },
    { name: 'Reader', privileges: ['bitgate:read'] },
  ],
  projects: [{ id: 'p1', roles: [{ name: 'Reviewer', privileges: ['view'] }] }],
  groups: [{ name: 'staff', members: ['user:gus'] }],
  resources: [{ type: 'dataset', id: 'd1', parents: ['project:p1'] }],
  assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }],
};

/** Makes it; each test file has databases of its own. */
export async function makeAcme(): Promise<void> {
  await makeOrganization('acme', { owner: 'user:owner' });
  await putManifest('acme', manifest);
}

export const assign = (body: object, token: string = ROOT): Promise<Answer> =>
  call('POST', '/admin/orgs/acme/assignments', body, { token });
export const reasonOf = async (question: object): Promise<string> =>
  (await call('POST', '/check', { org: 'acme', ...question })).body.reason;
export const revision = async (): Promise<number> => (await call('GET', '/admin/orgs/acme')).body.revision;
