/** The compact form of a signed token (RFC 7515 §7.1) → its header and payload, with nothing proved yet. What could be read in two ways is no token. */

/** longer is refused before any work: headers of 16 KiB are what servers take */
const MOST_CHARS = 16_384;
const MOST_HEADER_CHARS = 2_048;

const LOOKS = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** In the last character bits may be left over: they are zero, or one signature could be written in several ways (RFC 4648 §3.5). */
const CANONICAL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/** RFC 9068 §2.1; a token of another kind, such as a logout token, is none to come in with (RFC 8725 §3.11) */
const TYPES: readonly unknown[] = [undefined, 'jwt', 'application/jwt', 'at+jwt', 'application/at+jwt'];

export type Members = Readonly<Record<string, unknown>>;

export interface Unproved {
  readonly algorithm: string;
  /** undefined: the token names none */
  readonly kid: string | undefined;
  readonly payload: Members;
}

/** Exactly three parts of base64url, none of them empty. Tells a JWT from every other token. */
export function looksLikeJwt(token: string): boolean {
  return LOOKS.test(token);
}

/** Null: no token that is taken, whoever signed it. `jku`, `x5u`, `jwk` and `x5c` are not looked at: keys come from the issuer's settings alone. */
export function readCompact(token: string): Unproved | null {
  if (token.length > MOST_CHARS || !looksLikeJwt(token)) return null;
  const parts = token.split('.');
  const [head = '', body = ''] = parts;
  if (head.length > MOST_HEADER_CHARS || !parts.every((part) => CANONICAL.test(part))) return null;
  const header = membersOf(head);
  const payload = membersOf(body);
  if (header === null || payload === null) return null;
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string' || (kid !== undefined && typeof kid !== 'string') || Object.hasOwn(header, 'crit')) return null;
  if (!TYPES.includes(typeof typ === 'string' ? typ.toLowerCase() : typ)) return null;
  return { algorithm: alg, kid, payload };
}

function membersOf(part: string): Members | null {
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return isMembers(value) ? value : null;
  } catch {
    return null;
  }
}

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
