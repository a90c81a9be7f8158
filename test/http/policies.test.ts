/** Policies over HTTP, one by one, at both levels. */
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, catalog, makeAcme, reasonOf, revision } from './acme.ts';
import { call, codeOf, makeKey, makeOrganization, namesOf, problemsOf, putManifest, walk } from './client.ts';
import { sql } from './sql.ts';

const POLICIES = '/admin/orgs/acme/policies';
const IN_P1 = '/admin/orgs/acme/projects/p1/policies';

beforeAll(makeAcme);

describe('a policy', () => {
  it('is made in the manifest’s words, found by id and name, and decides', async () => {
    const wanted = {
      name: 'Own things',
      description: 'What is theirs',
      effect: 'allow',
      state: 'ACTIVE',
      privileges: ['edit', 'view'],
      resource_types: ['doc'],
      condition: 'resource.properties.owner == subject.id',
    };
    const made = await call('POST', POLICIES, wanted);
    expect([made.status, made.body]).toEqual([
      201,
      { ...wanted, id: expect.stringMatching(/^pol_/), project: null, system: false, revision: expect.any(Number), published: true },
    ]);
    const { published: _published, ...shown } = made.body;
    const unused = { roles: { total: 0, first: [] }, assignments: { total: 0, first: [] } };
    for (const reference of ['Own%20things', made.body.id]) {
      const got = await call('GET', `${POLICIES}/${reference}`);
      expect([got.status, got.body, got.headers.get('etag')]).toEqual([200, { ...shown, ...unused }, made.headers.get('etag')]);
    }
    await assign({ subject: 'user:ann', policy: 'Own things', scope: 'org' });
    const question = { subject: 'user:ann', action: 'view' };
    expect(await reasonOf({ ...question, resource: { type: 'doc', id: '1', properties: { owner: 'ann' } } })).toBe('granted');
    expect(await reasonOf({ ...question, resource: { type: 'doc', id: '1', properties: { owner: 'bob' } } })).toBe('condition_false');
    expect(await reasonOf({ ...question, resource: { type: 'dog', id: '1', properties: { owner: 'ann' } } })).toBe('no_grant');
  });

  it('is refused with every bad name, type and condition, each with its place', async () => {
    const before = await revision();
    const answer = await call('POST', POLICIES, {
      name: 'bitgate:all',
      privileges: ['view', 'fly', 'swim'],
      resource_types: ['', 'a:b'],
      condition: 'subject.id ==',
    });
    expect([codeOf(answer), problemsOf(answer)]).toEqual([
      '422 invalid_policy',
      [
        'condition invalid_condition',
        'name reserved_name',
        'privileges[1] unknown_privilege',
        'privileges[2] unknown_privilege',
        'resource_types[0] invalid_type',
        'resource_types[1] invalid_type',
      ],
    ]);
    expect(answer.body.error.details.problems[0].position).toEqual({ offset: expect.any(Number), line: 1, column: expect.any(Number) });
    expect(answer.body.error.details.problems[2].message).toBe('the catalog has no privilege `fly`');
    for (const condition of ['subject.id == 1 +', 'nobody.id == "x"', '1 + 1', `"${'x'.repeat(2_048)}" == ""`])
      expect(codeOf(await call('PATCH', `${POLICIES}/Sometimes`, { condition }))).toBe('422 invalid_policy');
    for (const body of [
      {},
      { name: 'x' },
      { name: 'x', privileges: 'view' },
      { name: 'x', privileges: [], effect: 'maybe' },
      { name: 'x', privileges: [], id: 'pol_x' },
    ])
      expect(codeOf(await call('POST', POLICIES, body))).toBe('400 invalid_policy');
    expect(await revision()).toBe(before);
  });

  it('is replaced by PUT and changed by PATCH', async () => {
    const { body: made } = await call('POST', POLICIES, {
      name: 'Edit',
      description: 'D',
      privileges: ['edit'],
      state: 'DRAFT',
      condition: 'true',
    });
    const patched = await call('PATCH', `${POLICIES}/Edit`, { condition: null, name: 'Edits' });
    expect(patched.body).toEqual({ ...made, name: 'Edits', condition: null, revision: expect.any(Number) });
    const put = await call('PUT', `${POLICIES}/${made.id}`, { name: 'Edits', privileges: ['view', 'view'] });
    const replaced = { name: 'Edits', description: '', state: 'ACTIVE', privileges: ['view'], condition: null };
    expect(put.body).toEqual({ ...made, ...replaced, revision: expect.any(Number) });
    const again = await call('PUT', `${POLICIES}/Edits`, { name: 'Edits', privileges: ['view'] });
    expect([again.status, again.body.revision]).toEqual([200, put.body.revision]);
    expect(codeOf(await call('PATCH', `${POLICIES}/Edit`, {}))).toBe('404 unknown_policy');
    expect(codeOf(await call('PATCH', `${POLICIES}/Edits`, { name: 'SOMETIMES' }))).toBe('409 policy_exists');
    const stale = { headers: { 'if-match': patched.headers.get('etag') ?? '' } };
    for (const method of ['PATCH', 'DELETE'])
      expect(codeOf(await call(method, `${POLICIES}/Edits`, method === 'PATCH' ? {} : undefined, stale))).toBe('412 changed_meanwhile');
    const fresh = { headers: { 'if-match': `"other", ${put.headers.get('etag')}` } };
    expect((await call('DELETE', `${POLICIES}/Edits`, undefined, fresh)).body.deleted.name).toBe('Edits');
  });

  it('of one name is one row, however many make it at once', async () => {
    const names = ['Zebra', 'zebra', 'ZEBRA', 'zEBRA'];
    const answers = await Promise.all(names.map((name) => call('POST', POLICIES, { name, privileges: [] })));
    expect(answers.map(codeOf).toSorted()).toEqual(['201', '409 policy_exists', '409 policy_exists', '409 policy_exists']);
    const given = await Promise.all(names.map((name) => call('POST', `${POLICIES}?if_exists=return`, { name, privileges: [] })));
    expect(new Set(given.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect((await call('GET', `${POLICIES}?q=zebra`)).body.total).toBe(1);
  });

  it('in use is refused with its users, and force takes it from them at once', async () => {
    const { body: made } = await call('POST', POLICIES, { name: 'Used', privileges: ['view'] });
    await call('POST', '/admin/orgs/acme/roles', { name: 'User', policies: ['Used'] });
    await assign({ subject: 'user:u1', policy: 'Used', scope: 'dataset:d1' });
    await assign({ subject: 'user:u2', role: 'User', scope: 'org' });
    const shown = (await call('GET', `${POLICIES}/Used`)).body;
    expect([shown.roles.first[0].name, shown.assignments.first[0].scope]).toEqual(['User', 'dataset:d1']);
    const refused = await call('DELETE', `${POLICIES}/Used`);
    expect([codeOf(refused), refused.body.error.details]).toEqual([
      '409 policy_in_use',
      {
        id: made.id,
        assignments: { total: 1, items: [{ id: expect.any(String), subject: 'user:u1', scope: 'dataset:d1' }] },
        roles: { total: 1, items: [{ id: expect.any(String), name: 'User' }] },
        settings: { total: 0, items: [] },
      },
    ]);
    expect((await call('DELETE', `${POLICIES}/Used?force=true`)).body.deleted.id).toBe(made.id);
    expect(await reasonOf({ subject: 'user:u1', action: 'view', resource: 'dataset:d1' })).toBe('no_grant');
    expect(await reasonOf({ subject: 'user:u2', action: 'view' })).toBe('no_grant');
    expect((await call('GET', '/admin/orgs/acme/roles/User')).body.policies).toEqual([]);
    const [line] = (await call('GET', `/admin/orgs/acme/audit?target=policy:${made.id}`)).body.items;
    expect([line.before.used_by.assignments.length, line.before.used_by.roles.length, line.after]).toEqual([1, 1, null]);
  });

  it('of the system can neither be changed nor deleted nor shadowed', async () => {
    await makeOrganization('hub', { preset: 'datahub' });
    const { items } = (await call('GET', '/admin/orgs/hub/policies?system=true&limit=1000')).body;
    expect(items.length).toBeGreaterThan(0);
    await call('POST', '/admin/orgs/hub/projects', { id: 'p' });
    for (const { id, name } of items) {
      const address = `/admin/orgs/hub/policies/${id}`;
      for (const [method, body] of [
        ['DELETE', undefined],
        ['PATCH', { state: 'INACTIVE' }],
        ['PUT', { name, privileges: [] }],
      ] as const)
        expect(codeOf(await call(method, `${address}${method === 'DELETE' ? '?force=true' : ''}`, body))).toBe('409 system_policy');
      for (const level of ['', '/projects/p'])
        expect(codeOf(await call('POST', `/admin/orgs/hub${level}/policies`, { name: name.toUpperCase(), privileges: [] }))).toBe(
          '409 system_name',
        );
    }
  });

  it('of a project names what can be asked there only', async () => {
    const refused = await call('POST', IN_P1, { name: 'Local', privileges: ['org_only', 'in_project'] });
    expect([codeOf(refused), problemsOf(refused)]).toEqual(['422 invalid_policy', ['privileges[0] wrong_level']]);
    const made = await call('POST', IN_P1, { name: 'Sometimes', privileges: ['in_project'] });
    expect([made.status, made.body.project]).toEqual([201, 'p1']);
    expect((await call('GET', `${POLICIES}/Sometimes`)).body.id).not.toBe(made.body.id);
    expect(codeOf(await call('GET', `${POLICIES}/${made.body.id}`))).toBe('404 unknown_policy');
    expect(namesOf(await call('GET', IN_P1))).toEqual(['Sometimes']);
  });
});

describe('the list of policies', () => {
  it('is paged in the order of names, searched and filtered', async () => {
    await makeOrganization('many', { owner: 'user:owner' });
    await putManifest('many', {
      bitgate: 1,
      catalog,
      policies: [
        ...Array.from({ length: 30 }, (_, i) => ({ name: `policy ${i % 10}${Math.floor(i / 10)}`, privileges: [] })),
        { name: 'Deny', description: 'It Forbids', effect: 'deny', privileges: ['view'] },
        { name: 'Draft', state: 'DRAFT', privileges: ['view', 'edit'] },
      ],
      assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }],
    });
    const at = '/admin/orgs/many/policies';
    const all = await walk(`${at}?limit=3`);
    expect([all, all.length]).toEqual([[...new Set(all)].toSorted(), 32]);
    for (const [query, names] of [
      ['effect=deny', ['Deny']],
      ['state=DRAFT', ['Draft']],
      ['privilege=view', ['Deny', 'Draft']],
      ['privilege=edit&effect=deny', []],
      ['q=FORBID', ['Deny']],
      ['system=true', []],
      ["q=' OR 1=1 --", []],
      ['q=%25', []],
    ] as const) {
      const found = await call('GET', `${at}?${query.replaceAll(' ', '+')}`);
      expect([query, namesOf(found), found.body.total]).toEqual([query, names, names.length]);
    }
    for (const query of ['state=active', 'effect=both', 'limit=x']) expect((await call('GET', `${at}?${query}`)).status).toBe(400);
  });

  it('shows what it can of a row that somebody broke by hand, and lets it be mended', async () => {
    await makeOrganization('broken', { owner: 'user:owner' });
    await sql(
      `INSERT INTO policies (org, id, name, privileges, resource_types, condition) VALUES ('broken', 'odd', 'Odd', '[{"a":1}, "gone"]', '[null]', '((')`,
    );
    const listed = await call('GET', '/admin/orgs/broken/policies?privilege=gone');
    expect(listed.body.items).toEqual([expect.objectContaining({ id: 'odd', privileges: ['gone'], resource_types: [], condition: '((' })]);
    const mended = await call('PUT', '/admin/orgs/broken/policies/odd', { name: 'Even', privileges: ['bitgate:read'] });
    expect([mended.status, mended.body.condition, mended.body.published]).toEqual([200, null, true]);
  });
});

describe('the right to policies', () => {
  it('is needed at their level', async () => {
    const { token: reader } = await makeKey('acme', ['Reader']);
    const { token: local } = await makeKey('acme', [{ role: 'bitgate:owner', scope: 'project:p1' }]);
    for (const [token, method, path, body, code] of [
      [reader, 'GET', POLICIES, undefined, '200'],
      [reader, 'POST', POLICIES, { name: 'Sometimes', privileges: [] }, '403 missing_privilege'],
      [reader, 'PUT', `${POLICIES}/none`, { name: 'x', privileges: [] }, '403 missing_privilege'],
      [local, 'GET', `${POLICIES}/Sometimes`, undefined, '403 missing_privilege'],
      [local, 'PATCH', `${POLICIES}/Sometimes`, {}, '403 missing_privilege'],
      [local, 'POST', IN_P1, { name: 'Mine', privileges: ['view'] }, '201'],
    ] as const) {
      expect([method, path, codeOf(await call(method, path, body, { token }))]).toEqual([method, path, code]);
    }
  });
});
