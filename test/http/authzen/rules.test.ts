/** AuthZEN's rules of single evaluations and of the transport, each under its section of the final text: `§5 …`, `§6 …`, `§10 …`, `§11 …`. */
import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/core/terms/limits.ts';
import { call, makeKey, makeOrganization, putManifest, ROOT } from '../client.ts';
import { ask, FALSE, TRUE, told } from './asking.ts';
import { alice, bob, makeFixture, manifest, read, record1, record2, write } from './fixture.ts';

let token = '';
let powerless = '';

beforeAll(async () => {
  token = await makeFixture('rules');
  const open = {
    ...manifest,
    roles: [
      ...manifest.roles,
      { name: 'Nothing' },
      { name: 'Checks alone', privileges: ['bitgate:check'] },
      { name: 'Asserts', privileges: ['bitgate:assert', 'bitgate:check'] },
    ],
    assignments: [
      ...manifest.assignments,
      { subject: 'group:anyone', role: 'Reader', scope: 'record:record-2' },
      { subject: 'user:al:ice', role: 'Reader', scope: 'org' },
    ],
  };
  await putManifest('rules', open);
  powerless = (await makeKey('rules', ['Nothing'])).token;
  await makeOrganization('strangers');
});

const evaluation = (body: unknown): Promise<string> => told('evaluation', body, { token });
const question = { subject: alice, action: read, resource: record1 };
const QUESTION = JSON.stringify(question);
const ENDPOINTS = ['evaluation', 'evaluations', 'search/subject', 'search/resource', 'search/action'];

describe('§5 the information model', () => {
  it.each(['subject', 'action', 'resource'])('needs %s as an object', async (key) => {
    for (const wrong of [undefined, null, 'alice', 5, true, [], ['alice']]) {
      const { status, body } = await ask('evaluation', { ...question, [key]: wrong }, { token });
      expect([status, body.error.code], JSON.stringify(wrong)).toEqual([400, 'invalid_evaluation']);
    }
  });

  it.each([
    ['subject', 'type'],
    ['subject', 'id'],
    ['action', 'name'],
    ['resource', 'type'],
    ['resource', 'id'],
  ] as const)('needs %s.%s as a text', async (key, member) => {
    for (const wrong of [undefined, null, 5, true, {}, []]) {
      const { status } = await ask('evaluation', { ...question, [key]: { ...question[key], [member]: wrong } }, { token });
      expect(status, JSON.stringify(wrong)).toBe(400);
    }
  });

  it.each(['subject', 'action', 'resource'] as const)('takes properties of %s as an object, null or absent', async (key) => {
    for (const right of [undefined, null, {}, { a: { b: [1, null] } }])
      expect(await evaluation({ ...question, [key]: { ...question[key], properties: right } })).toBe(TRUE);
    for (const wrong of [5, 'x', [], true]) {
      const { status } = await ask('evaluation', { ...question, [key]: { ...question[key], properties: wrong } }, { token });
      expect(status, JSON.stringify(wrong)).toBe(400);
    }
  });

  it('takes context as an object, null or absent', async () => {
    for (const right of [undefined, null, {}, { a: 1 }]) expect(await evaluation({ ...question, context: right })).toBe(TRUE);
    for (const wrong of [5, 'x', [], true]) expect((await ask('evaluation', { ...question, context: wrong }, { token })).status).toBe(400);
  });

  it('ignores members that it does not know, wherever they stand', async () => {
    const extended = (entity: object): object => ({ ...entity, extra: { nested: [true] }, decision: false });
    expect(
      await evaluation({
        subject: extended(alice),
        action: extended(read),
        resource: extended(record1),
        org: 'other',
        explain: 7,
        options: 5,
      }),
    ).toBe(TRUE);
    expect(await evaluation(`{"__proto__":{"subject":{}},"constructor":1,${QUESTION.slice(1)}`)).toBe(TRUE);
    expect((await ask('evaluation', `{"__proto__":${QUESTION}}`, { token })).status).toBe(400);
    expect((await ask('evaluation', `{"__proto__":{"context":5},${QUESTION.slice(1)}`, { token })).status).toBe(200);
  });

  it('reads members in any order', async () => {
    expect(
      await evaluation('{"resource":{"id":"record-1","type":"record"},"action":{"name":"read"},"subject":{"id":"alice","type":"user"}}'),
    ).toBe(TRUE);
  });

  it.each([
    { ...question, subject: { type: '', id: 'alice' } },
    { ...question, subject: { type: 'user', id: '' } },
    { ...question, subject: { type: '', id: '' } },
    { ...question, action: { name: '' } },
    { ...question, resource: { type: '', id: 'record-1' } },
    { ...question, resource: { type: 'record', id: '' } },
  ])('denies what is empty, even where everybody may: %o', async (body) => {
    const open = { ...body, resource: body.resource === record1 ? record2 : body.resource };
    expect(await evaluation(open)).toBe(FALSE);
  });

  it('accepts any type of subject, and never takes one for another', async () => {
    for (const type of ['user', 'User', 'https://example.com/types/user', 'a:b', 'ünïcode', ' ', 'group'])
      expect((await ask('evaluation', { ...question, subject: { type, id: 'nobody' } }, { token })).status).toBe(200);
    expect(await evaluation({ ...question, subject: { type: 'user', id: 'al:ice' } })).toBe(TRUE);
    expect(await evaluation({ ...question, subject: { type: 'user:al', id: 'ice' } })).toBe(FALSE);
    expect(await evaluation({ ...question, subject: { type: 'spaceship', id: 'x' }, resource: record2 })).toBe(TRUE);
  });
});

