/**
 * Public keys of one issuer (RFC 7517 §5). A token's `kid` chooses among them and nothing else. jose's own sets keep promises of imports, which never settle
 * in another request on Workers: here only imported keys are kept.
 */
import { importJWK } from 'jose';
import { keyFits, secretMembers } from '../../core/terms/issuer.ts';
import type { Json, JsonObject } from '../../core/terms/json.ts';
import { isMembers } from './compact.ts';

/** all that verifying needs, texts but for one: certificates and the like are dropped */
const KEPT_MEMBERS = ['kty', 'kid', 'alg', 'use', 'crv', 'x', 'y', 'n', 'e'];

export class PublicKey {
  readonly jwk: JsonObject;
  /** equal for equal keys, whichever set they came with */
  readonly text: string;
  readonly #imported = new Map<string, CryptoKey>();

  constructor(jwk: JsonObject) {
    this.jwk = jwk;
    this.text = JSON.stringify(jwk);
  }

  /** @throws whatever jose and WebCrypto throw on a key that is none */
  async imported(algorithm: string): Promise<CryptoKey> {
    const known = this.#imported.get(algorithm);
    if (known !== undefined) return known;
    const key = await importJWK(this.jwk, algorithm);
    if (!(key instanceof CryptoKey)) throw new TypeError('a symmetric key');
    this.#imported.set(algorithm, key);
    return key;
  }
}

export class KeySet {
  readonly #keys: readonly PublicKey[];
  readonly #texts: ReadonlySet<string>;
  /** characters of all keys */
  readonly weight: number;

  constructor(keys: readonly PublicKey[]) {
    this.#keys = keys;
    this.#texts = new Set(keys.map(({ text }) => text));
    this.weight = keys.reduce((sum, { text }) => sum + text.length, 0);
  }

  /** Null when it is no set. Private and symmetric keys in it are as good as not there: everybody could sign with them. */
  static read(value: unknown): KeySet | null {
    if (!isMembers(value) || !Array.isArray(value.keys)) return null;
    return new KeySet(value.keys.flatMap(kept).map((jwk) => new PublicKey(jwk)));
  }

  has(wanted: (jwk: JsonObject) => boolean): boolean {
    return this.#keys.some(({ jwk }) => wanted(jwk));
  }

  hasKid(kid: string): boolean {
    return this.has((jwk) => jwk.kid === kid);
  }

  holds(key: PublicKey): boolean {
    return this.#texts.has(key.text);
  }

  /** The one key that fits; without a `kid` too there must be exactly one (OpenID Connect Core §10.1). */
  find(kid: string | undefined, algorithm: string): PublicKey | undefined {
    const fitting = this.#keys.filter(({ jwk }) => (kid === undefined || jwk.kid === kid) && keyFits(jwk, algorithm));
    return fitting.length === 1 ? fitting[0] : undefined;
  }
}

/** What is kept of a key; nothing of one that has a secret, or members of other types than they should. */
function kept(key: unknown): JsonObject[] {
  if (!isMembers(key) || secretMembers(key).length > 0) return [];
  const members: Record<string, Json> = {};
  for (const name of KEPT_MEMBERS) {
    const value = key[name];
    if (typeof value === 'string') members[name] = value;
    else if (value !== undefined) return [];
  }
  const { key_ops: uses } = key;
  if (uses === undefined) return [members];
  return Array.isArray(uses) && uses.every((use) => typeof use === 'string') ? [{ ...members, key_ops: uses }] : [];
}
