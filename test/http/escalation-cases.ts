/**
 * The table of SEC-46: what each write operation takes. `rights` are all that the writer must hold; one short is refused. A right is held at `org`
 * unless it says `@scope`; names without prefix are `view`, `edit` … of the world's own catalog or, beginning with `manage_`, bitgate's.
 * Names of things are those of `escalation-world.ts`; `{name}` in a path is an id of it.
 */

/** Ids of the world, by the name that the table gives them, and its document. */
export interface WorldIds {
  readonly names: Readonly<Record<string, string>>;
  /** the organization as a manifest */
  readonly document: ManifestDocument;
}

export interface ManifestDocument {
  readonly [section: string]: unknown;
  readonly roles: readonly { readonly name: string }[];
  readonly policies: readonly { readonly name: string }[];
  readonly groups: readonly { readonly name: string }[];
  readonly assignments: readonly object[];
  readonly settings: { readonly claim_mappings: readonly object[] };
  readonly catalog: { readonly privileges: readonly { readonly name: string }[] };
}

export interface Case {
  /** id of the operation */
  readonly operation: string;
  /** what the write gives, takes, widens or un-denies */
  readonly gives: string;
  /** below `/admin/orgs/{org}` */
  readonly path: string;
  readonly body?: object | ((world: WorldIds) => object);
  readonly rights: string;
}

/** Nobody but root. */
export const ROOT_ONLY: readonly Omit<Case, 'rights' | 'gives'>[] = [
  { operation: 'createOrganization', path: '/admin/orgs', body: { id: 'taken-by-a-key', owner: 'user:idle' } },
  { operation: 'deleteOrganization', path: '/admin/orgs/grid?confirm=grid' },
  { operation: 'recompileAll', path: '/admin/recompile' },
];

/** What counts is who sent the invitation: in tests of their own. */
export const BY_INVITATION: readonly string[] = ['acceptInvitation', 'declineInvitation'];
/** What counts is what was proposed: likewise. */
export const BY_PROPOSAL: readonly string[] = ['confirmProposal', 'withdrawProposal'];

/** All that `user:held` has: itself, by its group, by a project's role and as an owner. */
const ALL_OF_HELD = 'view export edit cond under@folder:f1 annotate@project:p1 own@dataset:owned';
/** All that is held at the organization and does not reach restricted resources: whoever opens or shuts something moves it. */
const OPENED = 'view edit cond own team ranked bitgate:list';
const MANIFEST = 'manage_policies manage_members manage_resources manage_settings';

const ORG = '';
const P1 = '/projects/p1';

/** Cases of one operation. */
function of(
  operation: string,
  path: string,
  ...rows: readonly (readonly [gives: string, rights: string, body?: Case['body'], query?: string])[]
): Case[] {
  return rows.map(([gives, rights, body, query = '']) => ({
    operation,
    gives,
    path: path + query,
    rights,
    ...(body === undefined ? {} : { body }),
  }));
}

const role = (name: string, more: object = {}) => ({ subject: 'user:idle', role: name, scope: 'org', ...more });
/** The settings that there are, with something else: issuers and mappings are how callers of the grid come. */
const settings = (more: object) => (world: WorldIds) => ({ ...world.document.settings, ...more });
const mapped = (more: object) => (world: WorldIds) => ({
  ...world.document.settings,
  claim_mappings: [...world.document.settings.claim_mappings, { claim: 'groups', value: 'admins', ...more }],
});
const guarded = (path: string, more: object = {}) => ({ hosts: ['a.example'], methods: ['GET'], path, action: 'edit', ...more });
const ISSUER = {
  issuer: 'https://id.example',
  audience: 'acme',
  algorithms: ['RS256'],
  jwks_uri: 'https://id.example/keys',
  subject_type: 'user',
};
const replaced = <T extends { readonly name: string }>(items: readonly T[], name: string, change: object): object[] =>
  items.map((item) => (item.name === name ? { ...item, ...change } : item));

const without = (assignments: readonly object[], gone: object): object[] =>
  assignments.filter((each) => Object.entries(gone).some(([key, value]) => Reflect.get(each, key) !== value));