describe('§6 an evaluation', () => {
  it('is answered with the decision and nothing else', async () => {
    expect(await evaluation(question)).toBe(TRUE);
    expect(await evaluation({ ...question, action: write, subject: bob })).toBe(FALSE);
  });

  it('of an unknown action is denied', async () => {
    expect(await evaluation({ ...question, action: { name: 'no such action' } })).toBe(FALSE);
  });

  it('of what is not registered is decided by the rule', async () => {
    expect(await evaluation({ ...question, subject: { type: 'user', id: 'stranger' } })).toBe(FALSE);
    expect(await evaluation({ ...question, subject: { type: 'user', id: 'stranger' }, resource: record2 })).toBe(TRUE);
    expect(await evaluation({ ...question, resource: { type: 'record', id: 'record-99' } })).toBe(TRUE);
    expect(await evaluation({ ...question, resource: { type: 'vault', id: 'record-99' } })).toBe(FALSE);
  });

  it('says its reason when `options` ask for it', async () => {
    const options = { bitgate_reason: true };
    expect(await evaluation({ ...question, options })).toBe('200 {"decision":true,"context":{"reason":"granted"}}');
    expect(await evaluation({ ...question, action: { name: 'x' }, options })).toBe(
      '200 {"decision":false,"context":{"reason":"unknown_privilege"}}',
    );
    expect(await evaluation({ ...question, subject: { type: '', id: '' }, options })).toBe(
      '200 {"decision":false,"context":{"reason":"no_grant"}}',
    );
    for (const other of [null, {}, { bitgate_reason: 'true' }, { bitgate_reason: false }, [true], 'x'])
      expect(await evaluation({ ...question, options: other })).toBe(TRUE);
    expect(await evaluation({ ...question, context: { bitgate_reason: true } })).toBe(TRUE);
  });

  it('is the same at the root and under the organization', async () => {
    expect((await ask('evaluation', question, { token }, '/orgs/rules')).text).toBe('{"decision":true}');
    expect((await ask('evaluation', question, {}, '/orgs/rules')).text).toBe('{"decision":true}');
  });
});

/** Without the headers that the client of the tests adds by itself. */
async function raw(body: BodyInit | null, headers: Record<string, string>, method = 'POST'): Promise<Response> {
  const init = { method, headers: { authorization: `Bearer ${token}`, ...headers }, ...(body === null ? {} : { body }) };
  return exports.default.fetch('https://bitgate.test/access/v1/evaluation', init);
}
const bytes = (text: string): BodyInit => new TextEncoder().encode(text);

