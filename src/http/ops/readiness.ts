/**
 * Whether what the Worker rests on answers, and which organizations are behind. Each binding has its time: one that hangs can't be reached. The answer is
 * remembered for a second, so that many probes are few questions; a value, since a promise of another request may never settle.
 */
import { LATE, within } from '../../pdp/waiting.ts';
import type { BehindRecord } from './wire.ts';

/** How what is asked about readiness is asked. Each rejects when it gets no answer. */
export interface Bindings {
  /** organizations that are behind, of D1 */
  behind(): Promise<readonly Omit<BehindRecord, 'why'>[]>;
  askKv(): Promise<unknown>;
  /** @param organization null: of no organization, to see that Publishers answer */
  askPublisher(organization: string | null): Promise<{ readonly behindSince: number | null } | null>;
  /** ms since 1970 */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface State {
  /** ms since 1970 */
  readonly at: number;
  readonly bindings: { readonly DB: boolean; readonly KV: boolean; readonly PUBLISHER: boolean };
  /** null: D1 can't be asked */
  readonly behind: readonly BehindRecord[] | null;
}

const REMEMBERED_MS = 1_000;
const PATIENCE_MS = 2_000;
const PAUSE_MS = 25;
/** Publishers that are asked why, those of the oldest changes */
const ASKED_WHY = 20;

export class Readiness {
  readonly #bindings: Bindings;
  #known: State | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(bindings: Bindings) {
    this.#bindings = bindings;
  }

  async state(): Promise<State> {
    const { now, sleep } = this.#bindings;
    for (let time = now(); ; time = now()) {
      if (this.#known !== undefined && isWithin(this.#known.at, time, REMEMBERED_MS)) return this.#known;
      if (!isWithin(this.#askedAt, time, 2 * PATIENCE_MS)) break;
      // Another request asks.
      await sleep(PAUSE_MS);
    }
    this.#askedAt = now();
    this.#known = await this.#ask();
    this.#askedAt = Number.NEGATIVE_INFINITY;
    return this.#known;
  }

  async #ask(): Promise<State> {
    const [behind, kv, publisher] = await Promise.all([
      this.#patiently(() => this.#bindings.behind()),
      this.#patiently(() => this.#bindings.askKv()),
      this.#patiently(() => this.#bindings.askPublisher(null)),
    ]);
    const known = behind === LATE ? null : await this.#reasons(behind);
    return { at: this.#bindings.now(), bindings: { DB: behind !== LATE, KV: kv !== LATE, PUBLISHER: publisher !== LATE }, behind: known };
  }

  async #reasons(behind: readonly Omit<BehindRecord, 'why'>[]): Promise<BehindRecord[]> {
    const oldest = [...behind].sort((a, b) => a.since - b.since).slice(0, ASKED_WHY);
    const asked = await Promise.all(
      oldest.map(async ({ org }) => {
        const pointer = await this.#patiently(() => this.#bindings.askPublisher(org));
        const why =
          pointer === LATE ? 'publisher_unreachable' : pointer !== null && pointer.behindSince !== null ? 'unreadable_rows' : 'unpublished';
        return [org, why] as const;
      }),
    );
    const reasons = new Map<string, BehindRecord['why']>(asked);
    return behind.map((record) => ({ ...record, why: reasons.get(record.org) ?? 'unpublished' }));
  }

  /** LATE also when it fails: either way there is no answer. */
  #patiently<T>(ask: () => Promise<T>): Promise<T | typeof LATE> {
    const answer = Promise.resolve()
      .then(ask)
      .catch((): typeof LATE => LATE);
    return within<T | typeof LATE>(answer, PATIENCE_MS, this.#bindings);
  }
}

/** Also false when the clock was put back. */
function isWithin(since: number, now: number, ms: number): boolean {
  return now >= since && now - since < ms;
}
