/** AuthZEN's rules of searches (§8), rule by rule: what is found, page by page, and what a token is good for. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/core/terms/limits.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest } from '../client.ts';
import { ask } from './asking.ts';

/** Reached through a group in a group, a folder in a folder, ownership, and stored properties. */
const manifest = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'edit' }, { name: 'later' }, { name: 'sooner' }] },
  policies: [
    { name: 'Edit in own department', privileges: ['edit'], condition: 'subject.properties.department == resource.properties.department' },
    { name: 'View what is asked for', privileges: ['view'], condition: 'has(context.purpose) && context.purpose == "audit"' },
  ],
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Later', privileges: ['later'] },
    { name: 'Sooner', privileges: ['sooner'] },
  ],
  groups: [
    { name: 'staff', members: ['user:gus', 'group:inner'] },
    { name: 'inner', members: ['user:ina'] },
  ],
  subjects: [
    { type: 'user', id: 'dee', properties: { department: 'Sales' } },
    { type: 'user', id: 'leo', properties: { department: 'Legal' } },
    { type: 'user', id: 'aud' },
    { type: 'user', id: 'sus', status: 'suspended' },
    { type: 'service', id: 'gus' },
  ],
  resources: [
    { type: 'folder', id: 'top' },
    { type: 'folder', id: 'sub', parents: ['folder:top'] },
    { type: 'doc', id: 'a', parents: ['folder:sub'], properties: { department: 'Sales' } },
    { type: 'doc', id: 'b', parents: ['folder:top'], properties: { department: 'Legal' } },
    { type: 'doc', id: 'c', owners: [{ subject: 'user:own' }] },
    { type: 'doc', id: 'd' },
    { type: 'note', id: 'a' },
  ],
  assignments: [
    { subject: 'group:staff', role: 'Viewer', scope: 'folder:top' },
    { subject: 'group:owner', role: 'Viewer', scope: 'org' },
    { subject: 'user:sus', role: 'Viewer', scope: 'org' },
    { subject: 'user:all', role: 'Viewer', scope: 'org' },
    { subject: 'user:aud', policy: 'View what is asked for', scope: 'org' },
    { subject: 'group:everyone', policy: 'Edit in own department', scope: 'org' },
    { subject: 'user:col:on', role: 'Viewer', scope: 'note:a' },
    ...['w1', 'w2'].map((id) => ({ subject: `user:${id}`, role: 'Later', scope: 'org' })),
    ...['w1', 'w3'].map((id) => ({ subject: `user:${id}`, role: 'Sooner', scope: 'org' })),
  ],
};

let token = '';
let other = '';

beforeAll(async () => {
  for (const organization of ['searched', 'elsewhere']) {
    await makeOrganization(organization);
    await putManifest(organization, manifest);
  }
  token = (await makeKey('searched')).token;
  other = (await makeKey('elsewhere')).token;
});

/** what two first pages may take */
const WINDOW_MS = 3_000;

const search = (kind: string, body: unknown, key: string = token): Promise<Answer> => ask(`search/${kind}`, body, { token: key });

const user = (id: string): object => ({ type: 'user', id });
const doc = (id: string): object => ({ type: 'doc', id });
const view = { name: 'view' };
const users = { type: 'user' };
const docs = { type: 'doc' };

/** Ids or names of an answer that is whole. */
async function found(kind: string, body: object): Promise<string> {
  const answer = await search(kind, body);
  expect([answer.status, Object.keys(answer.body)], answer.text).toEqual([200, ['results']]);
  return answer.body.results.map((each: { id?: string; name?: string }) => each.id ?? each.name).join(' ');
}

