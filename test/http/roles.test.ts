/** Roles over HTTP, one by one, at both levels. */
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, catalog, makeAcme, reasonOf, revision } from './acme.ts';
import { call, codeOf, makeKey, makeOrganization, namesOf, problemsOf, putManifest, walk } from './client.ts';
import { sql } from './sql.ts';

const ROLES = '/admin/orgs/acme/roles';
const IN_P1 = '/admin/orgs/acme/projects/p1/roles';
/** Names that an address has to escape. */
const ODD = ['a:b', 'a/b', 'a%2Fb', 'ü ?#&', '100%'].map((name) => ({ name }));

beforeAll(makeAcme);

describe('a role', () => {
  it('is made with names of policies, roles and privileges, found by id and name, and granted', async () => {
    const wanted = { name: 'Cook', title: 'The cook', policies: ['Never edit'], inherits: ['Viewer'], privileges: ['typed'] };
    const made = await call('POST', ROLES, wanted);
    expect([made.status, made.body]).toEqual([
      201,
      {
        ...wanted,
        id: expect.stringMatching(/^rol_/),
        project: null,
        description: '',
        policy_ids: [expect.stringMatching(/^pol_/)],
        inherit_ids: [expect.stringMatching(/^rol_/)],
        all_privileges: false,
        reaches_restricted: false,
        system: false,
        revision: expect.any(Number),
        published: true,
      },
    ]);
    const { published: _published, ...shown } = made.body;
    for (const reference of ['Cook', made.body.id]) {
      const got = await call('GET', `${ROLES}/${reference}`);
      expect([got.status, got.body]).toEqual([200, { ...shown, assignments: { total: 0, first: [] } }]);
      expect(got.headers.get('etag')).toBe(made.headers.get('etag'));
    }
    await assign({ subject: 'user:cook', role: 'Cook', scope: 'org' });
    expect(await reasonOf({ subject: 'user:cook', action: 'view' })).toBe('granted');
    expect(await reasonOf({ subject: 'user:cook', action: 'edit' })).toBe('denied_by_policy');
  });

  it('is refused with every bad name, and nothing is written', async () => {
    const before = await revision();
    const answer = await call('POST', ROLES, {
      name: 'bitgate:mine',
      policies: ['Never edit', 'None'],
      inherits: ['viewer', 'rol_none'],
      privileges: ['view', 'fly', 'swim'],
    });
    expect([codeOf(answer), problemsOf(answer)]).toEqual([
      '422 invalid_role',
      [
        'inherits[0] unknown_role',
        'inherits[1] unknown_role',
        'name reserved_name',
        'policies[1] unknown_policy',
        'privileges[1] unknown_privilege',
        'privileges[2] unknown_privilege',
      ],
    ]);
    expect(answer.body.error.details.problems[0].message).toContain('is `Viewer` meant');
    for (const body of [{}, { name: 'x', colour: 'red' }, { name: 3 }, [], null, { name: 'x', policies: 'Never edit' }])
      expect(codeOf(await call('POST', ROLES, body))).toBe('400 invalid_role');
    for (const name of ['', 'a\u0000b', 'x'.repeat(129), 'rol_abc'])
      expect(codeOf(await call('POST', ROLES, { name }))).toBe('422 invalid_role');
    expect(await revision()).toBe(before);
  });

  it('keeps its id when it is renamed, and one name is one whatever the letter case', async () => {
    const { body: made } = await call('POST', ROLES, { name: 'Ölprüfer' });
    for (const name of ['Ölprüfer', 'ölprüfer', 'ÖLPRÜFER', 'O\u0308lprüfer']) {
      const again = await call('POST', ROLES, { name });
      expect([codeOf(again), again.body.error.details.id]).toEqual(['409 role_exists', made.id]);
      const given = await call('POST', `${ROLES}?if_exists=return`, { name, privileges: ['no such'] });
      expect([given.status, given.body.id, given.body.name, given.body.privileges]).toEqual([200, made.id, 'Ölprüfer', []]);
    }
    const renamed = await call('PATCH', `${ROLES}/${encodeURIComponent('Ölprüfer')}`, { name: 'ÖLPRÜFER' });
    expect([renamed.status, renamed.body.id, renamed.body.name]).toEqual([200, made.id, 'ÖLPRÜFER']);
    expect(codeOf(await call('PATCH', `${ROLES}/${made.id}`, { name: 'viewer' }))).toBe('409 role_exists');
    await call('POST', ROLES, { name: 'Road' });
    expect(codeOf(await call('PUT', `${ROLES}/Road`, { name: 'ölprüfer' }))).toBe('409 role_exists');
    await call('PATCH', `${ROLES}/${made.id}`, { name: 'Lane' });
    const reborn = await call('POST', ROLES, { name: 'Ölprüfer' });
    expect([reborn.status, reborn.body.id === made.id]).toEqual([201, false]);
  });

  it('is replaced by PUT and changed by PATCH, keeping what neither can say', async () => {
    const all = { name: 'Smith', title: 'T', description: 'D', inherits: ['Viewer'], privileges: ['edit'] };
    const { body: made } = await call('POST', ROLES, all);
    await assign({ subject: 'user:smith', role: 'Smith', scope: 'org' });
    const patched = await call('PATCH', `${ROLES}/Smith`, { description: 'Works iron' });
    expect(patched.body).toEqual({ ...made, description: 'Works iron', revision: expect.any(Number) });
    const same = await call('PATCH', `${ROLES}/Smith`, { description: 'Works iron' });
    expect([same.status, same.body.revision]).toEqual([200, patched.body.revision]);
    const put = await call('PUT', `${ROLES}/Smith`, { name: 'Smith', privileges: ['view'] });
    const replaced = { title: '', description: '', inherits: [], inherit_ids: [], privileges: ['view'], revision: expect.any(Number) };
    expect([put.status, put.body]).toEqual([200, { ...made, ...replaced }]);
    expect((await call('GET', `${ROLES}/Smith`)).body.assignments).toEqual({
      total: 1,
      first: [{ id: expect.stringMatching(/^asg_/), subject: 'user:smith', scope: 'org' }],
    });
    expect(await reasonOf({ subject: 'user:smith', action: 'view' })).toBe('granted');
    expect(await reasonOf({ subject: 'user:smith', action: 'edit' })).toBe('no_grant');
    expect(codeOf(await call('PUT', `${ROLES}/nobody`, { name: 'nobody' }))).toBe('404 unknown_role');
    expect(codeOf(await call('PATCH', `${ROLES}/Smith`, { id: 'rol_x' }))).toBe('400 invalid_role');
  });

  it('gains and loses single privileges, whatever is in their names', async () => {
    const { body: present } = await call('GET', '/admin/orgs/acme/manifest');
    await putManifest('acme', { ...present, catalog: { privileges: [...catalog.privileges, ...ODD] } });
    await call('POST', ROLES, { name: 'Collector' });
    for (const { name } of [...ODD, { name: 'view' }]) {
      const address = `${ROLES}/Collector/privileges/${encodeURIComponent(name)}`;
      const added = await call('PUT', address);
      expect([added.status, added.body.privileges]).toEqual([200, [name]]);
      const again = await call('PUT', address);
      expect([again.status, again.body.revision, again.body.privileges]).toEqual([200, added.body.revision, [name]]);
      const removed = await call('DELETE', address);
      expect([removed.status, removed.body.deleted, removed.body.role.privileges]).toEqual([200, name, []]);
      expect(codeOf(await call('DELETE', address))).toBe('404 privilege_not_in_role');
    }
    expect(codeOf(await call('PUT', `${ROLES}/Collector/privileges/fly`))).toBe('422 invalid_role');
    expect(codeOf(await call('PUT', `${ROLES}/nobody/privileges/view`))).toBe('404 unknown_role');
  });

  it('is not overwritten by who read an older one', async () => {
    const { headers } = await call('POST', ROLES, { name: 'Ferrier' });
    const old = { headers: { 'if-match': headers.get('etag') ?? '' } };
    const first = await call('PATCH', `${ROLES}/Ferrier`, { title: 'one' }, old);
    expect(first.status).toBe(200);
    for (const [method, path, body] of [
      ['PATCH', '', { title: 'two' }],
      ['PUT', '', { name: 'Ferrier' }],
      ['PUT', '/privileges/view', undefined],
      ['DELETE', '', undefined],
    ] as const) {
      const lost = await call(method, `${ROLES}/Ferrier${path}`, body, old);
      expect([codeOf(lost), lost.body.error.details.etag]).toEqual(['412 changed_meanwhile', first.headers.get('etag')]);
    }
    await assign({ subject: 'user:f', role: 'Ferrier', scope: 'org' });
    const got = await call('GET', `${ROLES}/Ferrier`);
    expect([got.body.title, got.headers.get('etag')]).toEqual(['one', first.headers.get('etag')]);
  });

  it('names what it bundles so that it can be sent back, even where two levels share a name', async () => {
    const { body: org } = await call('POST', '/admin/orgs/acme/policies', { name: 'Both', privileges: ['view'] });
    const { body: own } = await call('POST', '/admin/orgs/acme/projects/p1/policies', { name: 'Both', privileges: ['edit'] });
    await call('POST', '/admin/orgs/acme/policies', { name: 'p1/Both', privileges: ['view'] });
    const made = await call('POST', IN_P1, { name: 'Doubled', policies: ['Both', org.id] });
    expect([made.status, made.body.project, made.body.policies, made.body.policy_ids]).toEqual([
      201,
      'p1',
      ['Both', org.id],
      [own.id, org.id],
    ]);
    const got = await call('GET', `${IN_P1}/Doubled`);
    expect([got.body.policies, got.headers.get('etag')]).toEqual([made.body.policies, made.headers.get('etag')]);
    const sent = await call('PATCH', `${IN_P1}/Doubled`, { policies: got.body.policies });
    expect([sent.status, sent.body.revision]).toEqual([200, made.body.revision]);
    const slash = await call('POST', ROLES, { name: 'Slashed', policies: ['p1/Both'] });
    expect([codeOf(slash), problemsOf(slash)]).toEqual(['422 invalid_role', ['policies[0] ambiguous_name']]);
  });

  it('of a project bundles what is its own or the organization’s, and nothing of another project', async () => {
    await call('POST', '/admin/orgs/acme/projects', { id: 'p2' });
    const { body: foreign } = await call('POST', '/admin/orgs/acme/projects/p2/roles', { name: 'Foreign' });
    const refused = await call('POST', IN_P1, {
      name: 'Mixed',
      inherits: ['Reviewer', 'Viewer', foreign.id, 'p2/Foreign'],
      privileges: ['org_only'],
    });
    expect([codeOf(refused), problemsOf(refused)]).toEqual([
      '422 invalid_role',
      ['inherits[2] wrong_project', 'inherits[3] wrong_project', 'privileges[0] wrong_level'],
    ]);
    expect((await call('POST', IN_P1, { name: 'Mixed', inherits: ['Reviewer', 'Viewer'] })).status).toBe(201);
    for (const [path, code] of [
      [`${ROLES}/Mixed`, '404 unknown_role'],
      [`${ROLES}/${foreign.id}`, '404 unknown_role'],
      [`${IN_P1}/${foreign.id}`, '404 unknown_role'],
      [`${IN_P1}/Viewer`, '404 unknown_role'],
      ['/admin/orgs/acme/projects/none/roles', '404 unknown_project'],
      ['/admin/orgs/acme/projects/none/roles/x', '404 unknown_project'],
    ] as const) {
      expect(codeOf(await call('GET', path))).toBe(code);
    }
    expect(codeOf(await call('POST', ROLES, { name: 'Up', inherits: [foreign.id] }))).toBe('422 invalid_role');
  });

  it('can hold all privileges and reach what is restricted', async () => {
    const made = await call('POST', ROLES, { name: 'Almighty', all_privileges: true, reaches_restricted: true });
    expect([made.status, made.body.all_privileges, made.body.reaches_restricted]).toEqual([201, true, true]);
    await assign({ subject: 'user:zeus', role: 'Almighty', scope: 'org' });
    expect(await reasonOf({ subject: 'user:zeus', action: 'org_only' })).toBe('granted');
    const less = await call('PATCH', `${ROLES}/Almighty`, { all_privileges: false });
    expect([less.body.all_privileges, less.body.reaches_restricted]).toEqual([false, true]);
    expect(await reasonOf({ subject: 'user:zeus', action: 'org_only' })).toBe('no_grant');
  });

  it('is tried without writing', async () => {
    const before = await revision();
    const tried = await call('POST', `${ROLES}?dry_run=true`, { name: 'Perhaps' });
    expect([tried.status, tried.body.dry_run, tried.body.changed, tried.body.revision]).toEqual([200, true, true, before]);
    expect(codeOf(await call('GET', `${ROLES}/Perhaps`))).toBe('404 unknown_role');
    expect(codeOf(await call('POST', `${ROLES}?dry_run=true`, { name: 'Viewer' }))).toBe('409 role_exists');
  });

  it('leaves both its states in the audit', async () => {
    const { body: made } = await call('POST', ROLES, { name: 'Witnessed', inherits: ['Viewer'] });
    await call('PATCH', `${ROLES}/Witnessed`, { inherits: [], policies: ['Never edit'] });
    await call('DELETE', `${ROLES}/Witnessed`);
    const { items } = (await call('GET', `/admin/orgs/acme/audit?target=role:${made.id}`)).body;
    const states = items.map((item: { action: string; before: unknown; after: unknown }) => [item.action, item.before, item.after]);
    const linked = (policies: number, inherits: number) =>
      expect.objectContaining({
        id: made.id,
        policies: Array(policies).fill(expect.any(String)),
        inherits: Array(inherits).fill(expect.any(String)),
      });
    expect(states).toEqual([
      ['role.delete', linked(1, 0), null],
      ['role.update', linked(0, 1), linked(1, 0)],
      ['role.create', null, linked(0, 1)],
    ]);
  });
});

