/**
 * The entrypoint `Pdp`, through workerd's own RPC: who may ask, that it answers as HTTP does, and that nothing that is sent makes it
 * throw.
 */
import { exports, RpcTarget } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeAcme } from '../http/acme.ts';
import { call, makeKey, makeOrganization, putManifest, ROOT } from '../http/client.ts';
import { type Random, randomFrom } from '../properties/random.ts';

const SEED = 20_261_122;
const RANDOM = 300;
const PROPS = { organization: 'acme', subject: 'service:billing' };

/** As a client sees it: what comes back is what the test looks into. */
interface Face {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  check(...given: unknown[]): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  explain(...given: unknown[]): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  checkBatch(...given: unknown[]): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  listSubjects(...given: unknown[]): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  listResources(...given: unknown[]): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  listActions(...given: unknown[]): Promise<any>;
}

function bound(props?: unknown): Face {
  // `as`: props may be of any shape here, and answers are looked into
  return exports.Pdp({ props } as { props: object }) as unknown as Face;
}

const pdp = bound(PROPS);
const question = { subject: 'user:v', action: 'view', resource: 'dataset:d1' };
const refusal = (code: string): object => ({
  decision: false,
  error: { code, message: expect.any(String), details: expect.any(Object) },
});

let key: string;
let idle: string;
let asking: string;

beforeAll(async () => {
  await makeAcme();
  expect((await call('POST', '/admin/orgs/acme/roles', { name: 'Lister', privileges: ['bitgate:list'] })).status).toBe(201);
  const asker = { name: 'Asker', privileges: ['bitgate:check', 'bitgate:explain'] };
  expect((await call('POST', '/admin/orgs/acme/roles', asker)).status).toBe(201);
  for (const assignment of [
    { subject: 'service:asker', role: 'Asker', scope: 'org' },
    { subject: 'service:lister', role: 'Lister', scope: 'org' },
    { subject: 'user:w', role: 'Viewer', scope: 'dataset:d1' },
    { subject: 'user:w', role: 'Editor', scope: 'project:p1' },
    { subject: 'user:v', role: 'Viewer', scope: 'project:p1' },
    { subject: 'service:billing', role: 'bitgate:checker', scope: 'org' },
  ]) {
    expect((await call('POST', '/admin/orgs/acme/assignments', assignment)).status).toBe(201);
  }
  key = (await makeKey('acme')).token;
  asking = (await makeKey('acme', ['Asker'])).token;
  idle = (await makeKey('acme', [])).token;
  await makeOrganization('other', { owner: 'user:owner' });
});

