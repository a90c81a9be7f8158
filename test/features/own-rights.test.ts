/**
 * Nobody changes what is their own, whatever they may do to others: each write operation, asked about itself by a key, by a user, and by a user whose
 * rights come from a token. And the last owner stays.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/http/admin/routes.ts';
import { call, codeOf, makeKey, makeOrganization, putManifest } from '../http/client.ts';
import { traces } from '../http/fuzz/world.ts';
import { makeIssuer } from '../http/issuer.ts';

const AT = '/admin/orgs/self';

/** What concerns no subject, or only such as are not there yet. */
const OF_NOBODY = [
  ...['createOrganization', 'updateOrganization', 'deleteOrganization', 'upgradePreset', 'importManifest', 'recompile', 'recompileAll'],
  ...[
    'createPolicy',
    'replacePolicy',
    'updatePolicy',
    'createRole',
    'replaceRole',
    'updateRole',
    'addRolePrivilege',
    'removeRolePrivilege',
  ],
  ...['createProject', 'replaceProject', 'updateProject', 'registerSubject', 'registerResource', 'replaceResource', 'updateResource'],
  ...[
    'putResourceParent',
    'removeResourceParent',
    'putResourceOwner',
    'removeResourceOwner',
    'createApiKey',
    'tagRevision',
    'untagRevision',
  ],
  ...['createInvitation', 'resendInvitation', 'revokeInvitation', 'declineInvitation'],
  ...['replaceRoutes', 'createRoute', 'replaceRoute', 'updateRoute', 'deleteRoute', 'replaceSettings', 'updateSettings'],
];
/** What everybody may do to themselves: they are tried one by one. */
const ALLOWED = ['acceptInvitation', 'removeMember', 'transferOwnership', 'rotateApiKey'];
/** They refuse the author, and their change is guarded like every write: see test/http/proposals.test.ts. */
const OF_PROPOSALS = ['confirmProposal', 'withdrawProposal'];

const document = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'edit' }] },
  policies: [
    { name: 'Viewing', privileges: ['view'] },
    { name: 'Not editing', effect: 'deny', privileges: ['edit'] },
  ],
  roles: [
    { name: 'Manager', privileges: ['members', 'policies', 'resources', 'settings', 'keys'].map((name) => `bitgate:manage_${name}`) },
    { name: 'Escalating', inherits: ['Manager'], privileges: ['bitgate:escalate'] },
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Editor', privileges: ['edit', 'view'] },
    { name: 'Barred', policies: ['Not editing'] },
  ],
  projects: [
    { id: 'p1', roles: [{ name: 'Local', privileges: ['view'] }], policies: [{ name: 'Locally', privileges: ['view'] }] },
    { id: 'p2' },
  ],
  groups: [{ name: 'inside' }, { name: 'outside', members: ['user:gus'] }],
  resources: [{ type: 'folder', id: 'f1' }],
  assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }],
};

const idp = await makeIssuer('https://idp.example');
const settings = {
  issuers: [idp.settings],
  claim_mappings: ['Manager', 'Escalating'].map((role) => ({ claim: 'roles', value: role, role, scope: 'org' })),
};

interface Self {
  readonly token: string;
  /** of a key */
  readonly id: string | null;
  readonly subject: string;
  readonly assignments: Readonly<Record<string, string>>;
  /** at which it was not in the group yet */
  readonly before: number;
}

const revision = async (): Promise<number> => (await call('GET', AT)).body.revision;

async function makeKeySelf(role: string): Promise<Self> {
  const { token, id } = await makeKey('self', [role]);
  return makeSelf({ token, id, subject: `api_key:${id}` });
}

async function makeUserSelf(id: string, role: string): Promise<Self> {
  await call('POST', `${AT}/assignments`, { subject: `user:${id}`, role, scope: 'org' });
  return makeSelf({ token: await idp.sign(id), id: null, subject: `user:${id}` });
}

async function makeMappedSelf(id: string, role: string): Promise<Self> {
  await call('POST', `${AT}/subjects`, { type: 'user', id });
  return makeSelf({ token: await idp.sign(id, { roles: [role] }), id: null, subject: `user:${id}` });
}

