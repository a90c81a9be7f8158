/**
 * When keys were last used. Noted in memory at each use, written down behind the answers: by one request for all keys of this isolate, and of each key
 * once a minute at most. It delays nothing and fails nothing: a note that can't be written is lost.
 */

export interface KeyUse {
  readonly organization: string;
  readonly keyId: string;
  /** ms since 1970 */
  readonly at: number;
}

export interface KeyUseStore {
  /** Never lowers what is there. */
  note(uses: readonly KeyUse[]): Promise<void>;
}

/** Whoever used it: the key, and the hash that its token has. */
export interface UsedKey {
  readonly organization: string;
  readonly keyId: string;
  readonly hash: string;
}

export const NOTED_EVERY_MS = 60_000;
/** so long other keys are waited for, so that many keys make one write */
const GATHER_MS = 1_000;
/** a gatherer that hasn't written by then is gone: the request that it belonged to was cut off */
const GATHERER_LOST_MS = 10_000;
/** tokens remembered; beyond that all begin anew, and are noted once too often */
const REMEMBERED = 10_000;

export class KeyUses {
  readonly #store: KeyUseStore;
  readonly #sleep: (ms: number) => Promise<void>;
  /** by the token's hash: when it was noted */
  readonly #noted = new Map<string, number>();
  #waiting: KeyUse[] = [];
  #gatheringSince = Number.NEGATIVE_INFINITY;

  constructor(store: KeyUseStore, sleep: (ms: number) => Promise<void>) {
    this.#store = store;
    this.#sleep = sleep;
  }

  /** Costs one look into a map when it was noted less than a minute ago. */
  note({ organization, keyId, hash }: UsedKey, now: number, life: { waitUntil(work: Promise<unknown>): void }): void {
    const noted = this.#noted.get(hash);
    if (noted !== undefined && Math.abs(now - noted) < NOTED_EVERY_MS) return;
    if (this.#noted.size >= REMEMBERED) this.#noted.clear();
    this.#noted.set(hash, now);
    this.#waiting.push({ organization, keyId, at: now });
    if (Math.abs(now - this.#gatheringSince) < GATHERER_LOST_MS) return;
    this.#gatheringSince = now;
    life.waitUntil(this.#gather());
  }

  async #gather(): Promise<void> {
    await this.#sleep(GATHER_MS);
    const uses = this.#waiting;
    this.#waiting = [];
    this.#gatheringSince = Number.NEGATIVE_INFINITY;
    await this.#store.note(uses).catch(() => undefined);
  }
}