/** Sections of a manifest, changed. */
const WIDER_ROLE = ({ document }: WorldIds) => ({ roles: replaced(document.roles, 'Viewer', { privileges: ['view', 'export'] }) });
const NO_DENY = ({ document }: WorldIds) => ({ assignments: without(document.assignments, { policy: 'No export' }) });
const MORE_ASSIGNED = ({ document }: WorldIds) => ({ assignments: [...document.assignments, role('Viewer')] });
const MORE_MEMBERS = ({ document }: WorldIds) => ({ groups: replaced(document.groups, 'staff', { members: ['user:held', 'user:idle'] }) });
const OTHER_CONDITION = ({ document }: WorldIds) => ({ policies: replaced(document.policies, 'Level one', { condition: 'true' }) });
const IMPLYING = ({ document }: WorldIds) => ({
  catalog: { privileges: replaced(document.catalog.privileges, 'view', { implies: ['export'] }) },
});

const MANIFEST_ROWS = (whole: boolean) => {
  const document = (change: (world: WorldIds) => object) => (world: WorldIds) => ({
    bitgate: 1,
    ...(whole ? world.document : {}),
    ...change(world),
  });
  return [
    ['nothing', MANIFEST, document(({ document: { groups } }) => ({ groups: replaced(groups, 'outer', { description: 'around' }) }))],
    ['what a role gets', `${MANIFEST} export`, document(WIDER_ROLE)],
    ['what a deny kept', `${MANIFEST} export`, document(NO_DENY)],
    ['a role', `${MANIFEST} view`, document(MORE_ASSIGNED)],
    ['what a group holds', `${MANIFEST} edit`, document(MORE_MEMBERS)],
    ['what a condition kept', `${MANIFEST} cond`, document(OTHER_CONDITION)],
    ['what a privilege implies', `${MANIFEST} escalate`, document(IMPLYING)],
    ['a default role', `${MANIFEST} view`, document((world) => ({ settings: settings({ default_role: 'Viewer' })(world) }))],
  ] as const;
};

const IMPORTED = [
  {
    urn: 'urn:li:dataHubPolicy:tags',
    info: {
      displayName: 'Tagging',
      type: 'METADATA',
      state: 'ACTIVE',
      privileges: ['EDIT_ENTITY_TAGS'],
      actors: { users: ['urn:li:corpuser:idle'], resourceOwners: false, allUsers: false, allGroups: false },
    },
  },
];

