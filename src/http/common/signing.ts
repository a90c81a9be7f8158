/**
 * Documents that others verify: compact JWS (RFC 7515) with Ed25519 (RFC 8037), under a key that is derived from the signing secret for this use alone
 * (HKDF, RFC 5869). Equal documents have equal signatures. Each document says in `typ` what it is, so that none passes for another (RFC 8725 §3.11).
 */
import { calculateJwkThumbprint, type JWK, type JWTPayload, SignJWT } from 'jose';
import { BitgateError } from '../../core/terms/problem.ts';

const USE = 'bitgate signature 1';
const ALGORITHM = 'EdDSA';
/** PKCS#8 of an Ed25519 key up to its 32 bytes of seed (RFC 8410 §7) */
const PKCS8_PREFIX = Uint8Array.of(0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20);

interface Pair {
  readonly key: CryptoKey;
  /** public, with `kid`, `use` and `alg` */
  readonly jwk: JWK;
}

export class Signer {
  readonly #secrets: readonly string[];
  #pairs: readonly Pair[] | undefined;

  /** @param secrets the one that signs, then those before it, whose signatures are still to be verified; none: every attempt to sign is refused */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  /** There is a secret to sign with. */
  get configured(): boolean {
    return this.#secrets.length > 0;
  }

  /**
   * @param type the media type's name without `application/`: `bitgate-bitmap+jwt`
   * @throws BitgateError `not_configured` (503) without a secret
   */
  async sign(type: string, payload: JWTPayload): Promise<string> {
    const [pair] = await this.#keys();
    if (pair === undefined) throw new BitgateError('not_configured', 503, '`BITGATE_SIGNING_KEY` is missing: nothing can be signed');
    return new SignJWT(payload).setProtectedHeader({ alg: ALGORITHM, typ: type, kid: pair.jwk.kid ?? '' }).sign(pair.key);
  }

  /** The public keys (RFC 7517 §5): the one that signs first. */
  async jwks(): Promise<{ readonly keys: readonly JWK[] }> {
    return { keys: (await this.#keys()).map(({ jwk }) => jwk) };
  }

  async #keys(): Promise<readonly Pair[]> {
    this.#pairs ??= await Promise.all(this.#secrets.map(derive));
    return this.#pairs;
  }
}

async function derive(secret: string): Promise<Pair> {
  const text = new TextEncoder();
  const base = await crypto.subtle.importKey('raw', text.encode(secret), 'HKDF', false, ['deriveBits']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: text.encode(USE) };
  const seed = new Uint8Array(await crypto.subtle.deriveBits(derivation, base, 256));
  const key = await crypto.subtle.importKey('pkcs8', Uint8Array.of(...PKCS8_PREFIX, ...seed), 'Ed25519', true, ['sign']);
  const { crv, kty, x } = jwkOf(await crypto.subtle.exportKey('jwk', key));
  const shown = { kty, crv, x };
  return { key, jwk: { ...shown, kid: await calculateJwkThumbprint(shown), use: 'sig', alg: ALGORITHM } };
}

/** The public part of an Ed25519 key. */
function jwkOf(exported: JsonWebKey | ArrayBuffer): { readonly kty: string; readonly crv: string; readonly x: string } {
  if (exported instanceof ArrayBuffer || exported.x === undefined) throw new TypeError('the key can not be exported');
  return { kty: 'OKP', crv: 'Ed25519', x: exported.x };
}