describe('inheritance', () => {
  it('in a cycle is refused with its path, over however many roles', async () => {
    for (const [name, inherits] of [
      ['ring-1', []],
      ['ring-2', ['ring-1']],
      ['ring-3', ['ring-2', 'Viewer']],
    ] as const) {
      await call('POST', ROLES, { name, inherits });
    }
    const closed = await call('PATCH', `${ROLES}/ring-1`, { inherits: ['Viewer', 'ring-3'] });
    expect([codeOf(closed), problemsOf(closed)]).toEqual(['422 invalid_role', ['inherits[1] cycle']]);
    expect(closed.body.error.details.problems[0].message).toBe('roles inherit in a cycle: `ring-1` → `ring-3` → `ring-2` → `ring-1`');
    const itself = await call('PATCH', `${ROLES}/ring-1`, { inherits: ['ring-1'] });
    expect([codeOf(itself), problemsOf(itself)]).toEqual(['422 invalid_role', ['inherits[0] cycle']]);
  });

  it('is closed to a cycle by neither of two writers at once, a hundred times', { timeout: 120_000 }, async () => {
    await makeOrganization('rings', { owner: 'user:owner' });
    const at = '/admin/orgs/rings/roles';
    for (const name of ['A', 'B']) await call('POST', at, { name });
    for (let round = 0; round < 100; round++) {
      const answers = await Promise.all([
        call('PATCH', `${at}/A?publish=async`, { inherits: ['B'] }),
        call('PATCH', `${at}/B?publish=async`, { inherits: ['A'] }),
      ]);
      const codes = answers.map(codeOf).toSorted();
      expect([round, codes]).toEqual([round, ['202', '422 invalid_role']]);
      const winner = answers[0].status === 202 ? 'A' : 'B';
      await call('PATCH', `${at}/${winner}?publish=async`, { inherits: [] });
    }
  });
});