describe('the caller', () => {
  it('is the subject that the props of the binding name', async () => {
    expect(await pdp.check(question)).toEqual({
      decision: true,
      reason: 'granted',
      revision: expect.any(Number),
      age_ms: expect.any(Number),
    });
  });

  it('is the key that comes with the question, with a binding that names its organization or none', async () => {
    expect(await bound().check(question, { key })).toMatchObject({ decision: true });
    expect(await bound({}).check(question, { key })).toMatchObject({ decision: true });
    expect(await pdp.check(question, { key })).toMatchObject({ decision: true });
    expect(await pdp.check(question, { key: undefined })).toMatchObject({ decision: true });
  });

  it('asks with its own rights, whatever those of the binding are', async () => {
    expect(await pdp.check(question, { key: idle })).toEqual(refusal('missing_privilege'));
    expect(await bound({ ...PROPS, subject: 'user:v' }).check(question, { key })).toMatchObject({ decision: true });
  });

  it('may be root, in the organization that the binding or the question names', async () => {
    expect(await pdp.check(question, { key: ROOT })).toMatchObject({ decision: true });
    expect(await bound().check({ ...question, org: 'acme' }, { key: ROOT })).toMatchObject({ decision: true });
    expect(await bound().check(question, { key: ROOT })).toEqual(refusal('missing_organization'));
    expect(await pdp.check({ ...question, org: 'other' }, { key: ROOT })).toEqual(refusal('invalid_check'));
  });

  it.each([
    ['nobody', undefined, undefined, 'missing_credentials'],
    ['nobody in empty props', {}, {}, 'missing_credentials'],
    ['a subject that lacks the privilege', { organization: 'acme', subject: 'user:v' }, undefined, 'missing_privilege'],
    ['somebody unheard of', { organization: 'acme', subject: 'service:nobody' }, undefined, 'missing_privilege'],
    ['a group', { organization: 'acme', subject: 'group:everyone' }, undefined, 'missing_privilege'],
    ['a text that names nobody', { organization: 'acme', subject: 'billing' }, undefined, 'invalid_reference'],
    ['props without an organization', { subject: 'service:billing' }, undefined, 'invalid_props'],
    ['props without a subject', { organization: 'acme' }, undefined, 'invalid_props'],
    ['props with something else', { ...PROPS, organisation: 'acme' }, undefined, 'invalid_props'],
    ['an organization that can’t be one', { ...PROPS, organization: '../acme' }, undefined, 'invalid_props'],
    ['an organization that isn’t there', { ...PROPS, organization: 'nowhere' }, undefined, 'unknown_organization'],
    ['a wrong key', undefined, { key: 'bg_acme_aaaaaaaaaaaaaaaa_0000000000000000000' }, 'invalid_credentials'],
    ['a wrong key beside a good binding', PROPS, { key: 'bg_acme_aaaaaaaaaaaaaaaa_0000000000000000000' }, 'invalid_credentials'],
    ['an empty key', PROPS, { key: '' }, 'invalid_credentials'],
    ['a key of two', PROPS, { key: 'a, b' }, 'invalid_credentials'],
    ['a key that is no text', PROPS, { key: 1 }, 'invalid_options'],
    ['a key that is nothing', PROPS, { key: null }, 'invalid_options'],
    ['a key that stands alone', PROPS, ROOT, 'invalid_options'],
    ['something else beside the key', PROPS, { Key: 'x' }, 'invalid_options'],
    ['a key longer than any', PROPS, { key: 'x'.repeat(100_000) }, 'body_too_large'],
  ])('is refused: %s', async (_name, props, options, code) => {
    const answer = await bound(props).check(question, options);
    expect(answer).toMatchObject(refusal(code));
    expect(await bound(props).checkBatch({ checks: [question] }, options)).toMatchObject(refusal(code));
  });

  it('SEC-47 with a key of another organization than the binding’s is told that there is none', async () => {
    const foreign = bound({ ...PROPS, organization: 'other' });
    expect(await foreign.check(question, { key })).toEqual({ ...refusal('unknown_organization'), reason: 'unknown_organization' });
    expect(await pdp.check({ ...question, org: 'other' })).toEqual({ ...refusal('unknown_organization'), reason: 'unknown_organization' });
  });

  it('SEC-49 never sees its key in a refusal', async () => {
    for (const token of [idle, `${key}x`, 'bg_acme_aaaaaaaaaaaaaaaa_sssssssssssssssssss']) {
      const secret = token.slice(token.lastIndexOf('_') + 1);
      for (const answer of [await pdp.check(question, { key: token }), await pdp.check(question, { key: token, [token]: 1 })]) {
        expect(answer.decision).toBe(false);
        expect(JSON.stringify(answer)).not.toContain(secret);
      }
    }
  });

  it('that is suspended is refused, though a group of all grants what it needs', async () => {
    expect((await call('PATCH', '/admin/orgs/acme/subjects/service:billing', { status: 'suspended' })).status).toBe(200);
    const { body } = await call('GET', '/admin/orgs/acme');
    await expect
      .poll(() => pdp.check({ ...question, min_revision: body.revision }), { timeout: 5_000 })
      .toEqual(refusal('missing_privilege'));
    expect((await call('PATCH', '/admin/orgs/acme/subjects/service:billing', { status: 'active' })).status).toBe(200);
  });
});

