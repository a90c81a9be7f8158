/** What was read, and what had to be there before it could be asked for. */

export interface Read {
  readonly what: string;
  /** 1 for what depends on nothing, else one more than the deepest read that had ended when it began */
  readonly depth: number;
  readonly bytes: number;
}

export class ReadLog {
  readonly #reads: Read[] = [];
  #deepest = 0;

  /** Begins a read now. @returns to be called with its size when it has ended */
  begin(what: string): (bytes: number) => void {
    const depth = this.#deepest + 1;
    return (bytes) => {
      this.#reads.push({ what, depth, bytes });
      this.#deepest = Math.max(this.#deepest, depth);
    };
  }

  /** What ended since it was last asked. */
  take(): Read[] {
    this.#deepest = 0;
    return this.#reads.splice(0);
  }
}
