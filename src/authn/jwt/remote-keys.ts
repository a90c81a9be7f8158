/**
 * The key set at one address, kept. Invariants: one fetch at a time; none in the 10 s after one that failed; unknown `kid`s cause one a minute; no key is
 * used an hour after it was fetched. What is shared between requests is values: a promise of another request may never settle.
 */
import { BitgateError } from '../../core/terms/problem.ts';
import { FETCH_LIMIT_MS, fetchKeySet } from './fetch-keys.ts';
import type { KeySet } from './key-set.ts';
import type { TokenSurroundings } from './surroundings.ts';

const FRESH_MS = 600_000;
/** as long as the issuer can't be reached */
const LONGEST_MS = 3_600_000;
const AFTER_FAILURE_MS = 10_000;
const FOR_UNKNOWN_KID_MS = 60_000;
/** a fetch that isn't done by then is gone: the request that it belonged to was cut off */
const FETCH_LOST_MS = FETCH_LIMIT_MS + 1_000;
/** of one request: a lost fetch and one of its own */
const LONGEST_WAIT_MS = 2 * FETCH_LOST_MS;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 50;

export class RemoteKeys {
  readonly #uri: string;
  readonly #surroundings: TokenSurroundings;
  #keys: KeySet | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;
  #kidAt = Number.NEGATIVE_INFINITY;
  #fetchingSince = Number.NEGATIVE_INFINITY;
  /** of the fetch that began last, and of the one that the keys come from */
  #fetches = 0;
  #fetched = 0;

  constructor(uri: string, surroundings: TokenSurroundings) {
    this.#uri = uri;
    this.#surroundings = surroundings;
  }

  get weight(): number {
    return this.#keys?.weight ?? 0;
  }

  /** The keys, when no fetch is due, or none can be made now; undefined: wait for `keys`. */
  atHand(): KeySet | undefined {
    if (this.#age(this.#fetchedAt) >= LONGEST_MS) return undefined;
    return this.#age(this.#fetchedAt) < FRESH_MS || this.#isFetching() || this.#coolsDown() ? this.#keys : undefined;
  }

  /**
   * @param kid looked for once more at its issuer when it is unknown
   * @param issuer for the message
   * @throws BitgateError `keys_unavailable` (503) when no keys are to be had
   */
  async keys(kid: string | undefined, issuer: string): Promise<KeySet> {
    const before = this.#fetched;
    const keys = this.atHand() ?? (await this.#load(issuer));
    // What came while this request waited is as new as can be.
    if (kid === undefined || keys.hasKid(kid) || this.#fetched !== before) return keys;
    await this.#refreshForKid();
    return this.#keys ?? keys;
  }

  /** Fetches, or waits for whoever does. */
  async #load(issuer: string): Promise<KeySet> {
    const began = this.#surroundings.now();
    while (this.#age(began) < LONGEST_WAIT_MS) {
      await this.#othersDone();
      const keys = this.atHand();
      if (keys !== undefined) return keys;
      if (this.#coolsDown()) break;
      // Of those who waited together the first one fetches.
      if (!this.#isFetching()) await this.#fetch();
    }
    const retryAfterS = Math.ceil(Math.max(1, AFTER_FAILURE_MS - this.#age(this.#failedAt)) / 1_000);
    throw new BitgateError('keys_unavailable', 503, 'the keys of the issuer can not be fetched: nothing it signed can be verified', {
      issuer,
      retry_after_s: retryAfterS,
    });
  }

  async #refreshForKid(): Promise<void> {
    if (this.#isFetching()) return this.#othersDone();
    if (this.#coolsDown() || this.#age(this.#kidAt) < FOR_UNKNOWN_KID_MS) return;
    this.#kidAt = this.#surroundings.now();
    await this.#fetch();
  }

  /** Looks again and again whether another request's fetch is done, or lost. */
  async #othersDone(): Promise<void> {
    const fetch = this.#fetches;
    for (let pause = FIRST_PAUSE_MS; this.#isFetching() && this.#fetches === fetch; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await this.#surroundings.sleep(pause);
    }
  }

  async #fetch(): Promise<void> {
    const fetch = ++this.#fetches;
    const began = this.#surroundings.now();
    this.#fetchingSince = began;
    const keys = await fetchKeySet(this.#uri, this.#surroundings);
    if (fetch === this.#fetches) {
      this.#fetchingSince = Number.NEGATIVE_INFINITY;
      this.#failedAt = keys === null ? this.#surroundings.now() : Number.NEGATIVE_INFINITY;
    }
    // An answer that comes after a later one is older.
    if (keys === null || fetch < this.#fetched) return;
    this.#keys = keys;
    this.#fetchedAt = began;
    this.#fetched = fetch;
  }

  #isFetching(): boolean {
    return this.#age(this.#fetchingSince) < FETCH_LOST_MS;
  }

  #coolsDown(): boolean {
    return this.#age(this.#failedAt) < AFTER_FAILURE_MS;
  }

  /** A clock that was set back makes nothing young. */
  #age(at: number): number {
    return Math.abs(this.#surroundings.now() - at);
  }
}