describe('answers', () => {
  const questions = [
    question,
    { ...question, action: { name: 'edit' } },
    { subject: { type: 'user', id: 'v', properties: { a: 1 } }, action: 'org_only', context: { x: 1 } },
    { ...question, action: undefined, any_of: ['edit', 'view'] },
    { ...question, action: undefined, all_of: ['edit', 'view'] },
    { ...question, action: undefined, all_of: [] },
    { ...question, action: 'nothing' },
  ];
  const bad = [
    { ...question, ressource: 'dataset:d1' },
    { ...question, subject: 'v' },
    { ...question, any_of: ['view'] },
    { ...question, min_revision: -1 },
    {},
    [],
    'x',
    null,
    7,
  ];

  it.each([...questions, ...bad])('are those of HTTP: %j', async (asked) => {
    const http = await call('POST', '/check', JSON.stringify(asked), { token: key });
    const { age_ms, ...answer } = await pdp.check(asked, { key });
    expect(answer).toEqual(http.body);
    expect(typeof age_ms).toBe(http.status === 200 ? 'number' : 'undefined');
  });

  it('of a batch are those of HTTP, good items beside bad ones', async () => {
    for (const asked of [
      { checks: [...questions, ...bad] },
      { defaults: { subject: 'user:v' }, checks: [{ action: 'view' }] },
      { checks: [] },
    ]) {
      const http = await call('POST', '/check/batch', asked, { token: key });
      const { age_ms, ...answer } = await pdp.checkBatch(asked);
      expect([http.status, answer]).toEqual([200, http.body]);
      expect(age_ms).toEqual(expect.any(Number));
    }
  });

  it('come from a revision that is new enough, or not at all', async () => {
    const { body } = await call('POST', '/admin/orgs/acme/assignments', { subject: 'user:late', role: 'Viewer', scope: 'org' });
    const late = { subject: 'user:late', action: 'view' };
    expect(await pdp.check({ ...late, min_revision: body.revision })).toMatchObject({ decision: true, revision: body.revision });
    expect(await pdp.checkBatch({ checks: [late], min_revision: body.revision })).toMatchObject({ results: [{ decision: true }] });
    expect(await pdp.check({ ...late, max_age_ms: 5_000 })).toMatchObject({ decision: true });
    expect(await pdp.check({ ...late, max_age_ms: 0 })).toEqual(refusal('missing_privilege'));
    expect(await pdp.check({ ...late, min_revision: body.revision + 1_000_000 })).toMatchObject({ decision: false, error: {} });
  });

  it('count what `bitgate:assert` lets the caller add', async () => {
    await putManifest('other', {
      bitgate: 1,
      catalog: { privileges: [{ name: 'view' }] },
      policies: [{ name: 'Ranked', privileges: ['view'], condition: 'subject.properties.rank == 1' }],
      roles: [{ name: 'Trusted', privileges: ['bitgate:check', 'bitgate:assert'] }],
      subjects: [{ type: 'user', id: 'r', properties: { rank: 0 } }],
      assignments: [
        { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
        { subject: 'user:r', policy: 'Ranked', scope: 'org' },
        { subject: 'service:trusted', role: 'Trusted', scope: 'org' },
        { subject: 'service:plain', role: 'bitgate:checker', scope: 'org' },
      ],
    });
    const asked = { subject: { type: 'user', id: 'r', properties: { rank: 1 } }, action: 'view' };
    const by = (name: string): Promise<object> => bound({ organization: 'other', subject: `service:${name}` }).check(asked);
    expect([await by('trusted'), await by('plain')]).toMatchObject([{ decision: true }, { decision: false, reason: 'condition_false' }]);
  });
});

describe('explanations', () => {
  const asker = { organization: 'acme', subject: 'service:asker' };

  it.each([
    question,
    { ...question, action: 'edit' },
    { ...question, explain: true },
    { ...question, explain: false },
    { ...question, action: undefined, any_of: ['edit', 'view'] },
    { ...question, action: 'edit', assume: [{ subject: 'user:v', role: 'Editor', scope: 'org' }] },
    { ...question, assume: [{ subject: 'user:v', role: 'Nobody', scope: 'org' }] },
    { ...question, ressource: 1 },
    [],
    'x',
  ])('are those of HTTP: %j', async (asked) => {
    const body = typeof asked === 'object' && !Array.isArray(asked) ? { ...asked, explain: true } : asked;
    const http = await call('POST', '/check', JSON.stringify(body), { token: asking });
    const { age_ms, ...answer } = await bound(asker).explain(asked);
    expect(answer).toEqual(http.body);
    expect(typeof age_ms).toBe(http.status === 200 ? 'number' : 'undefined');
  });

  it('need `bitgate:explain`, unless it is about the caller, and so does what if', async () => {
    const assumed = { ...question, assume: [{ subject: 'user:v', role: 'Editor', scope: 'org' }] };
    expect(await pdp.explain(question)).toMatchObject(refusal('missing_privilege'));
    expect(await pdp.check(assumed)).toMatchObject(refusal('missing_privilege'));
    expect(await bound(asker).check(assumed)).toMatchObject({ decision: true, assumed: true });
    const own = { ...question, subject: PROPS.subject };
    expect(await pdp.explain(own)).toMatchObject({ decision: false, explanation: { decision: false } });
    expect(await pdp.explain({ ...own, assume: assumed.assume })).toMatchObject(refusal('missing_privilege'));
  });

  it('are refused as checks are', async () => {
    expect(await bound().explain(question)).toEqual(refusal('missing_credentials'));
    expect(await bound(asker).explain({ ...question, context: { f: () => 1 } })).toEqual(refusal('malformed_body'));
  });
});

describe('lists', () => {
  const lister = bound({ organization: 'acme', subject: 'service:lister' });
  const LISTS = [
    ['listSubjects', 'subjects', { action: 'view', resource: 'dataset:d1' }],
    ['listResources', 'resources', { subject: 'user:w', action: 'view' }],
    ['listActions', 'actions', { subject: 'user:w', resource: 'dataset:d1' }],
  ] as const;

  it('need `bitgate:list`, which a right to check is not', async () => {
    for (const [method, , asked] of LISTS)
      expect(await bound({ ...PROPS, subject: 'user:v' })[method](asked)).toEqual({
        error: { code: 'missing_privilege', message: expect.any(String), details: { privilege: 'bitgate:list', scope: 'org' } },
      });
  });

  it.each(LISTS)('%s is that of HTTP, page by page', async (method, name, asked) => {
    const { token } = await makeKey('acme', ['Lister']);
    let cursor: string | undefined;
    for (let pages = 0; ; pages++) {
      const page = { ...asked, limit: 1, cursor };
      const http = await call('POST', `/list/${name}`, page, { token });
      const { age_ms, ...answer } = await lister[method](page);
      // a list is of the time at which it was begun: its cursors tell of that
      const next_cursor = http.body.next_cursor === null ? null : expect.any(String);
      expect([http.status, answer]).toEqual([200, { ...http.body, next_cursor }]);
      expect(age_ms).toEqual(expect.any(Number));
      cursor = answer.next_cursor ?? undefined;
      if (cursor === undefined) {
        expect(pages).toBeGreaterThan(0);
        break;
      }
    }
  });

  it.each(LISTS)('%s refuses by values too', async (method) => {
    for (const given of [undefined, {}, { subject: () => 1 }, { action: 1n }])
      expect(await lister[method](given)).toEqual({
        error: { code: expect.any(String), message: expect.any(String), details: expect.any(Object) },
      });
  });
});

describe('SEC-27 hostile values', () => {
  class Target extends RpcTarget {
    toJSON(): object {
      throw new Error('called');
    }
    subject(): string {
      throw new Error('called');
    }
  }
  const cyclic: Record<string, unknown> = { ...question };
  cyclic.context = { cyclic };
  let shared: unknown = 'x';
  for (let i = 0; i < 28; i++) shared = [shared, shared];
  const deep = (levels: number): unknown => {
    let value: unknown = 1;
    for (let i = 0; i < levels; i++) value = [value];
    return value;
  };

  const hostile: [string, () => unknown, string][] = [
    ['a function', () => () => true, 'malformed_body'],
    ['a function as resource', () => ({ ...question, resource: () => 'dataset:d1' }), 'malformed_body'],
    ['a function in the context', () => ({ ...question, context: { f: () => 1 } }), 'malformed_body'],
    ['an object with methods', () => new Target(), 'malformed_body'],
    ['an object with methods as context', () => ({ ...question, context: new Target() }), 'malformed_body'],
    ['a cycle', () => cyclic, 'malformed_body'],
    ['what is held twice, 28 times over', () => ({ ...question, context: { shared } }), 'body_too_large'],
    ['a map', () => new Map(Object.entries(question)), 'malformed_body'],
    ['a set in the context', () => ({ ...question, context: { s: new Set([1]) } }), 'malformed_body'],
    ['a date', () => ({ ...question, context: { d: new Date(0) } }), 'malformed_body'],
    ['an error', () => ({ ...question, context: { e: new Error('x') } }), 'malformed_body'],
    ['bytes', () => ({ ...question, context: { b: new Uint8Array(4) } }), 'malformed_body'],
    ['a regular expression', () => ({ ...question, context: { r: /x/ } }), 'malformed_body'],
    ['headers', () => ({ ...question, context: { r: new Headers() } }), 'malformed_body'],
    ['a BigInt', () => ({ ...question, context: { n: 1n } }), 'malformed_body'],
    ['no number', () => ({ ...question, context: { n: Number.NaN } }), 'malformed_body'],
    ['infinity', () => ({ ...question, context: { n: Number.NEGATIVE_INFINITY } }), 'malformed_body'],
    ['a list with a hole', () => ({ ...question, context: { l: new Array(4_000_000_000) } }), 'malformed_body'],
    ['an undefined item', () => ({ ...question, any_of: [undefined] }), 'malformed_body'],
    ['a lone surrogate', () => ({ ...question, subject: 'user:\ud800' }), 'malformed_body'],
    ['a lone surrogate in a name', () => ({ ...question, context: { '\udc00': 1 } }), 'malformed_body'],
    ['33 levels', () => ({ ...question, context: { a: deep(31) } }), 'malformed_body'],
    ['1,000 levels', () => deep(1_000), 'malformed_body'],
    ['a text of 10 MB', () => 'x'.repeat(10_000_000), 'body_too_large'],
    ['an id of 1 MB', () => ({ ...question, subject: `user:${'x'.repeat(1_000_000)}` }), 'body_too_large'],
    ['a context that is too large', () => ({ ...question, context: { a: 'é'.repeat(33_000 * 7) } }), 'body_too_large'],
    ['many names', () => Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 1])), 'body_too_large'],
  ];

  it.each(hostile)('%s is a refusal, never an error', async (_name, value, code) => {
    const answer = await pdp.check(value());
    expect(answer).toEqual(refusal(code));
  });

  it.each(hostile)('%s in a batch too', async (_name, value, code) => {
    const answer = await pdp.checkBatch({ checks: [value(), 'x'.repeat(8 * 1024 * 1024 - 200_000)] });
    expect(answer).toEqual(refusal(code));
  });

  it.each(hostile)('%s in place of the options too', async (_name, value) => {
    expect(await pdp.check(question, value())).toMatchObject({ decision: false, error: {} });
  });

  it('names where it lies', async () => {
    expect((await pdp.check({ ...question, context: { rows: [1, { at: new Date() }] } })).error.message).toBe(
      'the argument holds an object of a kind that JSON has not, at `context.rows.1.at`',
    );
  });

  it('is not what is at the limit: 32 levels, and 64 KiB', async () => {
    expect(await pdp.check({ ...question, context: { a: deep(30) } })).toMatchObject({ decision: true });
    const rest = JSON.stringify({ ...question, context: { a: '' } }).length;
    const at = { ...question, context: { a: 'x'.repeat(64 * 1024 - rest) } };
    expect(await pdp.check(at)).toMatchObject({ decision: true });
    expect(await pdp.check({ ...question, context: { a: `${at.context.a}x` } })).toMatchObject(refusal('body_too_large'));
  });

  it('is not a member that is undefined, nor one with the name of the prototype', async () => {
    expect(await pdp.check({ ...question, context: undefined, min_revision: undefined })).toMatchObject({ decision: true });
    const asked = JSON.parse('{"subject":"user:v","action":"view","resource":"dataset:d1","context":{"__proto__":{"x":1}}}');
    expect(await pdp.check(asked)).toMatchObject({ decision: true });
    expect(await pdp.check(JSON.parse('{"subject":"user:v","action":"view","__proto__":{"resource":"dataset:d1"}}'))).toEqual(
      refusal('invalid_check'),
    );
  });

  it('no argument, and too many, are answered', async () => {
    expect(await pdp.check()).toEqual(refusal('invalid_check'));
    expect(await pdp.checkBatch()).toEqual(refusal('invalid_batch'));
    expect(await pdp.check(question, {}, 1, 2, 3)).toMatchObject({ decision: true });
  });

  it('a batch of one more than 10,000 is refused', async () => {
    const checks = Array.from({ length: 10_001 }, () => ({ action: 'view' }));
    expect(await pdp.checkBatch({ defaults: { subject: 'user:v' }, checks })).toEqual(refusal('batch_too_large'));
    const answer = await pdp.checkBatch({ defaults: { subject: 'user:v' }, checks: checks.slice(1) });
    expect(answer.results).toHaveLength(10_000);
  });
});

