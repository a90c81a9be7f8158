/** Which tokens hold: real signatures, one fault each, and one answer for all of them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { looksLikeJwt } from '../../../src/authn/tokens.ts';
import type { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { BitgateError } from '../../../src/core/terms/problem.ts';
import { INVALID, outcome, type SigningKey, sign, signingKey, signRaw, World, withKeys } from './world.ts';

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
