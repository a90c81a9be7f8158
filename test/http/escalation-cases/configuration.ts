/** SEC-46 of settings, routes, history and the manifest. */
import { type Case, MANIFEST, ORG, of, role, type WorldIds } from './case.ts';

const guarded = (path: string, more: object = {}) => ({ hosts: ['a.example'], methods: ['GET'], path, action: 'edit', ...more });
/** The settings that there are, with something else: issuers and mappings are how callers of the grid come. */
const settings = (more: object) => (world: WorldIds) => ({ ...world.document.settings, ...more });
const mapped = (more: object) => (world: WorldIds) => ({
  ...world.document.settings,
  claim_mappings: [...world.document.settings.claim_mappings, { claim: 'groups', value: 'admins', ...more }],
});
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

export const configuration: Case[] = [
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
