import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';

let token = '';
let keyId = '';

/** Everything that the tests of this file ask about. */
const world = {
  bitgate: 1,
  catalog: {
    privileges: [
      { name: 'view' },
      { name: 'edit' },
      { name: 'dataset:share', resource_types: ['dataset'] },
      { name: 'publish', levels: ['project'] },
    ],
  },
  policies: [
    { name: 'Trusted', privileges: ['edit'], condition: 'context.trusted == true' },
    { name: 'Staff', privileges: ['edit'], condition: 'subject.properties.staff == true' },
    { name: 'No edit', effect: 'deny', privileges: ['edit'] },
  ],
  roles: [
    { name: 'Viewer', privileges: ['view', 'dataset:share'] },
    { name: 'Publisher', privileges: ['publish'] },
    { name: 'Asserter', privileges: ['bitgate:check', 'bitgate:assert'] },
    { name: 'Fresh', privileges: ['bitgate:check', 'bitgate:fresh'] },
  ],
  projects: [{ id: 'p1' }],
  subjects: [{ type: 'user', id: 'sam', status: 'suspended' }],
  resources: [{ type: 'dataset', id: 'd1', parents: ['project:p1'] }],
  assignments: [
    { subject: 'user:ann', role: 'Viewer', scope: 'org' },
    { subject: 'user:ann', role: 'Publisher', scope: 'project:p1' },
    { subject: 'user:bo:x', role: 'Viewer', scope: 'dataset:d1' },
    { subject: 'user:cy', policy: 'Trusted', scope: 'org' },
    { subject: 'user:dee', policy: 'Trusted', scope: 'org' },
    { subject: 'user:dee', policy: 'No edit', scope: 'org' },
    { subject: 'user:eve', policy: 'Staff', scope: 'org' },
    { subject: 'user:sam', role: 'Viewer', scope: 'org' },
    { subject: 'user:old', role: 'Viewer', scope: 'org', expires_at: '2020-01-01T00:00:00Z' },
  ],
  settings: { closed_types: ['vault'] },
};

beforeAll(async () => {
  await makeOrganization('acme', { owner: 'user:root-owner' });
  await makeOrganization('other');
  const manifest = { ...world, assignments: [...world.assignments, { subject: 'user:root-owner', role: 'bitgate:owner', scope: 'org' }] };
  await putManifest('acme', manifest);
  await putManifest('other', world);
  ({ token, id: keyId } = await makeKey('acme'));
});

const check = (body: unknown, more: object = {}): Promise<Answer> => call('POST', '/check', body, { token, ...more });

