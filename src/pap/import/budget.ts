/** How much one request may do: it stops behind a chunk, and the next one goes on. */

/** D1 takes 1,000 of one invocation */
const QUERIES = 900;
/** More than the largest chunk so far may be needed for the next one, which may also have to be decided again. */
const SPARE_QUERIES = 150;
/** of real time: a Worker has 30 s of CPU time by default, and never more of that than of this */
const MILLISECONDS = 20_000;

export class Budget {
  readonly #queries: () => number;
  readonly #now: () => number;
  readonly #start: number;
  #largest = 0;
  #before: number;

  /** @param queries how many the request has sent to the database so far */
  constructor(queries: () => number, now: () => number) {
    this.#queries = queries;
    this.#now = now;
    this.#start = now();
    this.#before = queries();
  }

  /** A chunk, or an attempt at one, was made. */
  note(): void {
    const all = this.#queries();
    this.#largest = Math.max(this.#largest, all - this.#before);
    this.#before = all;
  }

  get isSpent(): boolean {
    const left = QUERIES - this.#queries();
    return left < Math.max(SPARE_QUERIES, 2 * this.#largest) || this.#now() - this.#start > MILLISECONDS;
  }
}