/** Roles and policies are alike at both levels. */
function bundles(level: string, suffix: string, scope: string): Case[] {
  const at = scope === 'org' ? '' : `@${scope}`;
  const manage = `manage_policies${at}`;
  const [allowing, denying, conditional, held] =
    scope === 'org' ? ['Editing', 'No export', 'Level one', 'Viewer'] : ['P editing', 'P no export', 'P level one', 'P viewer'];
  const policy = (name: string): string => `${level}/policies/${encodeURIComponent(name)}`;
  const roleAt = (name: string): string => `${level}/roles/${encodeURIComponent(name)}`;
  const condition = 'resource.properties.level == 1';
  return [
    ...of(`createPolicy${suffix}`, `${level}/policies`, ['nothing: nobody has it', manage, { name: 'New', privileges: ['export'] }]),
    ...of(
      `replacePolicy${suffix}`,
      policy(allowing),
      ['one more', `${manage} export${at}`, { name: allowing, privileges: ['edit', 'export'] }],
      ['less', `${manage} edit${at}`, { name: allowing, privileges: [] }],
      ['of some types only', `${manage} edit${at}`, { name: allowing, privileges: ['edit'], resource_types: ['dataset'] }],
      ['a deny', `${manage} edit${at}`, { name: allowing, privileges: ['edit'], effect: 'deny' }],
    ),
    ...of(`replacePolicy${suffix}`, policy(denying), [
      'what a deny kept',
      `${manage} export${at}`,
      { name: denying, effect: 'deny', privileges: [] },
    ]),
    ...of(
      `updatePolicy${suffix}`,
      policy(conditional),
      ['what a condition kept', `${manage} cond${at}`, { condition: null }],
      ['another condition', `${manage} cond${at}`, { condition: `${condition} || true` }],
      ['under the condition', `${manage} cond${at} export${at}`, { privileges: ['export'] }],
    ),
    ...of(`updatePolicy${suffix}`, policy(denying), ['what a deny kept', `${manage} export${at}`, { state: 'INACTIVE' }]),
    ...of(`updatePolicy${suffix}`, policy(allowing), ['nothing: what it is called', manage, { description: 'edits' }]),
    ...of(`deletePolicy${suffix}`, policy(denying), ['what a deny kept', `${manage} export${at}`, undefined, '?force=true']),
    ...of(`deletePolicy${suffix}`, policy(allowing), ['less', `${manage} edit${at}`, undefined, '?force=true']),
    ...of(`createRole${suffix}`, `${level}/roles`, ['nothing: nobody has it', manage, { name: 'New', privileges: ['export'] }]),
    ...of(
      `replaceRole${suffix}`,
      roleAt(held),
      ['one more', `${manage} export${at}`, { name: held, privileges: ['view', 'export'] }],
      ['another', `${manage} export${at} view${at}`, { name: held, privileges: ['export'] }],
      ['a policy', `${manage} edit${at}`, { name: held, privileges: ['view'], policies: [allowing] }],
    ),
    ...of(
      `updateRole${suffix}`,
      roleAt(held),
      ['what is inherited', `${manage} edit${at}`, { inherits: [scope === 'org' ? 'Editor' : 'P editor'] }],
      ['all there is', `${manage} escalate`, { all_privileges: true }],
      ['what is restricted', `${manage} escalate`, { reaches_restricted: true }],
      ['a deny', `${manage} export${at}`, { policies: [denying] }],
      ['nothing: what it is called', manage, { title: 'Viewing' }],
    ),
    ...of(`deleteRole${suffix}`, roleAt(held), ['less', `${manage} view${at}`, undefined, '?force=true']),
    ...of(`addRolePrivilege${suffix}`, `${roleAt(held)}/privileges/export`, ['one more', `${manage} export${at}`]),
    ...of(`removeRolePrivilege${suffix}`, `${roleAt(held)}/privileges/view`, ['less', `${manage} view${at}`]),
  ];
}

