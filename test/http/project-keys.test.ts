/** API keys of a project: seen and changed there and at the organization, never holding anything outside, and not the organization's. */
import { beforeAll, describe, expect, it } from 'vitest';
import { apiKeyRoutes } from '../../src/http/admin/api-keys-routes.ts';
import { apiKeyAnswer, apiKeyDeletedAnswer, apiKeyMadeAnswer, apiKeyPage, EXAMPLES } from '../../src/http/admin/api-keys-wire.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';

const ORG = 'pkeys';
const at = (path: string, method = 'GET', body?: unknown, token = ROOT): Promise<Answer> =>
  call(method, `/admin/orgs/${ORG}${path}`, body, { token });
const inP1 = (path = '', method = 'GET', body?: unknown, token = ROOT): Promise<Answer> =>
  at(`/projects/p1/api-keys${path}`, method, body, token);
const code = (answer: Answer): [number, string | undefined] => [answer.status, answer.body.error?.code];
const wanted = (scope: string, role = 'Reader'): object => ({ name: 'tool', roles: [{ role, scope }] });

/** May manage the keys of p1. */
let local = '';
let orgKey = { token: '', id: '' };

async function keyOfP1(): Promise<{ id: string; token: string }> {
  const made = await inP1('', 'POST', wanted('project:p1'));
  return { id: made.body.id, token: made.body.secret };
}

beforeAll(async () => {
  await makeOrganization(ORG);
  await putManifest(ORG, {
    bitgate: 1,
    catalog: { privileges: [{ name: 'read' }, { name: 'edit' }] },
    roles: [
      { name: 'Reader', privileges: ['read'] },
      { name: 'Editor', privileges: ['edit'] },
      { name: 'Keys', privileges: ['bitgate:manage_keys', 'read'] },
    ],
    projects: [{ id: 'p1', roles: [{ name: 'Reviewer', privileges: ['read'] }] }, { id: 'p2' }],
    resources: [
      { type: 'dataset', id: 'd1', parents: ['project:p1'] },
      { type: 'dataset', id: 'd2', parents: ['project:p2'] },
    ],
    assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }],
  });
  local = (await makeKey(ORG, [{ role: 'Keys', scope: 'project:p1' }])).token;
  orgKey = await makeKey(ORG, ['Reader']);
});