describe('POST /check', () => {
  it('answers with decision, reason and revision, and says how old its knowledge is', async () => {
    const answer = await check({ subject: 'user:ann', action: 'view', resource: 'dataset:any' }, { headers: { 'x-request-id': 'abc-1' } });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ decision: true, reason: 'granted', revision: expect.any(Number) });
    expect(answer.headers.get('x-bitgate-revision')).toBe(String(answer.body.revision));
    expect(Number(answer.headers.get('x-bitgate-age-ms'))).toBeGreaterThanOrEqual(0);
    expect(answer.headers.get('x-request-id')).toBe('abc-1');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    [
      'objects and texts mean the same',
      { subject: { type: 'user', id: 'ann' }, action: { name: 'view' }, resource: { type: 'dataset', id: 'd1' } },
      'granted',
    ],
    ['a text splits at its first colon', { subject: 'user:bo:x', action: 'view', resource: 'dataset:d1' }, 'granted'],
    ['without a resource the question is about the organization', { subject: 'user:ann', action: 'view' }, 'granted'],
    ['the resource’s type may complete the action', { subject: 'user:ann', action: 'share', resource: 'dataset:d1' }, 'granted'],
    ['a privilege of projects is one within a project', { subject: 'user:ann', action: 'publish', resource: 'dataset:d1' }, 'granted'],
    ['a privilege of projects is none elsewhere', { subject: 'user:ann', action: 'publish', resource: 'dataset:d2' }, 'unknown_privilege'],
    ['an unknown privilege is a deny', { subject: 'user:ann', action: 'fly' }, 'unknown_privilege'],
    ['an unregistered subject is decided by the rule', { subject: 'user:nobody', action: 'view' }, 'no_grant'],
    [
      'an unregistered resource may name its parents',
      { subject: 'user:ann', action: 'publish', resource: { type: 'doc', id: 'x', properties: { project: 'p1' } } },
      'granted',
    ],
    [
      'an unregistered resource of a closed type is a deny',
      { subject: 'user:ann', action: 'view', resource: 'vault:v' },
      'unregistered_resource',
    ],
    ['a condition reads the context', { subject: 'user:cy', action: 'edit', context: { trusted: true } }, 'granted'],
    ['a condition that is false denies', { subject: 'user:cy', action: 'edit', context: { trusted: false } }, 'condition_false'],
    ['SEC-04 a missing attribute never allows', { subject: 'user:cy', action: 'edit' }, 'condition_error'],
    ['SEC-06 a deny wins', { subject: 'user:dee', action: 'edit', context: { trusted: true } }, 'denied_by_policy'],
    ['a suspended subject is denied', { subject: 'user:sam', action: 'view' }, 'subject_suspended'],
    ['what has expired is over', { subject: 'user:old', action: 'view' }, 'expired'],
    ['SEC-13 ids are compared as bytes', { subject: 'user:Ann', action: 'view' }, 'no_grant'],
    ['SEC-13 nothing is trimmed', { subject: 'user:ann ', action: 'view' }, 'no_grant'],
    [
      'SEC-24 an id is no path and no SQL',
      { subject: "user:ann' OR '1'='1", action: 'view', resource: 'dataset:../../d1\u0000' },
      'no_grant',
    ],
    ['a subject of type group is never a group', { subject: 'group:everyone', action: 'view' }, 'no_grant'],
  ])('%s', async (_name, body, reason) => {
    const answer = await check(body);
    expect([answer.status, answer.body.reason, answer.body.decision]).toEqual([200, reason, reason === 'granted']);
  });

  it('SEC-11 properties of a registered subject count only from a key that may assert them', async () => {
    const question = { subject: { type: 'user', id: 'eve', properties: { staff: true } }, action: 'edit' };
    expect((await check(question)).body.reason).toBe('condition_error');
    const other = await makeKey('other', ['Asserter']);
    expect((await check(question, { token: other.token })).body.reason).toBe('granted');
    expect((await call('POST', '/check', { ...question, org: 'other' })).body.reason).toBe('granted');
  });
});