describe('§10 the transport', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8', 'application/json ; profile="x"; q=1'])(
    'takes a body of type %s',
    async (type) => {
      expect((await raw(bytes(QUESTION), { 'content-type': type })).status).toBe(200);
    },
  );

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'application/json-patch+json', 'application/xml', ''])(
    'refuses a body of type `%s` with 400',
    async (type) => {
      expect((await raw(bytes(QUESTION), { 'content-type': type })).status).toBe(400);
    },
  );

  it('refuses a body of no type with 400', async () => {
    expect((await raw(bytes(QUESTION), {})).status).toBe(400);
  });

  it.each(ENDPOINTS)('%s refuses what is no JSON object with 400', async (endpoint) => {
    for (const body of ['', ' ', '{', '{"subject":', 'null', '[]', `[${QUESTION}]`, '5', '"x"', 'true', '\ufeff{}', '{}{}', "{'a':1}"]) {
      const { status, body: said } = await ask(endpoint, body, { token });
      expect([status, Object.keys(said)], body).toEqual([400, ['error']]);
    }
  });

  it.each(ENDPOINTS)('%s takes POST alone, and says so', async (endpoint) => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const body = method === 'GET' ? undefined : question;
      const { status, headers } = await call(method, `/access/v1/${endpoint}`, body, { token });
      expect([status, headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  it('answers 200 with application/json, also for a deny, which no cache keeps', async () => {
    for (const action of [read, { name: 'x' }]) {
      const { status, headers } = await ask('evaluation', { ...question, action }, { token });
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^application\/json(?:;|$)/);
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it('says 401 to who is not authenticated, with a challenge, and 403 to who may not ask; never as a decision', async () => {
    for (const endpoint of ENDPOINTS) {
      for (const bad of [null, 'nonsense', `${token}x`]) {
        const { status, headers, body } = await ask(endpoint, question, { token: bad });
        expect([status, body.decision]).toEqual([401, undefined]);
        expect(headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
      }
      const { status, body } = await ask(endpoint, question, { token: powerless });
      expect([status, body.error.code, body.decision]).toEqual([403, 'missing_privilege', undefined]);
    }
  });

  it('needs bitgate:check for evaluations, and bitgate:list for searches', async () => {
    const { token: checks } = await makeKey('rules', ['Checks alone']);
    expect((await ask('evaluation', question, { token: checks })).status).toBe(200);
    const refused = await ask('search/action', question, { token: checks });
    expect([refused.status, refused.body.error.details.privilege]).toEqual([403, 'bitgate:list']);
  });

  it('tells of errors in an object with a message, and never with a decision', async () => {
    for (const [body, how] of [
      ['{', { token }],
      [{}, { token }],
      [question, { token: null }],
      [question, { token: powerless }],
      [question, {}],
    ] as const) {
      const { status, body: said } = await ask('evaluation', body, how);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(said.error.message).toMatch(/./);
      expect(Object.keys(said)).toEqual(['error']);
    }
  });

  it('echoes X-Request-ID on every status, and does without', async () => {
    const headers = { 'X-Request-ID': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' };
    const statuses = [];
    for (const [body, how] of [
      [question, { token }],
      [{ ...question, action: { name: 'x' } }, { token }],
      ['{', { token }],
      [question, { token: null }],
      [question, { token: powerless }],
      [`{"a":"${'x'.repeat(LIMITS.checkBodyBytes)}"}`, { token }],
    ] as const) {
      const answer = await ask('evaluation', body, { ...how, headers });
      statuses.push(answer.status);
      expect(answer.headers.get('x-request-id')).toBe(headers['X-Request-ID']);
    }
    const others = [
      await call('GET', '/access/v1/evaluation', undefined, { token, headers }),
      await call('POST', '/orgs/nowhere/access/v1/evaluation', question, { headers }),
      await call('POST', '/access/v1/nothing', question, { token, headers }),
      await call('GET', '/.well-known/authzen-configuration', undefined, { token: null, headers }),
      await call('GET', '/.well-known/jwks.json', undefined, { token: null, headers }),
    ];
    for (const answer of others) {
      statuses.push(answer.status);
      expect(answer.headers.get('x-request-id')).toBe(headers['X-Request-ID']);
    }
    expect(statuses).toEqual([200, 200, 400, 401, 403, 413, 405, 404, 404, 200, 200]);
    expect((await ask('evaluation', question, { token })).headers.get('x-request-id')).toBeNull();
  });

  it('has equal bodies for equal requests, with revision and age in headers', async () => {
    const texts = new Set<string>();
    for (let i = 0; i < 5; i++) {
      const { text, headers } = await call('POST', '/access/v1/evaluation', question, { token, headers: { 'x-request-id': `id-${i}` } });
      texts.add(text);
      expect(headers.get('x-bitgate-revision')).toMatch(/^\d+$/);
      expect(headers.get('x-bitgate-age-ms')).toMatch(/^\d+$/);
    }
    expect(texts).toEqual(new Set(['{"decision":true}']));
  });
});

describe('§9.2 the organization', () => {
  it('at the root is that of the key, and root has to name one', async () => {
    const { status, body } = await ask('evaluation', question, { token: ROOT });
    expect([status, body.error.code]).toEqual([400, 'missing_organization']);
    expect((await ask('evaluation', question, { token: ROOT }, '/orgs/rules')).status).toBe(200);
  });

  it.each(ENDPOINTS)('that a key is not of, or that is none, is not there: %s', async (endpoint) => {
    for (const [name, how] of [
      ['strangers', { token }],
      ['nowhere', { token }],
      ['nowhere', {}],
      ['NOT-an-id', {}],
    ] as const) {
      const { status, body } = await ask(endpoint, question, how, `/orgs/${name}`);
      expect([status, body.error.code]).toEqual([404, 'unknown_organization']);
    }
  });
});

describe('§11 security', () => {
  it('a caller cannot raise the role of a registered subject, unless its key may assert', async () => {
    const raised = { subject: { ...alice, properties: { role: 'admin' } }, action: write, resource: record2 };
    expect(await evaluation(raised)).toBe(FALSE);
    const { token: asserts } = await makeKey('rules', ['Asserts']);
    expect(await told('evaluation', raised, { token: asserts })).toBe(TRUE);
    expect(await told('evaluations', { evaluations: [raised] }, { token: asserts })).toBe('200 {"evaluations":[{"decision":true}]}');
    expect(await told('evaluations', { evaluations: [raised] }, { token })).toBe('200 {"evaluations":[{"decision":false}]}');
  });

  it('refuses lone surrogates, with 400', async () => {
    for (const lone of ['\\ud800', '\\udc00', '\\ud800x', '\\udc00\\ud800'])
      for (const body of [
        QUESTION.replace('"alice"', `"${lone}"`),
        `{"${lone}":1,${QUESTION.slice(1)}`,
        `{"context":{"a":["${lone}"]},${QUESTION.slice(1)}`,
      ])
        expect((await ask('evaluation', body, { token })).status, body).toBe(400);
    expect((await ask('evaluation', QUESTION.replace('"alice"', '"\\ud83d\\ude00"'), { token })).status).toBe(200);
  });

  it('limits body, depth and texts, with 400 or 413', async () => {
    const long = 'x'.repeat(LIMITS.idUtf8Bytes);
    const deep = `${'{"a":'.repeat(LIMITS.jsonDepth)}1${'}'.repeat(LIMITS.jsonDepth)}`;
    expect((await ask('evaluation', { ...question, subject: { type: 'user', id: long } }, { token })).status).toBe(400);
    expect((await ask('evaluation', { ...question, subject: { type: long, id: '' } }, { token })).status).toBe(400);
    expect((await ask('evaluation', { ...question, resource: { type: 'record', id: long } }, { token })).status).toBe(400);
    expect((await ask('evaluation', { ...question, action: { name: `${long}x` } }, { token })).status).toBe(400);
    expect(await evaluation({ ...question, resource: { type: 'record', id: 'ü'.repeat(252) } })).toBe(TRUE);
    expect(await evaluation({ ...question, action: { name: long } })).toBe(FALSE);
    expect((await ask('evaluation', `{"context":${deep},${QUESTION.slice(1)}`, { token })).status).toBe(400);
    expect((await ask('evaluation', { ...question, context: { a: 'x'.repeat(LIMITS.checkBodyBytes) } }, { token })).status).toBe(413);
    expect((await ask('search/action', { ...question, context: { a: 'x'.repeat(LIMITS.checkBodyBytes) } }, { token })).status).toBe(413);
  });

  it('SEC-24 takes ids for text, whatever they look like', async () => {
    for (const id of ["' OR 1=1 --", '../../etc', '%2e%2e', '\u0000', '"}', '$x', 'a|b,c#d'])
      expect(await evaluation({ ...question, subject: { type: 'user', id } })).toBe(FALSE);
  });
});