describe('a key of a project', () => {
  it('is made, seen and deleted by who manages the keys of that project', async () => {
    const made = await inP1(
      '',
      'POST',
      {
        name: 'tool',
        roles: [
          { role: 'Reader', scope: 'dataset:d1' },
          { role: 'p1/Reviewer', scope: 'project:p1' },
        ],
      },
      local,
    );
    expect([made.status, apiKeyMadeAnswer.parse(made.body)]).toMatchObject([201, { project: 'p1' }]);
    const { id } = made.body;
    const shown = await inP1(`/${id}`, 'GET', undefined, local);
    expect(apiKeyAnswer.parse(shown.body)).toMatchObject({ id, project: 'p1', roles: [{}, {}] });
    const listed = apiKeyPage.parse((await inP1('?limit=1000', 'GET', undefined, local)).body);
    expect([listed.items.map((item) => item.project), listed.total]).toEqual([['p1'], 1]);
    expect((await inP1(`/${id}`, 'PATCH', { name: 'other' }, local)).body).toMatchObject({ name: 'other', project: 'p1' });
    expect((await inP1(`/${id}/rotate`, 'POST', {}, local)).body.secret).toMatch(new RegExp(`^bg_${ORG}_${id}_`));
    const deleted = await inP1(`/${id}`, 'DELETE', undefined, local);
    expect(apiKeyDeletedAnswer.parse(deleted.body).deleted.id).toBe(id);
    expect(code(await inP1(`/${id}`))).toEqual([404, 'unknown_api_key']);
  });

  it.each([
    ['org', 'Reader', 'outside_project'],
    ['project:p2', 'Reader', 'outside_project'],
    ['dataset:d2', 'Reader', 'outside_project'],
    ['dataset:nobody-registered', 'Reader', 'outside_project'],
    ['project:p1', 'Nobody', 'unknown_role'],
  ])('can not be given a role at %s (%s)', async (scope, role, problem) => {
    const answer = await inP1('', 'POST', wanted(scope, role));
    expect([answer.status, answer.body.error.details.problems.map((each: { code: string }) => each.code)]).toEqual([422, [problem]]);
  });

  it('is given nothing outside its project by any other write either', async () => {
    const { id } = await keyOfP1();
    const subject = `api_key:${id}`;
    const before = (await at('')).body.revision;
    for (const scope of ['org', 'project:p2', 'dataset:d2', 'dataset:nobody-registered']) {
      for (const attempt of [
        await at('/assignments', 'POST', { subject, role: 'Reader', scope }),
        await at('/assignments/batch', 'POST', { subjects: ['user:a', subject], role: 'Reader', scope }),
      ]) {
        expect([scope, ...code(attempt)]).toEqual([scope, 422, 'outside_project']);
        expect(attempt.body.error.details.assignments.items).toEqual([{ subject, scope, project: 'p1' }]);
      }
    }
    expect(code(await at(`/members/${subject}`, 'PUT', { roles: ['Reader'] }))).toEqual([422, 'outside_project']);
    expect((await at('')).body.revision).toBe(before);
    for (const scope of ['project:p1', 'dataset:d1'])
      expect((await at('/assignments', 'POST', { subject, role: 'Editor', scope })).status).toBe(201);
    expect((await at('/assignments', 'POST', { subject: `api_key:${orgKey.id}`, role: 'Editor', scope: 'dataset:d2' })).status).toBe(201);
    await at(`/api-keys/${id}`, 'DELETE');
  });

  it('keeps where it was given something within its project, until that is taken away', async () => {
    await at('/resources', 'POST', { resource: 'folder:f', parents: ['project:p1'] });
    await at('/resources', 'POST', { resource: 'dataset:in-f', parents: ['folder:f'] });
    await at('/projects', 'POST', { id: 'inner', parents: ['project:p1'] });
    const { id } = await keyOfP1();
    const subject = `api_key:${id}`;
    for (const scope of ['dataset:in-f', 'project:inner']) await at('/assignments', 'POST', { subject, role: 'Reader', scope });
    const moves = (): Promise<(readonly [number, string | undefined])[]> =>
      Promise.all([
        at('/resources/folder:f', 'PATCH', { parents: ['project:p2'] }).then(code),
        at('/projects/inner', 'PATCH', { parents: ['project:p2'] }).then(code),
      ]);
    expect(await moves()).toEqual([
      [409, 'outside_project'],
      [409, 'outside_project'],
    ]);
    expect(code(await at('/resources/folder:f', 'PATCH', { parents: ['project:p1', 'project:p2'] }))).toEqual([200, undefined]);
    await at(`/api-keys/${id}`, 'DELETE');
    expect(await moves()).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
  });

  it('gives nothing that its maker has not got there', async () => {
    expect(code(await inP1('', 'POST', wanted('project:p1', 'Editor'), local))).toEqual([403, 'escalation']);
  });

  it('is listed at the organization with its project, and can be changed there', async () => {
    const { id } = await keyOfP1();
    const { items } = (await at('/api-keys?limit=1000')).body;
    expect(items.find((item: { id: string }) => item.id === id)).toMatchObject({ project: 'p1' });
    expect(items.find((item: { id: string }) => item.id === orgKey.id)).toMatchObject({ project: null });
    expect((await at(`/api-keys/${id}`, 'PATCH', { status: 'disabled' })).body.status).toBe('disabled');
    expect((await at(`/api-keys/${id}`, 'DELETE')).status).toBe(200);
  });

  it('is not there at another project', async () => {
    const { id } = await keyOfP1();
    const elsewhere = `/projects/p2/api-keys/${id}`;
    expect(code(await at(elsewhere))).toEqual([404, 'unknown_api_key']);
    expect(code(await at(elsewhere, 'PATCH', { name: 'x' }))).toEqual([404, 'unknown_api_key']);
    expect(code(await at(elsewhere, 'DELETE'))).toEqual([404, 'unknown_api_key']);
    expect(code(await at(`${elsewhere}/rotate`, 'POST', {}))).toEqual([404, 'unknown_api_key']);
  });
});