describe('§8 what is found', () => {
  it('subjects: through groups of groups, and whoever owns it', async () => {
    expect(await found('subject', { subject: users, action: view, resource: doc('a') })).toBe('all gus ina');
    expect(await found('subject', { subject: users, action: view, resource: doc('c') })).toBe('all own');
    expect(await found('subject', { subject: users, action: view, resource: doc('d') })).toBe('all');
    expect(await found('subject', { subject: users, action: view, resource: { type: 'note', id: 'a' } })).toBe('all col:on');
    expect(await found('subject', { subject: users, action: view, resource: { type: 'doc', id: 'new' } })).toBe('all');
  });

  it('subjects: by conditions on stored properties, and on the context that is sent', async () => {
    expect(await found('subject', { subject: users, action: { name: 'edit' }, resource: doc('a') })).toBe('dee');
    const asked = { subject: users, action: view, resource: doc('d') };
    expect(await found('subject', { ...asked, context: { purpose: 'audit' } })).toBe('all aud');
    expect(await found('subject', { ...asked, context: { purpose: 'other' } })).toBe('all');
  });

  it('subjects: never one that is suspended, nor of another type', async () => {
    expect(await found('subject', { subject: { type: 'service' }, action: view, resource: doc('a') })).toBe('');
    expect(await found('subject', { subject: { type: 'group' }, action: view, resource: doc('a') })).toBe('');
    expect(await found('subject', { subject: { type: 'api_key' }, action: { name: 'bitgate:check' }, resource: doc('a') })).toMatch(
      /^\S+$/,
    );
  });

  it('resources: below what is granted, owned, and by stored properties', async () => {
    expect(await found('resource', { subject: user('gus'), action: view, resource: docs })).toBe('a b');
    expect(await found('resource', { subject: user('gus'), action: view, resource: { type: 'folder' } })).toBe('sub top');
    expect(await found('resource', { subject: user('own'), action: view, resource: docs })).toBe('c');
    expect(await found('resource', { subject: user('leo'), action: { name: 'edit' }, resource: docs })).toBe('b');
    expect(await found('resource', { subject: user('all'), action: view, resource: { type: 'note' } })).toBe('a');
    expect(await found('resource', { subject: user('sus'), action: view, resource: docs })).toBe('');
  });

  it('resources: a caller cannot move a registered subject into another department', async () => {
    const moved = { ...user('leo'), properties: { department: 'Sales' } };
    expect(await found('resource', { subject: moved, action: { name: 'edit' }, resource: docs })).toBe('b');
    expect(await found('resource', { subject: { ...moved, id: 'new' }, action: { name: 'edit' }, resource: docs })).toBe('');
  });

  it('actions: names of privileges', async () => {
    expect(await found('action', { subject: user('dee'), resource: doc('a') })).toBe('edit');
    expect(await found('action', { subject: user('all'), resource: doc('a') })).toBe('view');
    expect(await found('action', { subject: user('aud'), resource: doc('a'), context: { purpose: 'audit' } })).toBe('view');
    expect(await found('action', { subject: user('new'), resource: doc('a') })).toBe('');
  });

  it('is said as type and id, or as name, and nothing more', async () => {
    const subjects = await search('subject', { subject: users, action: view, resource: doc('c') });
    expect(subjects.text).toBe('{"results":[{"type":"user","id":"all"},{"type":"user","id":"own"}]}');
    const resources = await search('resource', { subject: user('own'), action: view, resource: docs });
    expect(resources.text).toBe('{"results":[{"type":"doc","id":"c"}]}');
    const actions = await search('action', { subject: user('own'), resource: doc('c') });
    expect(actions.text).toBe('{"results":[{"name":"view"}]}');
  });
});