/** What is held by members, at both levels. */
function holdings(level: string, suffix: string, scope: string): Case[] {
  const at = scope === 'org' ? '' : `@${scope}`;
  const manage = `manage_members${at}`;
  const [viewer, editor] = scope === 'org' ? ['Viewer', 'Editor'] : ['p1/P viewer', 'p1/P editor'];
  const given = { subject: 'user:idle', role: viewer, scope };
  const holder = scope === 'org' ? 'user:held' : 'user:local';
  const gone = `subject=${holder}&role=${encodeURIComponent(viewer)}&scope=${scope}`;
  const name = scope === 'org' ? 'Org' : 'Project';
  const rows: Case[] = [
    ...of(
      `createAssignment${suffix}`,
      `${level}/assignments`,
      ['a role', `${manage} view${at}`, given],
      ['a role for a time', `${manage} view${at}`, { ...given, expires_at: '2099-01-01T00:00:00Z' }],
      ['a role to everyone', `${manage} view${at}`, { ...given, subject: 'group:everyone' }],
      ['a role to owners', `${manage} view${at}`, { ...given, subject: 'group:owner' }],
      ['a role that inherits', `${manage} edit${at}`, { ...given, role: 'Heir' }],
      ['a policy', `${manage} edit${at}`, { subject: 'user:idle', policy: 'Editing', scope }],
      ['a deny', `${manage} export${at}`, { subject: 'user:idle', policy: 'No export', scope }],
      ['a conditional policy', `${manage} cond${at}`, { subject: 'user:idle', policy: 'Level one', scope }],
      ['every right', `${manage} escalate`, { subject: 'user:idle', role: 'bitgate:owner', scope }],
    ),
    ...of(`deleteAssignments${suffix}`, `${level}/assignments?${gone}`, ['less', `${manage} view${at}`]),
    ...of(`deleteAssignment${suffix}`, `${level}/assignments/{viewerAt${name}}`, ['less', `${manage} view${at}`]),
    ...of(`deleteAssignment${suffix}`, `${level}/assignments/{denyAt${name}}`, ['what a deny kept', `${manage} export${at}`]),
    ...of(
      `assignBatch${suffix}`,
      `${level}/assignments/batch`,
      ['a role', `${manage} view${at}`, { role: viewer, subjects: ['user:idle', 'user:new'] }],
      ['less', `${manage} view${at}`, { role: null, subjects: [holder] }],
      ['a deny', `${manage} export${at}`, { policy: 'No export', subjects: ['user:idle'] }],
    ),
    ...of(`putMember${suffix}`, `${level}/members/user:idle`, ['a role', `${manage} view${at}`, { roles: [viewer] }]),
    ...of(`putMember${suffix}`, `${level}/members/${holder}`, ['another role', `${manage} view${at} edit${at}`, { roles: [editor] }]),
    ...of(
      `transferOwnership${suffix}`,
      `${level}/members/${holder}/transfer-ownership`,
      ['a role, to another one', `${manage} view${at}`, { to: 'user:idle', role: viewer }],
      ['another role instead', `${manage} view${at} edit${at}`, { to: 'user:idle', role: viewer, demote_to: editor }],
    ),
    ...of(`createInvitation${suffix}`, `${level}/invitations`, ['a role', `${manage} view${at}`, { role: viewer }]),
    ...of(`resendInvitation${suffix}`, `${level}/invitations/{invitationAt${name}}/resend`, ['a role', `${manage} view${at}`]),
    ...of(`revokeInvitation${suffix}`, `${level}/invitations/{invitationAt${name}}`, ['nothing: nobody has it yet', manage]),
  ];
  return rows;
}

function keys(level: string, suffix: string, scope: string): Case[] {
  const at = scope === 'org' ? '' : `@${scope}`;
  const manage = `manage_keys${at}`;
  const name = scope === 'org' ? 'Org' : 'Project';
  const viewer = scope === 'org' ? 'Viewer' : 'p1/P viewer';
  const [key, off] = [`${level}/api-keys/{keyAt${name}}`, `${level}/api-keys/{offKeyAt${name}}`];
  return [
    ...of(
      `createApiKey${suffix}`,
      `${level}/api-keys`,
      ['a role', `${manage} view${at}`, { name: 'k', roles: [{ role: viewer, scope }] }],
      ['a role for a time', `${manage} view${at}`, { name: 'k', roles: [{ role: viewer, scope }], expires_at: '2099-01-01T00:00:00Z' }],
    ),
    ...of(
      `updateApiKey${suffix}`,
      key,
      ['nothing: what it is called', manage, { name: 'other' }],
      ['less', `${manage} view${at}`, { status: 'disabled' }],
      ['an end', `${manage} view${at}`, { expires_at: '2099-01-01T00:00:00Z' }],
    ),
    ...of(`updateApiKey${suffix}`, off, ['what it had', `${manage} view${at}`, { status: 'active' }]),
    ...of(`rotateApiKey${suffix}`, `${key}/rotate`, ['its rights, to who rotates it', `${manage} view${at}`, {}]),
    ...of(`deleteApiKey${suffix}`, key, ['less', `${manage} view${at}`]),
  ];
}

