/** `L/assignments/batch`, and assignments at a project's own address. */
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, makeAcme, reasonOf, revision } from './acme.ts';
import { type Answer, call, makeKey, ROOT } from './client.ts';

beforeAll(makeAcme);

const ORG = '/admin/orgs/acme';
const batch = (body: object, token = ROOT, at = ORG): Promise<Answer> => call('POST', `${at}/assignments/batch`, body, { token });
const statuses = (answer: Answer): string[] => answer.body.items.map(({ status }: { status: string }) => status);

describe('a batch', () => {
  it('assigns one role to many, tells each what became of it, and is idempotent', async () => {
    await assign({ subject: 'user:b1', role: 'Viewer', scope: 'org' });
    const subjects = ['user:b1', 'user:b2', 'group:staff', 'group:nobody', 'api_key:none', 'nonsense', 'user:b2'];
    const answer = await batch({ role: 'Viewer', subjects });
    expect([answer.status, statuses(answer)]).toEqual([
      200,
      ['unchanged', 'assigned', 'assigned', 'not_found', 'not_found', 'invalid', 'unchanged'],
    ]);
    expect(answer.body.items[3]).toEqual({
      subject: 'group:nobody',
      status: 'not_found',
      error: expect.objectContaining({ code: 'unknown_group' }),
    });
    expect(answer.body.items[6].id).toBe(answer.body.items[1].id);
    expect(await reasonOf({ subject: 'user:b2', action: 'view' })).toBe('granted');
    expect(await reasonOf({ subject: 'user:gus', action: 'view' })).toBe('granted');
    const again = await batch({ role: 'Viewer', subjects: ['user:b1', 'user:b2', 'group:staff'] });
    expect([again.body.revision, statuses(again)]).toEqual([answer.body.revision, ['unchanged', 'unchanged', 'unchanged']]);
  });

  it('assigns policies and windows, below a project too', async () => {
    const wanted = { policy: 'Never edit', subjects: ['user:c1'], scope: 'dataset:d1', expires_at: '2030-01-01T00:00:00Z' };
    expect(statuses(await batch(wanted))).toEqual(['assigned']);
    const list = await call('GET', `${ORG}/assignments?subject=user:c1`);
    expect(list.body.items[0]).toMatchObject({ policy: 'Never edit', scope: 'dataset:d1', expires_at: '2030-01-01T00:00:00Z' });
  });

  it('with `must_exist` registers nobody', async () => {
    const answer = await batch({ role: 'Viewer', subjects: ['user:gus', 'user:ghost'], must_exist: true });
    expect(statuses(answer)).toEqual(['assigned', 'not_found']);
    expect(answer.body.items[1].error.code).toBe('unknown_subject');
  });

  it('with `atomic` does all or nothing, and tells which could not be done', async () => {
    const before = await revision();
    const refused = await batch({ role: 'Editor', subjects: ['user:d1', 'group:nobody', 'user:d2'], atomic: true });
    expect([refused.status, refused.body.error.code]).toEqual([409, 'batch_refused']);
    expect(refused.body.error.details.items.map(({ status }: { status: string }) => status)).toEqual(['not_done', 'not_found', 'not_done']);
    expect(await revision()).toBe(before);
    expect(statuses(await batch({ role: 'Editor', subjects: ['user:d1', 'user:d2'], atomic: true }))).toEqual(['assigned', 'assigned']);
  });

  it('with role null takes every direct role at that scope, and leaves policies and other scopes', async () => {
    await batch({ role: 'Viewer', subjects: ['user:e1', 'user:e2'] });
    await batch({ role: 'Editor', subjects: ['user:e1'] });
    await batch({ policy: 'Never edit', subjects: ['user:e1'] });
    await batch({ role: 'Viewer', subjects: ['user:e1'], scope: 'dataset:d1' });
    const answer = await batch({ role: null, subjects: ['user:e1', 'user:e2', 'user:e3'] });
    expect(statuses(answer)).toEqual(['unassigned', 'unassigned', 'unchanged']);
    expect(answer.body.items[0].replaced.map(({ role }: { role: string }) => role).toSorted()).toEqual(['Editor', 'Viewer']);
    const list = await call('GET', `${ORG}/assignments?subject=user:e1`);
    expect(list.body.items.map(({ policy, scope }: { policy?: string; scope: string }) => [policy ?? 'role', scope]).toSorted()).toEqual([
      ['Never edit', 'org'],
      ['role', 'dataset:d1'],
    ]);
  });

  it('of ten thousand is one transaction', { timeout: 120_000 }, async () => {
    // As long as a reference may be: five megabytes in all.
    const subjects = Array.from({ length: 10_000 }, (_, i) => `user:mass-${i}-`.padEnd(512, 'x'));
    const before = await revision();
    const answer = await batch({ role: 'Viewer', subjects });
    expect(answer.status).toBe(200);
    expect(new Set(statuses(answer))).toEqual(new Set(['assigned']));
    expect(answer.body.revision).toBeGreaterThan(before);
    expect((await call('GET', `${ORG}/assignments?subject=${subjects[9_999]}`)).body.total).toBe(1);
    const gone = await batch({ role: null, subjects });
    expect(new Set(statuses(gone))).toEqual(new Set(['unassigned']));
    expect((await batch({ role: 'Viewer', subjects: [...subjects, 'user:one-more'] })).status).toBe(400);
  });

  it.each([
    ['an unknown role', { role: 'Nobody', subjects: ['user:a'] }, 422, 'invalid_batch'],
    ['a project’s role outside it', { role: 'p1/Reviewer', subjects: ['user:a'] }, 422, 'invalid_batch'],
    ['neither role nor policy', { subjects: ['user:a'] }, 400, 'invalid_batch'],
    ['both', { role: null, policy: 'Never edit', subjects: ['user:a'] }, 400, 'invalid_batch'],
    ['nobody', { role: 'Viewer', subjects: [] }, 400, 'invalid_batch'],
    ['a window of what is taken away', { role: null, subjects: ['user:a'], expires_at: '2030-01-01T00:00:00Z' }, 422, 'invalid_batch'],
    ['an unknown member', { role: 'Viewer', subjects: ['user:a'], sope: 'org' }, 400, 'invalid_batch'],
  ])('is refused: %s', async (_name, body, status, code) => {
    const answer = await batch(body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('SEC-46 needs the right, and goes no further than the writer’s own', async () => {
    const { token: reader } = await makeKey('acme', ['Reader']);
    expect((await batch({ role: 'Viewer', subjects: ['user:a'] }, reader)).body.error.code).toBe('missing_privilege');
    const { token, id } = await makeKey('acme', ['Manager']);
    expect((await batch({ role: 'Viewer', subjects: ['user:f1', 'user:f2'] }, token)).status).toBe(200);
    expect((await batch({ role: 'Editor', subjects: ['user:f1'] }, token)).body.error.code).toBe('escalation');
    await batch({ role: 'Editor', subjects: ['user:f3'] });
    expect((await batch({ role: null, subjects: ['user:f3'] }, token)).body.error.code).toBe('escalation');
    expect((await batch({ role: 'Viewer', subjects: ['user:f4', `api_key:${id}`] }, token)).body.error.code).toBe('own_rights');
    expect((await batch({ role: null, subjects: ['user:owner', 'user:f1'] })).body.error.code).toBe('last_owner');
  });
});

describe('a project’s own address', () => {
  const AT = `${ORG}/projects/p1`;
  const post = (body: object, token = ROOT): Promise<Answer> => call('POST', `${AT}/assignments`, body, { token });

  it('assigns at the project, knows its own roles by their names, and lists what is at it and below it', async () => {
    const made = await post({ subject: 'user:p', role: 'Reviewer' });
    expect([made.status, made.body.role, made.body.scope]).toEqual([201, 'p1/Reviewer', 'project:p1']);
    await post({ subject: 'user:p', role: 'Viewer', scope: 'dataset:d1' });
    await assign({ subject: 'user:p', role: 'Viewer', scope: 'org' });
    const list = await call('GET', `${AT}/assignments?subject=user:p`);
    expect(list.body.items.map(({ scope }: { scope: string }) => scope).toSorted()).toEqual(['dataset:d1', 'project:p1']);
    expect((await call('GET', `${AT}/assignments?subject=user:p&role=Reviewer`)).body.total).toBe(1);
    expect((await call('GET', `${AT}/assignments?subject=user:p&scope=org`)).body.total).toBe(0);
    const one = await call('DELETE', `${AT}/assignments?subject=user:p&role=Reviewer`);
    expect([one.status, one.body.deleted]).toEqual([200, [expect.objectContaining({ scope: 'project:p1' })]]);
    expect(statuses(await batch({ role: 'Reviewer', subjects: ['user:p', 'user:q'] }, ROOT, AT))).toEqual(['assigned', 'assigned']);
  });

  it('reaches nothing outside it', async () => {
    const outside = await assign({ subject: 'user:r', role: 'Viewer', scope: 'org' });
    expect((await post({ subject: 'user:r', role: 'Viewer', scope: 'org' })).body.error.details.problems[0].code).toBe('outside_project');
    expect((await post({ subject: 'user:r', role: 'Viewer', scope: 'dataset:elsewhere' })).status).toBe(422);
    expect((await call('DELETE', `${AT}/assignments/${outside.body.id}`)).status).toBe(404);
    expect((await call('DELETE', `${AT}/assignments?subject=user:r&role=Viewer&scope=org`)).status).toBe(404);
    expect((await batch({ role: 'Viewer', subjects: ['user:r'], scope: 'org' }, ROOT, AT)).status).toBe(422);
    for (const path of ['assignments', 'members', 'invitations']) {
      expect((await call('GET', `${ORG}/projects/none/${path}`)).status).toBe(404);
    }
  });

  it('SEC-46 is for those who manage the project', async () => {
    const { token } = await makeKey('acme', [{ role: 'Manager', scope: 'project:p1' }]);
    expect((await post({ subject: 'user:s', role: 'Viewer' }, token)).status).toBe(201);
    expect((await call('GET', `${AT}/assignments`, undefined, { token })).status).toBe(200);
    expect((await call('GET', `${ORG}/assignments`, undefined, { token })).status).toBe(403);
    expect((await batch({ role: 'Viewer', subjects: ['user:s2'] }, token)).status).toBe(403);
    expect((await batch({ role: 'Viewer', subjects: ['user:s2'] }, token, AT)).status).toBe(200);
  });
});
