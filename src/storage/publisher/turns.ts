/** Whatever publishes, or goes on with a compile, does so alone; calls that come while one publishes share the next publish. */
export class Turns<Report> {
  readonly #broken: () => void;
  #running: Promise<unknown> | undefined;
  #queued: { run: Promise<Report>; full: boolean } | undefined;

  /** @param broken called when work rejects, before the next one begins */
  constructor(broken: () => void) {
    this.#broken = broken;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Does a publish wait for the end of what runs? */
  get awaited(): boolean {
    return this.#queued !== undefined;
  }

  /** Runs alone, after what runs already. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    while (this.#running !== undefined) await this.#running.catch(() => undefined);
    const run = work()
      .catch((error: unknown) => {
        this.#broken();
        throw error;
      })
      .finally(() => {
        if (this.#running === run) this.#running = undefined;
      });
    this.#running = run;
    return run;
  }

  /**
   * Runs alone; all that ask for it before it begins share one run, which sees all that they had written.
   * @param full one of those who share it wants all compiled
   */
  share(full: boolean, work: (full: boolean) => Promise<Report>): Promise<Report> {
    if (this.#running === undefined) return this.take(() => work(full));
    if (this.#queued !== undefined) {
      this.#queued.full ||= full;
      return this.#queued.run;
    }
    const queued: { run: Promise<Report>; full: boolean } = {
      full,
      run: this.take(() => {
        this.#queued = undefined;
        return work(queued.full);
      }),
    };
    this.#queued = queued;
    return queued.run;
  }
}