describe('deleting a role', () => {
  it('in use is refused with its users, and force takes it from them at once', async () => {
    const { body: made } = await call('POST', ROLES, { name: 'Used', privileges: ['view'] });
    const { body: heir } = await call('POST', ROLES, { name: 'Heir', inherits: ['Used'] });
    const { body: present } = await call('GET', '/admin/orgs/acme/manifest');
    await putManifest('acme', {
      ...present,
      settings: { default_role: 'Used', claim_mappings: [{ claim: 'g', value: 'v', role: 'Used' }] },
    });
    for (const subject of ['user:u1', 'user:u2', 'group:staff']) await assign({ subject, role: 'Used', scope: 'org' });
    const refused = await call('DELETE', `${ROLES}/Used`);
    expect([codeOf(refused), refused.body.error.message]).toEqual([
      '409 role_in_use',
      'the role `Used` is in use by 3 assignments and 1 role and the settings `default_role`, `claim_mappings[0]`: take it from them first, or send `?force=true`',
    ]);
    expect(refused.body.error.details).toEqual({
      id: made.id,
      assignments: {
        total: 3,
        items: expect.arrayContaining([{ id: expect.any(String), subject: 'group:staff', scope: 'org' }]),
      },
      roles: { total: 1, items: [{ id: heir.id, name: 'Heir' }] },
      settings: { total: 2, items: ['default_role', 'claim_mappings[0]'] },
    });
    expect(await reasonOf({ subject: 'user:gus', action: 'view' })).toBe('granted');
    const gone = await call('DELETE', `${ROLES}/Used?force=true`);
    expect([gone.status, gone.body.deleted.id, gone.body.published]).toEqual([200, made.id, true]);
    for (const user of ['u1', 'u2', 'gus']) expect(await reasonOf({ subject: `user:${user}`, action: 'view' })).toBe('no_grant');
    expect((await call('GET', `${ROLES}/Heir`)).body.inherits).toEqual([]);
    expect((await call('GET', '/admin/orgs/acme/manifest')).body.settings).toBeUndefined();
    expect(codeOf(await call('DELETE', `${ROLES}/Used`))).toBe('404 unknown_role');
  });

  it('of the system is refused, and so is any change of it', async () => {
    const before = await revision();
    const owner = `${ROLES}/${encodeURIComponent('bitgate:owner')}`;
    for (const [method, path, body] of [
      ['DELETE', owner, undefined],
      ['DELETE', `${owner}?force=true`, undefined],
      ['PATCH', owner, { description: 'x' }],
      ['PUT', owner, { name: 'x' }],
      ['PUT', `${owner}/privileges/view`, undefined],
      ['DELETE', `${owner}/privileges/view`, undefined],
    ] as const) {
      expect(codeOf(await call(method, path, body))).toBe('409 system_role');
    }
    expect(await revision()).toBe(before);
  });
});

