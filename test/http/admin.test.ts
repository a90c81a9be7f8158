import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';

const catalog = {
  privileges: [
    { name: 'view' },
    { name: 'edit' },
    { name: 'org_only', levels: ['org'] },
    { name: 'typed', resource_types: ['dataset'] },
    { name: 'in_project', levels: ['project'] },
  ],
};

const manifest = {
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

beforeAll(async () => {
  await makeOrganization('acme', { owner: 'user:owner' });
  await putManifest('acme', manifest);
});

const assign = (body: object, token: string = ROOT): Promise<Answer> => call('POST', '/admin/orgs/acme/assignments', body, { token });
const reasonOf = async (question: object): Promise<string> => (await call('POST', '/check', { org: 'acme', ...question })).body.reason;
const revision = async (): Promise<number> => (await call('GET', '/admin/orgs/acme')).body.revision;

describe('organizations', () => {
  it('are made from a preset, listed, and found', async () => {
    const made = await call('POST', '/admin/orgs', { id: 'zeta', name: 'Zeta', preset: 'datahub', owner: 'user:z' });
    expect([made.status, made.body]).toEqual([
      201,
      { id: 'zeta', name: 'Zeta', preset: 'datahub', created_at: expect.any(String), revision: expect.any(Number), published: true },
    ]);
    expect((await call('POST', '/check', { org: 'zeta', subject: 'user:z', action: 'MANAGE_POLICIES' })).body.decision).toBe(true);
    const first = await call('GET', '/admin/orgs?limit=1');
    expect(first.body).toMatchObject({ items: [{ id: 'acme' }], total: 2 });
    const second = await call('GET', `/admin/orgs?limit=1&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ items: [{ id: 'zeta' }], next_cursor: null, total: 2 });
    expect((await call('GET', '/admin/orgs/zeta')).body).toMatchObject({ id: 'zeta', revision: made.body.revision });
    expect((await call('GET', '/admin/orgs/nowhere')).body.error.code).toBe('unknown_organization');
  });

  it.each([
    ['one that is there', { id: 'acme' }, 409, 'organization_exists'],
    ['an id in capitals', { id: 'Acme' }, 400, 'invalid_organization'],
    ['an id that is a path', { id: '../acme' }, 400, 'invalid_organization'],
    ['an unknown preset', { id: 'x', preset: 'aws' }, 400, 'invalid_organization'],
    ['an owner that is a group', { id: 'x', owner: 'group:everyone' }, 400, 'invalid_organization'],
    ['an unknown key', { id: 'x', presets: 'blank' }, 400, 'invalid_organization'],
  ])('are refused: %s', async (_name, body, status, code) => {
    const answer = await call('POST', '/admin/orgs', body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('answer with 202 before they are published, when that is asked for', async () => {
    const answer = await call('POST', '/admin/orgs?publish=async', { id: 'later' });
    expect([answer.status, answer.body.published]).toEqual([202, false]);
    await call('POST', '/admin/orgs/later/recompile');
    expect((await call('POST', '/check', { org: 'later', subject: 'user:x', action: 'bitgate:read' })).body.reason).toBe('no_grant');
  });
});

describe('the catalog', () => {
  const list = (query: string): Promise<Answer> => call('GET', `/admin/orgs/acme/${query}`);

  it('is listed for the organization and for a project, each with what can be asked there', async () => {
    const names = (answer: Answer): string[] =>
      answer.body.items.map(({ name }: { name: string }) => name).filter((name: string) => !name.startsWith('bitgate:'));
    expect(names(await list('privileges?limit=1000'))).toEqual(['edit', 'org_only', 'typed', 'view']);
    expect(names(await list('projects/p1/privileges?limit=1000'))).toEqual(['edit', 'in_project', 'typed', 'view']);
    expect((await list('projects/p2/privileges')).status).toBe(404);
    expect((await list('privileges?q=TYP')).body.items).toEqual([
      {
        name: 'typed',
        title: '',
        description: '',
        levels: ['org', 'project'],
        resource_types: ['dataset'],
        implies: [],
        implies_all: null,
        applies_to: [],
      },
    ]);
  });

  it('SEC-08 comes whole in pages, in one order, with its total on each', async () => {
    const names: string[] = [];
    const totals = new Set<number>();
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Answer = await list(`privileges?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
      names.push(...page.body.items.map(({ name }: { name: string }) => name));
      totals.add(page.body.total);
      cursor = page.body.next_cursor;
    }
    expect([...totals]).toEqual([names.length]);
    expect(names).toEqual([...new Set(names)].sort());
  });

  it('SEC-21 takes no cursor that was changed, made up, or made for another list', async () => {
    const cursor: string = (await list('privileges?limit=2')).body.next_cursor;
    const other: string = (await list('privileges?limit=2&q=e')).body.next_cursor;
    const [payload = '', mac = ''] = cursor.split('.');
    const wrong = [
      '',
      'x',
      `${payload}.`,
      `.${mac}`,
      `${payload}x.${mac}`,
      `${payload}.${mac.slice(0, -2)}AA`,
      `${btoa('["a","both"]').replaceAll('=', '')}.${mac}`,
      `${cursor}|`,
      `${cursor}%00`,
      other,
      (await call('GET', '/admin/orgs/zeta/privileges?limit=2')).body.next_cursor,
    ];
    for (const each of wrong) {
      const answer = await list(`privileges?limit=2&cursor=${each}`);
      expect([each, answer.status, answer.body.error.code]).toEqual([each, 400, 'invalid_cursor']);
    }
    expect((await list(`privileges?limit=5&cursor=${cursor}`)).status).toBe(200);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'limit=1&limit=2', 'offset=3'])('refuses the query %s', async (query) => {
    expect((await list(`privileges?${query}`)).status).toBe(400);
  });

  it('can only be read', async () => {
    const answer = await call('POST', '/admin/orgs/acme/privileges', {});
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

describe('the manifest', () => {
  const put = (body: unknown, query = ''): Promise<Answer> => call('PUT', `/admin/orgs/acme/manifest${query}`, body);

  it('is what it was made equal to, as JSON and as YAML', async () => {
    const json = await call('GET', '/admin/orgs/acme/manifest');
    expect(json.body.roles.map(({ name }: { name: string }) => name)).toEqual(manifest.roles.map(({ name }) => name).sort());
    const yaml = await call('GET', '/admin/orgs/acme/manifest', undefined, { headers: { accept: 'application/yaml' } });
    expect(yaml.headers.get('content-type')).toContain('application/yaml');
    const again = await call('PUT', '/admin/orgs/acme/manifest', yaml.text, { headers: { 'content-type': 'application/yaml' } });
    expect([again.status, again.body]).toEqual([
      200,
      { dry_run: false, plan: { summary: {}, changes: [] }, revision: await revision(), published: true },
    ]);
  });

  it('shows its plan without doing it', async () => {
    const before = await revision();
    const answer = await put({ ...manifest, groups: [] }, '?dry_run=true');
    expect([answer.status, answer.body.dry_run, answer.body.plan.summary]).toEqual([
      200,
      true,
      {
        groups: { insert: 0, update: 0, delete: 1 },
        group_members: { insert: 0, update: 0, delete: 1 },
        subjects: { insert: 0, update: 0, delete: 1 },
      },
    ]);
    expect(await revision()).toBe(before);
  });

  const wrong: [string, object | string, string, string][] = [
    ['an unknown key', { ...manifest, rolls: [] }, 'unknown_key', 'rolls'],
    ['an unknown key deep inside', { ...manifest, roles: [{ name: 'A', privilege: [] }] }, 'unknown_key', 'roles[0].privilege'],
    [
      'an unknown privilege',
      { ...manifest, roles: [...manifest.roles, { name: 'A', privileges: ['fly'] }] },
      'unknown_privilege',
      'roles[8].privileges[0]',
    ],
    [
      'an unknown role',
      { ...manifest, assignments: [{ subject: 'user:a', role: 'Nobody', scope: 'org' }] },
      'unknown_role',
      'assignments[0].role',
    ],
    [
      'a name twice in another letter case',
      { ...manifest, roles: [...manifest.roles, { name: 'VIEWER' }] },
      'duplicate_name',
      'roles[8].name',
    ],
    [
      'a privilege at the wrong level',
      { ...manifest, projects: [{ id: 'p1', roles: [{ name: 'R', privileges: ['org_only'] }] }] },
      'wrong_level',
      'projects[0].roles[0].privileges[0]',
    ],
    [
      'a time that is none',
      { ...manifest, assignments: [{ subject: 'user:a', role: 'Viewer', scope: 'org', expires_at: '2027-02-30T00:00:00Z' }] },
      'invalid_time',
      'assignments[0].expires_at',
    ],
    ['a name that is too long', { ...manifest, roles: [...manifest.roles, { name: 'x'.repeat(129) }] }, 'name_too_long', 'roles[8].name'],
  ];
  it.each(wrong)('is refused whole, with code and place: %s', async (_name, document, code, path) => {
    const before = await revision();
    const answer = await put(document);
    expect([answer.status, answer.body.error.code]).toEqual([422, 'invalid_manifest']);
    expect(answer.body.error.details.problems).toContainEqual(expect.objectContaining({ code, path }));
    expect(await revision()).toBe(before);
  });

  it('is refused with the path of a cycle', async () => {
    const roles = [
      { name: 'A', inherits: ['B'] },
      { name: 'B', inherits: ['C'] },
      { name: 'C', inherits: ['A'] },
    ];
    const answer = await put({ ...manifest, roles: [...manifest.roles, ...roles] });
    expect(answer.status).toBe(422);
    expect(answer.text).toMatch(/cycle/);
    for (const name of ['A', 'B', 'C']) expect(answer.body.error.details.problems[0].message).toContain(name);
  });

  it('is refused with the position of what does not parse in a condition', async () => {
    const answer = await put({
      ...manifest,
      policies: [...manifest.policies, { name: 'Bad', privileges: ['view'], condition: 'subject.id ==' }],
    });
    expect(answer.status).toBe(422);
    expect(answer.body.error.details.problems[0]).toMatchObject({
      path: 'policies[2].condition',
      position: { line: 1, column: expect.any(Number) },
    });
  });

  it('is refused when it is no document', async () => {
    expect((await put('{"bitgate":1,')).body.error.code).toBe('malformed_document');
    expect((await put('{"bitgate":1,"roles":[],"roles":[]}')).body.error).toMatchObject({
      code: 'malformed_document',
      details: { line: 1 },
    });
    const other = await call('PUT', '/admin/orgs/acme/manifest', 'x', { headers: { 'content-type': 'text/plain' } });
    expect([other.status, other.body.error.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('is refused when nobody would own the organization any more', async () => {
    const answer = await put({ ...manifest, assignments: [] });
    expect([answer.status, answer.body.error.code]).toEqual([409, 'last_owner']);
  });
});

describe('assignments', () => {
  it('are made once, seen by the next check, listed, and taken away', async () => {
    const wanted = { subject: 'user:ann', role: 'Viewer', scope: 'org' };
    const made = await assign(wanted);
    expect([made.status, made.body]).toEqual([
      201,
      {
        ...wanted,
        id: expect.stringMatching(/^asg_/),
        role_id: expect.stringMatching(/^rol_/),
        not_before: null,
        expires_at: null,
        revision: expect.any(Number),
        published: true,
      },
    ]);
    const again = await assign(wanted);
    expect([again.status, again.body]).toEqual([200, made.body]);
    expect(await reasonOf({ subject: 'user:ann', action: 'view', min_revision: made.body.revision })).toBe('granted');

    for (const query of ['subject=user:ann', 'role=Viewer', `role=${made.body.role_id}&scope=org`]) {
      const list = await call('GET', `/admin/orgs/acme/assignments?${query}`);
      expect([list.body.total, list.body.items[0].id]).toEqual([1, made.body.id]);
    }
    const deleted = await call('DELETE', `/admin/orgs/acme/assignments/${made.body.id}`);
    expect([deleted.status, deleted.body.deleted[0].id]).toEqual([200, made.body.id]);
    expect(await reasonOf({ subject: 'user:ann', action: 'view', min_revision: deleted.body.revision })).toBe('no_grant');
    expect((await call('DELETE', `/admin/orgs/acme/assignments/${made.body.id}`)).status).toBe(404);
  });

  it('name groups by name, policies, a project’s own roles, and times', async () => {
    const wanted = {
      subject: 'group:staff',
      policy: 'Never edit',
      scope: 'dataset:d1',
      not_before: '2026-01-01T00:00:00Z',
      expires_at: '2030-01-01T00:00:00Z',
    };
    expect((await assign(wanted)).body).toMatchObject(wanted);
    const own = { subject: 'user:bea', role: 'p1/Reviewer', scope: 'dataset:d1' };
    expect((await assign(own)).body).toMatchObject(own);
    expect(await reasonOf({ subject: 'user:bea', action: 'view', resource: 'dataset:d1' })).toBe('granted');
    const list = await call('GET', '/admin/orgs/acme/assignments?subject=group:staff&policy=Never%20edit');
    expect(list.body.items[0]).toMatchObject(wanted);
  });

  it('are taken away by what they say, and a missing one is named', async () => {
    await assign({ subject: 'user:cal', role: 'Viewer', scope: 'org' });
    const gone = await call('DELETE', '/admin/orgs/acme/assignments?subject=user:cal&role=Viewer&scope=org');
    expect([gone.status, gone.body.deleted]).toEqual([200, [expect.objectContaining({ subject: 'user:cal' })]]);
    const missing = await call('DELETE', '/admin/orgs/acme/assignments?subject=user:cal&role=Viewer&scope=org');
    expect([missing.status, missing.body.error.message]).toEqual([404, expect.stringContaining('`user:cal`')]);
    const role = await call('DELETE', '/admin/orgs/acme/assignments?subject=user:cal&role=Nobody&scope=org');
    expect([role.status, role.body.error.message]).toEqual([404, expect.stringContaining('`Nobody`')]);
  });

  it.each([
    ['an unknown role', { subject: 'user:a', role: 'Nobody', scope: 'org' }, 422, 'unknown_role'],
    ['an unknown policy', { subject: 'user:a', policy: 'Nothing', scope: 'org' }, 422, 'unknown_policy'],
    ['an unknown group', { subject: 'group:nobody', role: 'Viewer', scope: 'org' }, 422, 'unknown_group'],
    ['an unknown key', { subject: 'api_key:nobody', role: 'Viewer', scope: 'org' }, 422, 'unknown_api_key'],
    ['a subject without a type', { subject: 'ann', role: 'Viewer', scope: 'org' }, 422, 'invalid_reference'],
    ['a scope that is none', { subject: 'user:a', role: 'Viewer', scope: 'everywhere' }, 422, 'invalid_reference'],
    ['a time that is none', { subject: 'user:a', role: 'Viewer', scope: 'org', expires_at: 'tomorrow' }, 422, 'invalid_time'],
    [
      'a window that is empty',
      { subject: 'user:a', role: 'Viewer', scope: 'org', not_before: '2027-01-01T00:00:00Z', expires_at: '2027-01-01T00:00:00Z' },
      422,
      'empty_window',
    ],
    ['a project’s role outside it', { subject: 'user:a', role: 'p1/Reviewer', scope: 'org' }, 422, 'outside_project'],
    ['both role and policy', { subject: 'user:a', role: 'Viewer', policy: 'Never edit', scope: 'org' }, 400, 'invalid_value'],
    ['neither', { subject: 'user:a', scope: 'org' }, 400, 'invalid_value'],
    ['an unknown member', { subject: 'user:a', role: 'Viewer', scope: 'org', scop: '' }, 400, 'unknown_key'],
    ['an id of a megabyte', { subject: `user:${'x'.repeat(900_000)}`, role: 'Viewer', scope: 'org' }, 422, 'invalid_reference'],
  ])('are refused: %s', async (_name, body, status, code) => {
    const before = await revision();
    const answer = await assign(body);
    expect([answer.status, answer.body.error.details.problems[0].code]).toEqual([status, code]);
    expect(await revision()).toBe(before);
  });

  it('SEC-27 are refused when a key is given twice, or a surrogate stands alone', async () => {
    const twice = await call(
      'POST',
      '/admin/orgs/acme/assignments',
      '{"subject":"user:a","subject":"user:b","role":"Viewer","scope":"org"}',
    );
    expect([twice.status, twice.body.error.code]).toEqual([400, 'malformed_document']);
    const lone = await call('POST', '/admin/orgs/acme/assignments', '{"subject":"user:\\udc00","role":"Viewer","scope":"org"}');
    expect([lone.status, lone.body.error.code]).toEqual([400, 'malformed_body']);
    const large = await call('POST', '/admin/orgs/acme/assignments', { subject: 'x'.repeat(1_100_000) });
    expect(large.status).toBe(413);
  });

  it('SEC-24 hold whatever an id is made of', async () => {
    for (const id of ["'; DROP TABLE assignments; --", '../../x', '%2e%2e', 'a\u0000b', '"quoted"', 'ü🜁', 'a,b|c#d']) {
      const subject = `user:${id}`;
      const made = await assign({ subject, role: 'Viewer', scope: 'org' });
      expect([made.status, made.body.subject]).toEqual([201, subject]);
      const list = await call('GET', `/admin/orgs/acme/assignments?subject=${encodeURIComponent(subject)}`);
      expect(list.body.total).toBe(1);
      expect(await reasonOf({ subject, action: 'view' })).toBe('granted');
    }
  });

  it('the last owner’s can’t be taken away, one of two can', async () => {
    const last = await call('DELETE', '/admin/orgs/acme/assignments?subject=user:owner&role=bitgate:owner&scope=org');
    expect([last.status, last.body.error.code]).toEqual([409, 'last_owner']);
    await assign({ subject: 'user:heir', role: 'bitgate:owner', scope: 'org', expires_at: '2030-01-01T00:00:00Z' });
    expect((await call('DELETE', '/admin/orgs/acme/assignments?subject=user:owner&role=bitgate:owner&scope=org')).status).toBe(409);
    await assign({ subject: 'group:staff', role: 'bitgate:owner', scope: 'org' });
    expect((await call('DELETE', '/admin/orgs/acme/assignments?subject=user:owner&role=bitgate:owner&scope=org')).status).toBe(200);
    await assign({ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' });
    expect((await call('DELETE', '/admin/orgs/acme/assignments?subject=group:staff&role=bitgate:owner&scope=org')).status).toBe(200);
  });

  it('of many writers at once are each visible at their own revision', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => assign({ subject: `user:many-${i}`, role: 'Viewer', scope: 'org' })),
    );
    for (const [i, answer] of answers.entries()) {
      if (answer.status === 409) {
        expect(answer.body.error.code).toBe('revision_moved');
        continue;
      }
      expect(answer.status).toBe(201);
      expect(await reasonOf({ subject: `user:many-${i}`, action: 'view', min_revision: answer.body.revision })).toBe('granted');
    }
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.revision)).size).toBeGreaterThan(0);
  });
});

describe('SEC-46 rights', () => {
  const everyWrite: [string, string, object | undefined][] = [
    ['POST', '/admin/orgs/acme/assignments', { subject: 'user:a', role: 'Viewer', scope: 'org' }],
    ['DELETE', '/admin/orgs/acme/assignments?subject=user:owner&role=bitgate:owner&scope=org', undefined],
    ['POST', '/admin/orgs/acme/api-keys', { name: 'x' }],
    ['PUT', '/admin/orgs/acme/manifest', manifest],
    ['PUT', '/admin/orgs/acme/manifest?dry_run=true', manifest],
    ['POST', '/admin/orgs/acme/recompile', undefined],
    ['POST', '/admin/orgs', { id: 'mine' }],
    ['POST', '/admin/recompile', undefined],
  ];
  it.each(everyWrite)('%s %s needs more than to read and check', async (method, path, body) => {
    const { token } = await makeKey('acme', ['Reader', 'bitgate:checker']);
    const before = await revision();
    const answer = await call(method, path, body, { token });
    expect([answer.status, answer.body.error.code]).toEqual([403, 'missing_privilege']);
    expect(await revision()).toBe(before);
  });

  it.each(['privileges', 'assignments', 'manifest', 'api-keys', ''])('GET %s needs a right too', async (path) => {
    const { token } = await makeKey('acme', ['bitgate:checker']);
    const answer = await call('GET', `/admin/orgs/acme/${path}`.replace(/\/$/, ''), undefined, { token });
    expect([answer.status, answer.body.error.code]).toEqual([403, 'missing_privilege']);
  });

  const grants: [string, object, number][] = [
    ['what it holds', { role: 'Viewer', scope: 'org' }, 201],
    ['what it holds, below', { role: 'Viewer', scope: 'dataset:d1' }, 201],
    ['typed and project privileges that it holds', { role: 'Typist', scope: 'org' }, 201],
    ['the same in a project', { role: 'Typist', scope: 'project:p1' }, 201],
    ['its own role', { role: 'Manager', scope: 'org' }, 201],
    ['one privilege more', { role: 'Editor', scope: 'org' }, 403],
    ['one privilege more, below', { role: 'Editor', scope: 'dataset:d1' }, 403],
    ['everything', { role: 'bitgate:owner', scope: 'org' }, 403],
    ['a condition', { role: 'Conditional', scope: 'org' }, 403],
    ['a deny', { role: 'Denied', scope: 'org' }, 403],
    ['a deny as a policy', { policy: 'Never edit', scope: 'org' }, 403],
  ];
  it.each(grants)('who manages members may give %s: %o → %i', async (_name, grant, status) => {
    const { token } = await makeKey('acme', ['Manager']);
    const answer = await assign({ subject: `user:given-${status}-${JSON.stringify(grant).length}`, ...grant }, token);
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body.error.code).toBe('escalation');
  });

  it('nobody gives for longer than they hold', async () => {
    const { token } = await makeKey('acme', ['Manager'], { expires_at: '2030-01-01T00:00:00Z' });
    expect((await assign({ subject: 'user:long', role: 'Viewer', scope: 'org' }, token)).body.error.code).toBe('escalation');
    expect((await assign({ subject: 'user:long', role: 'Viewer', scope: 'org', expires_at: '2029-01-01T00:00:00Z' }, token)).status).toBe(
      201,
    );
  });

  it('nobody gives where they hold nothing', async () => {
    const { token } = await makeKey('acme', [{ role: 'Manager', scope: 'project:p1' }]);
    expect((await assign({ subject: 'user:there', role: 'Viewer', scope: 'dataset:d1' }, token)).status).toBe(201);
    expect((await assign({ subject: 'user:there', role: 'Viewer', scope: 'org' }, token)).status).toBe(403);
    expect((await assign({ subject: 'user:there', role: 'Viewer', scope: 'dataset:elsewhere' }, token)).status).toBe(403);
  });

  it('nobody takes what they do not hold, and nobody changes their own', async () => {
    const { token, id } = await makeKey('acme', ['Manager']);
    await assign({ subject: 'user:ed', role: 'Editor', scope: 'org' });
    const taken = await call('DELETE', '/admin/orgs/acme/assignments?subject=user:ed&role=Editor&scope=org', undefined, { token });
    expect([taken.status, taken.body.error.code]).toEqual([403, 'escalation']);
    expect((await assign({ subject: `api_key:${id}`, role: 'Viewer', scope: 'org' }, token)).body.error.code).toBe('own_rights');
  });

  it('who escalates may give everything', async () => {
    const { token } = await makeKey('acme', ['bitgate:owner']);
    expect((await assign({ subject: 'user:new-owner', role: 'bitgate:owner', scope: 'org' }, token)).status).toBe(201);
    expect((await call('PUT', '/admin/orgs/acme/manifest?dry_run=true', manifest, { token })).status).toBe(200);
  });

  it('nobody makes a key above their own rights', async () => {
    const { token } = await makeKey('acme', ['Keeper']);
    const make = (roles: object[]): Promise<Answer> => call('POST', '/admin/orgs/acme/api-keys', { name: 'k', roles }, { token });
    expect((await make([{ role: 'Viewer', scope: 'org' }])).status).toBe(201);
    expect((await make([])).status).toBe(201);
    expect((await make([{ role: 'Editor', scope: 'org' }])).body.error.code).toBe('escalation');
  });

  it('are those of the newest revision: what was just taken is gone', async () => {
    const { token, id } = await makeKey('acme', ['Manager']);
    expect((await assign({ subject: 'user:x1', role: 'Viewer', scope: 'org' }, token)).status).toBe(201);
    await env.DB.prepare('DELETE FROM assignments WHERE org = ?1 AND principal = ?2').bind('acme', `api_key:${id}`).run();
    expect((await assign({ subject: 'user:x2', role: 'Viewer', scope: 'org' }, token)).status).toBe(403);
    await env.DB.prepare("UPDATE api_keys SET status = 'disabled' WHERE org = ?1 AND id = ?2").bind('acme', id).run();
    expect((await assign({ subject: 'user:x2', role: 'Viewer', scope: 'org' }, token)).status).toBe(401);
  });
});

describe('API keys', () => {
  it('SEC-19 are shown once, stored as their hash, and listed without', async () => {
    const made = await call('POST', '/admin/orgs/acme/api-keys', {
      name: 'proxy',
      roles: [{ role: 'bitgate:checker', scope: 'org' }],
      forward_auth: 'nginx',
    });
    expect(made.body).toEqual({
      id: expect.stringMatching(/^[a-z2-7]{16}$/),
      secret: expect.stringMatching(/^bg_acme_[a-z2-7]{16}_[a-z2-7]{52}$/),
      name: 'proxy',
      subject: `api_key:${made.body.id}`,
      status: 'active',
      expires_at: null,
      forward_auth: 'nginx',
      revision: expect.any(Number),
      published: true,
    });
    const row = await env.DB.prepare('SELECT hash FROM api_keys WHERE id = ?1').bind(made.body.id).first<{ hash: string }>();
    expect(row?.hash).toMatch(/^[0-9a-f]{64}$/);
    const list = await call('GET', '/admin/orgs/acme/api-keys?limit=1000');
    expect(list.body.items.find(({ id }: { id: string }) => id === made.body.id)).toMatchObject({ name: 'proxy', forward_auth: 'nginx' });
    for (const text of [row?.hash ?? '', made.body.secret]) expect(list.text).not.toContain(text);
  });

  it.each([
    ['an unknown role', { name: 'x', roles: [{ role: 'Nobody', scope: 'org' }] }, 422],
    ['a role without a scope', { name: 'x', roles: [{ role: 'Viewer' }] }, 400],
    ['a role as a text', { name: 'x', roles: ['Viewer'] }, 400],
    ['no name', {}, 400],
    ['an unknown proxy', { name: 'x', forward_auth: 'apache' }, 400],
    ['a time that is none', { name: 'x', expires_at: 'soon' }, 422],
  ])('are refused: %s', async (_name, body, status) => {
    const before = await revision();
    expect((await call('POST', '/admin/orgs/acme/api-keys', body)).status).toBe(status);
    expect(await revision()).toBe(before);
  });
});

describe('SEC-47 a key of another organization', () => {
  it.each([
    ['GET', ''],
    ['GET', '/privileges'],
    ['GET', '/manifest'],
    ['PUT', '/manifest'],
    ['GET', '/assignments'],
    ['POST', '/assignments'],
    ['DELETE', '/assignments/asg_x'],
    ['GET', '/api-keys'],
    ['POST', '/api-keys'],
    ['GET', '/api-keys/x'],
    ['PATCH', '/api-keys/x'],
    ['DELETE', '/api-keys/x'],
    ['POST', '/api-keys/x/rotate'],
    ['POST', '/recompile'],
  ])('is told of nothing: %s %s', async (method, path) => {
    await call('POST', '/admin/orgs', { id: 'stranger' });
    const { token } = await makeKey('stranger', ['bitgate:owner']);
    for (const org of ['acme', 'not-there']) {
      const answer = await call(method, `/admin/orgs/${org}${path}`, method === 'GET' || method === 'DELETE' ? undefined : {}, { token });
      expect([answer.status, answer.body.error.code]).toEqual([404, 'unknown_organization']);
    }
  });
});

describe('recompile', () => {
  it('publishes what was changed by hand, and says what that took', async () => {
    await env.DB.prepare(
      "INSERT INTO assignments (org, principal, role, scope) SELECT 'acme', 'user:by-hand', id, 'org' FROM roles WHERE org = 'acme' AND name = 'Viewer'",
    ).run();
    const answer = await call('POST', '/admin/orgs/acme/recompile');
    expect([answer.status, answer.body]).toEqual([
      200,
      expect.objectContaining({
        revision: await revision(),
        changed: true,
        blobs_written: expect.any(Number),
        bytes_written: expect.any(Number),
        ms: expect.any(Number),
      }),
    ]);
    expect(answer.body.blobs_written).toBeLessThanOrEqual(3);
    expect(await reasonOf({ subject: 'user:by-hand', action: 'view' })).toBe('granted');
    const full = await call('POST', '/admin/orgs/acme/recompile?full=true');
    expect(full.body).toMatchObject({ full: true, changed: false });
    expect((await call('POST', '/admin/orgs/nowhere/recompile')).status).toBe(404);
  });

  it('of all organizations does those that are behind', async () => {
    await env.DB.prepare("DELETE FROM assignments WHERE org = 'acme' AND principal = 'user:by-hand'").run();
    const answer = await call('POST', '/admin/recompile');
    expect(answer.body.organizations).toEqual([expect.objectContaining({ organization: 'acme', changed: true })]);
    expect(await reasonOf({ subject: 'user:by-hand', action: 'view' })).toBe('no_grant');
  });
});

describe('every write', () => {
  it('is in the audit, with who, what and which request', async () => {
    const { token, id } = await makeKey('acme', ['Manager']);
    const made = await call(
      'POST',
      '/admin/orgs/acme/assignments',
      { subject: 'user:aud', role: 'Viewer', scope: 'org' },
      { token, headers: { 'x-request-id': 'req-77' } },
    );
    expect(made.headers.get('x-request-id')).toBe('req-77');
    const row = await env.DB.prepare(
      "SELECT actor, action, target, revision FROM audit WHERE org = 'acme' AND request_id = 'req-77'",
    ).first();
    expect(row).toEqual({
      actor: `api_key:${id}`,
      action: 'assignment.create',
      target: `assignment:${made.body.id}`,
      revision: made.body.revision,
    });
  });
});

describe('addresses', () => {
  it.each([
    ['GET', '/admin', 404],
    ['GET', '/admin/', 404],
    ['GET', '/admin/orgs/', 404],
    ['GET', '/nowhere', 404],
    ['GET', '/admin/orgs/acme/../zeta', 200],
    ['GET', '/admin//orgs', 404],
    ['DELETE', '/admin/orgs/acme', 405],
    ['OPTIONS', '/admin/orgs', 405],
  ])('%s %s is answered %i', async (method, path, status) => {
    const answer = await call(method, path);
    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer.body.error.code).toBe(status === 404 ? 'not_found' : 'method_not_allowed');
  });
});

describe('recompile by a key', () => {
  it('needs `bitgate:manage_settings`, and tells what it published', async () => {
    const owner = await makeKey('acme', ['bitgate:owner']);
    const reader = await makeKey('acme', ['Reader']);
    await env.DB.prepare("UPDATE groups SET description = 'x' WHERE org = 'acme'").run();
    const answer = await call('POST', '/admin/orgs/acme/recompile', undefined, { token: owner.token });
    expect([answer.status, answer.body.changed, answer.body.revision]).toEqual([200, true, await revision()]);
    expect((await call('POST', '/admin/orgs/acme/recompile?full=true', undefined, { token: owner.token })).body.full).toBe(true);
    expect((await call('POST', '/admin/orgs/acme/recompile?full=true', undefined, { token: reader.token })).status).toBe(403);
  });
});
