/** One algorithm’s key is no other’s, and no key is none. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { base64url, INVALID, outcome, type SigningKey, sign, signingKey, signRaw, World, withKeys } from './world.ts';

let es: SigningKey;
let rsa: SigningKey;
let pss: SigningKey;
let catalog: Catalog;
const world = new World();
const asked = (token: string, of: Catalog = catalog): Promise<string> => outcome(() => world.tokens.proof(token, 'acme', of));

beforeAll(async () => {
  [es, rsa, pss] = await Promise.all([signingKey('ES256', 'es'), signingKey('RS256', 'rsa'), signingKey('PS256', 'pss')]);
  catalog = withKeys([es]);
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