describe('a malformed check', () => {
  it.each([
    ['a wrong type', { subject: 5, action: 'view' }, 'subject'],
    ['a reference without a type', { subject: 'ann', action: 'view' }, 'subject'],
    ['an empty id', { subject: { type: 'user', id: '' }, action: 'view' }, 'subject'],
    ['a type with a colon', { subject: { type: 'us:er', id: 'x' }, action: 'view' }, 'subject'],
    ['a missing id', { subject: { type: 'user' }, action: 'view' }, 'subject.id'],
    ['a missing action', { subject: 'user:ann' }, 'action'],
    ['an empty action', { subject: 'user:ann', action: '' }, 'action'],
    ['an action without a name', { subject: 'user:ann', action: {} }, 'action.name'],
    ['a resource that is null', { subject: 'user:ann', action: 'view', resource: null }, 'resource'],
    ['a misspelt key', { subject: 'user:ann', action: 'view', ressource: 'dataset:d1' }, 'ressource'],
    ['a misspelt key of a subject', { subject: { type: 'user', id: 'a', propertis: {} }, action: 'view' }, 'subject.propertis'],
    ['properties that are a list', { subject: { type: 'user', id: 'a', properties: [] }, action: 'view' }, 'subject.properties'],
    ['a context that is text', { subject: 'user:ann', action: 'view', context: 'x' }, 'context'],
    ['a revision that is text', { subject: 'user:ann', action: 'view', min_revision: '1' }, 'min_revision'],
    ['a negative age', { subject: 'user:ann', action: 'view', max_age_ms: -1 }, 'max_age_ms'],
    ['an id of a megabyte', { subject: `user:${'x'.repeat(600)}`, action: 'view' }, 'subject'],
    ['an action that is too long', { subject: 'user:ann', action: 'x'.repeat(513) }, 'action'],
    ['a list', [], ''],
    ['nothing', null, ''],
  ])('is refused with the place of the fault: %s', async (_name, body, path) => {
    const answer = await check(body);
    expect(answer.status).toBe(400);
    expect(answer.body.decision).toBe(false);
    expect(answer.body.error.code).toBe('invalid_check');
    expect(answer.body.error.details.problems[0].path).toBe(path);
    expect(answer.body.error.message).not.toBe('');
  });

  it.each([
    ['no JSON', '{"subject":'],
    ['nothing at all', ''],
    ['SEC-27 a lone surrogate', '{"subject":"user:\\ud800","action":"view"}'],
    ['SEC-27 a lone surrogate behind a backslash', '{"subject":"user:\\ud83d\\\\\\ude00","action":"view"}'],
    ['SEC-27 33 levels', `{"subject":"user:a","action":"view","context":{"a":${'['.repeat(31)}${']'.repeat(31)}}}`],
    ['SEC-48 10,000 levels', '['.repeat(10_000)],
  ])('is refused before it is looked at: %s', async (_name, body) => {
    const answer = await check(body);
    expect([answer.status, answer.body.error.code, answer.body.decision]).toEqual([400, 'malformed_body', false]);
  });

  it('may have 32 levels, pairs of surrogates, brackets in texts, and equal keys of which the last wins (SEC-27)', async () => {
    const context = `{"a":${'['.repeat(30)}${']'.repeat(30)},"b":"${'['.repeat(100)}\\"{{{","c":"\\ud83d\\ude00"}`;
    const answer = await check(`{"subject":"user:nobody","subject":"user:ann","action":"view","context":${context}}`);
    expect(answer.body.reason).toBe('granted');
  });

  it('SEC-48 is refused when it is too large, whatever its length says', async () => {
    const large = await check({ subject: 'user:ann', action: 'view', context: { x: 'y'.repeat(65_536) } });
    expect([large.status, large.body.error.code]).toEqual([413, 'body_too_large']);
    const huge = await check(`{"x":"${'y'.repeat(10_000_000)}"}`);
    expect(huge.status).toBe(413);
  });

  it('is told to be JSON', async () => {
    const answer = await check('subject=user:ann', { headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    expect([answer.status, answer.body.error.code]).toEqual([415, 'unsupported_media_type']);
    expect(
      (await check({ subject: 'user:ann', action: 'view' }, { headers: { 'content-type': 'application/json; charset=utf-8' } })).status,
    ).toBe(200);
  });

  it('with another method is told which ones there are', async () => {
    const answer = await call('PUT', '/check', {}, { token });
    expect([answer.status, answer.headers.get('allow'), answer.body.decision]).toEqual([405, 'GET, POST', false]);
  });

  it('has no identifier in its answer that could not be a header', async () => {
    const answer = await check({ subject: 'user:ann', action: 'view' }, { headers: { 'x-request-id': 'x'.repeat(129) } });
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([200, null]);
  });
});

describe('GET /check', () => {
  it('answers 200 for a deny too', async () => {
    const allow = await call('GET', '/check?subject=user:ann&action=view&resource=dataset%3Ad1', undefined, { token });
    expect([allow.status, allow.body.decision]).toEqual([200, true]);
    const deny = await call('GET', '/check?subject=user:nobody&action=view', undefined, { token });
    expect([deny.status, deny.body]).toEqual([200, { decision: false, reason: 'no_grant', revision: expect.any(Number) }]);
  });

  it.each([
    ['a parameter given twice', 'subject=user:ann&action=view&subject=user:bo', 'malformed_query'],
    ['an escape that is no UTF-8', 'subject=user:%ff&action=view', 'malformed_query'],
    ['an unknown parameter', 'subject=user:ann&action=view&ressource=x:y', 'invalid_check'],
    ['a missing subject', 'action=view', 'invalid_check'],
    ['a revision that is no number', 'subject=user:ann&action=view&min_revision=1e3', 'invalid_check'],
  ])('refuses %s', async (_name, query, code) => {
    const answer = await call('GET', `/check?${query}`, undefined, { token });
    expect([answer.status, answer.body.error.code, answer.body.decision]).toEqual([400, code, false]);
  });
});

describe('POST /check/batch', () => {
  const batch = (body: unknown, more: object = {}): Promise<Answer> => call('POST', '/check/batch', body, { token, ...more });

  it('keeps the order, answers all at one revision, and judges each item by itself', async () => {
    const answer = await batch({
      defaults: { action: 'view' },
      checks: [
        { subject: 'user:ann' },
        { subject: 'user:nobody' },
        { subject: 7 },
        { subject: 'user:cy', action: 'edit', context: { trusted: true } },
        'what',
        { subject: 'user:ann', resource: 'vault:v' },
      ],
    });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body)).toEqual(['revision', 'results']);
    expect(answer.body.results).toEqual([
      { decision: true, reason: 'granted' },
      { decision: false, reason: 'no_grant' },
      { decision: false, error: expect.objectContaining({ code: 'invalid_check' }) },
      { decision: true, reason: 'granted' },
      { decision: false, error: expect.objectContaining({ code: 'invalid_check' }) },
      { decision: false, reason: 'unregistered_resource' },
    ]);
  });

  it('SEC-02 items that differ in context or scope alone have answers of their own, in any order', async () => {
    const items = [
      [{ subject: 'user:cy', action: 'edit', context: { trusted: true } }, true],
      [{ subject: 'user:cy', action: 'edit', context: { trusted: false } }, false],
      [{ subject: 'user:cy', action: 'edit' }, false],
      [{ subject: 'user:bo:x', action: 'view', resource: 'dataset:d1' }, true],
      [{ subject: 'user:bo:x', action: 'view', resource: 'dataset:d2' }, false],
      [{ subject: { type: 'user', id: 'nobody', properties: { staff: true } }, action: 'edit' }, false],
    ] as const;
    for (let turn = 0; turn < items.length; turn++) {
      const turned = [...items.slice(turn), ...items.slice(0, turn)];
      const answer = await batch({ checks: turned.map(([item]) => item) });
      expect(answer.body.results.map((result: { decision: boolean }) => result.decision)).toEqual(turned.map(([, decision]) => decision));
    }
  });

  it('answers an empty list, 10,000 items, and refuses one more (SEC-48)', async () => {
    expect((await batch({ checks: [] })).body.results).toEqual([]);
    const item = { subject: 'user:ann', action: 'view', resource: 'dataset:d1' };
    const most = await batch({ checks: new Array(10_000).fill(item) });
    expect(most.body.results).toHaveLength(10_000);
    expect(most.body.results.every((result: { decision: boolean }) => result.decision)).toBe(true);
    const more = await batch({ checks: new Array(10_001).fill(item) });
    expect([more.status, more.body.error.code, more.body.decision]).toEqual([413, 'batch_too_large', false]);
  });

  it.each([
    ['an unknown key', { checks: [], defaults: {}, context: {} }],
    ['an unknown default', { checks: [], defaults: { ressource: 'x:y' } }],
    ['no list', { checks: {} }],
  ])('refuses %s', async (_name, body) => {
    const answer = await batch(body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_batch']);
  });
});

describe('which organization is asked', () => {
  const question = { subject: 'user:ann', action: 'view' };

  it('the root token names it in the body or the address', async () => {
    expect((await call('POST', '/check', { ...question, org: 'acme' })).body.decision).toBe(true);
    expect((await call('POST', '/orgs/acme/check', question)).body.decision).toBe(true);
    expect((await call('GET', '/orgs/acme/check?subject=user:ann&action=view')).body.decision).toBe(true);
    expect((await call('POST', '/orgs/acme/check/batch', { checks: [question] })).body.results[0].decision).toBe(true);
    expect((await call('POST', '/check', question)).body.error.code).toBe('missing_organization');
    expect((await call('POST', '/orgs/acme/check', { ...question, org: 'other' })).status).toBe(400);
  });

  it('an unknown one is 404 and a deny', async () => {
    for (const answer of [
      await call('POST', '/check', { ...question, org: 'nowhere' }),
      await call('POST', '/orgs/Nowhere!/check', question),
    ]) {
      expect([answer.status, answer.body.error.code, answer.body.decision, answer.body.reason]).toEqual([
        404,
        'unknown_organization',
        false,
        'unknown_organization',
      ]);
    }
  });

  it('SEC-47 a key of one organization is told of no other, whether it is there or not', async () => {
    for (const org of ['other', 'nowhere']) {
      expect((await call('POST', `/orgs/${org}/check`, question, { token })).status).toBe(404);
      expect((await call('POST', '/check', { ...question, org }, { token })).status).toBe(404);
    }
    expect((await call('POST', '/orgs/acme/check', question, { token })).body.decision).toBe(true);
  });
});

describe('how fresh an answer is', () => {
  const question = { subject: 'user:ann', action: 'view' };

  it('a revision that is there is answered, one that is not is stale and a deny', async () => {
    const { revision } = (await check(question)).body;
    expect((await check({ ...question, min_revision: revision })).status).toBe(200);
    const answer = await check({ ...question, min_revision: revision + 1_000_000 });
    expect([answer.status, answer.body.error.code, answer.body.decision, answer.body.reason]).toEqual([503, 'stale', false, 'stale']);
  });

  it('the source is asked at once only for who may demand it, and not without end', async () => {
    const refused = await check({ ...question, max_age_ms: 0 });
    expect([refused.status, refused.body.error.details]).toEqual([403, { privilege: 'bitgate:fresh', scope: 'org' }]);
    expect((await check({ ...question, max_age_ms: 1_000 })).status).toBe(200);
    const fresh = await makeKey('other', ['Fresh']);
    const answers = await Promise.all(Array.from({ length: 60 }, () => check({ ...question, max_age_ms: 0 }, { token: fresh.token })));
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses).toEqual(new Set([200, 429]));
    expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('1');
  });
});

describe('SEC-04 1,000 mixed requests at once', () => {
  it('are answered as one after the other', async () => {
    const questions = [
      { subject: 'user:ann', action: 'view', resource: 'dataset:d1' },
      { subject: 'user:cy', action: 'edit', context: { trusted: true } },
      { subject: 'user:cy', action: 'edit' },
      { subject: 'user:dee', action: 'edit', context: { trusted: true } },
      { subject: 'user:bo:x', action: 'view', resource: 'dataset:d2' },
    ];
    const serial: string[] = [];
    for (const question of questions) serial.push((await check(question)).body.reason);
    const all = await Promise.all(Array.from({ length: 1_000 }, (_, i) => check(questions[i % questions.length])));
    expect(all.map(({ body }) => body.reason)).toEqual(all.map((_, i) => serial[i % questions.length]));
  });
});

describe('the key', () => {
  it('stands for a subject of its own', async () => {
    expect((await call('POST', '/check', { org: 'acme', subject: `api_key:${keyId}`, action: 'bitgate:check' })).body.reason).toBe(
      'granted',
    );
  });
});
