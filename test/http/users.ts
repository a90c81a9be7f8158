/** End users: an issuer with a real key, whose public part stands in an organization's settings, and the tokens that it signs. */
import { exportJWK, type JWK, SignJWT } from 'jose';

export const ISSUER = 'https://id.example';

export interface Issuing {
  /** of the settings */
  readonly settings: object;
  readonly publicKey: JWK;
  readonly privateKey: CryptoKey;
  /** @param claims over those of a token that is right; undefined takes one away */
  sign(claims?: Record<string, unknown>, header?: object): Promise<string>;
}

export async function issuing(audience: string, more: object = {}): Promise<Issuing> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new TypeError('not a pair');
  const publicKey = { ...(await exportJWK(pair.publicKey)), kid: 'k1' };
  return {
    settings: { issuer: ISSUER, audience, algorithms: ['ES256'], jwks: { keys: [publicKey] }, subject_type: 'user', ...more },
    publicKey,
    privateKey: pair.privateKey,
    sign(claims = {}, header = {}) {
      const second = Math.floor(Date.now() / 1_000);
      return new SignJWT({ iss: ISSUER, aud: audience, sub: 'ada', iat: second, exp: second + 600, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
        .sign(pair.privateKey);
    },
  };
}
