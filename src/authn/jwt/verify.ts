/** Does a token hold, by one key of its issuer, now? Every check of a claim is on what was signed; none tells which of them failed. */
import { jwtVerify } from 'jose';
import { formatRef } from '../../core/terms/ref.ts';
import type { Entity } from '../../core/terms/request.ts';
import { invalidCredentials } from '../authorization.ts';
import type { TokenProof } from '../proof.ts';
import { claimOf } from './claims.ts';
import type { Members } from './compact.ts';
import type { Issuer } from './issuers.ts';
import type { PublicKey } from './key-set.ts';

/** that the issuer's clock may be ahead. `exp` is exact: an end is an end */
const SKEW_S = 30;
/** the last second that a date can have (ECMA-262 §21.4.1.1) */
const LAST_S = 8.64e12;

/**
 * @param now ms since 1970
 * @throws BitgateError `invalid_credentials` (401), and nothing else whatever jose and WebCrypto throw
 */
export async function verify(token: string, key: PublicKey, algorithm: string, issuer: Issuer, now: number): Promise<TokenProof> {
  const payload = await signedPayload(token, key, algorithm, issuer, now);
  const subject = subjectOf(payload, issuer);
  if (!isCurrent(payload, now) || subject === null) throw invalidCredentials();
  const { email, email_verified: isVerified, exp } = payload;
  return {
    subject,
    ...issuer.mappings.apply(payload, issuer.issuer),
    expiresAt: Number(exp) * 1_000,
    email: typeof email === 'string' && email !== '' && isVerified === true ? email : null,
  };
}

async function signedPayload(token: string, key: PublicKey, algorithm: string, issuer: Issuer, now: number): Promise<Members> {
  try {
    const { payload } = await jwtVerify(token, await key.imported(algorithm), {
      algorithms: [algorithm],
      issuer: issuer.issuer,
      audience: issuer.audience,
      requiredClaims: ['exp'],
      clockTolerance: SKEW_S,
      currentDate: new Date(now),
    });
    return payload;
  } catch {
    throw invalidCredentials();
  }
}

/** `exp` must be there; each is a number that names a time (RFC 7519 §2: NumericDate). */
export function isCurrent({ exp, nbf, iat }: Members, now: number): boolean {
  if (!isTime(exp) || exp * 1_000 <= now) return false;
  return [nbf, iat].every((begin) => begin === undefined || (isTime(begin) && begin * 1_000 <= now + SKEW_S * 1_000));
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LAST_S;
}

/** The id is the prefix and the claim, byte for byte; null when that names nobody. An address counts only when the issuer has verified it. */
function subjectOf(payload: Members, { subjectType, subjectPrefix, subjectClaim }: Issuer): Entity | null {
  const name = claimOf(payload, subjectClaim);
  if (typeof name !== 'string' || name === '') return null;
  if (subjectClaim === 'email' && payload.email_verified !== true) return null;
  const id = subjectPrefix + name;
  try {
    formatRef(subjectType, id);
  } catch {
    return null;
  }
  return { type: subjectType, id };
}