describe('§8 the question', () => {
  it('ignores the id and the properties of what is searched, whatever they are', async () => {
    for (const extra of [{ id: 'gus' }, { id: '' }, { id: 5 }, { id: null }, { properties: { department: 'x' } }, { unknown: 1 }]) {
      expect(await found('subject', { subject: { ...users, ...extra }, action: view, resource: doc('a') })).toBe('all gus ina');
      expect(await found('resource', { subject: user('gus'), action: view, resource: { ...docs, ...extra } })).toBe('a b');
    }
  });

  it('ignores an action in an action search, whatever it is', async () => {
    for (const action of [view, { name: 'no such' }, {}, null, 5, 'x'])
      expect(await found('action', { subject: user('all'), resource: doc('a'), action })).toBe('view');
  });

  it.each([
    ['subject', { subject: users, action: view, resource: doc('a') }, ['subject', 'action', 'resource']],
    ['resource', { subject: user('gus'), action: view, resource: docs }, ['subject', 'action', 'resource']],
    ['action', { subject: user('gus'), resource: doc('a') }, ['subject', 'resource']],
  ] as const)('of a %s search needs all its parts: 400', async (kind, whole, keys) => {
    for (const key of keys) {
      const own: object = (whole as Record<string, object>)[key] ?? {};
      for (const wrong of [undefined, null, 'x', 5, [], {}]) expect((await search(kind, { ...whole, [key]: wrong })).status).toBe(400);
      for (const member of Object.keys(own))
        for (const wrong of [undefined, null, 5])
          expect((await search(kind, { ...whole, [key]: { ...own, [member]: wrong } })).status).toBe(400);
    }
    for (const wrong of ['x', 5, []]) expect((await search(kind, { ...whole, context: wrong })).status).toBe(400);
  });

  it('of unknown ids, types and names finds nothing, with 200', async () => {
    const nothing = [
      ['subject', { subject: { type: 'spaceship' }, action: view, resource: doc('a') }],
      ['subject', { subject: { type: '' }, action: view, resource: doc('a') }],
      ['subject', { subject: { type: 'use' }, action: view, resource: doc('a') }],
      ['subject', { subject: { type: 'user:col' }, action: view, resource: { type: 'note', id: 'a' } }],
      ['subject', { subject: users, action: { name: 'no such' }, resource: doc('a') }],
      ['subject', { subject: users, action: { name: '' }, resource: doc('a') }],
      ['subject', { subject: users, action: view, resource: doc('') }],
      ['resource', { subject: user('nobody'), action: view, resource: docs }],
      ['resource', { subject: user(''), action: view, resource: docs }],
      ['resource', { subject: user('all'), action: view, resource: { type: 'spaceship' } }],
      ['resource', { subject: user('all'), action: view, resource: { type: '' } }],
      ['action', { subject: user('nobody'), resource: doc('a') }],
      ['action', { subject: user('all'), resource: doc('') }],
      ['action', { subject: { type: '', id: '' }, resource: doc('a') }],
    ] as const;
    for (const [kind, body] of nothing) {
      expect(await found(kind, body), JSON.stringify(body)).toBe('');
      expect((await search(kind, { ...body, page: { limit: 5 } })).text).toBe(
        '{"page":{"next_token":"","count":0,"total":0},"results":[]}',
      );
    }
  });
});

/** Three of them: `all`, `gus` and `ina`. */
const three = { subject: users, action: view, resource: doc('a') };

