/** An issuer of end users' tokens as an identity provider would be: it signs, and the organization's settings hold its public key. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

const ALGORITHM = 'ES256';
const LIFE_S = 3_600;

export interface TestIssuer {
  /** as `settings.issuers` writes it */
  readonly settings: object;
  /** @param claims over those of an ordinary token of `sub` */
  sign(sub: string, claims?: JWTPayload): Promise<string>;
}

/** @param name what stands in `iss`; its tokens are for the audience `bitgate` and stand for `<type>:<sub>` */
export async function makeIssuer(name: string, type = 'user'): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: ALGORITHM };
  return {
    settings: {
      issuer: name,
      audience: 'bitgate',
      algorithms: [ALGORITHM],
      jwks: { keys: [jwk] },
      subject_type: type,
    },
    sign(sub, claims = {}) {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ iss: name, aud: 'bitgate', sub, iat: now, exp: now + LIFE_S, ...claims })
        .setProtectedHeader({ alg: ALGORITHM, kid: 'k1' })
        .sign(privateKey);
    },
  };
}
