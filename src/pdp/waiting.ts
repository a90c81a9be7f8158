/** Bounded waiting. Every promise here is made and awaited within one request. */
import type { Surroundings } from './ports.ts';

export const LATE = Symbol('late');

/** What `promise` gives, or LATE when it has not after `ms`. */
export function within<T>(promise: Promise<T>, ms: number, surroundings: Pick<Surroundings, 'sleep'>): Promise<T | typeof LATE> {
  return Promise.race([promise, surroundings.sleep(ms).then((): typeof LATE => LATE)]);
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 50;

/** Pauses between two looks at a value that another request makes: short at first, longer later. */
export class Pauses {
  readonly #surroundings: Surroundings;
  #next = FIRST_PAUSE_MS;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** @param atMost ms */
  async pause(atMost: number): Promise<void> {
    await this.#surroundings.sleep(Math.min(this.#next, atMost));
    this.#next = Math.min(this.#next * 2, LONGEST_PAUSE_MS);
  }
}

/** Does `work` for all items, `limit` of them at once. The first failure is thrown. */
export async function inParallel<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
}
