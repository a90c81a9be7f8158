/** The entrypoint `Pdp`, through workerd's own RPC: who may ask, and that it answers as HTTP does. */
import { beforeAll, describe, expect, it } from 'vitest';
import { call, makeKey, putManifest, ROOT } from '../http/client.ts';
import { bound, type Keys, makeAsked, PROPS, pdp, question, refusal } from './face.ts';

let { key, asking, idle }: Keys = { key: '', asking: '', idle: '' };

beforeAll(async () => {
  ({ key, asking, idle } = await makeAsked());
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
    ['a subject that lacks the privilege', { organization: 'acme', subject: 'user:w' }, undefined, 'missing_privilege'],
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
    ['an end user’s token that is none', PROPS, { token: 'a.b.c' }, 'invalid_credentials'],
    ['a key as an end user’s token', PROPS, { token: ROOT }, 'invalid_credentials'],
    ['a token that no organization is named for', undefined, { token: 'a.b.c' }, 'invalid_credentials'],
    ['a token for another organization than the binding’s', PROPS, { token: 'a.b.c', organization: 'other' }, 'unknown_organization'],
    ['a key and a token', PROPS, { key: 'x', token: 'a.b.c' }, 'invalid_options'],
    ['an organization without a token', PROPS, { organization: 'acme' }, 'invalid_options'],
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