/** It holds a role in each place, a policy, and is in a group. */
async function makeSelf({ subject, ...self }: Pick<Self, 'token' | 'id' | 'subject'>): Promise<Self> {
  const before = await revision();
  const assignments: Record<string, string> = {};
  for (const [name, body] of Object.entries({
    org: { role: 'Viewer', scope: 'org' },
    policy: { policy: 'Viewing', scope: 'org' },
    project: { role: 'p1/Local', scope: 'project:p1' },
    locally: { policy: 'p1/Locally', scope: 'project:p1' },
    second: { role: 'Viewer', scope: 'project:p2' },
    folder: { role: 'Viewer', scope: 'folder:f1' },
  })) {
    assignments[name] = (await call('POST', `${AT}/assignments`, { subject, ...body })).body.id;
  }
  await call('POST', `${AT}/groups/inside/members`, { member: subject });
  return { ...self, subject, assignments, before };
}

/** What is refused. To each operation how it is asked, of oneself. */
function attempts({ id, subject, assignments, before }: Self): (readonly [operation: string, path: string, body?: object])[] {
  const editor = { subject, role: 'Editor', scope: 'org' };
  const inProject = { subject, role: 'Editor', scope: 'project:p1' };
  const joined = { bitgate: 1, groups: [document.groups[0], { name: 'outside', members: ['user:gus', subject] }] };
  return [
    ['createAssignment', '/assignments', editor],
    ['createAssignment', '/assignments', { subject, policy: 'Not editing', scope: 'org' }],
    ['createAssignmentInProject', '/projects/p1/assignments', inProject],
    ['deleteAssignments', `/assignments?subject=${subject}&role=Viewer&scope=org`],
    ['deleteAssignmentsInProject', `/projects/p1/assignments?subject=${subject}&role=p1/Local&scope=project:p1`],
    ['deleteAssignment', `/assignments/${assignments.org}`],
    ['deleteAssignmentInProject', `/projects/p1/assignments/${assignments.project}`],
    ['assignBatch', '/assignments/batch', { role: 'Editor', subjects: ['user:gus', subject] }],
    ['assignBatch', '/assignments/batch', { role: null, subjects: [subject] }],
    ['assignBatchInProject', '/projects/p1/assignments/batch', { role: 'Editor', subjects: [subject] }],
    ['putMember', `/members/${subject}`, { roles: ['Editor'] }],
    ['putMember', `/members/${subject}`, { roles: [] }],
    ['putMemberInProject', `/projects/p1/members/${subject}`, { roles: ['Editor'] }],
    ['createGroup', '/groups', { name: 'mine', members: [subject] }],
    ['replaceGroup', '/groups/outside', { name: 'outside', members: [subject] }],
    ['replaceGroup', '/groups/inside', { name: 'inside', members: [] }],
    ['updateGroup', '/groups/outside', { members: ['user:gus', subject] }],
    ['deleteGroup', '/groups/inside?force=true'],
    ['addGroupMember', '/groups/outside/members', { member: subject }],
    ['putGroupMember', `/groups/outside/members/${subject}`],
    ['removeGroupMember', `/groups/inside/members/${subject}`],
    ['changeGroupMembers', '/groups/outside/members/batch', { add: [subject] }],
    ['changeGroupMembers', '/groups/inside/members/batch', { remove: [subject] }],
    ['replaceSubject', `/subjects/${subject}`, { status: 'suspended' }],
    ['updateSubject', `/subjects/${subject}`, { status: 'suspended' }],
    ['updateSubject', `/subjects/${subject}`, { properties: { team: 'a' } }],
    ['deleteSubject', `/subjects/${subject}?force=true`],
    ['deletePolicy', '/policies/Viewing?force=true'],
    ['deletePolicyInProject', '/projects/p1/policies/Locally?force=true'],
    ['deleteRole', '/roles/Viewer?force=true'],
    ['deleteRoleInProject', '/projects/p1/roles/Local?force=true'],
    ['deleteProject', '/projects/p2?force=true'],
    ['deleteResource', '/resources/folder:f1?force=true'],
    ...(id === null ? [] : attemptsOfKeys(id)),
    ['patchManifest', '/manifest', joined],
    ['putManifest', '/manifest', { ...document, settings, ...joined }],
    ['importLines', '/import', { kind: 'assignment', ...editor }],
    ['importLines', '/import', { kind: 'membership', group: 'outside', member: subject }],
    ['rollBack', `/revisions/${before}/rollback`],
    // another role than the one that is handed over, or none where it denies
    ['transferOwnership', `/members/${subject}/transfer-ownership`, { to: 'user:gus', role: 'Viewer', demote_to: 'Editor' }],
    ['transferOwnership', `/members/${subject}/transfer-ownership`, { to: 'user:gus', role: 'Viewer', demote_to: 'bitgate:owner' }],
    [
      'transferOwnershipInProject',
      `/projects/p1/members/${subject}/transfer-ownership`,
      { to: 'user:gus', role: 'p1/Local', demote_to: 'Editor' },
    ],
  ];
}

