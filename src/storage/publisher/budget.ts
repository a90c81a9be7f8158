/** What one invocation may still ask of D1 and KV: the platform allows a thousand queries, and as many operations. */

/** statements of D1 and operations of KV */
export const MOST_OPERATIONS = 900;
/** what a step of a compile may need at most, and what comes behind it: the two records of what is published, and the pointer */
const STEP = 60;

export class Budget {
  /** spent so far; a batch counts each of its statements */
  spent = 0;
  readonly #most: number;

  constructor(most: number = MOST_OPERATIONS) {
    this.#most = most;
  }

  readonly spend = (count: number): void => {
    this.spent += count;
  };

  get left(): number {
    return this.#most - this.spent;
  }

  /** Is there enough left for one more step of a compile? */
  get allowsStep(): boolean {
    return this.left >= STEP;
  }
}
