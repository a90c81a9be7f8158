/** Projects over HTTP. */
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, makeAcme, reasonOf, revision } from './acme.ts';
import { call, codeOf, makeKey, makeOrganization, problemsOf, putManifest } from './client.ts';
import { sql } from './sql.ts';

const PROJECTS = '/admin/orgs/acme/projects';

const idsOf = (items: readonly { id: string }[]): string[] => items.map(({ id }) => id);

beforeAll(makeAcme);

describe('a project', () => {
  it('is made, found, and a level of its own at once', async () => {
    const wanted = {
      id: 'sleet duke/1',
      nickname: 'Sleetduke',
      parents: ['domain:a', 'project:p1'],
      access: 'restricted',
      owners: [{ subject: 'group:staff' }, { subject: 'user:ann', kind: 'TECHNICAL' }],
      properties: { tier: 1 },
    };
    const made = await call('POST', PROJECTS, wanted);
    expect([made.status, made.body]).toEqual([201, { ...wanted, revision: expect.any(Number), published: true }]);
    const address = `${PROJECTS}/${encodeURIComponent('sleet duke/1')}`;
    const got = await call('GET', address);
    expect([got.body, got.headers.get('etag')]).toEqual([
      { ...wanted, policies: 0, roles: 0, revision: made.body.revision },
      made.headers.get('etag'),
    ]);
    expect((await call('POST', `${address}/roles`, { name: 'Local', privileges: ['view'] })).status).toBe(201);
    await assign({ subject: 'user:liz', role: 'sleet duke/1/Local', scope: 'project:sleet duke/1' });
    expect(await reasonOf({ subject: 'user:liz', action: 'view', resource: 'project:sleet duke/1' })).toBe('granted');
  });

  it('is refused with every bad field', async () => {
    const before = await revision();
    const answer = await call('POST', PROJECTS, {
      id: 'bad',
      nickname: 'a\u0007b',
      parents: ['nothing', 'project:bad', 'domain:x'],
      owners: [{ subject: 'group:everyone' }, { subject: 'nobody' }, { subject: 'group:none' }, { subject: 'api_key:none' }],
      properties: { large: 'x'.repeat(20_000) },
    });
    expect([codeOf(answer), problemsOf(answer)]).toEqual([
      '422 invalid_project',
      [
        'nickname invalid_name',
        'owners[0].subject reserved_group',
        'owners[1].subject invalid_reference',
        'owners[2].subject unknown_group',
        'owners[3].subject unknown_api_key',
        'parents[0] invalid_reference',
        'parents[1] cycle',
        'properties properties_too_large',
      ],
    ]);
    for (const body of [{}, { id: '' }, { id: 'x', policies: [] }, { id: 'x', access: 'none' }, { id: 3 }, { id: 'x', properties: [] }])
      expect(codeOf(await call('POST', PROJECTS, body))).toBe('400 invalid_project');
    expect(codeOf(await call('POST', PROJECTS, { id: 'x'.repeat(600) }))).toBe('400 invalid_reference');
    expect(await revision()).toBe(before);
  });

  it('of one id is one, and is given as it is when asked so', async () => {
    const answers = await Promise.all([1, 2, 3].map((i) => call('POST', PROJECTS, { id: 'once', nickname: `n${i}` })));
    expect(answers.map(codeOf).toSorted()).toEqual(['201', '409 project_exists', '409 project_exists']);
    const given = await call('POST', `${PROJECTS}?if_exists=return`, { id: 'once', nickname: 'other' });
    expect([given.status, given.body.nickname]).toEqual([200, answers.find(({ status }) => status === 201)?.body.nickname]);
    expect((await call('POST', PROJECTS, { id: 'Once' })).status).toBe(201);
  });

  it('takes over a resource that is registered already', async () => {
    await sql(`INSERT INTO resources (org, resource, access, properties) VALUES ('acme', 'project:there', 'restricted', '{"old":true}')`);
    const made = await call('POST', PROJECTS, { id: 'there', nickname: 'There' });
    expect([made.status, made.body.access, made.body.properties]).toEqual([201, 'restricted', { old: true }]);
  });

  it('keeps its id; the rest is replaced by PUT and changed by PATCH', async () => {
    const made = await call('POST', PROJECTS, { id: 'fixed', nickname: 'A', parents: ['domain:a'], owners: [{ subject: 'user:ann' }] });
    expect(codeOf(await call('PATCH', `${PROJECTS}/fixed`, { id: 'other' }))).toBe('400 invalid_project');
    const patched = await call('PATCH', `${PROJECTS}/fixed`, { nickname: 'B', owners: [{ subject: 'user:bob' }, { subject: 'user:bob' }] });
    expect(patched.body).toEqual({ ...made.body, nickname: 'B', owners: [{ subject: 'user:bob' }], revision: expect.any(Number) });
    const same = await call('PATCH', `${PROJECTS}/fixed`, { nickname: 'B', parents: ['domain:a'] });
    expect([same.status, same.body.revision]).toEqual([200, patched.body.revision]);
    const stale = { headers: { 'if-match': made.headers.get('etag') ?? '' } };
    for (const [method, body] of [
      ['PUT', {}],
      ['PATCH', {}],
      ['DELETE', undefined],
    ] as const)
      expect(codeOf(await call(method, `${PROJECTS}/fixed`, body, stale))).toBe('412 changed_meanwhile');
    const put = await call('PUT', `${PROJECTS}/fixed`, {});
    expect(put.body).toEqual({ ...patched.body, nickname: '', parents: [], owners: [], revision: expect.any(Number) });
    expect(codeOf(await call('PUT', `${PROJECTS}/none`, {}))).toBe('404 unknown_project');
    const { items } = (await call('GET', '/admin/orgs/acme/audit?target=project:fixed')).body;
    expect(items.map((item: { action: string }) => item.action)).toEqual(['project.update', 'project.update', 'project.create']);
    expect([items[1].before.nickname, items[1].after.owners]).toEqual(['A', [{ owner: 'user:bob', kind: '' }]]);
  });

  it('is never its own ancestor', async () => {
    await call('POST', PROJECTS, { id: 'up' });
    await call('POST', PROJECTS, { id: 'down', parents: ['project:up'] });
    const closed = await call('PATCH', `${PROJECTS}/up`, { parents: ['domain:x', 'project:down'] });
    expect([codeOf(closed), problemsOf(closed)]).toEqual(['422 invalid_project', ['parents[1] cycle']]);
    expect(closed.body.error.details.problems[0].message).toContain('`project:up` → `project:down` → `project:up`');
    for (let i = 0; i < 33; i++) {
      const { status } = await call('POST', `${PROJECTS}?publish=async`, {
        id: `deep-${i}`,
        parents: i === 0 ? [] : [`project:deep-${i - 1}`],
      });
      expect([i, status]).toEqual([i, 202]);
    }
    const deeper = await call('POST', PROJECTS, { id: 'deep-33', parents: ['project:deep-32'] });
    expect([codeOf(deeper), problemsOf(deeper)]).toEqual(['422 invalid_project', ['parents too_deep']]);
  });
});

