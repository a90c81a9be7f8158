/** SEC-46 of imports: who may import what, chunk by chunk, and what no import can do, whoever sends it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { call, codeOf, makeKey, makeOrganization, putManifest } from '../client.ts';
import { exported, faultsOf, importInto, revisionOf } from './lines.ts';

const document = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'secret' }] },
  policies: [{ name: 'No owners', effect: 'deny', privileges: ['bitgate:manage_policies'] }],
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Secretive', privileges: ['secret'] },
    { name: 'Owning', privileges: ['bitgate:manage_policies'] },
    ...['policies', 'members', 'resources', 'settings'].map((what) => ({
      name: `Manages ${what}`,
      privileges: [`bitgate:manage_${what}`],
    })),
  ],
  projects: [{ id: 'p1', roles: [{ name: 'Own', privileges: ['view'] }] }],
  resources: [{ type: 'folder', id: 'f', parents: ['project:p1'] }],
  groups: [{ name: 'staff' }],
  subjects: [{ type: 'user', id: 'idle' }],
  assignments: [
    { subject: 'user:owner', role: 'Owning', scope: 'org' },
    { subject: 'user:ada', role: 'p1/Own', scope: 'folder:f' },
  ],
};

const assigned = (role: string, subject = 'user:idle') => ({ kind: 'assignment', subject, role, scope: 'org' });

let n = 0;
let org = '';
beforeEach(async () => {
  org = `import-rights-${++n}`;
  await makeOrganization(org);
  await putManifest(org, document);
});

const keyWith = async (...roles: string[]): Promise<string> => (await makeKey(org, roles)).token;

/** What is imported, the right to manage it, a line of it, and what its writer has to hold besides. */
const MANAGED: [what: string, right: string, line: { readonly kind: string; readonly [key: string]: unknown }, ...held: string[]][] = [
  ['a privilege', 'policies', { kind: 'privilege', name: 'new' }],
  ['a policy', 'policies', { kind: 'policy', name: 'New', privileges: [] }],
  ['a role', 'policies', { kind: 'role', name: 'New' }],
  ['a group', 'members', { kind: 'group', name: 'new' }],
  ['a subject', 'members', { kind: 'subject', type: 'user', id: 'new' }],
  ['a membership', 'members', { kind: 'membership', group: 'staff', member: 'user:idle' }],
  ['an assignment', 'members', assigned('Viewer'), 'Viewer'],
  ['a project', 'resources', { kind: 'project', id: 'new' }],
  ['a resource', 'resources', { kind: 'resource', type: 'dataset', id: 'new' }],
  ['a route', 'settings', { kind: 'route', position: 0, hosts: ['a.example'], methods: ['GET'], path: '/', action: 'view' }],
  ['settings', 'settings', { kind: 'settings', role_cardinality: { org: 'single' } }],
];

