/** The rows of the feature table that are about policies, roles and projects, each as its statement says. */
import { describe, expect, it } from 'vitest';
import type { PRESET_NAMES } from '../../src/presets/index.ts';
import { call, codeOf, makeKey, makeOrganization, namesOf, problemsOf, putManifest, walk } from '../http/client.ts';
import { askerFor } from '../oracle/oracle.ts';
import { type Random, randomFrom } from '../properties/random.ts';
import { pieceHashes, roleRows, rowsOf } from './published.ts';

const SEED = 20_261_122;
const OWNER = [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }];
const PEOPLE = ['ann', 'bob', 'cat'];
const ACTIONS = ['view', 'edit', 'drop', 'org_only', 'in_project', 'unknown'];
/** `''`: no resource */
const PLACES = ['', 'project:p', 'project:q', 'doc:d', 'doc:loose'];
const CATALOG = {
  privileges: [
    { name: 'view' },
    { name: 'edit', implies: ['view'] },
    { name: 'drop', resource_types: ['doc'] },
    { name: 'org_only', levels: ['org'] },
    { name: 'in_project', levels: ['project'] },
  ],
};

async function makeWorld(org: string, more: object = {}): Promise<void> {
  await makeOrganization(org, { owner: 'user:owner' });
  await putManifest(org, {
    bitgate: 1,
    catalog: CATALOG,
    projects: [{ id: 'p' }, { id: 'q' }],
    resources: [{ type: 'doc', id: 'd', parents: ['project:p'] }],
    assignments: OWNER,
    ...more,
  });
}

/** 100 random questions: what is served equals what a naive reading of the rows gives. */
async function agrees(org: string, random: Random): Promise<void> {
  const checks = Array.from({ length: 100 }, () => {
    const resource = random.pick(PLACES);
    const base = { subject: `user:${random.pick(PEOPLE)}`, action: random.pick(ACTIONS), context: { x: random.below(2) } };
    return resource === '' ? base : { ...base, resource };
  });
  const { body } = await call('POST', '/check/batch', { org, checks });
  const asker = askerFor(await rowsOf(org), Date.now());
  const entity = (text: string): { type: string; id: string } => ({
    type: text.split(':', 1)[0] ?? '',
    id: text.slice(text.indexOf(':') + 1),
  });
  const expected = checks.map(({ subject, action, context, ...rest }) =>
    asker.about(entity(subject), 'resource' in rest ? entity(rest.resource) : undefined).decide({ name: action }, context),
  );
  expect(body.results).toEqual(expected);
}