describe('random questions', () => {
  const PIECES: readonly unknown[] = [
    ...[
      null,
      true,
      0,
      -1,
      1.5,
      2 ** 53,
      '',
      'x',
      ':',
      'user:',
      ':v',
      'user:v',
      'a:b:c',
      'view',
      'edit',
      '\u0000',
      '\u{1f600}',
      'é'.repeat(300),
    ],
    ...[[], {}, ['view'], [null], { name: 'view' }, { name: '' }, { type: 'user', id: 'v' }, { type: 'a:b', id: 'v' }, { x: { y: [1] } }],
  ];
  const MEMBERS = [
    'subject',
    'action',
    'any_of',
    'all_of',
    'resource',
    'context',
    'org',
    'min_revision',
    'max_age_ms',
    'at_time',
    'explain',
    'assume',
    'x',
  ];
  const HOSTILE = [() => 1, 1n, Number.NaN, new Map(), new Date(0), '\ud800', new Uint8Array(1)];

  function randomQuestion(random: Random): Record<string, unknown> {
    const asked: Record<string, unknown> = { ...question };
    for (const member of random.sample(MEMBERS, random.between(1, 3))) {
      const inside = asked[member];
      if (random.chance(0.2)) delete asked[member];
      else if (random.chance(0.3) && typeof inside === 'object' && inside !== null)
        asked[member] = { ...inside, properties: random.pick(PIECES) };
      else asked[member] = random.pick(PIECES);
    }
    return asked;
  }

  it(`are answered as HTTP answers them, decision, reason and code alike (seed ${SEED})`, async () => {
    const random = randomFrom(SEED);
    const codes = new Set<string>();
    for (let n = 0; n < RANDOM; n++) {
      const asked = randomQuestion(random);
      const { body } = await call('POST', '/check', JSON.stringify(asked), { token: key });
      const { age_ms: _, ...answer } = await pdp.check(asked, { key });
      expect(answer, JSON.stringify(asked)).toEqual(body);
      codes.add(answer.error?.code ?? answer.reason);
    }
    expect([...codes]).toEqual(expect.arrayContaining(['granted', 'no_grant', 'unknown_privilege', 'invalid_check']));
  });

  it('with something in them that is no JSON are refused, wherever it is', async () => {
    const random = randomFrom(SEED);
    for (let n = 0; n < RANDOM; n++) {
      const piece = random.pick(HOSTILE);
      const place = random.pick(MEMBERS);
      const asked = { ...randomQuestion(random), [place]: random.pick([piece, [piece], { a: piece }, { a: [{ b: piece }] }]) };
      expect(await pdp.check(asked), place).toEqual(refusal('malformed_body'));
    }
  });
});