describe('the right to import', () => {
  it.each(MANAGED)('%s is that of managing %s', async (_what, right, line, ...held) => {
    const before = await revisionOf(org);
    const others = ['policies', 'members', 'resources', 'settings'].filter((each) => each !== right).map((each) => `Manages ${each}`);
    const lacking = await importInto(org, [line], { token: await keyWith(...others, ...held) });
    expect(codeOf(lacking)).toBe('403 missing_privilege');
    expect(lacking.body.error.details).toMatchObject({ privilege: `bitgate:manage_${right}`, next_line: 1 });
    const holding = await importInto(org, [line], { token: await keyWith(`Manages ${right}`, ...held) });
    const escalates = codeOf(holding) === '403 escalation';
    // The meaning of everything takes more than managing it.
    expect([holding.status, escalates], holding.text).toEqual(line.kind === 'privilege' ? [403, true] : [200, false]);
    expect((await revisionOf(org)) > before).toBe(true);
  });

  it('gives nobody what its writer does not hold, and keeps the chunks before', async () => {
    const token = await keyWith('Manages members', 'Viewer');
    const lines = [...Array.from({ length: 5_000 }, (_, i) => assigned('Viewer', `user:u${i}`)), assigned('Secretive')];
    const answer = await importInto(org, lines, { token });
    expect(codeOf(answer)).toBe('403 escalation');
    expect(answer.body.error.details).toMatchObject({ next_line: 5_001, from_line: 5_001, to_line: 5_001, scope: 'org' });
    const shown = (await call('GET', `/admin/orgs/${org}/import/${answer.body.error.details.import}`)).body;
    expect(shown).toMatchObject({ state: 'failed', lines: 5_000, error: { code: 'escalation' } });
    expect((await call('POST', '/check', { org, subject: 'user:idle', action: 'secret' })).body.decision).toBe(false);
    expect((await call('POST', '/check', { org, subject: 'user:u4999', action: 'view' })).body.decision).toBe(true);
  }, 60_000);

  it('is no way to change oneself', async () => {
    const key = await makeKey(org, ['Manages members', 'Viewer']);
    const answer = await importInto(
      org,
      [assigned('Viewer', `api_key:${key.id}`), { kind: 'membership', group: 'staff', member: `api_key:${key.id}` }],
      {
        token: key.token,
      },
    );
    expect(codeOf(answer)).toBe('403 own_rights');
  });

  it('is no way around a second administrator, in however small chunks', async () => {
    await call('PATCH', `/admin/orgs/${org}/settings`, { blast_radius: { sensitive_privileges: ['secret'], lost_percent: 10 } });
    const token = await keyWith('bitgate:owner');
    const gated = await importInto(org, [assigned('Secretive')], { token });
    expect(codeOf(gated)).toBe('409 import_gated');
    expect(gated.body.error.details).toMatchObject({ next_line: 1, reasons: [{ code: 'sensitive_privilege' }] });
    const taken = await importInto(org, [{ kind: 'subject', type: 'user', id: 'owner', status: 'suspended' }], { token });
    expect(codeOf(taken)).toBe('409 import_gated');
    expect((await importInto(org, [assigned('Viewer')], { token })).status).toBe(200);
    expect((await importInto(org, [assigned('Secretive')])).status).toBe(200);
  });

  it('is no right to move on what somebody else imports, so that lines of it would be passed over', async () => {
    const begun = await importInto(org, [assigned('Viewer')], { query: '?more=true' });
    const { id } = begun.body.import;
    const reader = await keyWith('bitgate:owner');
    for (const lines of ['\n'.repeat(500), '{', [{ kind: 'end', revision: 1, next: null }]]) {
      const answer = await importInto(org, lines, { token: reader, query: `?import=${id}` });
      expect([codeOf(answer), answer.body.error?.details]).toEqual(['403 foreign_import', { import: id }]);
    }
    const shown = await call('GET', `/admin/orgs/${org}/import/${id}`);
    expect(shown.body).toEqual(begun.body.import);
    const own = await importInto(org, [assigned('Viewer')], { token: reader, query: '?more=true' });
    const rest = [assigned('Viewer'), assigned('Viewer', 'user:ida')];
    const gone = await importInto(org, rest, { token: reader, query: `?import=${own.body.import.id}` });
    expect([gone.status, gone.body.import?.lines]).toEqual([200, 2]);
  });

  it('is told to nobody who may not read', async () => {
    const { body } = await importInto(org, [assigned('Viewer')]);
    const token = await keyWith('Manages members');
    for (const path of [`/import/${body.import.id}`, '/imports', '/export']) {
      expect(codeOf(await call('GET', `/admin/orgs/${org}${path}`, undefined, { token }))).toBe('403 missing_privilege');
    }
    expect(codeOf(await importInto(org, [], { token, query: `?import=${body.import.id}` }))).toBe('403 missing_privilege');
  });
});

describe('even root', () => {
  it.each([
    ['a deny', { kind: 'assignment', subject: 'user:owner', policy: 'No owners', scope: 'org' }],
    ['a role that gives less', { kind: 'role', name: 'Owning', privileges: ['view'] }],
    ['a suspension', { kind: 'subject', type: 'user', id: 'owner', status: 'suspended' }],
  ])('does not lock everybody out by %s', async (_how, line) => {
    const before = await revisionOf(org);
    expect([codeOf(await importInto(org, [line])), await revisionOf(org)]).toEqual(['409 last_owner', before]);
  });

  it('makes of a role of one level none of another: who holds it would hold what its new name gives', async () => {
    const before = await exported(org);
    const idOf = async (level: string, name: string): Promise<string> =>
      (await call('GET', `/admin/orgs/${org}${level}/roles`)).body.items.find((role: { name: string }) => role.name === name).id;
    const own = await idOf('/projects/p1', 'Own');
    const secretive = { kind: 'role', id: own, name: 'Other', privileges: ['secret'] };
    expect(faultsOf(await importInto(org, [secretive]))).toEqual(['1 id duplicate_id']);
    const viewer = await idOf('', 'Viewer');
    const taken = { kind: 'role', project: 'p1', id: viewer, name: 'Other' };
    expect(faultsOf(await importInto(org, [taken]))).toEqual(['1 id duplicate_id']);
    const system = await idOf('', 'bitgate:owner');
    expect(faultsOf(await importInto(org, [{ ...secretive, id: system }]))).toEqual(['1 id duplicate_id']);
    expect(await exported(org)).toEqual(before);
    // By its id at its own level it gets another name.
    expect((await importInto(org, [{ kind: 'role', project: 'p1', id: own, name: 'Other', privileges: ['view'] }])).status).toBe(200);
    expect(await exported(org)).toContainEqual({ kind: 'assignment', subject: 'user:ada', role: 'p1/Other', scope: 'folder:f' });
  });

  it('leaves nothing of a project outside it', async () => {
    const before = await revisionOf(org);
    const moved = await importInto(org, [{ kind: 'resource', type: 'folder', id: 'f', parents: ['project:p2'] }]);
    expect([codeOf(moved), await revisionOf(org)]).toEqual(['409 outside_project', before]);
    const outside = await importInto(org, [{ kind: 'assignment', subject: 'user:idle', role: 'p1/Own', scope: 'folder:g' }]);
    expect(faultsOf(outside)).toEqual(['1 scope outside_project']);
  });
});
