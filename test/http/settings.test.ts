/** The settings of an organization over HTTP. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeAcme, reasonOf, revision } from './acme.ts';
import { type Answer, call, makeKey } from './client.ts';

const SETTINGS = '/admin/orgs/acme/settings';

const codeOf = ({ status, body }: Answer): string => [status, body?.error?.code ?? []].flat().join(' ');
const problemsOf = ({ body }: Answer): string[] =>
  body.error.details.problems.map(({ code, path }: { code: string; path: string }) => `${path} ${code}`);
const DEFAULTS = {
  default_role: null,
  closed_types: [],
  role_cardinality: { org: 'multiple', project: 'multiple' },
  issuers: [],
  claim_mappings: [],
  freshness: { refresh_after_ms: 2_000, max_age_ms: 10_000, max_stale_ms: 300_000 },
  retention: { all_hours: 24, hourly_days: 30, daily_days: 400 },
  blast_radius: null,
  forward_auth: { cookie: null, sign_in_url: null, return_parameter: 'rd' },
};
const issuer = {
  issuer: 'https://id.example',
  audience: 'acme',
  algorithms: ['RS256'],
  jwks_uri: 'https://id.example/jwks',
  subject_type: 'user',
};

beforeAll(makeAcme);

describe('settings', () => {
  it('are shown with their defaults, replaced, and changed key by key', async () => {
    const first = await call('GET', SETTINGS);
    expect([first.status, first.body]).toEqual([200, { ...DEFAULTS, revision: expect.any(Number) }]);
    const put = await call('PUT', SETTINGS, {
      default_role: 'Viewer',
      role_cardinality: { project: 'single' },
      issuers: [issuer],
      claim_mappings: [
        { claim: 'groups', value: 'a', role: 'p1/Reviewer', scope: 'dataset:d1' },
        { issuer: issuer.issuer, claim: 'groups', value: 'b', group: 'staff' },
      ],
    });
    const shown = {
      ...DEFAULTS,
      default_role: 'Viewer',
      role_cardinality: { org: 'multiple', project: 'single' },
      issuers: [issuer],
      claim_mappings: [
        { claim: 'groups', value: 'a', role: 'p1/Reviewer', scope: 'dataset:d1' },
        { issuer: issuer.issuer, claim: 'groups', value: 'b', group: 'staff' },
      ],
    };
    expect([put.status, put.body]).toEqual([200, { ...shown, revision: expect.any(Number), published: true }]);
    const got = await call('GET', SETTINGS);
    expect([got.body, got.headers.get('etag')]).toEqual([{ ...shown, revision: put.body.revision }, put.headers.get('etag')]);
    expect(await reasonOf({ subject: 'user:owner', action: 'view' })).toBe('granted');

    const patched = await call('PATCH', SETTINGS, {
      role_cardinality: { org: 'single' },
      closed_types: ['b', 'a', 'b'],
      freshness: { max_age_ms: 9_000 },
    });
    expect(patched.body).toMatchObject({
      ...shown,
      role_cardinality: { org: 'single', project: 'single' },
      closed_types: ['a', 'b'],
      freshness: { ...DEFAULTS.freshness, max_age_ms: 9_000 },
    });
    const reset = await call('PATCH', SETTINGS, {
      default_role: null,
      role_cardinality: null,
      claim_mappings: null,
      issuers: [],
      freshness: null,
    });
    expect(reset.body).toMatchObject({ ...DEFAULTS, closed_types: ['a', 'b'] });
    const same = await call('PATCH', SETTINGS, { closed_types: ['b', 'a'] });
    expect(same.body.revision).toBe(reset.body.revision);
    expect((await call('PUT', SETTINGS, {})).body).toMatchObject(DEFAULTS);
    expect(await env.DB.prepare("SELECT 1 FROM settings WHERE org = 'acme'").first()).toBeNull();
  });

  it('of forward-auth are set and taken away one by one', async () => {
    const set = async (forward_auth: object | null): Promise<object> => (await call('PATCH', SETTINGS, { forward_auth })).body.forward_auth;
    const cookie = 'session';
    expect(await set({ cookie })).toEqual({ ...DEFAULTS.forward_auth, cookie });
    const page = { sign_in_url: 'https://login.example/start?a=b', return_parameter: 'return_to' };
    expect(await set(page)).toEqual({ cookie, ...page });
    expect(await set({ cookie: null, return_parameter: 'rd' })).toEqual({ ...DEFAULTS.forward_auth, sign_in_url: page.sign_in_url });
    const shown = (await call('GET', SETTINGS)).body;
    const { revision: _shown, ...rest } = shown;
    expect((await call('PUT', SETTINGS, rest)).body).toEqual({ ...shown, published: true });
    const stored = await env.DB.prepare("SELECT settings FROM settings WHERE org = 'acme'").first('settings');
    expect(stored).toBe(JSON.stringify({ forward_auth: { sign_in_url: page.sign_in_url } }));
    expect(await set(null)).toEqual(DEFAULTS.forward_auth);
    const bad = await call('PUT', SETTINGS, {
      forward_auth: { cookie: '$a', sign_in_url: 'javascript:alert(1)', return_parameter: 'a b' },
    });
    expect([codeOf(bad), problemsOf(bad)]).toEqual([
      '422 invalid_settings',
      ['cookie', 'return_parameter', 'sign_in_url'].map((key) => `forward_auth.${key} invalid_value`),
    ]);
    for (const forward_auth of [{ colour: 1 }, 'session', { return_parameter: null }])
      expect(codeOf(await call('PATCH', SETTINGS, { forward_auth }))).toBe('400 invalid_settings');
  });

  it('give a default role to who has none, by name or id', async () => {
    await call('POST', '/admin/orgs/acme/subjects', { subject: 'user:new' });
    expect(await reasonOf({ subject: 'user:new', action: 'view' })).toBe('no_grant');
    const put = await call('PATCH', SETTINGS, { default_role: 'Viewer' });
    expect(await reasonOf({ subject: 'user:new', action: 'view', min_revision: put.body.revision })).toBe('granted');
    await call('PUT', SETTINGS, {});
  });

  it('are refused with every fault', async () => {
    const before = await revision();
    const bad = await call('PUT', SETTINGS, {
      default_role: 'p1/Reviewer',
      closed_types: ['a:b'],
      issuers: [{ ...issuer, jwks_uri: 'http://id.example' }],
      claim_mappings: [
        { claim: 'g', value: 'a', role: 'Nobody' },
        { claim: 'g', value: 'a', group: 'nobody' },
        { claim: 'g', value: 'a' },
        { claim: 'g', value: 'a', role: 'p1/Reviewer', scope: 'org' },
        { claim: 'g', value: 'a', role: 'p9/Reviewer' },
      ],
      freshness: { max_age_ms: 1 },
    });
    expect([codeOf(bad), problemsOf(bad)]).toEqual([
      '422 invalid_settings',
      [
        'claim_mappings[0].role unknown_role',
        'claim_mappings[1].group unknown_group',
        'claim_mappings[2] role_or_group',
        'claim_mappings[3].scope outside_project',
        'claim_mappings[4].role unknown_project',
        'closed_types[0] invalid_type',
        'default_role wrong_project',
        'freshness invalid_value',
        'issuers[0].jwks_uri invalid_value',
      ],
    ]);
    for (const body of [
      { colour: 1 },
      { default_role: 3 },
      { role_cardinality: { org: 'some' } },
      { freshness: { max_age_ms: -1 } },
      null,
      [],
    ])
      expect([codeOf(await call('PUT', SETTINGS, body)), codeOf(await call('PATCH', SETTINGS, body))]).toEqual([
        '400 invalid_settings',
        '400 invalid_settings',
      ]);
    expect(await revision()).toBe(before);
  });

  it('SEC-18 with an issuer or a mapping that is not whole are 422, with every bad field', async () => {
    const { audience: _audience, algorithms: _algorithms, ...rest } = issuer;
    const keys = [
      { kty: 'oct', k: 'c2VjcmV0' },
      { kty: 'RSA', n: 'AQAB', e: 'AQAB' },
    ];
    const settings = {
      issuers: [
        { ...issuer, jwks_uri: 'https://10.0.0.1/keys', subject_type: 'api_key' },
        { ...rest, audience: 'a', algorithms: ['ES256'], issuer: 'https://other.example', jwks: { keys } },
        { ...issuer, issuer: 'https://third.example', jwks_uri: undefined, subject_type: 'guest' },
      ],
      claim_mappings: [
        { claim: 'g', group: 'staff' },
        { claim: 'g', value: 'a', pattern: 'b', role: 'Viewer' },
        { claim: 'g', pattern: '*'.repeat(9), group: 'staff' },
      ],
    };
    for (const method of ['PUT', 'PATCH']) {
      const bad = await call(method, SETTINGS, settings);
      expect([codeOf(bad), problemsOf(bad)]).toEqual([
        '422 invalid_settings',
        [
          'claim_mappings[0] value_or_pattern',
          'claim_mappings[1] value_or_pattern',
          'claim_mappings[2].pattern invalid_value',
          'issuers[0].jwks_uri invalid_value',
          'issuers[0].subject_type reserved_type',
          'issuers[1] keys_or_uri',
          'issuers[2] keys_or_uri',
        ],
      ]);
      const shapeless = await call(method, SETTINGS, {
        issuers: [rest, { ...issuer, audience: '', algorithms: [] }, { ...issuer, algorithms: ['none'] }],
      });
      expect([codeOf(shapeless), problemsOf(shapeless)]).toEqual([
        '422 invalid_settings',
        [
          'issuers[0].audience invalid_value',
          'issuers[0].algorithms invalid_value',
          'issuers[1].audience invalid_value',
          'issuers[1].algorithms invalid_value',
          'issuers[2].algorithms[0] invalid_value',
        ],
      ]);
    }
  });

  it('keep patterns of claims and the claim that names the subject', async () => {
    const settings = {
      issuers: [{ ...issuer, subject_claim: 'oid', subject_prefix: 'corp|' }],
      claim_mappings: [{ issuer: issuer.issuer, claim: 'realm_access.roles', pattern: 'annotator-*', group: 'staff' }],
    };
    expect((await call('PUT', SETTINGS, settings)).body).toMatchObject(settings);
    expect((await call('GET', SETTINGS)).body).toMatchObject(settings);
    expect((await call('GET', '/admin/orgs/acme/manifest')).body.settings).toEqual(settings);
    await call('PUT', SETTINGS, {});
  });

  it('typed by hand that can’t be read are told, and can be replaced', async () => {
    await env.DB.prepare("INSERT INTO settings (org, settings) VALUES ('acme', '{\"closed_types\": 3}')").run();
    expect(codeOf(await call('GET', SETTINGS))).toBe('409 unreadable_rows');
    expect(codeOf(await call('PATCH', SETTINGS, { default_role: null }))).toBe('409 unreadable_rows');
    expect((await call('PUT', SETTINGS, {})).status).toBe(200);
    expect((await call('GET', SETTINGS)).body).toMatchObject(DEFAULTS);
  });

  it('are not overwritten by who read them before somebody else changed them', async () => {
    const headers = { 'if-match': (await call('GET', SETTINGS)).headers.get('etag') ?? '' };
    expect((await call('PATCH', SETTINGS, { closed_types: ['x'] }, { headers })).status).toBe(200);
    expect(codeOf(await call('PATCH', SETTINGS, { closed_types: ['y'] }, { headers }))).toBe('412 changed_meanwhile');
    expect(codeOf(await call('PUT', SETTINGS, {}, { headers }))).toBe('412 changed_meanwhile');
  });

  it.each(['PUT', 'PATCH'])('%s needs `bitgate:manage_settings`', async (method) => {
    const { token } = await makeKey('acme', ['Manager']);
    expect(codeOf(await call(method, SETTINGS, {}, { token }))).toBe('403 missing_privilege');
    expect((await call('GET', SETTINGS, undefined, { token })).status).toBe(200);
  });
});
