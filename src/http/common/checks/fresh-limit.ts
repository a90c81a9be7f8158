/** How often a caller may have the source asked at once. Per isolate: a guard of the source, not a quota. */
import { BitgateError } from '../../../core/terms/problem.ts';

/** a strong read is one round trip to a single object that serves some 500 to 1,000 of them a second for the whole world */
const PER_SECOND = 20;
const WINDOW_MS = 1_000;

export class FreshLimit {
  #counts = new Map<string, number>();
  #windowStart = 0;

  /** @throws BitgateError `too_many_fresh_checks` (429) */
  take(caller: string, now: number): void {
    if (now - this.#windowStart >= WINDOW_MS || now < this.#windowStart) {
      this.#counts = new Map();
      this.#windowStart = now;
    }
    const count = (this.#counts.get(caller) ?? 0) + 1;
    this.#counts.set(caller, count);
    if (count > PER_SECOND) {
      throw new BitgateError(
        'too_many_fresh_checks',
        429,
        `the source is asked ${PER_SECOND} times a second: by \`max_age_ms\` below 1,000, \`at_revision\` and \`at_time\``,
        {
          retry_after_s: 1,
        },
      );
    }
  }
}
