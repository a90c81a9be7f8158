/**
 * End users' tokens: a JWT → what it proves in one organization. Invariant: what is remembered spares verifying a token again and nothing else; it is
 * dropped when the token ends, the organization's catalog is another one, or its issuer no longer has the key.
 */
import type { Catalog } from '../core/snapshot/catalog.ts';
import { invalidCredentials } from './authorization.ts';
import { BoundedMap } from './jwt/bounded-map.ts';
import { readCompact } from './jwt/compact.ts';
import { type Issuer, issuersOf } from './jwt/issuers.ts';
import { KeySet, type PublicKey } from './jwt/key-set.ts';
import { RemoteKeys } from './jwt/remote-keys.ts';
import type { TokenSurroundings } from './jwt/surroundings.ts';
import { isCurrent, verify } from './jwt/verify.ts';
import type { TokenProof } from './proof.ts';

export { looksLikeJwt } from './jwt/compact.ts';

const REMEMBERED = 1_000;
const REMEMBERED_CHARS = 4 * 1024 * 1024;
const KEY_SETS = 1_000;
const KEY_SET_CHARS = 16 * 1024 * 1024;

/** Names the settings and the key set that it was verified with, and keeps neither alive. */
interface Verified {
  readonly proof: TokenProof;
  /** of the issuers */
  readonly mark: symbol;
  /** the fetched set that had the key; null: it is in the settings */
  readonly remote: string | null;
  readonly key: PublicKey;
}

export class Tokens {
  readonly #surroundings: TokenSurroundings;
  readonly #verified = new BoundedMap<Verified>(REMEMBERED, REMEMBERED_CHARS);
  readonly #remote = new BoundedMap<RemoteKeys>(KEY_SETS, KEY_SET_CHARS);

  constructor(surroundings: TokenSurroundings) {
    this.#surroundings = surroundings;
  }

  /**
   * @param catalog the organization's, of the snapshot that is decided with: its issuers and claim mappings count
   * @returns at once, without a promise, when the token was right before
   * @throws BitgateError `invalid_credentials` (401) whatever is wrong with the token, `keys_unavailable` (503)
   */
  proof(token: string, organization: string, catalog: Catalog): TokenProof | Promise<TokenProof> {
    return this.remembered(token, organization, catalog) ?? this.#verify(token, organization, catalog);
  }

  /** What `proof` would answer at once; undefined: it isn't known, and nothing is begun. */
  remembered(token: string, organization: string, catalog: Catalog): TokenProof | undefined {
    const name = nameOf(token, organization);
    const known = this.#verified.get(name);
    if (known === undefined) return undefined;
    if (this.#holds(known, catalog)) return known.proof;
    this.#verified.delete(name);
    return undefined;
  }

  #holds({ proof, mark, remote, key }: Verified, catalog: Catalog): boolean {
    if (proof.expiresAt <= this.#surroundings.now() || mark !== issuersOf(catalog).mark) return false;
    return remote === null || this.#remote.get(remote)?.atHand()?.holds(key) === true;
  }

  async #verify(token: string, organization: string, catalog: Catalog): Promise<TokenProof> {
    const unproved = readCompact(token);
    if (unproved === null) throw invalidCredentials();
    const { algorithm, kid, payload } = unproved;
    const { byName, mark } = issuersOf(catalog);
    const issuer = typeof payload.iss === 'string' ? byName.get(payload.iss) : undefined;
    // Nothing is fetched for a token that can't be right.
    if (!issuer?.algorithms.includes(algorithm) || !isCurrent(payload, this.#surroundings.now())) throw invalidCredentials();
    const { keys } = issuer;
    const [remote, set] = keys instanceof KeySet ? [null, keys] : await this.#fetched(keys, organization, kid, issuer);
    const key = set.find(kid, algorithm);
    if (key === undefined) throw invalidCredentials();
    const proof = await verify(token, key, algorithm, issuer, this.#surroundings.now());
    const name = nameOf(token, organization);
    this.#verified.set(name, { proof, mark, remote, key }, name.length);
    return proof;
  }

  /** The key set at an address, and what it is remembered as. */
  async #fetched(uri: string, organization: string, kid: string | undefined, { issuer }: Issuer): Promise<[string, KeySet]> {
    const name = `${organization} ${uri}`;
    const remote = this.#remote.get(name) ?? new RemoteKeys(uri, this.#surroundings);
    // Set anew each time: those in use are kept, and by what they weigh now.
    this.#remote.set(name, remote, remote.weight);
    return [name, await remote.keys(kid, issuer)];
  }
}

/** An organization's id has no space: no two pairs share a name. */
function nameOf(token: string, organization: string): string {
  return `${organization} ${token}`;
}
