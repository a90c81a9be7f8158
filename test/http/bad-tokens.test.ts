/** Tokens that prove nothing, to every way of asking: 401 wherever it is, without a word of the token in the answer or the log. */
import { SignJWT } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { ASKING_OPERATIONS, ask } from './asking.ts';
import { type Answer, call, codeOf, makeKey, makeOrganization, putManifest } from './client.ts';
import { ISSUER, type Issuing, issuing } from './users.ts';

const ADA = { type: 'user', id: 'ada' };
const CANARY = 'canary-in-a-claim';
const URI = 'https://keys.invalid/jwks';

let issuer: Issuing;
let other: Issuing;
let key: string;

beforeAll(async () => {
  [issuer, other] = await Promise.all([issuing('acme'), issuing('acme')]);
  await makeOrganization('acme', { owner: 'user:owner' });
  const away = { issuer: 'https://away.example', audience: 'acme', algorithms: ['ES256'], jwks_uri: URI, subject_type: 'guest' };
  await putManifest('acme', {
    bitgate: 1,
    catalog: { privileges: [{ name: 'view' }] },
    assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }],
    settings: { issuers: [issuer.settings, away] },
  });
  key = (await makeKey('acme', ['bitgate:checker'])).token;
});

let logs: MockInstance[];
beforeEach(() => {
  logs = (['log', 'warn', 'error', 'info', 'debug'] as const).map((level) => vi.spyOn(console, level).mockReturnValue(undefined));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const base64url = (text: string): string => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const unsigned = (header: object, claims: object): string => `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
const right = (): Record<string, unknown> => ({
  iss: ISSUER,
  aud: 'acme',
  sub: 'ada',
  exp: Math.floor(Date.now() / 1_000) + 600,
  note: CANARY,
});
const second = (): number => Math.floor(Date.now() / 1_000);
/** With the public key as the secret. */
const shared = (): Promise<string> =>
  new SignJWT(right()).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(new TextEncoder().encode(JSON.stringify(issuer.publicKey)));

const BAD: readonly (readonly [what: string, token: () => string | Promise<string>])[] = [
  ['SEC-28 `alg: none`', () => `${unsigned({ alg: 'none' }, right())}.`],
  ['SEC-28 `alg: none` with a signature', () => `${unsigned({ alg: 'none' }, right())}.AAAA`],
  ['SEC-28 HS256 with the public key as its secret', shared],
  ['SEC-28 another algorithm than the issuer has', () => `${unsigned({ alg: 'RS256', kid: 'k1' }, right())}.AAAA`],
  ['SEC-29 another audience', () => issuer.sign({ aud: 'acm', note: CANARY })],
  ['SEC-29 no audience', () => issuer.sign({ aud: undefined, note: CANARY })],
  ['SEC-29 another issuer', () => issuer.sign({ iss: `${ISSUER}/`, note: CANARY })],
  ['SEC-29 no issuer', () => issuer.sign({ iss: undefined, note: CANARY })],
  ['SEC-30 its end is past', () => issuer.sign({ exp: second() - 1, note: CANARY })],
  ['SEC-30 its beginning is to come', () => issuer.sign({ nbf: second() + 600, note: CANARY })],
  ['SEC-30 no end', () => issuer.sign({ exp: undefined, note: CANARY })],
  ['SEC-30 an end beyond all numbers', () => `${unsigned({ alg: 'ES256', kid: 'k1' }, { ...right(), exp: 1e300 })}.AAAA`],
  ['SEC-32 signed by somebody else under the same `kid`', () => other.sign({ note: CANARY })],
  ['SEC-32 a `kid` that there isn’t', () => issuer.sign({ note: CANARY }, { kid: '../../k1' })],
  ['SEC-32 its own key in the header', () => other.sign({ note: CANARY }, { jwk: other.publicKey })],
  ['SEC-32 the address of its key in the header', () => other.sign({ note: CANARY }, { jku: URI })],
  ['SEC-32 something that must be understood', () => `${unsigned({ alg: 'ES256', kid: 'k1', crit: ['b64'], b64: false }, right())}.AAAA`],
  ['no subject', () => issuer.sign({ sub: undefined, note: CANARY })],
  ['changed', async () => (await issuer.sign({ note: CANARY })).replace(/.(?=\.[^.]*$)/, (last) => (last === 'Q' ? 'g' : 'Q'))],
  ['no JSON', () => 'a.b.c'],
  ['two parts', () => `${unsigned({ alg: 'ES256' }, right())}`],
  ['SEC-48 100 kB', () => issuer.sign({ note: CANARY.repeat(6_000) })],
];

/** Whatever is said, nothing of the token is. */
function quiet(answer: Answer, token: string): void {
  const said = [answer.text, ...[...answer.headers].flat(), JSON.stringify(logs.flatMap(({ mock }) => mock.calls))].join('\n');
  const parts = token.split('.').filter((part) => part.length > 8);
  for (const part of [...parts, ...parts.map((each) => each.slice(0, 24)), CANARY]) expect(said).not.toContain(part);
}

describe('a token that proves nothing', () => {
  it.each(BAD)('%s: 401 to every way of asking, SEC-20 SEC-49 and nobody is told of it', async (_what, make) => {
    const token = await make();
    for (const operation of ASKING_OPERATIONS) {
      const answer = await ask(operation, 'acme', ADA, { token });
      expect(codeOf(answer), operation.id).toBe('401 invalid_credentials');
      if (operation.path.includes('/check')) expect(answer.body.decision).toBe(false);
      quiet(answer, token);
    }
  });

  it.each(BAD)('%s: 401 as `subject_token`, SEC-20 SEC-49 and nobody is told of it', async (_what, make) => {
    const subject_token = await make();
    const asked = { subject_token, action: 'view' };
    for (const [path, body] of [
      ['/check', asked],
      ['/orgs/acme/check', { ...asked, explain: false }],
      ['/check/batch', { defaults: { subject_token }, checks: [{ action: 'view' }] }],
    ] as const) {
      const answer = await call('POST', path, body, { token: key });
      // A token that is longer than a body may be is refused with it.
      expect([codeOf(answer), answer.body.decision]).toEqual([
        answer.status === 413 ? '413 body_too_large' : '401 invalid_subject_token',
        false,
      ]);
      quiet(answer, subject_token);
    }
  });

  it('SEC-31 is every token that isn’t behind exactly `Bearer` and one space', async () => {
    const token = await issuer.sign({ note: CANARY });
    const spellings = [
      'bearer %',
      'BEARER %',
      'Bearer  %',
      'Bearer\t%',
      'Bearer %, Bearer %',
      'Bearer %,',
      '% Bearer',
      '%',
      'JWT %',
      'Basic %',
      'Bearer "%"',
    ];
    for (const operation of ASKING_OPERATIONS)
      for (const spelling of spellings) {
        const headers = { authorization: spelling.replaceAll('%', token) };
        const answer = await ask(operation, 'acme', ADA, { token: null, headers });
        expect(codeOf(answer), `${operation.id}: ${spelling}`).toBe('401 invalid_credentials');
        quiet(answer, token);
      }
    const question = JSON.stringify({ action: 'view' });
    const twice = new Headers([
      ['authorization', `Bearer ${token}`],
      ['authorization', `Bearer ${token}`],
    ]);
    expect(twice.get('authorization')).toContain(', ');
    const doubled = await call('POST', '/orgs/acme/check', question, { token: null, headers: Object.fromEntries(twice) });
    expect(codeOf(doubled)).toBe('401 invalid_credentials');
    expect((await call('POST', '/orgs/acme/check', question, { token })).status).toBe(200);
  });
});

describe('a token whose keys can’t be had', () => {
  it('is refused for a while: 503 and when to come again, as no allow', async () => {
    const claims = { iss: 'https://away.example', aud: 'acme', sub: 'ada' };
    const token = await other.sign(claims);
    const fetching = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error(`no such host ${CANARY}`));
    for (const [path, body, by] of [
      ['/orgs/acme/check', { action: 'view' }, token],
      ['/orgs/acme/list/actions', {}, token],
      ['/check', { subject_token: token, action: 'view' }, key],
    ] as const) {
      const answer = await call('POST', path, body, { token: by });
      expect(codeOf(answer)).toBe('503 keys_unavailable');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      if (path.endsWith('/check')) expect(answer.body.decision).toBe(false);
      quiet(answer, token);
    }
    expect(fetching).toHaveBeenCalledTimes(1);
  });
});
