/** Which tokens hold: real signatures, one fault each, and one answer for all of them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { looksLikeJwt } from '../../../src/authn/tokens.ts';
import type { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { BitgateError } from '../../../src/core/terms/problem.ts';
import {
  base64url,
  catalogOf,
  INVALID,
  ISSUER,
  issuerWith,
  outcome,
  type SigningKey,
  sign,
  signingKey,
  signRaw,
  World,
  withKeys,
} from './world.ts';

let es: SigningKey;
let rsa: SigningKey;
let pss: SigningKey;
let ed: SigningKey;
let catalog: Catalog;
const world = new World();
const ask = (token: string, of: Catalog = catalog) => world.tokens.proof(token, 'acme', of);
const asked = (token: string, of?: Catalog): Promise<string> => outcome(() => ask(token, of));

beforeAll(async () => {
  [es, rsa, pss, ed] = await Promise.all([
    signingKey('ES256', 'es'),
    signingKey('RS256', 'rsa'),
    signingKey('PS256', 'pss'),
    signingKey('EdDSA', 'ed'),
  ]);
  catalog = withKeys([es]);
});

describe('a token', () => {
  it('proves its subject, with its end and the address that its issuer has verified', async () => {
    const claims = world.claims({ email: 'ada@example.com', email_verified: true });
    expect(await ask(await sign(es, claims))).toEqual({
      subject: { type: 'user', id: 'ada' },
      groups: [],
      roles: [],
      expiresAt: Number(claims.exp) * 1_000,
      email: 'ada@example.com',
    });
    for (const more of [
      {},
      { email: 'ada@example.com' },
      { email: 'ada@example.com', email_verified: 'true' },
      { email: 3, email_verified: true },
    ]) {
      expect((await ask(await sign(es, world.claims(more)))).email).toBeNull();
    }
  });

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)('signed with %s is verified, when its issuer signs so', async (algorithm) => {
    const key = { RS256: rsa, PS256: pss, ES256: es, EdDSA: ed }[algorithm];
    const token = await sign(key, world.claims());
    expect(await asked(token, withKeys([key], { algorithms: [algorithm] }))).toBe('200');
    const other = algorithm === 'ES256' ? 'RS256' : 'ES256';
    expect(await asked(token, withKeys([key], { algorithms: [other] }))).toBe(INVALID);
  });

  it.each(['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/JWT'])('may say that it is of type %s', async (typ) => {
    expect(await asked(await sign(es, world.claims(), { typ }))).toBe('200');
  });

  it.each(['logout+jwt', 'secevent+jwt', 'dpop+jwt', 'JOSE', '', null, 1, ['JWT']])('of type %j is none to come in with', async (typ) => {
    const header = JSON.stringify({ alg: 'ES256', kid: 'es', typ });
    expect(await asked(await signRaw(es, header, JSON.stringify(world.claims())))).toBe(INVALID);
  });

  it('may name several audiences, and no key when there is one', async () => {
    expect(await asked(await sign(es, world.claims({ aud: ['other', 'acme'] })))).toBe('200');
    const unnamed = await sign(es, world.claims(), { kid: undefined });
    expect(await asked(unnamed)).toBe('200');
    expect(await asked(unnamed, withKeys([es, await signingKey('ES256', 'more')]))).toBe(INVALID);
  });

  it('is told from other tokens by its three parts', () => {
    expect(['a.b.c', 'eyJ.e-_.x'].map(looksLikeJwt)).toEqual([true, true]);
    expect(
      ['', 'a.b', 'a..c', '.b.c', 'a.b.', 'a.b.c.d', 'a.b.c=', 'a.b.c ', 'bg_acme_k_secret', 'ä.b.c', 'a.b.c\n'].map(looksLikeJwt),
    ).toEqual(Array.from({ length: 11 }, () => false));
  });

  it('of 16,384 characters is taken, and refused when it is longer, whatever is in it', async () => {
    const payload = world.claims();
    const shortest = (await sign(es, { ...payload, pad: '' })).length;
    const fill = (chars: number) => sign(es, { ...payload, pad: 'x'.repeat(chars) });
    const most = Math.floor(((16_384 - shortest) * 3) / 4) - 3;
    expect([await asked(await fill(most)), await asked(await fill(most + 10))]).toEqual(['200', INVALID]);
    expect(await asked(await fill(100_000))).toBe(INVALID);
    for (const token of ['x'.repeat(100_000), '.'.repeat(100_000), `${'x'.repeat(50_000)}.${'y'.repeat(50_000)}.z`]) {
      expect(await asked(token)).toBe(INVALID);
    }
  });

  it('has a small header', async () => {
    const header = JSON.stringify({ alg: 'ES256', kid: 'es', pad: 'x'.repeat(3_000) });
    expect(await asked(await signRaw(es, header, JSON.stringify(world.claims())))).toBe(INVALID);
  });

  it.each(['{', '[]', 'null', '"x"', '\ufeff{}', '{"alg":"ES256","alg":3}'])('with the header %j is none', async (header) => {
    expect(await asked(await signRaw(es, header, JSON.stringify(world.claims())))).toBe(INVALID);
  });

  it.each(['{', '[]', 'null', '7', ''])('with the payload %j is none', async (payload) => {
    expect(await asked(await signRaw(es, '{"alg":"ES256","kid":"es"}', payload))).toBe(INVALID);
  });

  it('that is wrong in any way is refused with one and the same words', async () => {
    const wrong = [
      await sign(es, world.claims({ aud: 'other' })),
      await sign(es, world.claims({ iss: 'https://nobody.example' })),
      await sign(es, world.claims({ exp: 1 })),
      await sign(await signingKey('ES256', 'es'), world.claims()),
      'nonsense',
    ];
    for (const token of wrong) {
      const error = await Promise.resolve(ask(token)).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(BitgateError);
      expect(error).toMatchObject({
        code: 'invalid_credentials',
        status: 401,
        message: 'the credentials are not valid',
        details: undefined,
      });
    }
  });
});

describe('SEC-18', () => {
  const complete = (): object => issuerWith({ jwks: { keys: [es.jwk] } });
  const askedOf = async (...issuers: readonly unknown[]): Promise<string> => asked(await sign(es, world.claims()), catalogOf({ issuers }));

  it('SEC-18 a token of an issuer that is not configured is 401', async () => {
    expect(await askedOf(complete())).toBe('200');
    expect(await askedOf()).toBe(INVALID);
    expect(await askedOf({ ...complete(), issuer: `${ISSUER}/` })).toBe(INVALID);
    expect(await askedOf({ ...complete(), issuer: ISSUER.toUpperCase() })).toBe(INVALID);
    expect(await asked(await sign(es, world.claims({ iss: [ISSUER] })))).toBe(INVALID);
    expect(await asked(await sign(es, world.claims({ iss: undefined })))).toBe(INVALID);
  });

  it.each([
    ['no audience', { audience: undefined }],
    ['an empty audience', { audience: '' }],
    ['a list of audiences', { audience: ['acme'] }],
    ['no algorithms', { algorithms: undefined }],
    ['an empty list of algorithms', { algorithms: [] }],
    ['a text of algorithms', { algorithms: 'ES256' }],
    ['a symmetric algorithm beside', { algorithms: ['ES256', 'HS256'] }],
    ['`none` beside', { algorithms: ['ES256', 'none'] }],
    ['no keys', { jwks: undefined }],
    ['an empty set of keys', { jwks: { keys: [] } }],
    ['a list for a set', { jwks: [] }],
    ['keys and an address', { jwks_uri: 'https://id.example/keys' }],
    ['an address over http', { jwks: undefined, jwks_uri: 'http://id.example/keys' }],
    ['no type of subjects', { subject_type: undefined }],
    ['a type with a colon', { subject_type: 'a:b' }],
    ['a reserved type', { subject_type: 'api_key' }],
    ['another reserved type', { subject_type: 'group' }],
    ['a prefix that is no text', { subject_prefix: 3 }],
    ['a claim for subjects that is no text', { subject_claim: ['sub'] }],
  ])('SEC-18 an issuer that was typed by hand with %s is none', async (_, more) => {
    expect(await askedOf({ ...complete(), ...more })).toBe(INVALID);
    // Nor does it take another one with it.
    expect(await askedOf({ ...complete(), ...more, issuer: 'https://other.example' }, complete())).toBe('200');
  });

  it.each([[null], [3], ['x'], [[]], [{}], [undefined]])('SEC-18 issuers typed by hand may be %j', async (issuers) => {
    expect(await asked(await sign(es, world.claims()), catalogOf({ issuers, claim_mappings: issuers }))).toBe(INVALID);
    expect(await askedOf(issuers)).toBe(INVALID);
  });

  it('SEC-18 issuers that could speak for each other’s subjects speak for nobody', async () => {
    expect(await askedOf(complete(), complete())).toBe(INVALID);
    expect(await askedOf(complete(), { ...complete(), issuer: 'https://other.example', subject_prefix: 'o-' })).toBe(INVALID);
    expect(await askedOf(complete(), { ...complete(), issuer: 'https://other.example', subject_type: 'other' })).toBe('200');
  });
});

describe('SEC-28', () => {
  const parts = (header: object): string => `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(world.claims()))}`;

  it.each(['none', 'None', 'NONE', 'nOnE', ''])('SEC-28 alg %j is 401', async (alg) => {
    for (const signature of ['', 'AA', (await sign(es, world.claims())).split('.')[2]]) {
      expect(await asked(`${parts({ alg, kid: 'es' })}.${signature}`)).toBe(INVALID);
    }
  });

  it('SEC-28 HS256 with the public key as the secret is 401', async () => {
    const { n, x, ...shown } = rsa.jwk;
    const spki = await crypto.subtle.exportKey('spki', rsa.publicKey);
    if (!(spki instanceof ArrayBuffer)) throw new TypeError('no bytes');
    const pem = `-----BEGIN PUBLIC KEY-----\n${btoa(String.fromCharCode(...new Uint8Array(spki)))}\n-----END PUBLIC KEY-----`;
    const text = new TextEncoder();
    for (const secret of [new Uint8Array(spki), text.encode(pem), text.encode(JSON.stringify({ ...shown, n, x })), text.encode(n)]) {
      const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
      const input = parts({ alg: 'HS256', kid: 'rsa' });
      const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, text.encode(input)));
      const token = `${input}.${btoa(String.fromCharCode(...mac))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replaceAll('=', '')}`;
      expect(await asked(token, withKeys([rsa], { algorithms: ['RS256'] }))).toBe(INVALID);
    }
  });

  it('SEC-28 one algorithm’s key is no other’s: RS as ES, PS as RS, and back', async () => {
    const all = withKeys([es, rsa, pss], { algorithms: ['ES256', 'RS256', 'PS256'] });
    for (const key of [es, rsa, pss]) expect(await asked(await sign(key, world.claims()), all)).toBe('200');
    const signed = async (key: SigningKey, header: object): Promise<string> =>
      asked(await signRaw(key, JSON.stringify(header), JSON.stringify(world.claims())), all);
    expect(await signed(rsa, { alg: 'ES256', kid: 'rsa' })).toBe(INVALID);
    expect(await signed(rsa, { alg: 'ES256', kid: 'es' })).toBe(INVALID);
    expect(await signed(es, { alg: 'RS256', kid: 'es' })).toBe(INVALID);
    expect(await signed(pss, { alg: 'RS256', kid: 'pss' })).toBe(INVALID);
    expect(await signed(rsa, { alg: 'PS256', kid: 'rsa' })).toBe(INVALID);
    expect(await signed(es, { alg: 'ES384', kid: 'es' })).toBe(INVALID);
  });

  it('SEC-28 a key that says for which algorithm it is is for no other', async () => {
    const named = { ...rsa, jwk: { ...rsa.jwk, alg: 'PS256' } };
    expect(await asked(await sign(rsa, world.claims()), withKeys([named], { algorithms: ['RS256', 'PS256'] }))).toBe(INVALID);
    for (const more of [{ use: 'enc' }, { key_ops: ['sign'] }, { key_ops: 'verify' }, { kty: 'EC' }]) {
      const other = { ...rsa, jwk: { ...rsa.jwk, ...more } as SigningKey['jwk'] }; // wrong on purpose
      expect(await asked(await sign(rsa, world.claims()), withKeys([other], { algorithms: ['RS256'] }))).toBe(INVALID);
    }
  });

  it('SEC-28 keys that are too short, broken or not on their curve are 401, not an error', async () => {
    const short = await signingKey('RS256', 'short', { modulusLength: 1024 });
    const signed = await signRaw(short, '{"alg":"RS256","kid":"short"}', JSON.stringify(world.claims()));
    expect(await asked(signed, withKeys([short], { algorithms: ['RS256'] }))).toBe(INVALID);
    const off = { ...es, jwk: { ...es.jwk, y: es.jwk.x ?? '' } };
    expect(await asked(await sign(es, world.claims()), withKeys([off]))).toBe(INVALID);
    const broken = { ...es, jwk: { ...es.jwk, x: '!'.repeat(43) } };
    expect(await asked(await sign(es, world.claims()), withKeys([broken]))).toBe(INVALID);
  });
});

describe('SEC-29', () => {
  it.each([
    ['another service’s', 'other'],
    ['one that begins alike', 'acme2'],
    ['one in another case', 'ACME'],
    ['an empty list', []],
    ['a list of others', ['a', 'b']],
    ['a nested list', [['acme']]],
    ['null', null],
    ['an object', { 0: 'acme' }],
    ['nothing', undefined],
    ['a number', 7],
  ])('SEC-29 the audience must be this one, not %s', async (_, aud) => {
    expect(await asked(await sign(es, world.claims({ aud })))).toBe(INVALID);
  });

  it('SEC-29 one organization’s issuer is no other’s', async () => {
    const other = await signingKey('ES256', 'es');
    const token = await sign(es, world.claims());
    expect(await outcome(() => world.tokens.proof(token, 'acme', catalog))).toBe('200');
    expect(await outcome(() => world.tokens.proof(token, 'other', withKeys([other])))).toBe(INVALID);
    expect(await outcome(() => world.tokens.proof(token, 'other', catalogOf({})))).toBe(INVALID);
    expect(await outcome(() => world.tokens.proof(token, 'acme', catalog))).toBe('200');
  });
});

describe('SEC-30', () => {
  const BAD = ['1e400', '-1e400', '"1700000600"', 'null', 'true', '[]', '{}', '""', '1e300', '8.65e12'];
  const payloadWith = (claim: string, json: string): string => {
    const { [claim]: _gone, ...rest } = world.claims();
    return `${JSON.stringify(rest).slice(0, -1)},"${claim}":${json}}`;
  };

  it.each(BAD)('SEC-30 %s is no time', async (json) => {
    for (const claim of ['exp', 'nbf', 'iat']) {
      expect(await asked(await signRaw(es, '{"alg":"ES256","kid":"es"}', payloadWith(claim, json)))).toBe(INVALID);
    }
  });

  it('SEC-30 an end is required, and exact', async () => {
    const second = world.clock.now() / 1_000;
    const ends = async (exp: unknown): Promise<string> => asked(await sign(es, world.claims({ exp })));
    expect([await ends(undefined), await ends(second - 1), await ends(second), await ends(-1)]).toEqual(
      Array.from({ length: 4 }, () => INVALID),
    );
    expect([await ends(second + 1), await ends(second + 0.5)]).toEqual(['200', '200']);
  });

  it('SEC-30 a token holds 30 s before it begins or was issued, and no earlier', async () => {
    const second = world.clock.now() / 1_000;
    for (const claim of ['nbf', 'iat']) {
      const begins = async (at: number): Promise<string> => asked(await sign(es, world.claims({ [claim]: at })));
      expect([await begins(second - 5), await begins(second + 30), await begins(second + 31)]).toEqual(['200', '200', INVALID]);
    }
    expect(await asked(await sign(es, world.claims({ iat: undefined })))).toBe('200');
  });
});

describe('SEC-32', () => {
  it.each(['../es', '../../etc/passwd', 'es\u0000', 'ES', '', '__proto__', 'constructor', "es' OR '1'='1", '*'])(
    'SEC-32 the kid %j chooses nothing that isn’t configured',
    async (kid) => {
      const token = await signRaw(es, JSON.stringify({ alg: 'ES256', kid }), JSON.stringify(world.claims()));
      expect(await asked(token)).toBe(INVALID);
    },
  );

  it.each([null, 7, ['es'], { es: 1 }])('SEC-32 the kid %j is none', async (kid) => {
    expect(await asked(await signRaw(es, JSON.stringify({ alg: 'ES256', kid }), JSON.stringify(world.claims())))).toBe(INVALID);
  });

  it('SEC-32 keys and addresses in a token’s header are never used', async () => {
    const forger = await signingKey('ES256', 'es');
    const header = { jwk: forger.jwk, jku: 'https://evil.example/keys', x5u: 'https://evil.example/cert', x5c: ['AAAA'], x5t: 'AA' };
    expect(await asked(await sign(forger, world.claims(), header))).toBe(INVALID);
    // Of an honest token they are ignored.
    expect(await asked(await sign(es, world.claims(), header))).toBe('200');
    expect(world.fetched).toEqual([]);
  });

  it.each([['b64'], ['exp'], []])('SEC-32 crit is refused, whatever it names', async (...crit) => {
    const header = JSON.stringify({ alg: 'ES256', kid: 'es', crit, b64: true, exp: 1 });
    expect(await asked(await signRaw(es, header, JSON.stringify(world.claims())))).toBe(INVALID);
  });
});

describe('SEC-42', () => {
  it.each(['ada', 'a@x@y', 'a:b', ' ada ', 'ADA', 'Ünï', '../x', 'user:ada', 'org', '0', '𐍈'])(
    'SEC-42 the subject %j is opaque, byte for byte',
    async (sub) => {
      expect((await ask(await sign(es, world.claims({ sub })))).subject).toEqual({ type: 'user', id: sub });
    },
  );

  it.each([undefined, '', null, 3, ['ada'], { ada: 1 }, 'x'.repeat(508), '\ud800'])('SEC-42 the subject %j is none', async (sub) => {
    const payload = JSON.stringify({ ...world.claims(), sub });
    expect(await asked(await signRaw(es, '{"alg":"ES256","kid":"es"}', payload))).toBe(INVALID);
  });

  it('SEC-42 a prefix tells issuers’ subjects apart', async () => {
    const { subject } = await ask(await sign(es, world.claims()), withKeys([es], { subject_prefix: 'corp|', subject_type: 'person' }));
    expect(subject).toEqual({ type: 'person', id: 'corp|ada' });
  });

  it('SEC-42 another claim may name the subject, an address only when it is verified', async () => {
    const by = (subject_claim: string): Catalog => withKeys([es], { subject_claim });
    const subjectOf = async (claim: string, more: object): Promise<string> => {
      const token = await sign(es, world.claims(more));
      const result = await outcome(() => ask(token, by(claim)));
      return result === '200' ? (await ask(token, by(claim))).subject.id : result;
    };
    expect(await subjectOf('oid', { oid: 'o-1' })).toBe('o-1');
    expect(await subjectOf('user.id', { user: { id: 'u-1' } })).toBe('u-1');
    expect(await subjectOf('oid', {})).toBe(INVALID);
    expect(await subjectOf('email', { email: 'a@x@y', email_verified: true })).toBe('a@x@y');
    for (const email_verified of [undefined, false, 'true', 1]) {
      expect(await subjectOf('email', { email: 'ada@example.com', email_verified })).toBe(INVALID);
    }
  });
});
