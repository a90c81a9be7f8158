/** The `Authorization` header → the token in it. Exactly one credential, one scheme, one space: whatever could be read in two ways is refused. */
import { BitgateError } from '../core/terms/problem.ts';

const BEARER = /^Bearer ([\x21-\x2b\x2d-\x7e]+)$/;
const BASIC = /^Basic ([A-Za-z0-9+/]+={0,2})$/;

/**
 * @param header its value, or null when there is none. A header sent twice arrives joined by a comma, which neither scheme may hold
 * @returns the whole token; of Basic `bg_<user>_<password>`
 * @throws BitgateError `missing_credentials`, `invalid_credentials` (401)
 */
export function tokenOf(header: string | null): string {
  if (header === null) {
    throw new BitgateError(
      'missing_credentials',
      401,
      'send `Authorization: Bearer <token>`, or Basic with the key as user and its secret',
    );
  }
  const bearer = BEARER.exec(header)?.[1];
  if (bearer !== undefined) return bearer;
  const basic = BASIC.exec(header)?.[1];
  if (basic === undefined) {
    throw new BitgateError(
      'invalid_credentials',
      401,
      'the authorization header must be `Bearer` or `Basic`, one space and one credential',
    );
  }
  return tokenOfBasic(basic);
}

function tokenOfBasic(encoded: string): string {
  const pair = decodeBase64(encoded);
  const colon = pair.indexOf(':');
  // A colon in the secret, or anything that no token holds, is refused where the token is split.
  if (colon <= 0) throw invalidCredentials();
  return `bg_${pair.slice(0, colon)}_${pair.slice(colon + 1)}`;
}

function decodeBase64(encoded: string): string {
  try {
    return atob(encoded);
  } catch {
    throw invalidCredentials();
  }
}

/** One answer for every wrong credential: it does not tell which part was wrong. */
export function invalidCredentials(): BitgateError {
  return new BitgateError('invalid_credentials', 401, 'the credentials are not valid');
}
