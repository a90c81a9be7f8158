/** Lists over HTTP: who may ask, what is refused, what a cursor is bound to, and that a list is of one revision whatever is written meanwhile. */
import { runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { assign, makeAcme, manifest } from './acme.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';
import { Acme } from './history-acme.ts';

const list = (of: 'subjects' | 'resources' | 'actions', body: object, token?: string): Promise<Answer> =>
  call('POST', `/orgs/acme/list/${of}`, body, token === undefined ? {} : { token });

const VIEWERS = ['user:a', 'user:b', 'user:c', 'user:d', 'user:e'];

/** All pages, from a first answer on. */
async function pagesOf(of: 'subjects' | 'resources' | 'actions', body: object): Promise<Answer['body'][]> {
  const pages = [(await list(of, body)).body];
  while (pages.at(-1).next_cursor !== null) pages.push((await list(of, { ...body, cursor: pages.at(-1).next_cursor })).body);
  return pages;
}

afterEach(() => {
  vi.useRealTimers();
});

beforeAll(async () => {
  await makeAcme();
  await makeOrganization('other', { owner: 'user:owner' });
  await putManifest('other', manifest);
  for (const subject of [...VIEWERS].reverse()) await assign({ subject, role: 'Viewer', scope: 'project:p1' });
});

describe('a list', () => {
  it('tells who may, in order, with how many there are and who else may', async () => {
    const { status, body } = await list('subjects', { action: 'view', resource: 'dataset:d1', type: 'user' });
    expect([status, body]).toEqual([
      200,
      {
        revision: body.revision,
        items: [...VIEWERS, 'user:owner'],
        total: 6,
        next_cursor: null,
        everyone: 'no',
        anyone: 'no',
      },
    ]);
  });

  it('tells on what, and what', async () => {
    const on = await list('resources', { subject: 'user:a', action: { name: 'view' } });
    expect([on.body.items, on.body.total, on.body.next_cursor]).toEqual([['dataset:d1', 'project:p1'], 2, null]);
    const what = await list('actions', { subject: { type: 'user', id: 'a' }, resource: 'dataset:d1' });
    expect(what.body.items).toEqual(['view']);
    expect((await list('actions', { subject: 'user:a' })).body).toMatchObject({ items: [], total: 0, next_cursor: null });
  });

  it('holds keys, which are subjects too, and no groups', async () => {
    const { id } = await makeKey('acme', [{ role: 'Viewer', scope: 'org' }]);
    await assign({ subject: 'group:staff', role: 'Viewer', scope: 'org' });
    const { body } = await list('subjects', { action: 'view', resource: 'dataset:d1' });
    expect(body.items).toContain(`api_key:${id}`);
    expect(body.items).toContain('user:gus');
    expect(body.items.filter((item: string) => item.startsWith('group:'))).toEqual([]);
    expect((await list('subjects', { action: 'view', resource: 'dataset:d1', type: 'group' })).body).toMatchObject({ items: [], total: 0 });
  });

  it('of a type, an id or an action that nobody knows is empty', async () => {
    for (const [of, body] of [
      ['subjects', { action: 'view', resource: 'dataset:d1', type: 'martian' }],
      ['subjects', { action: 'nothing', resource: 'dataset:d1' }],
      ['resources', { subject: 'user:nobody', action: 'view' }],
      ['resources', { subject: 'user:a', action: 'view', type: 'martian' }],
      ['actions', { subject: 'user:nobody', resource: 'dataset:nothing' }],
    ] as const)
      expect((await list(of, body)).body, JSON.stringify(body)).toMatchObject({ items: [], total: 0, next_cursor: null });
  });

  it('counts without listing', async () => {
    const { body } = await list('subjects', { action: 'view', resource: 'dataset:d1', type: 'user', limit: 0 });
    expect([body.items, body.next_cursor, body.total >= 6]).toEqual([[], null, true]);
  });

  it.each([1, 2, 4, 5, 100])('is the same in pages of %i', async (limit) => {
    const question = { action: 'view', resource: 'dataset:d1', type: 'user' };
    const whole = (await list('subjects', question)).body;
    const pages = await pagesOf('subjects', { ...question, limit });
    expect(pages.flatMap(({ items }) => items)).toEqual(whole.items);
    expect(new Set(pages.map(({ total }) => total))).toEqual(new Set([whole.total]));
    expect(pages).toHaveLength(Math.ceil(whole.total / limit));
  });

  it.each([
    ['subjects', {}, 'action'],
    ['subjects', { action: 'view', ressource: 'dataset:d1' }, 'ressource'],
    ['subjects', { action: 'view', subject: 'user:a' }, 'subject'],
    ['subjects', { action: 'view', type: 'a:b' }, 'type'],
    ['subjects', { action: 'view', type: '' }, 'type'],
    ['subjects', { action: 'view', limit: -1 }, 'limit'],
    ['subjects', { action: 'view', limit: 10_001 }, 'limit'],
    ['subjects', { action: 'view', limit: 1.5 }, 'limit'],
    ['subjects', { action: 'view', cursor: 7 }, 'cursor'],
    ['resources', { action: 'view' }, 'subject'],
    ['resources', { subject: 'nobody', action: 'view' }, 'subject'],
    ['actions', { resource: 'dataset:d1' }, 'subject'],
    ['actions', { subject: 'user:a', action: 'view' }, 'action'],
  ] as const)('of %s: %j is refused for `%s`', async (of, body, path) => {
    const answer = await list(of, body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_list']);
    expect(answer.body.error.details.problems.map((problem: { path: string }) => problem.path)).toContain(path);
  });

  it('is asked by POST alone', async () => {
    expect((await call('GET', '/list/subjects')).status).toBe(405);
    expect((await call('POST', '/list/nothing', {})).status).toBe(404);
  });
});

describe('who may ask', () => {
  it('needs a credential, and `bitgate:list`', async () => {
    const question = { action: 'view', resource: 'dataset:d1' };
    expect((await call('POST', '/list/subjects', question, { token: null })).status).toBe(401);
    expect((await call('POST', '/list/subjects', question, await makeKey('acme', ['bitgate:checker']))).status).toBe(200);
    const refused = await call('POST', '/list/subjects', question, await makeKey('acme', ['Viewer']));
    expect([refused.status, refused.body.error.code, refused.body.error.details.privilege]).toEqual([
      403,
      'missing_privilege',
      'bitgate:list',
    ]);
  });

  it('is of its own organization alone', async () => {
    const { token } = await makeKey('acme');
    expect((await call('POST', '/list/subjects', { action: 'view' }, { token })).status).toBe(200);
    expect((await call('POST', '/orgs/other/list/subjects', { action: 'view' }, { token })).status).toBe(404);
    expect((await call('POST', '/list/subjects', { action: 'view', org: 'other' }, { token })).status).toBe(404);
    expect((await call('POST', '/list/subjects', { action: 'view' })).body.error.code).toBe('missing_organization');
  });
});

describe('a cursor', () => {
  const question = { action: 'view', resource: 'dataset:d1', type: 'user' };
  const first = async (): Promise<string> => (await list('subjects', { ...question, limit: 2 })).body.next_cursor;

  it('is good for pages of another length, and as often as one likes', async () => {
    const cursor = await first();
    const next = await list('subjects', { ...question, limit: 1, cursor });
    expect(next.body.items).toEqual(['user:c']);
    expect((await list('subjects', { ...question, limit: 1, cursor })).text).toBe(next.text);
    // The same question in other words.
    expect(
      (await list('subjects', { type: 'user', cursor, limit: 1, resource: { id: 'd1', type: 'dataset' }, action: { name: 'view' } })).text,
    ).toBe(next.text);
  });

  it('SEC-08 is refused when it was forged, cut, or belongs to another list', async () => {
    const cursor = await first();
    const [payload = '', mac = ''] = cursor.split('.');
    const other = btoa(JSON.stringify(['1', '0', '', '0', '', '0', ''])).replaceAll('=', '');
    const refused: [string, 'subjects' | 'resources' | 'actions', object][] = [
      ['nothing', 'subjects', { ...question, cursor: '' }],
      ['no cursor', 'subjects', { ...question, cursor: 'abc' }],
      ['forged', 'subjects', { ...question, cursor: `${other}.${mac}` }],
      ['cut', 'subjects', { ...question, cursor: cursor.slice(0, -1) }],
      ['cut in front', 'subjects', { ...question, cursor: cursor.slice(1) }],
      ['turned', 'subjects', { ...question, cursor: `${payload}.${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}` }],
      ['another action', 'subjects', { ...question, action: 'edit', cursor }],
      ['action properties', 'subjects', { ...question, action: { name: 'view', properties: { a: 1 } }, cursor }],
      ['another resource', 'subjects', { ...question, resource: 'dataset:d2', cursor }],
      ['no resource', 'subjects', { action: 'view', type: 'user', cursor }],
      ['another type', 'subjects', { ...question, type: 'api_key', cursor }],
      ['no type', 'subjects', { action: 'view', resource: 'dataset:d1', cursor }],
      ['a context', 'subjects', { ...question, context: {}, cursor }],
      ['another list', 'resources', { subject: 'user:a', action: 'view', cursor }],
      ['another list still', 'actions', { subject: 'user:a', cursor }],
    ];
    for (const [what, of, body] of refused) {
      const answer = await list(of, body);
      expect([answer.status, answer.body.error?.code], what).toEqual([400, 'invalid_cursor']);
    }
    const elsewhere = await call('POST', '/orgs/other/list/subjects', { ...question, cursor });
    expect([elsewhere.status, elsewhere.body.error.code]).toEqual([400, 'invalid_cursor']);
  });

  it('is of the revision of the first page, whatever is written meanwhile; a new list is of the present', async () => {
    const whole = (await list('subjects', question)).body;
    const begun = (await list('subjects', { ...question, limit: 2 })).body;
    await assign({ subject: 'user:bb', role: 'Viewer', scope: 'project:p1' });
    const { body } = await call('DELETE', '/admin/orgs/acme/assignments?subject=user:d&role=Viewer&scope=project:p1');
    const now = (await list('subjects', { ...question, min_revision: body.revision })).body;
    expect(now.items).toEqual(expect.arrayContaining(['user:bb']));
    expect(now.items).not.toContain('user:d');
    const rest = await list('subjects', { ...question, cursor: begun.next_cursor });
    expect(rest.status).toBe(200);
    expect([...begun.items, ...rest.body.items]).toEqual(whole.items);
    expect([rest.body.revision, rest.body.total, rest.body.next_cursor]).toEqual([whole.revision, whole.total, null]);
    await assign({ subject: 'user:d', role: 'Viewer', scope: 'project:p1' });
  });

  it('of a revision of the past goes on there, and says as of when', async () => {
    const then = (await list('subjects', question)).body;
    const at_time = new Date().toISOString();
    await assign({ subject: 'user:late', role: 'Viewer', scope: 'project:p1' });
    const past = { ...question, at_revision: then.revision };
    const pages = await pagesOf('subjects', { ...past, limit: 4 });
    expect(pages.flatMap(({ items }) => items)).toEqual(then.items);
    expect(pages.map(({ revision }) => revision)).toEqual(pages.map(() => then.revision));
    const timed = await pagesOf('subjects', { ...question, at_time, limit: 4 });
    expect(timed.flatMap(({ items }) => items)).toEqual(then.items);
    expect(timed.map((page) => Date.parse(page.at_time))).toEqual(timed.map(() => Date.parse(at_time)));
    const elsewhen = await list('subjects', { ...question, cursor: pages[0].next_cursor });
    expect([elsewhen.status, elsewhen.body.error.code], 'the question says when').toEqual([400, 'invalid_cursor']);
  });

  it('has its revision kept while a list is read, and is told when it is not kept any more', async () => {
    const acme = await new Acme('kept').create();
    for (const subject of VIEWERS) await acme.assign(subject, 'Viewer');
    const ask = (cursor?: string): Promise<Answer> =>
      call('POST', '/orgs/kept/list/subjects', { action: 'view', type: 'user', limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    const { body } = await ask();
    const held = (): Promise<number[]> =>
      runInDurableObject(acme.stub(), (_instance, { storage }) =>
        storage.sql
          .exec<{ revision: number }>('SELECT revision FROM held')
          .toArray()
          .map(({ revision }) => revision),
      );
    await vi.waitUntil(async () => (await held()).includes(body.revision));
    await acme.assign('user:late', 'Viewer');
    const second = await ask(body.next_cursor);
    expect([second.status, second.body.revision]).toEqual([200, body.revision]);
    await acme.age(1_000);
    const dropped = await ask(second.body.next_cursor);
    expect([dropped.status, dropped.body.error.code]).toEqual([410, 'revision_dropped']);
    expect((await ask()).status, 'a new list').toBe(200);
  });

  it('opens nothing to a caller that may not ask any more', async () => {
    await call('POST', '/admin/orgs/acme/roles', { name: 'Once', privileges: ['bitgate:list'] });
    const { token, id } = await makeKey('acme', ['Once']);
    const begun = await list('subjects', { ...question, limit: 2 }, token);
    expect(begun.status).toBe(200);
    const { body } = await call('DELETE', `/admin/orgs/acme/assignments?subject=api_key:${id}&role=Once&scope=org`);
    await list('subjects', { ...question, min_revision: body.revision });
    const refused = await list('subjects', { ...question, cursor: begun.body.next_cursor }, token);
    expect([refused.status, refused.body.error.code]).toEqual([403, 'missing_privilege']);
  });
});

describe('SEC-05 public access', () => {
  it('is told of as such, apart from who holds it directly, with its condition, its scope and what denies it', async () => {
    await makeOrganization('open', { owner: 'user:owner' });
    await putManifest('open', {
      bitgate: 1,
      catalog: { privileges: [{ name: 'look' }, { name: 'dataset:open', resource_types: ['dataset'] }] },
      policies: [
        { name: 'Looks', privileges: ['look', 'dataset:open'] },
        { name: 'Looks from home', privileges: ['look'], condition: 'context.home == true' },
        { name: 'Looks as staff', privileges: ['look'], condition: 'subject.properties.staff == true' },
        { name: 'No look', effect: 'deny', privileges: ['look'] },
        { name: 'No look for staff', effect: 'deny', privileges: ['look'], condition: 'subject.properties.staff == true' },
      ],
      subjects: [
        { type: 'user', id: 'direct' },
        { type: 'user', id: 'staff', properties: { staff: true } },
      ],
      resources: ['all', 'known', 'home', 'staff', 'denied', 'mostly', 'nobody', 'mine'].map((id) => ({ type: 'dataset', id })),
      assignments: [
        { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
        { subject: 'group:anyone', policy: 'Looks', scope: 'dataset:all' },
        { subject: 'group:everyone', policy: 'Looks', scope: 'dataset:known' },
        { subject: 'group:anyone', policy: 'Looks from home', scope: 'dataset:home' },
        { subject: 'group:anyone', policy: 'Looks as staff', scope: 'dataset:staff' },
        { subject: 'group:anyone', policy: 'Looks', scope: 'dataset:denied' },
        { subject: 'group:everyone', policy: 'No look', scope: 'dataset:denied' },
        { subject: 'group:anyone', policy: 'Looks', scope: 'dataset:mostly' },
        { subject: 'group:anyone', policy: 'No look for staff', scope: 'dataset:mostly' },
        { subject: 'user:direct', policy: 'Looks', scope: 'dataset:mine' },
      ],
    });
    const reach = async (id: string, more: object = {}): Promise<unknown[]> => {
      const { status, body } = await call('POST', '/orgs/open/list/subjects', {
        action: 'look',
        resource: `dataset:${id}`,
        type: 'user',
        ...more,
      });
      expect(status).toBe(200);
      return [body.items.map((item: string) => item.slice(5)), body.everyone, body.anyone];
    };
    const all = ['direct', 'owner', 'staff'];
    expect(await reach('nobody')).toEqual([['owner'], 'no', 'no']);
    expect(await reach('mine')).toEqual([['direct', 'owner'], 'no', 'no']);
    expect(await reach('all')).toEqual([all, 'yes', 'yes']);
    expect(await reach('known')).toEqual([all, 'yes', 'no']);
    expect(await reach('home')).toEqual([['owner'], 'no', 'no']);
    expect(await reach('home', { context: { home: true } })).toEqual([all, 'yes', 'yes']);
    expect(await reach('staff')).toEqual([['owner', 'staff'], 'conditional', 'conditional']);
    expect(await reach('denied')).toEqual([[], 'no', 'yes']);
    expect((await reach('mostly')).slice(1)).toEqual(['conditional', 'conditional']);
    expect(await reach('all', { action: 'open' }), 'named under its type').toEqual([all, 'yes', 'yes']);
    expect(await reach('all', { action: 'dataset:open' })).toEqual([all, 'yes', 'yes']);
  });
});
