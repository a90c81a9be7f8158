/** SEC-46: what claim mappings give is given to whoever brings the claim: it is judged as what is assigned is, whichever write gives it. */
import { beforeAll, expect, it } from 'vitest';
import { type Answer, call, codeOf, makeKey, makeOrganization, putManifest } from './client.ts';
import { makeIssuer } from './issuer.ts';

const AT = '/admin/orgs/mapped';
const issuer = await makeIssuer('https://idp.example');
const claim = { claim: 'groups', value: 'x' };
const MAPPED = [
  { ...claim, role: 'Viewer', scope: 'folder:mapped' },
  { ...claim, role: 'Leveled', scope: 'folder:mapped' },
  { ...claim, group: 'ranked' },
];

const document = {
  bitgate: 1,
  catalog: { privileges: ['view', 'edit', 'own', 'level', 'rank'].map((name) => ({ name })) },
  policies: [
    { name: 'No edit', effect: 'deny', privileges: ['edit'] },
    { name: 'Level', privileges: ['level'], condition: 'resource.properties.level == 1' },
    { name: 'Rank', privileges: ['rank'], condition: 'subject.properties.rank == 1' },
  ],
  roles: [
    ...['settings', 'resources', 'members'].map((thing) => ({
      name: `Manages ${thing}`,
      privileges: [`bitgate:manage_${thing}`],
      reaches_restricted: true,
    })),
    ...['view', 'edit', 'own', 'level', 'rank'].map((name) => ({ name: `only ${name}`, privileges: [name], reaches_restricted: true })),
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Leveled', policies: ['Level'] },
    { name: 'Owning', privileges: ['own'] },
    { name: 'Ordinary', policies: ['No edit'] },
  ],
  groups: [{ name: 'owners' }, { name: 'ranked' }],
  subjects: [{ type: 'user', id: 'idle' }],
  resources: [
    { type: 'folder', id: 'mapped' },
    { type: 'dataset', id: 'loose' },
    { type: 'dataset', id: 'shut', access: 'restricted', parents: ['folder:mapped'] },
    { type: 'dataset', id: 'below', parents: ['folder:mapped'] },
    { type: 'dataset', id: 'owned', owners: [{ subject: 'group:owners' }] },
  ],
  assignments: [
    { subject: 'group:owner', role: 'Owning', scope: 'org' },
    { subject: 'group:ranked', policy: 'Rank', scope: 'org' },
  ],
  settings: { default_role: 'Ordinary', issuers: [issuer.settings], claim_mappings: MAPPED },
};

beforeAll(async () => {
  await makeOrganization('mapped');
  await putManifest('mapped', document);
});

interface Write {
  readonly method?: string;
  readonly path: string;
  readonly body?: object;
}

async function tried({ method = 'PATCH', path, body }: Write, ...roles: string[]): Promise<Answer> {
  const { token } = await makeKey('mapped', roles);
  return call(method, `${AT}${path}?dry_run=true`, body, { token });
}

const mapping = (more: object): Write => ({ path: '/settings', body: { claim_mappings: [...MAPPED, { ...claim, ...more }] } });

it.each<readonly [what: string, manages: string, holds: readonly string[], missing: string, write: Write]>([
  ['what a group owns, by mapping a claim to the group', 'settings', [], 'own', mapping({ group: 'owners' })],
  [
    'what the default role denies, by mapping a claim to a role at `org`, which stands in its place',
    'settings',
    ['view'],
    'edit',
    mapping({ role: 'Viewer' }),
  ],
  [
    'what is mapped above, by a place below it',
    'resources',
    ['level'],
    'view',
    { method: 'PUT', path: '/resources/dataset:loose/parents/folder:mapped' },
  ],
  [
    'what is mapped above, by opening what is restricted',
    'resources',
    ['level', 'rank', 'own'],
    'view',
    { path: '/resources/dataset:shut', body: { access: 'inherit' } },
  ],
  [
    'what is mapped under a condition, by a property of the resource',
    'resources',
    [],
    'level',
    { path: '/resources/dataset:below', body: { properties: { level: 1 } } },
  ],
  [
    'what a mapped group holds under a condition, by a property of the subject',
    'members',
    [],
    'rank',
    { path: '/subjects/user:idle', body: { properties: { rank: 1 } } },
  ],
])('SEC-46 gives %s, only to who holds it', async (_what, manages, holds, missing, write) => {
  const held = [`Manages ${manages}`, ...holds.map((name) => `only ${name}`)];
  expect(codeOf(await tried(write, ...held))).toBe('403 escalation');
  const answer = await tried(write, ...held, `only ${missing}`);
  expect(answer.status, answer.text).toBe(200);
  expect(answer.body.changed).toBe(true);
});
