/** Registered subjects over HTTP. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, makeAcme, reasonOf, revision } from './acme.ts';
import { type Answer, call, makeKey, makeOrganization } from './client.ts';

const SUBJECTS = '/admin/orgs/acme/subjects';

const codeOf = ({ status, body }: Answer): string => [status, body?.error?.code ?? []].flat().join(' ');
const at = (subject: string): string => `${SUBJECTS}/${encodeURIComponent(subject)}`;

beforeAll(makeAcme);

describe('a subject', () => {
  it('is registered once, found, changed and deleted', async () => {
    const made = await call('POST', SUBJECTS, { type: 'user', id: 'ann', properties: { team: 'x' } });
    const shown = { subject: 'user:ann', type: 'user', id: 'ann', status: 'active', properties: { team: 'x' } };
    expect([made.status, made.body]).toEqual([201, { ...shown, revision: expect.any(Number), published: true }]);
    expect(codeOf(await call('POST', SUBJECTS, { subject: 'user:ann' }))).toBe('409 subject_exists');
    const returned = await call('POST', `${SUBJECTS}?if_exists=return`, { subject: 'user:ann', status: 'suspended' });
    expect([returned.status, returned.body.status]).toEqual([200, 'active']);
    const got = await call('GET', at('user:ann'));
    expect([got.status, got.body]).toEqual([
      200,
      { ...shown, groups: [], group_count: 0, assignment_count: 0, ownership_count: 0, revision: made.body.revision },
    ]);
    expect(got.headers.get('etag')).toBe(made.headers.get('etag'));
    expect((await call('PATCH', at('user:ann'), { status: 'suspended' })).body).toMatchObject({
      status: 'suspended',
      properties: { team: 'x' },
    });
    expect((await call('PATCH', at('user:ann'), { properties: { floor: 2 } })).body).toMatchObject({
      status: 'suspended',
      properties: { floor: 2 },
    });
    expect((await call('PUT', at('user:ann'), {})).body).toMatchObject({ status: 'active', properties: {} });
    expect((await call('DELETE', at('user:ann'))).body.deleted.subject).toBe('user:ann');
    expect(codeOf(await call('GET', at('user:ann')))).toBe('404 unknown_subject');
  });

  it('suspended is denied whatever it holds, until it is active again', async () => {
    await assign({ subject: 'user:sue', role: 'Viewer', scope: 'org' });
    const suspended = await call('PATCH', at('user:sue'), { status: 'suspended' });
    expect(await reasonOf({ subject: 'user:sue', action: 'view', min_revision: suspended.body.revision })).toBe('subject_suspended');
    const back = await call('PATCH', at('user:sue'), { status: 'active' });
    expect(await reasonOf({ subject: 'user:sue', action: 'view', min_revision: back.body.revision })).toBe('granted');
  });

  it('with anything hanging on it is refused with that, and goes with all of it by force', async () => {
    await assign({ subject: 'user:busy', role: 'Viewer', scope: 'org' });
    await call('PUT', '/admin/orgs/acme/groups/staff/members/user:busy');
    await call('PUT', '/admin/orgs/acme/resources/dataset:d1/owners', { subject: 'user:busy' });
    const detail = (await call('GET', at('user:busy'))).body;
    expect([detail.groups[0].name, detail.group_count, detail.assignment_count, detail.ownership_count]).toEqual(['staff', 1, 1, 1]);
    const refused = await call('DELETE', at('user:busy'));
    expect([codeOf(refused), refused.body.error.details]).toEqual([
      '409 subject_in_use',
      {
        assignments: { total: 1, first: [{ id: expect.any(String), subject: 'user:busy', role: 'Viewer', scope: 'org' }] },
        ownerships: { total: 1, first: [{ resource: 'dataset:d1', kind: null }] },
        groups: { total: 1, first: [{ id: expect.any(String), name: 'staff' }] },
      },
    ]);
    expect((await call('DELETE', `${at('user:busy')}?force=true`)).status).toBe(200);
    const left = await env.DB.prepare(
      `SELECT (SELECT count(*) FROM assignments WHERE principal = ?1) + (SELECT count(*) FROM group_members WHERE member = ?1)
        + (SELECT count(*) FROM resource_owners WHERE owner = ?1) AS rows`,
    )
      .bind('user:busy')
      .first<{ rows: number }>();
    expect(left?.rows).toBe(0);
  });

  it('that is a key is changed as a key', async () => {
    const { id } = await makeKey('acme', ['Reader']);
    expect((await call('GET', at(`api_key:${id}`))).body.assignment_count).toBe(1);
    for (const [method, body] of [
      ['PUT', {}],
      ['PATCH', { status: 'suspended' }],
      ['DELETE', undefined],
    ] as const)
      expect(codeOf(await call(method, at(`api_key:${id}`), body))).toBe('409 key_subject');
    expect(codeOf(await call('POST', SUBJECTS, { type: 'api_key', id: 'mine' }))).toBe('409 key_subject');
  });

  it.each([
    [{ type: 'group', id: 'x' }, '422 invalid_subject'],
    [{ type: '', id: 'x' }, '422 invalid_subject'],
    [{ type: 'a:b', id: 'x' }, '422 invalid_subject'],
    [{ type: 'user', id: 'x'.repeat(600) }, '422 invalid_subject'],
    [{ type: 'user', id: 'x', properties: { big: 'x'.repeat(17_000) } }, '422 invalid_subject'],
    [{ subject: 'ann' }, '400 invalid_reference'],
    [{ subject: 'user:a', type: 'user' }, '400 invalid_subject'],
    [{ type: 'user' }, '400 invalid_subject'],
    [{ type: 'user', id: 'x', status: 'gone' }, '400 invalid_subject'],
    [{ type: 'user', id: 'x', properties: [] }, '400 invalid_subject'],
    [{}, '400 invalid_subject'],
    [null, '400 invalid_subject'],
  ])('is refused: %j', async (body, code) => {
    const before = await revision();
    expect(codeOf(await call('POST', SUBJECTS, body))).toBe(code);
    expect(await revision()).toBe(before);
  });

  it('is not overwritten by who read it before somebody else changed it', async () => {
    const made = await call('POST', SUBJECTS, { type: 'user', id: 'raced' });
    const headers = { 'if-match': made.headers.get('etag') ?? '' };
    expect((await call('PATCH', at('user:raced'), { properties: { n: 1 } }, { headers })).status).toBe(200);
    expect(codeOf(await call('PATCH', at('user:raced'), { properties: { n: 2 } }, { headers }))).toBe('412 changed_meanwhile');
    expect(codeOf(await call('DELETE', at('user:raced'), undefined, { headers }))).toBe('412 changed_meanwhile');
  });

  it('SEC-24 has whatever id it likes', async () => {
    for (const id of ['a/b', '%2e%2e', '../../x', "'; DROP TABLE subjects; --", 'ü🜁', 'a:b:c', 'a b', '%']) {
      const subject = `user:${id}`;
      expect((await call('POST', SUBJECTS, { subject })).body.id).toBe(id);
      expect((await call('GET', at(subject))).body.subject).toBe(subject);
      expect((await call('DELETE', at(subject))).body.deleted.subject).toBe(subject);
    }
    for (const nonsense of ['nobody', 'user%3A', 'org', '%zz', 'user:%ff'])
      expect((await call('GET', `${SUBJECTS}/${nonsense}`)).status).toBe(404);
  });
});

describe('the list of subjects', () => {
  it('F40 is searched, filtered and walked page by page, each once', async () => {
    await makeOrganization('listed');
    const rows = Array.from({ length: 25 }, (_, i) => ({ type: i % 2 === 0 ? 'user' : 'service', id: `S${i}` }));
    await call('PUT', '/admin/orgs/listed/manifest', {
      bitgate: 1,
      subjects: [...rows, { type: 'user2', id: 'other', status: 'suspended' }],
    });
    const list = (query: string): Promise<Answer> => call('GET', `/admin/orgs/listed/subjects?${query}`);
    expect([(await list('')).body.items.length, (await list('')).body.total]).toEqual([20, 26]);
    expect([(await list('type=user')).body.total, (await list('type=use')).body.total]).toEqual([13, 0]);
    expect((await list('status=suspended')).body.items[0].subject).toBe('user2:other');
    expect((await list('q=s1&type=service')).body.total).toBe(6);
    const seen = new Set<string>();
    let count = 0;
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Answer = await list(`limit=7&type=user${cursor && `&cursor=${cursor}`}`);
      for (const { subject } of page.body.items) seen.add(subject);
      count += page.body.items.length;
      cursor = page.body.next_cursor;
    }
    expect([seen.size, count]).toEqual([13, 13]);
    for (const query of ['limit=0', 'limit=1001', 'status=gone', 'cursor=x', 'colour=red', 'q=a&q=b'])
      expect((await list(query)).status).toBe(400);
  });

  it('stays quick with 100,000 of them', async () => {
    await makeOrganization('huge');
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
       INSERT INTO subjects (org, subject) SELECT 'huge', 'user:' || i FROM n`,
    ).run();
    const started = Date.now();
    const page = await call('GET', '/admin/orgs/huge/subjects?type=user&limit=1000');
    expect([page.body.items.length, page.body.total]).toEqual([1000, 100_000]);
    expect((await call('GET', '/admin/orgs/huge/subjects?q=99999')).body.total).toBe(1);
    expect(Date.now() - started).toBeLessThan(5_000);
  }, 120_000);
});

describe('rights', () => {
  it.each([
    ['POST', SUBJECTS, { type: 'user', id: 'x' }],
    ['PUT', `${SUBJECTS}/user:owner`, {}],
    ['PATCH', `${SUBJECTS}/user:nobody`, {}],
    ['DELETE', `${SUBJECTS}/user:nobody`, undefined],
  ])('%s %s needs `bitgate:manage_members`', async (method, path, body) => {
    const { token } = await makeKey('acme', ['Reader']);
    expect(codeOf(await call(method, path, body, { token }))).toBe('403 missing_privilege');
    expect((await call('GET', path, undefined, { token })).status).toBeLessThan(405);
    const { token: manager } = await makeKey('acme', ['Manager']);
    expect((await call(method, path, body, { token: manager })).status).not.toBe(403);
  });
});
