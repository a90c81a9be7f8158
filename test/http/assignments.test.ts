/** Assignments over HTTP, and who may make and take them. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, makeAcme, manifest, reasonOf, revision } from './acme.ts';
import { type Answer, call, makeKey } from './client.ts';

beforeAll(makeAcme);

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