describe('the model', () => {
  it('F2 a policy or role that names an unknown permission is refused naming each, and nothing is written', async () => {
    await makeWorld('f2');
    const before = (await call('GET', '/admin/orgs/f2')).body.revision;
    for (const level of ['', '/projects/p']) {
      for (const [kind, key] of [
        ['policies', 'privileges'],
        ['roles', 'privileges'],
      ] as const) {
        const refused = await call('POST', `/admin/orgs/f2${level}/${kind}`, { name: 'New', [key]: ['fly', 'view', 'VIEW'] });
        expect([refused.status, problemsOf(refused)]).toEqual([
          422,
          ['privileges[0] unknown_privilege', 'privileges[2] unknown_privilege'],
        ]);
        const messages = refused.body.error.details.problems.map(({ message }: { message: string }) => message);
        expect(messages).toEqual(['the catalog has no privilege `fly`', 'the catalog has no privilege `VIEW`']);
      }
    }
    expect((await call('GET', '/admin/orgs/f2')).body.revision).toBe(before);
    expect((await call('POST', '/check', { org: 'f2', subject: 'user:owner', action: 'fly' })).body).toMatchObject({
      decision: false,
      reason: 'unknown_privilege',
    });
  });

  it('F3 a project’s policy or role can’t name what is a permission of the organization only', async () => {
    await makeWorld('f3');
    for (const kind of ['policies', 'roles']) {
      const refused = await call('POST', `/admin/orgs/f3/projects/p/${kind}`, { name: 'New', privileges: ['org_only'] });
      expect([refused.status, problemsOf(refused)]).toEqual([422, ['privileges[0] wrong_level']]);
    }
    await call('POST', '/admin/orgs/f3/projects/p/roles', { name: 'New' });
    expect(problemsOf(await call('PUT', '/admin/orgs/f3/projects/p/roles/New/privileges/org_only'))).toEqual(['privileges[0] wrong_level']);
  });

  it.each([SEED])(
    'F6 a custom role is created, renamed, described, changed and deleted, and after each 100 random checks equal a from-scratch evaluation (seed %i)',
    async (seed) => {
      await makeWorld('f6');
      const random = randomFrom(seed);
      const at = '/admin/orgs/f6';
      const give = (subject: string, role: string, scope: string) => call('POST', `${at}/assignments`, { subject, role, scope });
      const steps: [number, () => ReturnType<typeof call>][] = [
        [201, () => call('POST', `${at}/roles`, { name: 'Worker', privileges: ['edit'] })],
        [201, () => give('user:ann', 'Worker', 'org')],
        [201, () => give('user:bob', 'Worker', 'project:p')],
        [200, () => call('PATCH', `${at}/roles/Worker`, { name: 'Maker' })],
        [200, () => call('PATCH', `${at}/roles/Maker`, { title: 'Maker', description: 'Makes things' })],
        [201, () => call('POST', `${at}/policies`, { name: 'Sometimes', privileges: ['drop', 'in_project'], condition: 'context.x == 1' })],
        [201, () => call('POST', `${at}/policies`, { name: 'No view', effect: 'deny', privileges: ['view'], resource_types: ['doc'] })],
        [200, () => call('PATCH', `${at}/roles/Maker`, { policies: ['Sometimes', 'No view'] })],
        [201, () => call('POST', `${at}/roles`, { name: 'Lead', inherits: ['Maker'], privileges: ['org_only'] })],
        [201, () => give('user:cat', 'Lead', 'org')],
        [200, () => call('PUT', `${at}/roles/Maker/privileges/in_project`)],
        [200, () => call('DELETE', `${at}/roles/Maker/privileges/edit`)],
        [201, () => call('POST', `${at}/projects/p/roles`, { name: 'Local', inherits: ['Maker'], all_privileges: true })],
        [201, () => give('user:ann', 'p/Local', 'project:p')],
        [200, () => call('PATCH', `${at}/policies/No%20view`, { state: 'INACTIVE' })],
        [200, () => call('PUT', `${at}/roles/Maker`, { name: 'Maker', privileges: ['view'] })],
        [200, () => call('DELETE', `${at}/roles/Maker?force=true`)],
      ];
      for (const [i, [status, step]] of steps.entries()) {
        const answer = await step();
        expect([i, answer.status, answer.body.published]).toEqual([i, status, true]);
        await agrees('f6', random);
      }
    },
  );

  it('F7 changing one policy used by N roles changes exactly those N roles’ rows', async () => {
    const roles = Array.from({ length: 12 }, (_, i) => ({
      name: `R${i}`,
      policies: i % 3 === 0 ? ['Shared'] : ['Other'],
      privileges: ['org_only'],
    }));
    await makeWorld('f7', {
      policies: [
        { name: 'Shared', privileges: ['view'] },
        { name: 'Other', privileges: ['view', 'drop'] },
      ],
      roles: [...roles, { name: 'Heir', inherits: ['R3'] }, { name: 'Covered', policies: ['Shared'], privileges: ['edit'] }],
    });
    const users = ['R0', 'R3', 'R6', 'R9', 'Heir'];
    for (const [change, changed] of [
      [{ privileges: ['view', 'edit'] }, users],
      [{ condition: 'context.x == 1' }, [...users, 'Covered']],
      [{ condition: null, effect: 'deny' }, [...users, 'Covered']],
      [{ description: 'only words' }, []],
      [{ state: 'DRAFT' }, [...users, 'Covered']],
    ] as const) {
      const before = await roleRows('f7');
      expect((await call('PATCH', '/admin/orgs/f7/policies/Shared', change)).body.published).toBe(true);
      const after = await roleRows('f7');
      const differing = [...after.keys()].filter((name) => after.get(name) !== before.get(name));
      expect([change, differing.toSorted()]).toEqual([change, [...changed].toSorted()]);
    }
  });

  it.each(['datahub', 'diffgram', 'confident-ai'] satisfies (typeof PRESET_NAMES)[number][])(
    'F8 the boot roles of %s are there, and can be neither edited nor deleted nor shadowed in any letter case',
    async (preset) => {
      const at = `/admin/orgs/f8-${preset}`;
      await makeOrganization(`f8-${preset}`, { preset, owner: 'user:owner' });
      await call('POST', `${at}/projects`, { id: 'p' });
      const { items } = (await call('GET', `${at}/roles?system=true&limit=1000`)).body;
      const named = { datahub: 'Admin', diffgram: 'annotator', 'confident-ai': 'Owner' }[preset];
      expect(items.map(({ name }: { name: string }) => name)).toContain(named);
      const before = (await call('GET', at)).body.revision;
      for (const { id, name } of items) {
        for (const [method, path, body] of [
          ['PATCH', '', { title: 'Mine' }],
          ['PUT', '', { name }],
          ['DELETE', '', undefined],
          ['DELETE', '?force=true', undefined],
          ['PUT', '/privileges/bitgate:read', undefined],
        ] as const) {
          expect(codeOf(await call(method, `${at}/roles/${id}${path}`, body))).toBe('409 system_role');
        }
        const reserved = name.startsWith('bitgate:') ? '422 invalid_role' : '409 system_name';
        for (const level of ['', '/projects/p']) {
          for (const shadow of [name, name.toUpperCase(), name.toLowerCase(), `${name[0].toUpperCase()}${name.slice(1)}`])
            expect([shadow, codeOf(await call('POST', `${at}${level}/roles?if_exists=return`, { name: shadow }))]).toEqual([
              shadow,
              reserved,
            ]);
        }
      }
      expect((await call('GET', at)).body.revision).toBe(before);
      await call('POST', `${at}/roles`, { name: 'Custom' });
      expect(codeOf(await call('PATCH', `${at}/roles/Custom`, { name: named.toUpperCase() }))).toBe('409 system_name');
    },
  );

  it('F9 a project’s grant answers at no other project, organization or level, whatever shares its names', async () => {
    const cells = ['f9-a', 'f9-b'].flatMap((org) => ['one', 'two'].map((project) => ({ org, project })));
    for (const org of ['f9-a', 'f9-b']) {
      await makeWorld(org, { projects: [{ id: 'one' }, { id: 'two' }], resources: [] });
      expect((await call('POST', `/admin/orgs/${org}/roles`, { name: 'Reviewer' })).status).toBe(201);
    }
    const ids: string[] = [];
    for (const { org, project } of cells) {
      const made = await call('POST', `/admin/orgs/${org}/projects/${project}/roles`, { name: 'Reviewer', privileges: ['view'] });
      ids.push(`${org} ${made.body.id}`);
      const wanted = { subject: `user:${org}-${project}`, role: `${project}/Reviewer`, scope: `project:${project}` };
      expect((await call('POST', `/admin/orgs/${org}/assignments`, wanted)).status).toBe(201);
      for (const scope of ['org', `project:${project === 'one' ? 'two' : 'one'}`])
        expect((await call('POST', `/admin/orgs/${org}/assignments`, { ...wanted, scope })).status).toBe(422);
    }
    expect(new Set(ids).size).toBe(4);
    let crossed = 0;
    for (const own of cells) {
      const subject = `user:${own.org}-${own.project}`;
      for (const { org, project } of cells) {
        const { body } = await call('POST', '/check', { org, subject, action: 'view', resource: `project:${project}` });
        const same = own.org === org && own.project === project;
        expect([own, org, project, body.decision]).toEqual([own, org, project, same]);
        if (!same) crossed++;
      }
      for (const org of ['f9-a', 'f9-b'])
        expect((await call('POST', '/check', { org, subject, action: 'view' })).body.decision).toBe(false);
    }
    expect(crossed).toBe(12);
  });
});