function attemptsOfKeys(id: string): (readonly [operation: string, path: string, body?: object])[] {
  return [
    ['updateApiKey', `/api-keys/${id}`, { status: 'disabled' }],
    ['updateApiKey', `/api-keys/${id}`, { expires_at: '2099-01-01T00:00:00Z' }],
    ['deleteApiKey', `/api-keys/${id}`],
  ];
}

describe('what is one’s own', () => {
  const selves: Self[] = [];

  beforeAll(async () => {
    await makeOrganization('self', { owner: 'user:owner' });
    await putManifest('self', { ...document, settings });
    for (const role of ['Manager', 'Escalating']) {
      selves.push(await makeKeySelf(role), await makeUserSelf(`user ${role}`, role), await makeMappedSelf(`mapped ${role}`, role));
    }
  }, 120_000);

  const inEither = (id: string): string => id.replace(/InProject$/, '');
  const writes = OPERATIONS.filter(({ method }) => method !== 'GET').map(({ id }) => id);

  it('F68 each write operation is tried on oneself, or can not concern one', () => {
    const tried = attempts({ token: '', id: '', subject: '', assignments: {}, before: 0 }).map(([operation]) => inEither(operation));
    expect([...new Set([...tried, ...OF_NOBODY, ...ALLOWED, ...OF_PROPOSALS])].toSorted()).toEqual(
      [...new Set(writes.map(inEither))].toSorted(),
    );
  });

  it.each([
    ['a key with every right to manage', 0],
    ['a user with every right to manage', 1],
    ['a user whose token gives every right to manage', 2],
    ['a key with the right to grant beyond its own, too', 3],
    ['a user with the right to grant beyond its own, too', 4],
    ['a user whose token gives the right to grant beyond its own, too', 5],
  ])('F68 %s changes neither its own roles, groups, status nor properties', async (_title, index) => {
    const self = selves[index]!;
    const before = await traces();
    for (const [operation, path, body] of attempts(self)) {
      const { method } = OPERATIONS.find(({ id }) => id === operation)!;
      const answer = await call(method, `${AT}${path}`, body, { token: self.token });
      expect(`${operation} ${path} ${codeOf(answer)}`).toBe(`${operation} ${path} 403 own_rights`);
    }
    expect(await traces()).toBe(before);
  });

  it.each([
    ['a key', 3],
    ['a user', 4],
  ])('F68 an invitation is accepted from others alone: %s', async (_who, index) => {
    const self = selves[index]!;
    const inviter = await makeKey('self', ['bitgate:owner']);
    const invited = async (token: string): Promise<string> =>
      (await call('POST', `${AT}/invitations`, { role: 'Editor' }, { token })).body.token;
    const accept = (token: string) => call('POST', '/invitations/accept', { token }, { token: self.token });
    const own = await invited(self.token);
    const before = await traces();
    expect(codeOf(await accept(own))).toBe('403 own_rights');
    expect(await traces()).toBe(before);
    expect(codeOf(await accept(await invited(inviter.token)))).toBe('200');
  });

  it('F68 a key gives itself another name or secret, hands a role over, and goes', async () => {
    const { token, id, subject } = await makeKeySelf('Escalating');
    expect(codeOf(await call('PATCH', `${AT}/api-keys/${id}`, { name: 'other' }, { token }))).toBe('200');
    const rotated = await call('POST', `${AT}/api-keys/${id}/rotate`, {}, { token });
    expect(codeOf(rotated)).toBe('200');
    const as = { token: rotated.body.secret };
    const handed = await call('POST', `${AT}/members/${subject}/transfer-ownership`, { to: 'user:gus', role: 'Viewer' }, as);
    expect(codeOf(handed)).toBe('200');
    expect(codeOf(await call('DELETE', `${AT}/projects/p1/members/${subject}`, undefined, as))).toBe('200');
    expect(codeOf(await call('DELETE', `${AT}/members/${subject}`, undefined, as))).toBe('200');
  });

  it('F68 an owner who hands the organization over is left with less, and with no deny fewer', async () => {
    const { token, id } = await makeKey('self', ['bitgate:owner']);
    const to = (body: object) => call('POST', `${AT}/members/api_key:${id}/transfer-ownership`, { to: 'user:gus', ...body }, { token });
    await call('POST', `${AT}/assignments`, { subject: `api_key:${id}`, role: 'Barred', scope: 'project:p2' });
    const barred = await call(
      'POST',
      `${AT}/projects/p2/members/api_key:${id}/transfer-ownership`,
      { to: 'user:gus', role: 'Barred' },
      { token },
    );
    expect(codeOf(barred)).toBe('403 own_rights');
    expect(codeOf(await to({ demote_to: 'Barred' }))).toBe('403 own_rights');
    expect(codeOf(await to({ demote_to: 'Viewer' }))).toBe('200');
  });
});

