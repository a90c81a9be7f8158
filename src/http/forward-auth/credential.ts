/** Where the end user's credential is: in `authorization`, which counts if it is there, or in the cookie that the organization has named. */
import type { Challenge, Refused } from './reasons.ts';

export type CredentialFound = { readonly credential: string | null } | { readonly challenge: Challenge } | Refused;

const NONE: CredentialFound = { credential: null };

/**
 * @param cookie its name, null when there is none
 * @param leavesAuthorization false: that header is the proxy's own
 * @returns a credential of null: none is there
 */
export function credentialOf(headers: Headers, cookie: string | null, leavesAuthorization: boolean): CredentialFound {
  const authorization = leavesAuthorization ? headers.get('authorization') : null;
  // Neither of its schemes holds a comma: there are two.
  if (authorization?.includes(',')) return { refused: 'ambiguous_header' };
  // A token alone is a credential in a cookie, and in no header (SEC-31).
  if (authorization !== null) return authorization.includes(' ') ? { credential: authorization } : { challenge: 'invalid_credentials' };
  const cookies = cookie === null ? null : headers.get('cookie');
  return cookie === null || cookies === null ? NONE : ofCookies(cookies, cookie);
}

/** RFC 6265 §4.2.1, of the one name alone: what others hold is nobody's business here. */
function ofCookies(cookies: string, name: string): CredentialFound {
  let found: string | null = null;
  for (const pair of cookies.split(';')) {
    const text = pair.trim();
    const ours = text.startsWith(`${name}=`);
    // A second header arrives behind a comma.
    if (text.includes(',') && (ours || hasAfterComma(text, name))) return { refused: 'ambiguous_header' };
    if (!ours) continue;
    // Twice, or the value of a header in a cookie.
    if (found !== null || text.includes(' ')) return { challenge: 'invalid_credentials' };
    found = text.slice(name.length + 1);
  }
  return { credential: found === '' ? null : found };
}

function hasAfterComma(text: string, name: string): boolean {
  return text.split(',').some((part, i) => i > 0 && part.trimStart().startsWith(`${name}=`));
}
