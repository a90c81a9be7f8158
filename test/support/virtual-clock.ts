/** Time for tests: it stands still while anything runs, and jumps to the next timer when all is quiet. */
interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

export class VirtualClock {
  #now = 1_700_000_000_000;
  #timers: Timer[] = [];
  #outside = 0;

  now(): number {
    return this.#now;
  }

  /** Sets the clock without waking anybody, as when a machine's clock is corrected. */
  correct(ms: number): void {
    this.#now += ms;
    this.#timers = this.#timers.map((timer) => ({ ...timer, at: timer.at + ms }));
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      const at = this.#now + ms;
      const place = this.#timers.findIndex((timer) => timer.at > at);
      this.#timers.splice(place < 0 ? this.#timers.length : place, 0, { at, wake });
    });
  }

  /** Timers that wait now never fire: those of a request that is dead. */
  dropTimers(): void {
    this.#timers = [];
  }

  /** Work that real time is needed for, such as hashing. */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#outside++;
    try {
      return await work;
    } finally {
      this.#outside--;
    }
  }

  /** Lets time pass. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.#quiet();
    while (this.#timers.length > 0 && this.#timers[0]!.at <= until) {
      this.#fireNext();
      await this.#quiet();
    }
    this.#now = until;
  }

  /** Lets time pass until `promise` settles; gives its outcome. */
  async settle<T>(promise: T | Promise<T>): Promise<T> {
    let settled = false;
    const outcome = Promise.resolve(promise).finally(() => {
      settled = true;
    });
    outcome.catch(() => undefined);
    for (;;) {
      await this.#quiet();
      if (settled) return outcome;
      if (this.#timers.length === 0) throw new Error('hangs: nothing is left that could wake it');
      this.#fireNext();
    }
  }

  #fireNext(): void {
    const timer = this.#timers.shift()!;
    this.#now = Math.max(this.#now, timer.at);
    timer.wake();
    while (this.#timers[0]?.at === timer.at) this.#timers.shift()!.wake();
  }

  async #quiet(): Promise<void> {
    do await new Promise((resolve) => setTimeout(resolve, 0));
    while (this.#outside > 0);
  }
}