describe('who manages the keys of a project', () => {
  it('sees and changes no key of the organization, at neither address', async () => {
    for (const [method, body] of [
      ['GET', undefined],
      ['PATCH', { name: 'x' }],
      ['DELETE', undefined],
    ] as const) {
      expect(code(await at(`/api-keys/${orgKey.id}`, method, body, local))).toEqual([403, 'missing_privilege']);
      expect(code(await inP1(`/${orgKey.id}`, method, body, local))).toEqual([404, 'unknown_api_key']);
    }
    expect(code(await at('/api-keys', 'GET', undefined, local))).toEqual([403, 'missing_privilege']);
    expect(code(await at('/api-keys', 'POST', wanted('project:p1'), local))).toEqual([403, 'missing_privilege']);
  });

  it('does nothing in another project, and is not told which projects there are', async () => {
    for (const project of ['p2', 'nowhere']) {
      expect(code(await at(`/projects/${project}/api-keys`, 'GET', undefined, local))).toEqual([403, 'missing_privilege']);
      expect(code(await at(`/projects/${project}/api-keys`, 'POST', wanted('project:p1'), local))).toEqual([403, 'missing_privilege']);
    }
  });

  it('cannot take over a key of the project that holds more than they do', async () => {
    const { id } = await keyOfP1();
    await at('/assignments', 'POST', { subject: `api_key:${id}`, role: 'Editor', scope: 'project:p1' });
    for (const attempt of [() => inP1(`/${id}/rotate`, 'POST', {}, local), () => inP1(`/${id}`, 'DELETE', undefined, local)]) {
      expect(code(await attempt())).toEqual([403, 'escalation']);
    }
  });
});

describe('keys', () => {
  it('of a project that is not there are 404', async () => {
    expect(code(await at('/projects/nowhere/api-keys'))).toEqual([404, 'not_found']);
    expect(code(await at('/projects/nowhere/api-keys', 'POST', wanted('project:p1')))).toEqual([404, 'not_found']);
  });

  it('are found by a part of their name', async () => {
    const { id } = (await at('/api-keys', 'POST', { name: 'Nightly Export' })).body;
    const found = (await at('/api-keys?q=nightly')).body;
    expect([found.items.map((item: { id: string }) => item.id), found.total]).toEqual([[id], 1]);
  });

  it('are not changed over what somebody else did meanwhile', async () => {
    const { id } = (await at('/api-keys', 'POST', { name: 'raced' })).body;
    const etag = (await at(`/api-keys/${id}`)).headers.get('etag')!;
    const patch = (name: string): Promise<Answer> =>
      call('PATCH', `/admin/orgs/${ORG}/api-keys/${id}`, { name }, { headers: { 'if-match': etag } });
    expect((await patch('first')).status).toBe(200);
    expect(code(await patch('second'))).toEqual([412, 'changed_meanwhile']);
  });

  it('can be tried without being made, and then show no token', async () => {
    const tried = await at('/api-keys?dry_run=true', 'POST', { name: 'tried' });
    expect([tried.status, tried.body.dry_run, tried.body.secret]).toEqual([200, true, undefined]);
    expect(code(await at(`/api-keys/${tried.body.id}`))).toEqual([404, 'unknown_api_key']);
    const rotated = await at(`/api-keys/${orgKey.id}/rotate?dry_run=true`, 'POST', {});
    expect([rotated.status, rotated.body.secret]).toEqual([200, undefined]);
  });

  it('are described with examples that are answers', () => {
    for (const { id, answer, answerExample, body, bodyExample } of apiKeyRoutes) {
      expect([id, answer.safeParse(answerExample).error]).toEqual([id, undefined]);
      if (body !== undefined) expect([id, body.safeParse(bodyExample).error]).toEqual([id, undefined]);
    }
    expect(EXAMPLES.made.secret).toMatch(/^bg_/);
  });
});
