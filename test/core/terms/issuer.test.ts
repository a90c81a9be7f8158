/** Which keys can verify what, and where keys may be fetched. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ALGORITHMS, isKeysUri, keyFits } from '../../../src/core/terms/issuer.ts';
import type { JsonObject } from '../../../src/core/terms/json.ts';

const jwkOf = ({ publicKey }: { publicKey: { export(options: { format: 'jwk' }): object } }): JsonObject =>
  publicKey.export({ format: 'jwk' }) as JsonObject; // a JWK is JSON
const rsa = (modulusLength: number): JsonObject => jwkOf(generateKeyPairSync('rsa', { modulusLength }));
const ec = (namedCurve: string): JsonObject => jwkOf(generateKeyPairSync('ec', { namedCurve }));
const fitting = (key: JsonObject): readonly string[] => ALGORITHMS.filter((algorithm) => keyFits(key, algorithm));

const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

describe('a public key', () => {
  it('fits the algorithms of its kind and curve', () => {
    expect(fitting(rsa(2048))).toEqual(RSA_ALGORITHMS);
    expect([fitting(ec('P-256')), fitting(ec('P-384')), fitting(ec('P-521'))]).toEqual([['ES256'], ['ES384'], ['ES512']]);
    expect(fitting(jwkOf(generateKeyPairSync('ed25519')))).toEqual(['EdDSA', 'Ed25519']);
    expect([fitting(ec('secp256k1')), fitting(jwkOf(generateKeyPairSync('ed448'))), fitting({})]).toEqual([[], [], []]);
  });

  it('of RSA has 2048 bits, counted without leading zeros', () => {
    expect([fitting(rsa(1024)), fitting(rsa(2040)), fitting(rsa(2047))]).toEqual([[], [], []]);
    expect(fitting(rsa(3072))).toEqual(RSA_ALGORITHMS);
    const short = Buffer.from(String(rsa(1024).n), 'base64url');
    expect(fitting({ kty: 'RSA', e: 'AQAB', n: Buffer.concat([Buffer.alloc(128), short]).toString('base64url') })).toEqual([]);
    for (let bits = 2_040; bits <= 2_056; bits++) {
      const n = Buffer.from((1n << BigInt(bits - 1)).toString(16).padStart(516, '0'), 'hex');
      for (const bytes of [n, n.subarray(1), n.subarray(n.findIndex((byte) => byte > 0))]) {
        expect(keyFits({ kty: 'RSA', e: 'AQAB', n: bytes.toString('base64url') }, 'RS256')).toBe(bits >= 2_048);
      }
    }
    for (const n of ['', 'A'.repeat(400), '!'.repeat(400), 'x'.repeat(401), 3, null, undefined]) {
      expect(fitting({ kty: 'RSA', e: 'AQAB', ...(n === undefined ? {} : { n }) })).toEqual([]);
    }
  });

  it('fits only what it says that it is for', () => {
    const key = rsa(2048);
    expect(fitting({ ...key, alg: 'PS256' })).toEqual(['PS256']);
    expect([fitting({ ...key, use: 'sig', key_ops: ['verify'] }), fitting({ ...key, use: 'enc' })]).toEqual([RSA_ALGORITHMS, []]);
    expect([fitting({ ...key, key_ops: ['sign'] }), fitting({ ...key, key_ops: 'verify' })]).toEqual([[], []]);
    expect([
      fitting({ ...key, alg: 'HS256' }),
      fitting({ ...key, kty: 'oct' }),
      keyFits(key, 'constructor'),
      keyFits(key, 'HS256'),
    ]).toEqual([[], [], false, false]);
  });

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])('with the secret member %s fits nothing', (member) => {
    expect(fitting({ ...rsa(2048), [member]: 'x' })).toEqual([]);
  });
});

describe('an address of keys', () => {
  it.each([
    'https://id.example/keys',
    'https://id.example',
    'https://id.example:8443/a/b?x=1&y=/#'.slice(0, -1),
    'HTTPS://ID.Example/x',
    'https://xn--mnchen-3ya.example/keys',
    'https://id?tenant=1',
    'https://1password.example/k',
    'https://10.example/k',
  ])('may be %s', (uri) => {
    expect([isKeysUri(uri), new URL(uri).protocol]).toEqual([true, 'https:']);
  });

  it.each([
    'http://id.example/keys',
    'ftp://id.example/keys',
    'data:application/json,{}',
    'id.example/keys',
    '//id.example/keys',
    'https:/id.example',
    'https:id.example',
    'https://',
    'https:///keys',
    'https://user@id.example/keys',
    'https://user:pw@id.example/keys',
    'https://id.example@evil.example/keys',
    'https://id.example/keys#frag',
    'https://id.example/keys#',
    'https://id.example\\@evil.example',
    'https://id.example/a\\b',
    'https://id.example/a b',
    ' https://id.example/',
    'https://id.example/\n',
    'https://id.example\t/x',
    'https://127.0.0.1/keys',
    'https://10.0.0.1:443/keys',
    'https://2130706433/keys',
    'https://0x7f000001/keys',
    'https://0x7f.1/keys',
    'https://127.1/keys',
    'https://[::1]/keys',
    'https://[::ffff:127.0.0.1]/keys',
    'https://localhost/keys',
    'https://LOCALHOST:8443/keys',
    'https://a.localhost/keys',
    'https://localhost./keys',
    'https://127.0.0.1./keys',
    'https://id..example/keys',
    'https://１２７.0.0.1/keys',
    'https://id%2eexample/keys',
    'https://id.example:99x/keys',
    `https://id.example/${'x'.repeat(2_048)}`,
  ])('may not be %s', (uri) => {
    expect(isKeysUri(uri)).toBe(false);
  });
});