const groups: Case[] = [
  ...of('createGroup', '/groups', ['nothing: it holds nothing', 'manage_members', { name: 'new', members: ['user:idle'] }]),
  ...of(
    'replaceGroup',
    '/groups/staff',
    ['what it holds', 'manage_members edit', { name: 'staff', members: ['user:held', 'user:idle'] }],
    ['less', 'manage_members edit', { name: 'staff', members: [] }],
  ),
  ...of(
    'updateGroup',
    '/groups/outer',
    ['what it holds, to a group', 'manage_members view', { members: ['group:staff'] }],
    ['nothing: what it is called', 'manage_members', { description: 'around' }],
  ),
  ...of('deleteGroup', '/groups/staff', ['less', 'manage_members edit', undefined, '?force=true']),
  ...of('addGroupMember', '/groups/staff/members', ['what it holds', 'manage_members edit', { member: 'user:idle' }]),
  ...of('addGroupMember', '/groups/outer/members', ['what it holds, to a group', 'manage_members view', { member: 'group:staff' }]),
  ...of('putGroupMember', '/groups/staff/members/user:idle', ['what it holds', 'manage_members edit']),
  ...of('removeGroupMember', '/groups/staff/members/user:held', ['less', 'manage_members edit']),
  ...of(
    'changeGroupMembers',
    '/groups/staff/members/batch',
    ['what it holds', 'manage_members edit', { add: ['user:idle', 'user:new'] }],
    ['less', 'manage_members edit', { remove: ['user:held'] }],
  ),
  ...of('addGroupMember', '/groups/owners/members', [
    'what owners hold',
    'manage_members own@dataset:owned-by-group',
    { member: 'user:idle' },
  ]),
];

const subjects: Case[] = [
  ...of(
    'registerSubject',
    '/subjects',
    ['nothing', 'manage_members', { type: 'user', id: 'new' }],
    ['what a condition reads', 'manage_members team', { type: 'user', id: 'new', properties: { team: 'a' } }],
  ),
  ...of('replaceSubject', '/subjects/user:idle', ['what a condition reads', 'manage_members team', { properties: { team: 'a' } }]),
  ...of('replaceSubject', '/subjects/user:held', ['less: suspended', `manage_members ${ALL_OF_HELD}`, { status: 'suspended' }]),
  ...of('updateSubject', '/subjects/user:off', ['what it had', 'manage_members view', { status: 'active' }]),
  ...of(
    'updateSubject',
    '/subjects/user:held',
    ['less: suspended', `manage_members ${ALL_OF_HELD}`, { status: 'suspended' }],
    ['what a condition reads', 'manage_members team', { properties: { team: 'b' } }],
    ['nothing: what no condition reads', 'manage_members', { properties: { colour: 'red' } }],
  ),
  ...of('updateSubject', '/subjects/user:ranker', [
    'what a condition reads of owners',
    'manage_members ranked@dataset:ranked',
    { properties: { rank: 1 } },
  ]),
  ...of('deleteSubject', '/subjects/user:held', ['less', `manage_members ${ALL_OF_HELD}`, undefined, '?force=true']),
  ...of('deleteSubject', '/subjects/user:teamed', ['its properties, which a request may say then', 'manage_members team']),
  ...of('removeMember', '/members/user:teamed', ['its properties, which a request may say then', 'manage_members team']),
  ...of('removeMember', '/members/user:held', ['less', `manage_members ${ALL_OF_HELD}`]),
  ...of('removeMemberInProject', `${P1}/members/user:local`, ['less', 'manage_members@project:p1 view@project:p1 export@project:p1']),
];

