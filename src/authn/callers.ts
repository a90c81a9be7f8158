/**
 * Who is calling: the `Authorization` header → the root token, an API key that the organization's own data confirm, or an end user's JWT that one of
 * the organization's issuers signed.
 * Invariant: what is remembered spares hashing a token again and nothing else; a key's state is looked up for every request.
 */
import type { KeyEntry } from '../core/snapshot/model.ts';
import type { Entity } from '../core/terms/request.ts';
import { invalidCredentials, tokenOf } from './authorization.ts';
import { equalInConstantTime, sha256Hex } from './constant-time.ts';
import { looksLikeJwt } from './jwt/compact.ts';
import type { TokenProof } from './proof.ts';
import { splitToken } from './token.ts';

/** What a header claims. That of root is proved; that of a key is not, until `confirmed`. */
export type Claim = RootClaim | KeyClaim;

export interface RootClaim {
  readonly root: true;
}

export interface KeyClaim {
  readonly root: false;
  readonly organization: string;
  readonly keyId: string;
  /** SHA-256 of the whole token */
  readonly hash: string;
}

/** A JWT as it was sent. It names no organization, so nothing of it is proved before one is named. */
export interface JwtClaim {
  readonly root: false;
  readonly jwt: string;
}

/** Of a JWT that an issuer of the organization signed. */
export interface TokenClaim {
  readonly root: false;
  readonly organization: string;
  readonly subject: Entity;
  /** at the revision that the caller was let in by */
  readonly proof: TokenProof;
  /** to be proved again at another revision; for this request alone */
  readonly jwt: string;
}

/** headers whose token was found right before; some hundred bytes each */
const REMEMBERED = 1_000;

const ROOT: RootClaim = { root: true };

export class Callers {
  readonly #rootToken: string;
  readonly #known = new Map<string, Claim>();
  #rootHash: string | undefined;

  /** @param rootToken already found long enough */
  constructor(rootToken: string) {
    this.#rootToken = rootToken;
  }

  /** The claim of a header that was right before; undefined for all others. */
  remembered(header: string | null): Claim | undefined {
    return header === null ? undefined : this.#known.get(header);
  }

  /**
   * @returns at once, without a promise, when the header was right before
   * @throws BitgateError `missing_credentials`, `invalid_credentials` (401)
   */
  claim(header: string | null): Claim | JwtClaim | Promise<Claim | JwtClaim> {
    return this.remembered(header) ?? this.#read(header);
  }

  async #read(header: string | null): Promise<Claim | JwtClaim> {
    const token = tokenOf(header);
    const hash = await sha256Hex(token);
    // A value, not a promise: promises of one request never settle in another.
    const rootHash = this.#rootHash ?? (await sha256Hex(this.#rootToken));
    this.#rootHash = rootHash;
    if (equalInConstantTime(hash, rootHash)) {
      this.remember(header, ROOT);
      return ROOT;
    }
    // Root's may have any form: whatever isn't root's is looked at for what it is.
    if (looksLikeJwt(token)) return { root: false, jwt: token };
    const parts = splitToken(token);
    if (parts === null) throw invalidCredentials();
    return { root: false, ...parts, hash };
  }

  /** Spares the next request with this header the hash. Only for claims that were proved. */
  remember(header: string | null, claim: Claim): void {
    if (header === null || this.#known.has(header)) return;
    if (this.#known.size >= REMEMBERED) {
      const oldest = this.#known.keys().next();
      if (!oldest.done) this.#known.delete(oldest.value);
    }
    this.#known.set(header, claim);
  }
}

/** Does the key's entry prove the claim? Compared in constant time; also the hash before a rotation, as long as it is valid. */
export function confirmed(claim: KeyClaim, entry: KeyEntry | undefined, now: number): boolean {
  if (entry === undefined || entry.disabled) return false;
  if (entry.expiresAt !== null && entry.expiresAt <= now) return false;
  if (equalInConstantTime(claim.hash, entry.hash)) return true;
  if (entry.previousHash === null || (entry.previousUntil !== null && entry.previousUntil <= now)) return false;
  return equalInConstantTime(claim.hash, entry.previousHash);
}
