/** What an issuer of end users' tokens may be: its algorithms, its keys and where they are fetched. Shared by who writes settings and who reads them. */
import type { JsonObject } from './json.ts';

/** asymmetric only (RFC 8725 §3.1): with a shared secret whoever verifies could also sign */
export const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const;

type Algorithm = (typeof ALGORITHMS)[number];

/** each is compared with each */
export const MOST_ISSUERS = 100;

/** types of subjects that no token can stand for: groups are no subjects, and keys prove themselves */
export const RESERVED_SUBJECT_TYPES: readonly string[] = ['group', 'api_key'];

/** members of a JWK that only the signer may know (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2) */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** RFC 7518 §3.3 */
const RSA_BITS = 2_048;

/** by algorithm: curve, and characters of a coordinate (RFC 7518 §6.2.1.2, RFC 8037 §2) */
const CURVES: Readonly<Partial<Record<Algorithm, { readonly kty: string; readonly crv: string; readonly chars: number }>>> = {
  ES256: { kty: 'EC', crv: 'P-256', chars: 43 },
  ES384: { kty: 'EC', crv: 'P-384', chars: 64 },
  ES512: { kty: 'EC', crv: 'P-521', chars: 88 },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', chars: 43 },
  Ed25519: { kty: 'OKP', crv: 'Ed25519', chars: 43 },
};

export function isAlgorithm(name: unknown): name is Algorithm {
  return ALGORITHMS.some((algorithm) => algorithm === name);
}

export function secretMembers(key: object): readonly string[] {
  return PRIVATE_MEMBERS.filter((member) => Object.hasOwn(key, member));
}

/** Can a public key verify signatures of the algorithm? Everything that tells without importing it. */
export function keyFits(key: JsonObject, algorithm: string): boolean {
  if (secretMembers(key).length > 0) return false;
  if (key.alg !== undefined && key.alg !== algorithm) return false;
  if (key.use !== undefined && key.use !== 'sig') return false;
  if (key.key_ops !== undefined && !(Array.isArray(key.key_ops) && key.key_ops.includes('verify'))) return false;
  if (!isAlgorithm(algorithm)) return false;
  const curve = CURVES[algorithm];
  if (curve === undefined) return key.kty === 'RSA' && bitsOf(key.n) >= RSA_BITS && bitsOf(key.e) > 0;
  const isCoordinate = (value: unknown): boolean => typeof value === 'string' && value.length === curve.chars;
  return key.kty === curve.kty && key.crv === curve.crv && isCoordinate(key.x) && (curve.kty === 'OKP' || isCoordinate(key.y));
}

/** Of a big-endian number in base64url, without leading zeros; 0 for anything else. */
function bitsOf(value: unknown): number {
  if (typeof value !== 'string' || !/^[\w-]+$/.test(value) || value.length % 4 === 1) return 0;
  const first = [...value].findIndex((char) => char !== 'A');
  if (first < 0) return 0;
  const leading = 6 * first + Math.clz32(BASE64URL.indexOf(value[first]!)) - 26;
  return Math.floor((value.length * 6) / 8) * 8 - leading;
}

const MOST_URI_CHARS = 2_048;
const KEYS_URI = /^https:\/\/((?:[a-z0-9_-]+\.)*[a-z0-9_-]+)(?::\d{1,5})?(?:[/?][\x21\x22\x24-\x5b\x5d-\x7e]*)?$/i;

/**
 * May keys be fetched there? An https address of a named host, without user and fragment. Stricter than the grammar of URLs, so that no two readers see
 * different hosts; hosts whose last label is a number are IPv4 addresses to a URL parser.
 */
export function isKeysUri(uri: string): boolean {
  const host = uri.length > MOST_URI_CHARS ? undefined : KEYS_URI.exec(uri)?.[1]?.toLowerCase();
  if (host === undefined) return false;
  const last = host.slice(host.lastIndexOf('.') + 1);
  return last !== 'localhost' && !/^(?:\d+|0x[0-9a-f]*)$/.test(last);
}

/** Some id begins with both prefixes: when one begins with the other. */
export function prefixesMeet(a = '', b = ''): boolean {
  return a.startsWith(b) || b.startsWith(a);
}