describe('the last owner', () => {
  const at = '/admin/orgs/last';
  const owning = [
    { name: 'Owning', privileges: ['bitgate:manage_policies', 'bitgate:manage_members'] },
    { name: 'Locked', effect: 'deny', privileges: ['bitgate:manage_policies'], state: 'DRAFT' },
    { name: 'Harmless', effect: 'deny', privileges: ['view'], state: 'DRAFT' },
  ];
  const manifest = {
    bitgate: 1,
    catalog: { privileges: [{ name: 'view' }] },
    policies: owning,
    roles: [{ name: 'Administrator', policies: ['Owning'] }, { name: 'Chief', inherits: ['Administrator'] }, { name: 'Other' }],
    groups: [{ name: 'chiefs', members: ['user:chief'] }],
    assignments: [
      { subject: 'group:chiefs', role: 'Chief', scope: 'org' },
      { subject: 'group:everyone', policy: 'Locked', scope: 'org' },
      { subject: 'group:everyone', policy: 'Harmless', scope: 'org' },
    ],
  };
  const owns = async (): Promise<boolean> =>
    (await call('POST', '/check', { org: 'last', subject: 'user:chief', action: 'bitgate:manage_policies' })).body.decision;

  /** Each takes the right of the only one who has it, who has it by a group and an inherited role. */
  const ends: readonly (readonly [how: string, method: string, path: string, body?: object])[] = [
    ['removed as a member', 'DELETE', '/members/user:chief'],
    ['deleted', 'DELETE', '/subjects/user:chief?force=true'],
    ['suspended', 'PATCH', '/subjects/user:chief', { status: 'suspended' }],
    ['taken out of the group', 'DELETE', '/groups/chiefs/members/user:chief'],
    ['left without the group', 'DELETE', '/groups/chiefs?force=true'],
    ['demoted', 'DELETE', '/assignments?subject=group:chiefs&role=Chief&scope=org'],
    ['locked out by a role that inherits no more', 'PATCH', '/roles/Chief', { inherits: [] }],
    ['locked out by a role that goes', 'DELETE', '/roles/Administrator?force=true'],
    ['locked out by a policy that loses a privilege', 'PATCH', '/policies/Owning', { privileges: ['bitgate:manage_members'] }],
    ['locked out by a policy that is inactive', 'PATCH', '/policies/Owning', { state: 'INACTIVE' }],
    ['locked out by a policy that denies', 'PATCH', '/policies/Owning', { effect: 'deny' }],
    ['locked out by a condition', 'PATCH', '/policies/Owning', { condition: 'context.hour < 18' }],
    ['locked out by types', 'PATCH', '/policies/Owning', { resource_types: ['dataset'] }],
    ['locked out by a policy that goes', 'DELETE', '/policies/Owning?force=true'],
    ['locked out by a deny that becomes active', 'PATCH', '/policies/Locked', { state: 'ACTIVE' }],
    [
      'locked out by a deny that widens',
      'PUT',
      '/policies/Harmless',
      { name: 'Harmless', effect: 'deny', privileges: ['bitgate:manage_policies'] },
    ],
    ['locked out by a deny that is added to the role', 'PATCH', '/roles/Chief', { policies: ['Locked now'] }],
  ];

  beforeAll(async () => {
    await makeOrganization('last');
    const locked = { name: 'Locked now', effect: 'deny', privileges: ['bitgate:manage_policies'] };
    await putManifest('last', { ...manifest, policies: [...owning, locked] });
  });

  it.each(ends.map(([how, ...asked]) => [how, asked] as const))('F60 F34 can not be %s', async (_how, [method, path, body]) => {
    expect(await owns()).toBe(true);
    const before = await traces();
    expect(codeOf(await call(method, `${at}${path}`, body))).toBe('409 last_owner');
    expect(await traces()).toBe(before);
  });

  it('F60 F34 may go once there is another', async () => {
    await call('POST', `${at}/assignments`, { subject: 'user:second', role: 'Administrator', scope: 'org' });
    expect(codeOf(await call('DELETE', `${at}/members/user:chief`))).toBe('200');
    expect(await owns()).toBe(false);
  });
});
