/** Collects indices from many lists into one ascending list without duplicates; reused for list after list, so that nothing is cleared. */
export class IndexUnion {
  /** `seen[i] === round` iff i is in the present union */
  private readonly seen: Uint32Array;
  private round = 1;
  private list: number[] = [];

  /** @param count indices are below it */
  constructor(count: number) {
    this.seen = new Uint32Array(count);
  }

  add(index: number): void {
    if (this.seen[index] === this.round) return;
    this.seen[index] = this.round;
    this.list.push(index);
  }

  addAll(indices: readonly number[]): void {
    for (const index of indices) this.add(index);
  }

  /** The union, ascending; the next one starts empty. */
  take(): number[] {
    const list = this.list;
    this.list = [];
    this.round++;
    return isAscending(list) ? list : Array.from(Uint32Array.from(list).sort());
  }
}

function isAscending(list: readonly number[]): boolean {
  for (let i = 1; i < list.length; i++) if (list[i]! < list[i - 1]!) return false;
  return true;
}
