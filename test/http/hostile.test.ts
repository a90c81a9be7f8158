/** Hostile questions to every way of asking: what is refused, and that no cursor is of another question. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { CheckServices } from '../../src/http/common/checks/entry.ts';
import { optionsFor } from '../../src/http/common/checks/options.ts';
import type { Session } from '../../src/pdp/pdp.ts';
import { assign, makeAcme, manifest } from './acme.ts';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';

let token = '';

beforeAll(async () => {
  await makeAcme();
  await makeOrganization('other', { owner: 'user:owner' });
  await putManifest('other', manifest);
  for (const subject of ['user:a', 'user:b', 'user:c']) await assign({ subject, role: 'Viewer', scope: 'project:p1' });
  ({ token } = await makeKey('acme', [{ role: 'bitgate:owner', scope: 'org' }]));
});

const send = (path: string, body: unknown): Promise<Answer> => call('POST', path, body, { token });
const raw = (path: string, text: string): Promise<Answer> => call('POST', path, text, { token });

describe('a cursor', () => {
  it('is of no other question, though its numbers are beyond what can be told apart as JSON', async () => {
    const question = (n: string, cursor = ''): string =>
      `{"action":"view","resource":"dataset:d1","limit":1,"context":{"n":${n}}${cursor === '' ? '' : `,"cursor":"${cursor}"`}}`;
    const first = await raw('/list/subjects', question('1e999'));
    expect(first.status, first.text).toBe(200);
    const cursor = first.body.next_cursor;
    expect((await raw('/list/subjects', question('1e999', cursor))).status).toBe(200);
    for (const other of ['null', '-1e999'])
      expect((await raw('/list/subjects', question(other, cursor))).body.error?.code).toBe('invalid_cursor');
  });

  it('of a list, a search and scopes are three', async () => {
    const [subject, resource] = [
      { type: 'user', id: 'a' },
      { type: 'dataset', id: 'd1' },
    ];
    const action = { name: 'view' };
    const list = (await send('/list/subjects', { action, resource, type: 'user', limit: 1 })).body.next_cursor;
    const found = await send('/access/v1/search/subject', { subject: { type: 'user' }, action, resource, page: { limit: 1 } });
    const search = found.body.page.next_token;
    const scopes = (await send('/list/scopes', { subject, action, type: 'dataset', limit: 1 })).body.next_cursor;
    const admin = (await call('GET', '/admin/orgs/acme/subjects?limit=1', undefined, { token })).body.next_cursor;
    expect(
      [list, search, admin].every((each) => typeof each === 'string' && each.length > 40),
      JSON.stringify([list, search, scopes, admin]),
    ).toBe(true);
    for (const cursor of [search, scopes ?? search, admin])
      expect((await send('/list/subjects', { action, resource, type: 'user', limit: 1, cursor })).body.error?.code).toBe('invalid_cursor');
    for (const cursor of [list, search, admin])
      expect((await send('/list/scopes', { subject, action, type: 'dataset', limit: 1, cursor })).body.error?.code).toBe('invalid_cursor');
    for (const tokenOfOther of [list, admin])
      expect(
        (await send('/access/v1/search/subject', { subject: { type: 'user' }, action, resource, page: { limit: 1, token: tokenOfOther } }))
          .body.error?.code,
      ).toBe('invalid_cursor');
    for (const cursor of [list, search])
      expect((await call('GET', `/admin/orgs/acme/subjects?limit=1&cursor=${cursor}`, undefined, { token })).status).toBe(400);
  });
});

const POSTS = [
  '/check',
  '/check/batch',
  '/list/subjects',
  '/list/resources',
  '/list/actions',
  '/list/scopes',
  '/access/v1/evaluation',
  '/access/v1/evaluations',
  '/access/v1/search/subject',
  '/access/v1/search/resource',
  '/access/v1/search/action',
];
const whole = { subject: { type: 'user', id: 'a' }, action: { name: 'view' }, resource: { type: 'dataset', id: 'd1' } };
const texts = (base: object): string[] => {
  const open = JSON.stringify(base).slice(0, -1);
  const more = [
    '"limit":-1',
    '"limit":1.5',
    '"limit":1e99',
    '"limit":"1"',
    '"at_revision":1e99',
    '"at_revision":-1',
    '"at_time":"99999-01-01T00:00:00Z"',
    '"at_time":"2016-12-31T23:59:60Z"',
    '"at_time":"0000-01-01T00:00:00Z"',
    '"at_time":"+275760-09-13T00:00:00Z"',
    '"at_time":0',
    '"at_revision":9007199254740991',
    '"min_revision":9007199254740991',
    `"cursor":"${'A'.repeat(60_000)}"`,
    '"cursor":"a.b"',
    `"cursor":"${'A'.repeat(20)}.${'A'.repeat(43)}"`,
    '"cursor":null',
    '"__proto__":{"decision":true}',
    '"context":{"__proto__":{"a":1},"constructor":{"prototype":1}}',
    '"context":[]',
    '"type":"user:x"',
    '"type":""',
    '"type":"group"',
    '"type":"\\u0000"',
    '"type":"__proto__"',
    '"parent_types":["__proto__","org"]',
    '"subject":[]',
    '"subject":{"type":"__proto__","id":"constructor"}',
    '"subject":{"type":"group","id":"everyone"}',
    '"subject":"api_key:none"',
    '"subject":{"type":"\\ud800","id":"x"}',
    '"action":[]',
    '"action":{"name":"\\u0000"}',
    '"action":"__proto__"',
    '"resource":{"type":"org","id":"\\u0000"}',
    '"any_of":[]',
    '"explain":true',
    '"explain":"yes"',
    '"assume":[{"subject":"user:a","role":"Viewer","scope":"org","expires_at":"99999-01-01T00:00:00Z"}]',
    '"assume":[{"subject":"group:owner:","role":"Viewer","scope":"org"}]',
    '"assume":[{"subject":"group:owner:__proto__","role":"__proto__","scope":"__proto__:x"}],"explain":true',
    '"assume":[{"subject":"group:anyone","role":"Viewer","scope":"org"},{"subject":"api_key:x","role":"Viewer","scope":"org","not_before":"2030-01-01T00:00:00Z","expires_at":"2020-01-01T00:00:00Z"}]',
    '"page":{"limit":-1}',
    '"page":{"limit":1e99}',
    '"page":{"limit":1.5}',
    `"page":{"token":"${'A'.repeat(60_000)}"}`,
    '"page":[]',
    '"page":{"token":7}',
    '"options":[]',
    '"options":{"evaluations_semantic":"x"}',
    '"evaluations":[null,[],"x",{},{"subject":{"type":"a:b","id":"x"}}]',
    '"evaluations":{}',
    '"checks":[null,[],{}]',
    '"defaults":{"__proto__":1}',
  ];
  return ['', '[]', 'null', '{}', '"x"', '1e999', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, ...more.map((each) => `${open},${each}}`)];
};

describe('every question', () => {
  it.each(POSTS)('%s answers hostile bodies, without a failure of its own', async (path) => {
    const search = path.includes('/search/');
    const bases = [
      whole,
      ...(path.startsWith('/list')
        ? [{ subject: whole.subject, action: whole.action, type: 'dataset' }, { action: whole.action }, { subject: whole.subject }]
        : []),
    ];
    for (const base of bases)
      for (const text of texts(base)) {
        const answer = await raw(path, text);
        const allowed = [200, 400, 404, 410, 413, 422, 429, ...(text.includes('min_revision') ? [503] : [])];
        expect(allowed, `${path} ${text.slice(0, 200)} ${answer.text.slice(0, 200)} ${search}`).toContain(answer.status);
      }
  });

  it.each([...POSTS, '/bitmap', '/.well-known/jwks.json', '/.well-known/authzen-configuration'])(
    '%s answers other methods',
    async (path) => {
      for (const method of ['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'PATCH']) {
        if (method === 'TRACE') continue;
        const answer = await call(method, path, undefined, { token });
        expect(answer.status, `${method} ${path}`).toBeLessThan(500);
      }
    },
  );

  it('bitmaps answer hostile queries', async () => {
    for (const query of [
      '',
      'subject=',
      'subject=user:a&subject=user:b',
      'subject=group:everyone',
      'subject=user:a&ttl=1e3',
      'subject=user:a&ttl=99999999999999999',
      'subject=user:a&privileges=,',
      'subject=user:a&resources=,',
      'subject=__proto__:constructor',
      'subject=user:a&privileges=__proto__,constructor',
      'subject=user:a&resources=__proto__:x,project:__proto__',
      'subject=user:%00',
      'subject=user:%ff',
      'subject=user:%ED%A0%80',
      '__proto__=1',
      'subject=user:a&audience=%00',
      `subject=user:${'a'.repeat(9000)}`,
      'subject=user:a&min_revision=999999999999999',
    ]) {
      const answer = await call('GET', `/bitmap?${query}`, undefined, { token });
      expect([200, 400, 503].includes(answer.status), `${query.slice(0, 100)} ${answer.status} ${answer.text.slice(0, 300)}`).toBe(true);
    }
  });
});

describe('the past', () => {
  it('is asked for so often and no oftener, by lists too, and their description says so', async () => {
    const question = { subject: 'user:a', at_time: '2026-01-01T00:00:00Z' };
    const answers = await Promise.all(Array.from({ length: 60 }, () => send('/list/actions', question)));
    expect(answers.map(({ status }) => status)).toContain(429);
  });
});

describe('what a key may assert', () => {
  /** As far as it is asked here: a revision at which keys may assert or may not. */
  const at = (revision: number, may: boolean): Session =>
    ({ revision, decide: () => ({ decision: may, reason: may ? 'granted' : 'no_grant' }) }) as unknown as Session;
  const services = { now: () => 0 } as unknown as CheckServices;

  it.each([
    ['is decided by what let it in', true, at(1, true), { assert: true }],
    ['is taken away by the revision that answers, if that is newer', true, at(2, false), undefined],
    ['is not given by that revision alone', false, at(2, true), undefined],
    ['is not asked of the past', true, at(0, false), { assert: true }],
  ])('%s', async (_name, first, answering, options) => {
    const claim = { root: false, organization: 'acme', keyId: 'k', hash: '' } as const;
    const subject = { type: 'user', id: 'a', properties: {} };
    expect(await optionsFor(services, { claim, session: at(1, first), needs: [] }, subject, answering)).toEqual(options);
  });
});
