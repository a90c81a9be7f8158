/** The organization that the table of SEC-46 speaks of, and writers who hold exactly what a test gives them: keys, users, users by their token alone. */
import { env } from 'cloudflare:workers';
import { call, makeKey, makeOrganization, putManifest } from './client.ts';
import { CASES, type Case, type WorldIds } from './escalation-cases/index.ts';
import { makeIssuer } from './issuer.ts';

const ESCALATE = 'bitgate:escalate';
export const AT = '/admin/orgs/grid';

/** A privilege and where it is held. */
export interface Right {
  readonly privilege: string;
  readonly scope: string;
}

export function nameOf({ privilege, scope }: Right): string {
  return scope === 'org' ? privilege : `${privilege}@${scope}`;
}

function rightOf(text: string): Right {
  const [name = '', scope = 'org'] = text.split('@');
  return { privilege: /^(manage_|escalate$)/.test(name) ? `bitgate:${name}` : name, scope };
}

export function rightsOf({ rights }: Case): Right[] {
  return rights.split(' ').map(rightOf);
}

/** Every privilege that a case needs, but the one that stands for all others. */
export const PRIVILEGES: readonly string[] = [...new Set(CASES.flatMap(rightsOf).map(({ privilege }) => privilege))].filter(
  (each) => each !== ESCALATE,
);

const own = PRIVILEGES.filter((each) => !each.startsWith('bitgate:'));
const single = (privilege: string): string => `only ${privilege}`;
const condition = 'resource.properties.level == 1';

/** Held by one subject, or in p1: a role, a policy that it has, a deny, and one under a condition. */
const roles = (prefix: string) => [
  { name: prefix === '' ? 'Viewer' : 'P viewer', privileges: ['view'] },
  { name: prefix === '' ? 'Editor' : 'P editor', policies: [prefix === '' ? 'Editing' : 'P editing'] },
];
const policies = (prefix: string) => [
  { name: prefix === '' ? 'Editing' : 'P editing', privileges: ['edit'] },
  { name: prefix === '' ? 'No export' : 'P no export', effect: 'deny', privileges: ['export'] },
  { name: prefix === '' ? 'Level one' : 'P level one', privileges: ['cond'], condition },
];

const issuer = await makeIssuer('https://idp.example');

/** Each writer of the grid once, by what it holds. */
function allRights(): (readonly Right[])[] {
  const all = CASES.map(rightsOf).flatMap((rights) => [rights, ...rights.flatMap((right) => oneShort(rights, right))]);
  return [...new Map(all.map((rights) => [textOf(rights), rights])).values()];
}

function textOf(rights: readonly Right[]): string {
  return rights.map(nameOf).toSorted().join(' ');
}

/** A user who holds them by assignments of its own, as a key would. */
const users = new Map(allRights().map((rights, i) => [textOf(rights), { id: `writer-${i}`, rights }]));