describe('the list of roles', () => {
  it('is paged in the order of names, searched and filtered, and says who holds what', async () => {
    await makeOrganization('many', { owner: 'user:owner' });
    await putManifest('many', {
      bitgate: 1,
      catalog,
      policies: [{ name: 'Seeing', privileges: ['view'] }],
      roles: [
        ...Array.from({ length: 45 }, (_, i) => ({ name: `role ${i % 10}${Math.floor(i / 10)}`, title: i === 7 ? 'The Seventh' : '' })),
        { name: 'Seer', policies: ['Seeing'] },
        { name: 'Viewer', privileges: ['view'] },
      ],
      assignments: [
        { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
        ...Array.from({ length: 7 }, (_, i) => ({ subject: `user:${i}`, role: 'Seer', scope: i === 0 ? 'dataset:d' : 'org' })),
      ],
    });
    const at = '/admin/orgs/many/roles';
    const first = await call('GET', at);
    expect([first.body.items.length, first.body.total]).toEqual([20, 49]);
    const all = await walk(`${at}?limit=7`);
    expect(all).toEqual([...all].toSorted());
    expect([all.length, new Set(all).size]).toEqual([49, 49]);
    expect(namesOf(await call('GET', `${at}?q=SEVENTH`))).toEqual(['role 70']);
    expect(namesOf(await call('GET', `${at}?system=true`))).toEqual(['bitgate:checker', 'bitgate:owner']);
    expect((await call('GET', `${at}?system=false&limit=1`)).body.total).toBe(47);
    const viewing = await call('GET', `${at}?privilege=view`);
    expect(namesOf(viewing)).toEqual(['Seer', 'Viewer']);
    expect([viewing.body.items[0].policies, viewing.body.items[0].assignments.total]).toEqual([['Seeing'], 7]);
    expect(viewing.body.items[0].assignments.first.length).toBe(5);
    expect(namesOf(await call('GET', `${at}?privilege=view&q=w`))).toEqual(['Viewer']);
    for (const query of ['limit=0', 'limit=1001', 'cursor=x', 'colour=red', 'system=1', 'q=a&q=b'])
      expect((await call('GET', `${at}?${query}`)).status).toBe(400);
    expect((await call('GET', `${at}?q=x&cursor=${first.body.next_cursor}`)).status).toBe(400);
  });

  it('shows what it can of a row that somebody broke by hand', async () => {
    await makeOrganization('broken', { owner: 'user:owner' });
    await sql(
      "INSERT INTO roles (org, id, name, privileges) VALUES ('broken', 'odd', 'Odd', '[1, {\"a\": []}, \"bitgate:read\", \"gone\"]')",
    );
    const listed = await call('GET', '/admin/orgs/broken/roles?q=odd');
    expect([listed.status, listed.body.items[0].privileges]).toEqual([200, ['bitgate:read', 'gone']]);
    expect((await call('GET', '/admin/orgs/broken/roles?privilege=gone')).body.total).toBe(1);
    const changed = await call('PATCH', '/admin/orgs/broken/roles/odd', { description: 'still odd' });
    expect([changed.status, changed.body.description]).toEqual([200, 'still odd']);
    const cleaned = await call('DELETE', '/admin/orgs/broken/roles/odd/privileges/gone');
    expect([cleaned.status, cleaned.body.role.privileges]).toEqual([200, ['bitgate:read']]);
  });
});

describe('the right to roles', () => {
  it('is needed at their level, and without it nothing is told', async () => {
    const { token: reader } = await makeKey('acme', ['Reader']);
    const local = await makeKey('acme', [{ role: 'bitgate:owner', scope: 'project:p1' }]);
    const { token: nobody } = await makeKey('acme', []);
    for (const [token, method, path, body, code] of [
      [reader, 'GET', ROLES, undefined, '200'],
      [reader, 'GET', IN_P1, undefined, '200'],
      [reader, 'POST', ROLES, { name: 'Viewer' }, '403 missing_privilege'],
      [reader, 'DELETE', `${ROLES}/nobody`, undefined, '403 missing_privilege'],
      [nobody, 'GET', ROLES, undefined, '403 missing_privilege'],
      [nobody, 'GET', `${ROLES}/nobody`, undefined, '403 missing_privilege'],
      [nobody, 'PATCH', `${IN_P1}/Reviewer`, {}, '403 missing_privilege'],
      [local.token, 'GET', ROLES, undefined, '403 missing_privilege'],
      [local.token, 'POST', ROLES, { name: 'Up' }, '403 missing_privilege'],
      [local.token, 'GET', '/admin/orgs/acme/projects/p2/roles', undefined, '403 missing_privilege'],
      [local.token, 'GET', IN_P1, undefined, '200'],
      [local.token, 'POST', IN_P1, { name: 'Local', privileges: ['view'] }, '201'],
      [local.token, 'GET', '/admin/orgs/many/roles', undefined, '404 unknown_organization'],
    ] as const) {
      expect([method, path, codeOf(await call(method, path, body, { token }))]).toEqual([method, path, code]);
    }
  });
});
