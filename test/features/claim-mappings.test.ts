/** End users' tokens from the settings to the decision, through HTTP: what mappings give, and that it ends with them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ISSUER, issuerWith, type SigningKey, sign, signingKey } from '../authn/jwt/world.ts';
import { type Answer, call, makeOrganization, putManifest } from '../http/client.ts';

const SETTINGS = '/admin/orgs/idp/settings';
let key: SigningKey;
let revision = 0;

const tokenWith = (claims: object): Promise<string> => {
  const second = Math.floor(Date.now() / 1_000);
  return sign(key, { iss: ISSUER, aud: 'acme', sub: 'ada', iat: second, exp: second + 600, ...claims });
};
const check = (token: string, question: object): Promise<Answer> =>
  call('POST', '/orgs/idp/check', { min_revision: revision, ...question }, { token });
const reasons = (token: string, ...actions: readonly string[]): Promise<string[]> =>
  Promise.all(actions.map(async (action) => (await check(token, { action })).body.reason));
async function settings(change: object): Promise<void> {
  const answer = await call('PATCH', SETTINGS, change);
  expect(answer.status).toBe(200);
  revision = answer.body.revision;
}

beforeAll(async () => {
  key = await signingKey();
  await makeOrganization('idp');
  await putManifest('idp', {
    bitgate: 1,
    catalog: { privileges: [{ name: 'view' }, { name: 'edit' }, { name: 'annotate' }] },
    roles: [
      { name: 'Admin', privileges: ['view', 'edit'] },
      { name: 'Annotator', privileges: ['annotate'] },
      { name: 'Reader', privileges: ['view'] },
    ],
    groups: [{ name: 'Annotators' }],
    assignments: [{ subject: 'group:Annotators', role: 'Annotator', scope: 'org' }],
  });
  await settings({ issuers: [issuerWith({ jwks: { keys: [key.jwk] } })] });
});

describe('a token whose claims are mapped', () => {
  it('SEC-34 gives its subject what the mapping gives, and nothing once the mapping is taken away and published', async () => {
    const token = await tokenWith({ groups: ['idp-admins'] });
    expect(await reasons(token, 'view', 'edit')).toEqual(['no_grant', 'no_grant']);
    await settings({ claim_mappings: [{ claim: 'groups', value: 'idp-admins', role: 'Admin', scope: 'org' }] });
    expect(await reasons(token, 'view', 'edit', 'annotate')).toEqual(['granted', 'granted', 'no_grant']);
    expect(await reasons(await tokenWith({ groups: ['idp-admin'] }), 'view')).toEqual(['no_grant']);
    // Never written down: asked about by others, the same subject has nothing.
    expect((await call('POST', '/orgs/idp/check', { subject: 'user:ada', action: 'view', min_revision: revision })).body.reason).toBe(
      'no_grant',
    );
    await settings({ claim_mappings: null });
    expect(await reasons(token, 'view', 'edit')).toEqual(['no_grant', 'no_grant']);
  });

  it('gives by a pattern, through a group', async () => {
    await settings({ claim_mappings: [{ issuer: ISSUER, claim: 'realm_access.roles', pattern: 'annotator-*', group: 'Annotators' }] });
    expect(await reasons(await tokenWith({ realm_access: { roles: ['annotator-north'] } }), 'annotate', 'view')).toEqual([
      'granted',
      'no_grant',
    ]);
    expect(await reasons(await tokenWith({ realm_access: { roles: ['north-annotator'] } }), 'annotate')).toEqual(['no_grant']);
    await settings({ claim_mappings: null });
  });

  it('SEC-18 is 401 once its issuer is taken away and published', async () => {
    const token = await tokenWith({});
    expect((await check(token, { action: 'view' })).status).toBe(200);
    const { issuers } = (await call('GET', SETTINGS)).body;
    await settings({ issuers: null });
    // An isolate learns of it within the bounds of freshness.
    await call('POST', '/orgs/idp/check', { subject: 'user:ada', action: 'view', min_revision: revision });
    const refused = await check(token, { action: 'view' });
    expect([refused.status, refused.body.error.code, refused.text.includes(token)]).toEqual([401, 'invalid_credentials', false]);
    await settings({ issuers });
    expect((await check(token, { action: 'view' })).status).toBe(200);
  });
});

describe('a key set from the web', () => {
  it('SEC-33 verifies through the Worker, and is 503 with a reason of its own when it is not to be had', async () => {
    const uri = (body: object, status = 200): string =>
      `https://web.example/?${new URLSearchParams({ body: JSON.stringify(body), status: `${status}` }).toString()}`;
    const keys = { keys: [{ ...key.jwk, kid: 'w' }] };
    await settings({ issuers: [issuerWith({ jwks_uri: uri(keys) })] });
    const token = await sign({ ...key, kid: 'w' }, { iss: ISSUER, aud: 'acme', sub: 'ada', exp: Math.floor(Date.now() / 1_000) + 600 });
    expect((await check(token, { action: 'view' })).status).toBe(200);
    await settings({ issuers: [issuerWith({ jwks_uri: uri(keys, 500) })] });
    const down = await check(token, { action: 'view' });
    expect([down.status, down.body.error.code, down.body.error.details]).toEqual([
      503,
      'keys_unavailable',
      { issuer: ISSUER, retry_after_s: expect.any(Number) },
    ]);
  });
});