describe('the admin API', () => {
  it('F20 roles are listed with their users and policies, 20 at a time', async () => {
    await makeWorld('f20', {
      policies: [{ name: 'Viewing', privileges: ['view'] }],
      groups: [{ name: 'staff', members: ['user:ann'] }],
      roles: [
        { name: 'A viewer', policies: ['Viewing'], privileges: ['edit'] },
        ...Array.from({ length: 30 }, (_, i) => ({ name: `R${i}` })),
      ],
      assignments: [...OWNER, ...['user:ann', 'user:bob', 'group:staff'].map((subject) => ({ subject, role: 'A viewer', scope: 'org' }))],
    });
    const { items, total, next_cursor } = (await call('GET', '/admin/orgs/f20/roles')).body;
    expect([items.length, total, typeof next_cursor]).toEqual([20, 33, 'string']);
    expect(items[0]).toMatchObject({ name: 'A viewer', policies: ['Viewing'], privileges: ['edit'], assignments: { total: 3 } });
    const subjects = items[0].assignments.first.map(({ subject }: { subject: string }) => subject);
    expect(subjects.toSorted()).toEqual(['group:staff', 'user:ann', 'user:bob']);
  });

  it('F21 one name is one role, asked for twice, in another letter case, or by many at once', async () => {
    await makeWorld('f21');
    const at = '/admin/orgs/f21/roles';
    for (let round = 0; round < 10; round++) {
      const names = [`Rôle ${round}`, `rôle ${round}`, `RÔLE ${round}`, `Ro\u0302le ${round}`];
      const answers = await Promise.all(names.map((name) => call('POST', `${at}?publish=async`, { name })));
      expect(answers.map(codeOf).toSorted()).toEqual(['202', '409 role_exists', '409 role_exists', '409 role_exists']);
      const made = answers.find(({ status }) => status === 202)?.body;
      const given = await call('POST', `${at}?if_exists=return`, { name: `RÔLE ${round}` });
      expect([given.status, given.body.id, given.body.name]).toEqual([200, made.id, made.name]);
    }
    expect((await call('GET', `${at}?q=le&system=false`)).body.total).toBe(10);
  });

  it('F22 PUT replaces, PATCH changes what it names and loses nothing else (#19909), a lost race is 412', async () => {
    await makeWorld('f22', {
      policies: [{ name: 'Bound', privileges: ['view'], condition: 'context.x == 1' }],
      roles: [{ name: 'Bearer', policies: ['Bound'] }],
      assignments: [
        ...OWNER,
        { subject: 'user:ann', policy: 'Bound', scope: 'org' },
        { subject: 'user:bob', role: 'Bearer', scope: 'project:p' },
      ],
    });
    const at = '/admin/orgs/f22';
    const before = (await call('GET', `${at}/policies/Bound`)).body;
    const assignments = (await call('GET', `${at}/assignments`)).body;
    const patched = await call('PATCH', `${at}/policies/Bound`, { description: 'Edited' });
    expect(patched.status).toBe(200);
    const after = (await call('GET', `${at}/policies/Bound`)).body;
    expect(after).toEqual({ ...before, description: 'Edited', revision: patched.body.revision });
    expect([after.roles.total, after.assignments.total]).toEqual([1, 1]);
    expect((await call('GET', `${at}/assignments`)).body).toEqual(assignments);
    const check = { org: 'f22', action: 'view', context: { x: 1 } };
    expect((await call('POST', '/check', { ...check, subject: 'user:ann' })).body.decision).toBe(true);
    expect((await call('POST', '/check', { ...check, subject: 'user:bob', resource: 'doc:d' })).body.decision).toBe(true);
    const privilege = `${at}/roles/Bearer/privileges/edit`;
    const revisions = [await call('PUT', privilege), await call('PUT', privilege)].map(({ body }) => body.revision);
    expect(revisions[0]).toBe(revisions[1]);
    expect((await call('DELETE', privilege)).body.role.privileges).toEqual([]);
    expect(codeOf(await call('DELETE', privilege))).toBe('404 privilege_not_in_role');
    const etag = (await call('GET', `${at}/roles/Bearer`)).headers.get('etag') ?? '';
    const race = await Promise.all(
      ['one', 'two'].map((title) => call('PATCH', `${at}/roles/Bearer`, { title }, { headers: { 'if-match': etag } })),
    );
    expect(race.map(codeOf).toSorted()).toEqual(['200', '412 changed_meanwhile']);
  });

  it('F23 deleting what is in use lists its users, and with force unassigns in one transaction: the next check denies', async () => {
    const users = Array.from({ length: 103 }, (_, i) => `user:u${i}`);
    await makeWorld('f23', {
      policies: [{ name: 'Used', privileges: ['view'] }],
      roles: [{ name: 'Used', privileges: ['view'] }],
      assignments: [
        ...OWNER,
        ...users.map((subject) => ({ subject, role: 'Used', scope: 'org' })),
        ...users.map((subject) => ({ subject, policy: 'Used', scope: 'project:p' })),
      ],
    });
    const at = '/admin/orgs/f23';
    for (const kind of ['role', 'policy'] as const) {
      const path = kind === 'role' ? 'roles' : 'policies';
      const refused = await call('DELETE', `${at}/${path}/Used`);
      const { assignments } = refused.body.error.details;
      expect([codeOf(refused), assignments.total, assignments.items.length]).toEqual([`409 ${kind}_in_use`, 103, 100]);
      const check = { org: 'f23', subject: 'user:u7', action: 'view', ...(kind === 'role' ? {} : { resource: 'project:p' }) };
      expect((await call('POST', '/check', check)).body.decision).toBe(true);
      const gone = await call('DELETE', `${at}/${path}/Used?force=true`);
      expect([gone.status, gone.body.published]).toEqual([200, true]);
      const denied = await call('POST', '/check', { ...check, min_revision: gone.body.revision });
      expect(denied.body).toMatchObject({ decision: false, reason: 'no_grant' });
      expect((await call('GET', `${at}/assignments`)).body.total).toBe(kind === 'role' ? 104 : 1);
    }
  });

  it('F24 a policy is made, read, listed, replaced, patched and deleted, and keeps the role that bundles it through all edits', async () => {
    await makeWorld('f24', {
      roles: [{ name: 'Bearer' }],
      assignments: [...OWNER, { subject: 'user:ann', role: 'Bearer', scope: 'org' }],
    });
    const at = '/admin/orgs/f24/policies';
    const may = async (action: string): Promise<boolean> =>
      (await call('POST', '/check', { org: 'f24', subject: 'user:ann', action })).body.decision;
    const made = await call('POST', at, { name: 'Work', privileges: ['view'] });
    expect([made.status, made.body.state, made.body.effect, made.body.privileges]).toEqual([201, 'ACTIVE', 'allow', ['view']]);
    await call('PATCH', '/admin/orgs/f24/roles/Bearer', { policies: ['Work'] });
    expect([await may('view'), await may('org_only')]).toEqual([true, false]);
    const replaced = await call('PUT', `${at}/Work`, { name: 'Labour', privileges: ['org_only'] });
    expect([replaced.status, replaced.body.id, replaced.body.privileges]).toEqual([200, made.body.id, ['org_only']]);
    expect([await may('view'), await may('org_only')]).toEqual([false, true]);
    expect((await call('PATCH', `${at}/Labour`, { description: 'Said' })).body).toMatchObject({
      description: 'Said',
      privileges: ['org_only'],
    });
    const got = (await call('GET', `${at}/${made.body.id}`)).body;
    expect([got.name, got.description, got.roles.total]).toEqual(['Labour', 'Said', 1]);
    expect(namesOf(await call('GET', `${at}?system=false`))).toEqual(['Labour']);
    expect((await call('GET', '/admin/orgs/f24/roles/Bearer')).body.policies).toEqual(['Labour']);
    expect((await call('DELETE', `${at}/Labour?force=true`)).status).toBe(200);
    expect([await may('org_only'), codeOf(await call('GET', `${at}/Labour`))]).toEqual([false, '404 unknown_policy']);
  });

  it('F25 only ACTIVE policies count, and toggling twice restores the identical pieces', async () => {
    await makeWorld('f25', {
      policies: [
        { name: 'Toggled', privileges: ['view'] },
        { name: 'Forbid', effect: 'deny', privileges: ['drop'] },
      ],
      roles: [{ name: 'Holder', policies: ['Toggled', 'Forbid'], privileges: ['drop'] }],
      assignments: [...OWNER, { subject: 'user:ann', role: 'Holder', scope: 'org' }],
    });
    const before = await pieceHashes('f25');
    const decide = async (action: string): Promise<string> =>
      (await call('POST', '/check', { org: 'f25', subject: 'user:ann', action, ...(action === 'drop' ? { resource: 'doc:x' } : {}) })).body
        .reason;
    for (const [name, action, active, inactive] of [
      ['Toggled', 'view', 'granted', 'no_grant'],
      ['Forbid', 'drop', 'denied_by_policy', 'granted'],
    ] as const) {
      for (const state of ['INACTIVE', 'DRAFT']) {
        expect(await decide(action)).toBe(active);
        expect((await call('PATCH', `/admin/orgs/f25/policies/${name}`, { state })).status).toBe(200);
        expect(await decide(action)).toBe(inactive);
        expect(await pieceHashes('f25')).not.toEqual(before);
        await call('PATCH', `/admin/orgs/f25/policies/${name}`, { state: 'ACTIVE' });
        expect(await pieceHashes('f25')).toEqual(before);
      }
    }
  });

  it('F40 lists are searched, and walking them page by page gives each item once', async () => {
    await makeWorld('f40', {
      policies: Array.from({ length: 57 }, (_, i) => ({ name: `${i % 2 === 0 ? 'Even' : 'odd'} ${i * 7919}`, privileges: [] })),
      roles: Array.from({ length: 57 }, (_, i) => ({ name: `${'äzAZ'[i % 4]} ${i}` })),
    });
    for (const kind of ['policies', 'roles']) {
      const at = `/admin/orgs/f40/${kind}?system=false`;
      for (const limit of [1, 10, 57, 1000]) {
        const names = await walk(`${at}&limit=${limit}`);
        expect([names.length, new Set(names).size]).toEqual([57, 57]);
      }
    }
    const found = await call('GET', '/admin/orgs/f40/policies?q=EVEN&limit=1000');
    expect([found.body.total, namesOf(found).every((name) => name.startsWith('Even'))]).toEqual([29, true]);
  });

  it('F26 system policies of every preset refuse edit and delete, all of them', async () => {
    for (const preset of ['datahub', 'confident-ai']) {
      await makeOrganization(`f26-${preset}`, { preset, owner: 'user:owner' });
      const at = `/admin/orgs/f26-${preset}/policies`;
      const { items } = (await call('GET', `${at}?system=true&limit=1000`)).body;
      expect(items.length).toBeGreaterThan(2);
      const { token } = await makeKey(`f26-${preset}`, ['bitgate:owner']);
      for (const { id } of items) {
        expect(codeOf(await call('PATCH', `${at}/${id}`, { state: 'DRAFT' }, { token }))).toBe('409 system_policy');
        expect(codeOf(await call('DELETE', `${at}/${id}?force=true`, undefined, { token }))).toBe('409 system_policy');
      }
    }
  });
});