const resources: Case[] = [
  ...of(
    'registerResource',
    '/resources',
    ['nothing', 'manage_resources', { type: 'dataset', id: 'new' }],
    ['what a condition reads', 'manage_resources cond', { type: 'dataset', id: 'new', properties: { level: 1 } }],
    ['what owners hold', 'manage_resources own', { type: 'dataset', id: 'new', owners: [{ subject: 'user:idle' }] }],
    ['a place', 'manage_resources@project:p1', { type: 'dataset', id: 'new', parents: ['project:p1'] }],
    ['a place to what lies below it', 'manage_resources under@folder:parent', { type: 'folder', id: 'parent', parents: ['folder:f1'] }],
    ['less: what lies below is shut', `manage_resources ${OPENED}`, { type: 'folder', id: 'parent', access: 'restricted' }],
  ),
  ...of(
    'replaceResource',
    '/resources/dataset:plain',
    ['what a condition reads', 'manage_resources@dataset:plain cond@dataset:plain', { properties: { level: 1 } }],
    ['a place', 'manage_resources under@dataset:plain', { parents: ['folder:f1'] }],
    ['what owners hold', 'manage_resources@dataset:plain own@dataset:plain', { owners: [{ subject: 'user:idle' }] }],
    ['less: restricted', `manage_resources ${OPENED}`, { access: 'restricted' }],
  ),
  ...of('replaceResource', '/resources/dataset:owned', [
    'less: an owner',
    'manage_resources@dataset:owned own@dataset:owned',
    { owners: [] },
  ]),
  ...of(
    'updateResource',
    '/resources/dataset:leveled',
    ['what a condition reads', 'manage_resources@dataset:leveled cond@dataset:leveled', { properties: { level: 2 } }],
    ['nothing: what no condition reads', 'manage_resources@dataset:leveled', { properties: { level: 1, colour: 'red' } }],
  ),
  ...of('updateResource', '/resources/dataset:shut', ['what was restricted', `manage_resources ${OPENED}`, { access: 'inherit' }]),
  ...of('updateResource', '/resources/dataset:below', ['another place', 'manage_resources under@dataset:below', { parents: [] }]),
  ...of('deleteResource', '/resources/dataset:gone', ['nothing', 'manage_resources']),
  ...of('deleteResource', '/resources/dataset:of-owners', ['less: an owner', 'manage_resources own']),
  ...of('deleteResource', '/resources/dataset:gone-below', ['less: its place', 'manage_resources under']),
  ...of('deleteResource', '/resources/dataset:shut', ['what was restricted', `manage_resources ${OPENED}`]),
  ...of('deleteResource', '/resources/dataset:gone-leveled', ['its properties, which a request may say then', 'manage_resources cond']),
  ...of('deleteResource', '/resources/folder:assigned', ['less', 'manage_resources manage_members view', undefined, '?force=true']),
  ...of('putResourceParent', '/resources/dataset:plain/parents/folder:f1', ['a place', 'manage_resources under@dataset:plain']),
  ...of('removeResourceParent', '/resources/dataset:below/parents/folder:f1', ['less: its place', 'manage_resources under@dataset:below']),
  ...of('putResourceOwner', '/resources/dataset:plain/owners', [
    'what owners hold',
    'manage_resources@dataset:plain own@dataset:plain',
    { subject: 'user:idle' },
  ]),
  ...of('removeResourceOwner', '/resources/dataset:owned/owners', [
    'less: an owner',
    'manage_resources@dataset:owned own@dataset:owned',
    undefined,
    '?subject=user:held&kind=T',
  ]),
];

const projects: Case[] = [
  ...of(
    'createProject',
    '/projects',
    ['nothing', 'manage_resources', { id: 'new' }],
    ['what owners hold', 'manage_resources own', { id: 'new', owners: [{ subject: 'user:idle' }] }],
    ['what a condition reads', 'manage_resources cond', { id: 'new', properties: { level: 1 } }],
  ),
  ...of(
    'replaceProject',
    '/projects/p2',
    ['what owners hold', 'manage_resources@project:p2 own@project:p2', { nickname: '', owners: [{ subject: 'user:idle' }] }],
    ['a place', 'manage_resources under@project:p2', { nickname: '', parents: ['folder:f1'] }],
  ),
  ...of(
    'updateProject',
    '/projects/p2',
    ['nothing: what it is called', 'manage_resources@project:p2', { nickname: 'Second' }],
    ['less: restricted', `manage_resources ${OPENED}`, { access: 'restricted' }],
    ['what a condition reads', 'manage_resources@project:p2 cond@project:p2', { properties: { level: 1 } }],
  ),
  ...of('deleteProject', '/projects/p5', ['nothing', 'manage_resources']),
  ...of('deleteProject', '/projects/p3', ['less', 'manage_resources view', undefined, '?force=true']),
  ...of('deleteProject', '/projects/p4', ['what was restricted', `manage_resources ${OPENED}`]),
];