describe('§8 pages', () => {
  it('begin the answer, with next_token, count and total', async () => {
    const { text, body } = await search('subject', { ...three, page: { limit: 2 } });
    expect(text).toMatch(/^\{"page":\{"next_token":"[^"]+","count":2,"total":3\},"results":\[/);
    const rest = await search('subject', { ...three, page: { limit: 2, token: body.page.next_token } });
    expect(rest.text).toBe('{"page":{"next_token":"","count":1,"total":3},"results":[{"type":"user","id":"ina"}]}');
  });

  it.each([1, 2, 3, 4])('of %d give everything once, and an empty next_token at the end alone', async (limit) => {
    const ids: string[] = [];
    const sizes: number[] = [];
    for (let page: object = { limit }, go = true; go; ) {
      const { body } = await search('subject', { ...three, page });
      ids.push(...body.results.map(({ id }: { id: string }) => id));
      sizes.push(body.page.count);
      expect(body.page.count).toBe(body.results.length);
      page = { token: body.page.next_token };
      go = body.page.next_token !== '';
    }
    expect(ids.join(' ')).toBe('all gus ina');
    expect(sizes.slice(0, -1).every((size) => size === limit) && sizes.at(-1) !== 0).toBe(true);
  });

  it('are told of only when they were asked for, while everything fits', async () => {
    expect(await found('subject', { ...three, page: null })).toBe('all gus ina');
    for (const page of [
      {},
      { limit: null },
      { token: null },
      { token: '' },
      { properties: {} },
      { unknown: 1 },
      { limit: 3 },
      { limit: 1e9 },
    ]) {
      const { body } = await search('subject', { ...three, page });
      expect([body.page, body.results.length]).toEqual([{ next_token: '', count: 3, total: 3 }, 3]);
    }
  });

  it('of none give the total alone, and no token', async () => {
    const { text } = await search('subject', { ...three, page: { limit: 0 } });
    expect(text).toBe('{"page":{"next_token":"","count":0,"total":3},"results":[]}');
  });

  it('that are no pages are 400', async () => {
    for (const page of [
      'x',
      5,
      [],
      true,
      { limit: -1 },
      { limit: 1.5 },
      { limit: '1' },
      { limit: true },
      { token: 5 },
      { token: {} },
      { properties: 5 },
    ])
      expect((await search('subject', { ...three, page })).status, JSON.stringify(page)).toBe(400);
  });

  it('go on in resources and actions, too', async () => {
    const resources = { subject: user('gus'), action: view, resource: docs };
    const first = (await search('resource', { ...resources, page: { limit: 1 } })).body;
    expect((await search('resource', { ...resources, page: { token: first.page.next_token } })).body).toEqual({
      page: { next_token: '', count: 1, total: 2 },
      results: [doc('b')],
    });
    const actions = { subject: { type: 'user', id: 'w1' }, resource: doc('d') };
    const one = (await search('action', { ...actions, page: { limit: 1 } })).body;
    expect((await search('action', { ...actions, page: { token: one.page.next_token } })).body).toEqual({
      page: { next_token: '', count: 1, total: 2 },
      results: [{ name: 'sooner' }],
    });
  });
});

describe('§8, SEC-21 a token', () => {
  const begun = async (key: string = token): Promise<string> =>
    (await search('subject', { ...three, page: { limit: 1 } }, key)).body.page.next_token;
  const statusWith = async (kind: string, body: object, page: object, key: string = token): Promise<string> => {
    const answer = await search(kind, { ...body, page }, key);
    return [answer.status, answer.body.error?.code ?? []].flat().join(' ');
  };

  it('is good for the same question, however it is written, with its limit or without', async () => {
    const next = await begun();
    expect(await statusWith('subject', three, { token: next })).toBe('200');
    expect(await statusWith('subject', three, { token: next, limit: 1 })).toBe('200');
    expect(await statusWith('subject', three, { token: next, limit: null })).toBe('200');
    const written = {
      resource: { id: 'a', type: 'doc', properties: null },
      extra: 1,
      context: null,
      action: view,
      subject: { ...users, id: 'x' },
    };
    expect(await statusWith('subject', written, { token: next })).toBe('200');
  });

  it('is 400 for any other question, and for another limit', async () => {
    const next = await begun();
    const refused = '400 invalid_cursor';
    expect(await statusWith('subject', three, { token: next, limit: 2 })).toBe(refused);
    expect(await statusWith('subject', three, { token: next, limit: 0 })).toBe(refused);
    for (const changed of [
      { subject: { type: 'service' } },
      { action: { name: 'edit' } },
      { action: { ...view, properties: { a: 1 } } },
      { resource: doc('b') },
      { resource: { ...doc('a'), properties: { a: 1 } } },
      { context: { purpose: 'audit' } },
      { context: {} },
    ])
      expect(await statusWith('subject', { ...three, ...changed }, { token: next }), JSON.stringify(changed)).toBe(refused);
    expect(await statusWith('resource', { ...three, subject: user('all') }, { token: next })).toBe(refused);
    expect(await statusWith('action', { ...three, subject: user('all') }, { token: next })).toBe(refused);
  });

  it('is 400 in another organization, with any change, and when it is none', async () => {
    const next = await begun();
    expect(await statusWith('subject', three, { token: next }, other)).toBe('400 invalid_cursor');
    const list = await call('POST', '/list/subjects', { action: 'view', resource: 'doc:a', type: 'user', limit: 1 }, { token });
    expect(await statusWith('subject', three, { token: list.body.next_cursor })).toBe('400 invalid_cursor');
    for (let i = 0; i < next.length; i += 7) {
      const changed = `${next.slice(0, i)}${next[i] === 'A' ? 'B' : 'A'}${next.slice(i + 1)}`;
      expect(await statusWith('subject', three, { token: changed })).toBe('400 invalid_cursor');
    }
    for (const none of ['x', '.', `${next}x`, next.slice(1), 'a|b', '\u0000', 'x'.repeat(20_000), 'W10.W10'])
      expect(await statusWith('subject', three, { token: none })).toBe('400 invalid_cursor');
  });

  it('is the same for the same request, and holds no time', async () => {
    const first = await begun();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await begun()).toBe(first);
  });

  it('stays at its revision, whatever is published meanwhile', async () => {
    const key = (await makeKey('elsewhere')).token;
    const question = { subject: users, action: view, resource: doc('a') };
    const first = await call('POST', '/access/v1/search/subject', { ...question, page: { limit: 1 } }, { token: key });
    const remaining = manifest.assignments.filter(({ subject }) => subject !== 'group:staff');
    await putManifest('elsewhere', { ...manifest, assignments: remaining });
    await call('POST', '/orgs/elsewhere/check', { subject: 'user:a', action: 'view', max_age_ms: 0 });
    expect(await found('subject', three)).toBe('all gus ina');
    const now = await call('POST', '/access/v1/search/subject', question, { token: key });
    expect(now.body.results.map(({ id }: { id: string }) => id)).toEqual(['all']);
    const later = await call(
      'POST',
      '/access/v1/search/subject',
      { ...question, page: { token: first.body.page.next_token } },
      { token: key },
    );
    expect([later.status, later.body.results]).toEqual([200, [user('gus')]]);
    expect(later.headers.get('x-bitgate-revision')).toBe(first.headers.get('x-bitgate-revision'));
    expect(later.headers.get('x-bitgate-revision')).not.toBe(now.headers.get('x-bitgate-revision'));
  });
});

describe('§8, SEC-08 nothing is cut silently', () => {
  it('when a right begins or ends between two pages', async () => {
    const asked = (name: string): object => ({ subject: users, action: { name }, resource: doc('d') });
    const idsOf = ({ body }: Answer): string => body.results.map(({ id }: { id: string }) => id).join(' ');
    const turn = Date.now() + WINDOW_MS;
    const time = new Date(turn).toISOString();
    for (const window of [
      { subject: 'user:w3', role: 'Later', not_before: time },
      { subject: 'user:w2', role: 'Sooner', expires_at: time },
    ])
      expect((await call('POST', '/admin/orgs/searched/assignments', { ...window, scope: 'org' })).status).toBe(201);
    token = (await makeKey('searched')).token;
    const begun = new Map<string, Answer>();
    for (const name of ['later', 'sooner']) begun.set(name, await search('subject', { ...asked(name), page: { limit: 1 } }));
    expect([...begun.values()].map(({ body, text }) => [body.page.total, text.includes('w1')])).toEqual([
      [2, true],
      [3, true],
    ]);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, turn + 50 - Date.now())));
    const goOn = (name: string, { body }: Answer): Promise<Answer> =>
      search('subject', { ...asked(name), page: { token: body.page.next_token } });
    const second = await goOn('later', begun.get('later')!);
    const third = await goOn('later', second);
    expect([idsOf(second), idsOf(third), third.body.page.next_token]).toEqual(['w2', 'w3', '']);
    const over = await goOn('sooner', begun.get('sooner')!);
    expect([idsOf(over), over.body.page.next_token]).toEqual(['w3', '']);
  });

  it('when there is more than fits into an answer: then it has a page, without having been asked for one', async () => {
    await makeOrganization('crowded');
    await putManifest('crowded', {
      bitgate: 1,
      catalog: { privileges: [{ name: 'view' }] },
      roles: [{ name: 'Viewer', privileges: ['view'] }],
    });
    const count = LIMITS.listMax + 3;
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)
       INSERT INTO resources (org, resource) SELECT 'crowded', printf('doc:%06d', i) FROM n`,
    )
      .bind(count)
      .run();
    await call('POST', '/admin/orgs/crowded/assignments', { subject: 'user:all', role: 'Viewer', scope: 'org' });
    const { token: key } = await makeKey('crowded');
    const question = { subject: user('all'), action: view, resource: docs };
    const first = await call('POST', '/access/v1/search/resource', question, { token: key });
    expect([first.body.page.count, first.body.page.total, first.body.results.length]).toEqual([LIMITS.listMax, count, LIMITS.listMax]);
    const rest = await call(
      'POST',
      '/access/v1/search/resource',
      { ...question, page: { token: first.body.page.next_token } },
      { token: key },
    );
    expect(rest.body).toEqual({
      page: { next_token: '', count: 3, total: count },
      results: [doc('010000'), doc('010001'), doc('010002')],
    });
    const beyond = await call('POST', '/access/v1/search/resource', { ...question, page: { limit: LIMITS.listMax * 2 } }, { token: key });
    expect(beyond.body.page.count).toBe(LIMITS.listMax);
  });
});