describe('deleting a project', () => {
  it('takes an empty one, and what hangs on it alone', async () => {
    await call('POST', PROJECTS, { id: 'empty', parents: ['domain:a'], owners: [{ subject: 'user:ann' }] });
    const gone = await call('DELETE', `${PROJECTS}/empty`);
    expect([gone.status, gone.body.deleted.id, gone.body.published]).toEqual([200, 'empty', true]);
    for (const method of ['GET', 'DELETE']) expect(codeOf(await call(method, `${PROJECTS}/empty`))).toBe('404 unknown_project');
  });

  it('in use is refused with all that it has, and force takes that along in one write', async () => {
    await makeOrganization('full', { owner: 'user:owner' });
    await putManifest('full', {
      bitgate: 1,
      catalog: { privileges: [{ name: 'view' }] },
      roles: [{ name: 'Viewer', privileges: ['view'] }],
      projects: [
        {
          id: 'p',
          policies: [{ name: 'Own policy', privileges: ['view'] }],
          roles: [
            { name: 'Base', policies: ['Own policy'] },
            { name: 'Own role', inherits: ['Base', 'Viewer'] },
          ],
        },
        { id: 'q' },
      ],
      resources: [
        { type: 'folder', id: 'f', parents: ['project:p'] },
        { type: 'doc', id: 'inside', parents: ['folder:f', 'project:p'] },
        { type: 'doc', id: 'both', parents: ['folder:f', 'project:q'] },
      ],
      assignments: [
        { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
        { subject: 'user:a', role: 'p/Own role', scope: 'project:p' },
        { subject: 'user:b', role: 'p/Own role', scope: 'doc:both' },
        { subject: 'user:c', role: 'Viewer', scope: 'doc:inside' },
        { subject: 'user:d', role: 'Viewer', scope: 'doc:both' },
      ],
    });
    const { id: key } = await makeKey('full', []);
    await sql(`UPDATE api_keys SET project = 'p' WHERE org = 'full' AND id = '${key}'`);
    const at = '/admin/orgs/full/projects/p';
    const refused = await call('DELETE', at);
    expect([codeOf(refused), refused.body.error.message]).toEqual([
      '409 project_in_use',
      'the project `p` has 1 policy, 2 roles, 1 API key, 1 assignment, 2 resources below it: take them away first, or send `?force=true`',
    ]);
    const { details } = refused.body.error;
    expect([details.policies.items[0].name, idsOf(details.api_keys.items), idsOf(details.resources.items)]).toEqual([
      'Own policy',
      [key],
      ['doc:inside', 'folder:f'],
    ]);
    const gone = await call('DELETE', `${at}?force=true`);
    expect([gone.status, gone.body.published]).toEqual([200, true]);
    const { body: left } = await call('GET', '/admin/orgs/full/manifest');
    expect(left.projects).toEqual([{ id: 'q' }]);
    expect(left.resources).toEqual([{ type: 'doc', id: 'both', parents: ['project:q'] }]);
    expect(left.assignments.map((row: { subject: string }) => row.subject).toSorted()).toEqual(['user:d', 'user:owner']);
    expect((await call('GET', '/admin/orgs/full/api-keys')).body.total).toBe(0);
    const check = { org: 'full', action: 'view', resource: 'doc:both' };
    expect((await call('POST', '/check', { ...check, subject: 'user:d' })).body.reason).toBe('granted');
    expect((await call('POST', '/check', { ...check, subject: 'user:b' })).body.reason).toBe('no_grant');
    const [line] = (await call('GET', '/admin/orgs/full/audit?target=project:p')).body.items;
    expect([line.before.content.roles.length, line.before.content.assignments.length]).toEqual([2, 3]);
    expect(line.before.content.api_keys[0]).not.toHaveProperty('hash');
  });

  it('is refused while another project lies below it alone', async () => {
    await call('POST', PROJECTS, { id: 'outer' });
    await call('POST', PROJECTS, { id: 'inner', parents: ['project:outer'] });
    const refused = await call('DELETE', `${PROJECTS}/outer?force=true`);
    expect([codeOf(refused), refused.body.error.details.projects.items]).toEqual(['409 project_in_use', ['project:inner']]);
    await call('PATCH', `${PROJECTS}/inner`, { parents: [] });
    expect((await call('DELETE', `${PROJECTS}/outer`)).status).toBe(200);
  });
});

describe('the list of projects', () => {
  it('is paged, and searched by id and nickname', async () => {
    await makeOrganization('many', { owner: 'user:owner' });
    const projects = Array.from({ length: 25 }, (_, i) => ({ id: `p${String(i).padStart(2, '0')}`, nickname: i === 13 ? 'Thirteen' : '' }));
    await putManifest('many', {
      bitgate: 1,
      projects: [...projects, { id: 'full', roles: [{ name: 'R' }], policies: [{ name: 'P', privileges: [] }] }],
      assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }],
    });
    const at = '/admin/orgs/many/projects';
    const first = (await call('GET', at)).body;
    const second = (await call('GET', `${at}?cursor=${first.next_cursor}`)).body;
    expect([first.total, idsOf([...first.items, ...second.items]), second.next_cursor]).toEqual([
      26,
      ['full', ...projects.map(({ id }) => id)],
      null,
    ]);
    expect([first.items[0].roles, first.items[0].policies]).toEqual([1, 1]);
    expect(idsOf((await call('GET', `${at}?q=THIRT`)).body.items)).toEqual(['p13']);
    expect(idsOf((await call('GET', `${at}?q=P2`)).body.items)).toEqual(['p20', 'p21', 'p22', 'p23', 'p24']);
  });

  it('needs its rights', async () => {
    const { token: local } = await makeKey('acme', [{ role: 'bitgate:owner', scope: 'project:p1' }]);
    const { token: reader } = await makeKey('acme', ['Reader']);
    for (const [token, method, path, body, code] of [
      [local, 'GET', '', undefined, '403 missing_privilege'],
      [local, 'GET', '/p1', undefined, '200'],
      [local, 'PATCH', '/p1', { nickname: 'One' }, '200'],
      [local, 'DELETE', '/p1', undefined, '403 missing_privilege'],
      [local, 'POST', '', { id: 'new' }, '403 missing_privilege'],
      [local, 'GET', '/once', undefined, '403 missing_privilege'],
      [reader, 'GET', '', undefined, '200'],
      [reader, 'PUT', '/none', {}, '403 missing_privilege'],
    ] as const) {
      expect([method, path, codeOf(await call(method, `${PROJECTS}${path}`, body, { token }))]).toEqual([method, path, code]);
    }
  });
});