const configuration: Case[] = [
  ...of('updateOrganization', ORG, ['nothing: what it is called', 'manage_settings', { name: 'Grid' }]),
  ...of(
    'replaceSettings',
    '/settings',
    ['a default role', 'manage_settings view', settings({ default_role: 'Viewer' })],
    ['what a claim maps to', 'manage_settings view', mapped({ role: 'Viewer' })],
  ),
  ...of(
    'updateSettings',
    '/settings',
    ['a default role', 'manage_settings view', { default_role: 'Viewer' }],
    ['what a claim maps to, somewhere', 'manage_settings view@project:p1', mapped({ role: 'Viewer', scope: 'project:p1' })],
    ['what a group holds', 'manage_settings edit', mapped({ group: 'staff' })],
    ['what a pattern of claims maps to', 'manage_settings edit', mapped({ group: 'staff', value: undefined, pattern: '*' })],
    ['who stands for whom', 'manage_settings escalate', { issuers: [{ ...ISSUER, subject_claim: 'email' }] }],
    ['what is decided at all', 'manage_settings escalate', { closed_types: ['dataset'] }],
    ['who is given credentials', 'manage_settings escalate', { forward_auth: { sign_in_url: 'https://login.example/' } }],
    ['nothing: how many roles', 'manage_settings', { role_cardinality: { project: 'single' } }],
  ),
  ...of(
    'replaceRoutes',
    '/routes',
    ['nothing: a path that is shut', 'manage_settings', { routes: [] }],
    ['what guarded a path', 'manage_settings view', { routes: [guarded('/*', { hosts: ['*'] })] }],
  ),
  ...of(
    'createRoute',
    '/routes',
    ['nothing: a path that nothing guarded', 'manage_settings', guarded('/b')],
    ['nothing: behind what guards it', 'manage_settings', guarded('/*')],
    ['what guards some of it', 'manage_settings view', guarded('/a/me', { hosts: ['*.example', 'a.example'], position: 0 })],
    ['nothing: the same question', 'manage_settings', guarded('/a/me', { action: 'view', position: 0 })],
  ),
  ...of(
    'replaceRoute',
    '/routes/0',
    ['nothing: another path', 'manage_settings', guarded('/b')],
    ['what guarded it', 'manage_settings view', guarded('/a/:name')],
    ['what guarded it, of something else', 'manage_settings view', guarded('/a/:id', { action: 'view', resource: 'dataset:{id}' })],
  ),
  ...of(
    'updateRoute',
    '/routes/0',
    ['nothing: its methods', 'manage_settings', { methods: ['GET', 'HEAD', 'PUT'] }],
    ['what guarded it', 'manage_settings view', { action: 'edit' }],
  ),
  ...of('deleteRoute', '/routes/0', ['nothing', 'manage_settings']),
  ...of('recompile', '/recompile', ['nothing', 'manage_settings']),
  ...of('tagRevision', '/revisions/{revision}/tag', ['nothing', 'manage_settings', { tag: 'release' }]),
  ...of('untagRevision', '/revisions/{tagged}/tag', ['nothing', 'manage_settings']),
  ...of('rollBack', '/revisions/{before}/rollback', ['what was taken since', `${MANIFEST} old`]),
  ...of('upgradePreset', '/preset/upgrade', ['what the preset gives', `${MANIFEST} bitgate:check`]),
  ...of('importManifest', '/manifest/import', ['a policy', `${MANIFEST} EDIT_ENTITY_TAGS`, IMPORTED, '?format=datahub']),
  ...of('putManifest', '/manifest', ...MANIFEST_ROWS(true)),
  ...of('patchManifest', '/manifest', ...MANIFEST_ROWS(false)),
];

export const CASES: readonly Case[] = [
  ...configuration,
  ...bundles(ORG, '', 'org'),
  ...bundles(P1, 'InProject', 'project:p1'),
  ...projects,
  ...groups,
  ...subjects,
  ...resources,
  ...holdings(ORG, '', 'org'),
  ...holdings(P1, 'InProject', 'project:p1'),
  ...keys(ORG, '', 'org'),
  ...keys(P1, 'InProject', 'project:p1'),
];