const manifest = {
  bitgate: 1,
  catalog: { privileges: own.map((name) => ({ name })) },
  policies: [
    ...policies(''),
    { name: 'Ranked', privileges: ['ranked'], condition: 'subject.properties.rank == 1' },
    { name: 'Team', privileges: ['team'], condition: 'subject.properties.team == "a"' },
  ],
  roles: [
    ...roles(''),
    { name: 'Heir', inherits: ['Editor'] },
    { name: 'Under', privileges: ['under'] },
    { name: 'Owning', privileges: ['own'] },
    // What reaches restricted resources already is moved by nobody who opens or shuts them.
    ...[...PRIVILEGES, ESCALATE].map((privilege) => ({ name: single(privilege), privileges: [privilege], reaches_restricted: true })),
  ],
  projects: [
    { id: 'p1', policies: policies('P'), roles: [...roles('P'), { name: 'Annotator', privileges: ['annotate'] }] },
    { id: 'p2' },
    { id: 'p3', roles: [{ name: 'Third', privileges: ['view'] }] },
    { id: 'p4', access: 'restricted' },
    { id: 'p5' },
    { id: 'elsewhere' },
  ],
  subjects: [
    { type: 'user', id: 'idle' },
    { type: 'user', id: 'off', status: 'suspended' },
    { type: 'user', id: 'teamed', properties: { team: 'b' } },
    { type: 'user', id: 'mapped' },
  ],
  groups: [{ name: 'staff', members: ['user:held'] }, { name: 'outer' }, { name: 'owners' }],
  resources: [
    { type: 'dataset', id: 'plain' },
    { type: 'dataset', id: 'leveled', properties: { level: 1 } },
    { type: 'dataset', id: 'shut', access: 'restricted' },
    { type: 'dataset', id: 'owned', owners: [{ subject: 'user:held', kind: 'T' }] },
    { type: 'dataset', id: 'of-owners', owners: [{ subject: 'user:other' }] },
    { type: 'dataset', id: 'owned-by-group', owners: [{ subject: 'group:owners' }] },
    { type: 'dataset', id: 'ranked', owners: [{ subject: 'user:ranker', kind: 'R' }] },
    { type: 'dataset', id: 'gone' },
    { type: 'dataset', id: 'gone-leveled', properties: { level: 1 } },
    { type: 'dataset', id: 'gone-below', parents: ['folder:f1'] },
    { type: 'dataset', id: 'below', parents: ['folder:f1'] },
    { type: 'folder', id: 'assigned' },
    { type: 'folder', id: 'child', parents: ['folder:parent'] },
  ],
  assignments: [
    { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    { subject: 'user:held', role: 'Viewer', scope: 'org' },
    { subject: 'user:held', policy: 'No export', scope: 'org' },
    { subject: 'user:held', policy: 'Level one', scope: 'org' },
    { subject: 'user:held', role: 'Under', scope: 'folder:f1' },
    { subject: 'user:held', role: 'p1/Annotator', scope: 'project:p1' },
    { subject: 'user:held', role: 'Viewer', scope: 'folder:assigned' },
    { subject: 'user:local', role: 'p1/P viewer', scope: 'project:p1' },
    { subject: 'user:local', policy: 'p1/P no export', scope: 'project:p1' },
    { subject: 'user:other', policy: 'p1/P editing', scope: 'project:p1' },
    { subject: 'user:other', policy: 'p1/P level one', scope: 'project:p1' },
    { subject: 'user:other', role: 'p3/Third', scope: 'project:p3' },
    { subject: 'user:off', role: 'Viewer', scope: 'org' },
    { subject: 'group:staff', role: 'Editor', scope: 'org' },
    { subject: 'group:outer', role: 'Viewer', scope: 'org' },
    { subject: 'group:owner', role: 'Owning', scope: 'org' },
    { subject: 'group:owner:R', policy: 'Ranked', scope: 'org' },
    { subject: 'group:everyone', policy: 'Team', scope: 'org' },
    ...[...users.values()].flatMap(({ id, rights }) =>
      rights.map(({ privilege, scope }) => ({ subject: `user:${id}`, role: single(privilege), scope })),
    ),
  ],
  settings: {
    issuers: [issuer.settings],
    claim_mappings: [
      ...new Map(
        allRights()
          .flat()
          .map((right) => [nameOf(right), right]),
      ).values(),
    ].map((right) => ({
      claim: 'rights',
      value: nameOf(right),
      role: single(right.privilege),
      scope: right.scope,
    })),
  },
  routes: [{ hosts: ['a.example'], methods: ['GET'], path: '/a/:id', action: 'view' }],
};

async function made(path: string, body: object): Promise<string> {
  const answer = await call('POST', `${AT}${path}`, body);
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer.body.id ?? answer.body.invitations?.[0]?.id;
}

async function revision(): Promise<number> {
  return (await call('GET', AT)).body.revision;
}

async function assignmentOf(query: string): Promise<string> {
  return (await call('GET', `${AT}/assignments?${query}`)).body.items[0].id;
}

async function changeKey(id: string, body: object): Promise<string> {
  await call('PATCH', `${AT}/api-keys/${id}`, body);
  return id;
}

export async function makeGrid(): Promise<WorldIds> {
  await makeOrganization('grid', { owner: 'user:owner' });
  await putManifest('grid', manifest);
  const atOrg = { name: 'k', roles: [{ role: 'Viewer', scope: 'org' }] };
  const atProject = { name: 'k', roles: [{ role: 'p1/P viewer', scope: 'project:p1' }] };
  const names: Record<string, string> = {
    viewerAtOrg: await assignmentOf('subject=user:held&role=Viewer&scope=org'),
    denyAtOrg: await assignmentOf('subject=user:held&policy=No+export&scope=org'),
    viewerAtProject: await assignmentOf('subject=user:local&role=p1/P+viewer'),
    denyAtProject: await assignmentOf('subject=user:local&policy=p1/P+no+export'),
    invitationAtOrg: await made('/invitations', { role: 'Viewer' }),
    invitationAtProject: await made('/projects/p1/invitations', { role: 'p1/P viewer' }),
    keyAtOrg: await made('/api-keys', atOrg),
    offKeyAtOrg: await changeKey(await made('/api-keys', atOrg), { status: 'disabled' }),
    keyAtProject: await made('/projects/p1/api-keys', atProject),
    offKeyAtProject: await changeKey(await made('/projects/p1/api-keys', atProject), { status: 'disabled' }),
  };
  // As an older version of the preset could have left it, with somebody who gains by the newer one.
  await makeKey('grid', ['bitgate:checker']);
  await env.DB.prepare(`UPDATE roles SET privileges = '["bitgate:list"]' WHERE org = 'grid' AND name = 'bitgate:checker'`).run();
  return { names, document: (await call('GET', `${AT}/manifest`)).body };
}

/** Revisions to tag and to go back to. */
export async function addHistory(names: Record<string, string>): Promise<void> {
  const id = await made('/assignments', { subject: 'user:idle', role: single('old'), scope: 'org' });
  names.before = String(await revision());
  await call('DELETE', `${AT}/assignments/${id}`);
  names.tagged = String(await revision());
  await call('PUT', `${AT}/revisions/${names.tagged}/tag`, { tag: 'tagged' });
  names.revision = String(await revision());
}

/** The token of a user who holds exactly these rights, of those that cases and writers one short hold. */
export function userWith(rights: readonly Right[]): Promise<string> {
  const user = users.get(textOf(rights));
  if (user === undefined) throw new Error(`no user holds ${textOf(rights)}`);
  return issuer.sign(user.id);
}

/** A token that alone gives these rights: whom it stands for holds nothing. */
export function tokenWith(rights: readonly Right[]): Promise<string> {
  return issuer.sign('mapped', { rights: rights.map(nameOf) });
}

/** Makes a key with exactly these rights; the same rights are the same key. */
export function keyMaker(): (rights: readonly Right[]) => Promise<string> {
  const made = new Map<string, Promise<string>>();
  return (rights) => {
    const name = textOf(rights);
    const token =
      made.get(name) ??
      makeKey(
        'grid',
        rights.map(({ privilege, scope }) => ({ role: single(privilege), scope })),
      ).then((key) => key.token);
    made.set(name, token);
    return token;
  };
}

/** Writers that lack one right of a case: one that has it nowhere, one that has it where nothing lies. They hold everything else. */
export function oneShort(all: readonly Right[], missing: Right): (readonly Right[])[] {
  const others = PRIVILEGES.filter((each) => each !== missing.privilege).map((privilege) => ({ privilege, scope: 'org' }));
  const there = all.filter(({ privilege, scope }) => privilege !== missing.privilege && (scope !== 'org' || privilege === ESCALATE));
  return [
    [...others, ...there],
    [...others, ...there, { ...missing, scope: 'project:elsewhere' }],
  ];
}
