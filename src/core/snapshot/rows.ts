/**
 * Sets of small numbers, each stored once: bit j of row i is set iff thing i holds privilege j.
 * A row is a sorted list of 16-bit numbers or a bitset, whichever is smaller. A reference is twice its index among its like, plus one for a bitset:
 * small numbers, which the evaluator handles without boxing. Row 0 is the empty list.
 */
import { checkRanges, corrupt, type PieceKind, type SectionReader } from './sections.ts';

const BITSET = 1;

/** Collects rows in the order in which they are first added: equal data give equal bytes. */
export class RowWriter {
  readonly #words: number;
  readonly #known = new Map<string, number>([['', 0]]);
  readonly #lists: number[] = [];
  readonly #starts: number[] = [0, 0];
  readonly #bitsets: number[] = [];
  #bitsetCount = 0;

  /** @param universe how many bits a bitset has */
  constructor(universe: number) {
    this.#words = (universe + 31) >>> 5;
  }

  /** @param items ascending, each below 65,536 */
  list(items: readonly number[]): number {
    return this.#add(items, items.join(), false);
  }

  /** @param bits ascending, each below the universe */
  bits(bits: readonly number[]): number {
    const bitset = bits.length * 2 > this.#words * 4;
    return this.#add(bits, (bitset ? 'b' : '') + bits.join(), bitset);
  }

  #add(items: readonly number[], key: string, bitset: boolean): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    let reference: number;
    if (bitset) {
      const base = this.#bitsets.length;
      for (let w = 0; w < this.#words; w++) this.#bitsets.push(0);
      for (const bit of items) this.#bitsets[base + (bit >>> 5)]! |= 1 << (bit & 31);
      reference = this.#bitsetCount++ * 2 + BITSET;
    } else {
      for (const item of items) this.#lists.push(item);
      this.#starts.push(this.#lists.length);
      reference = (this.#starts.length - 2) * 2;
    }
    this.#known.set(key, reference);
    return reference;
  }

  sections(): ArrayBufferView[] {
    return [Uint32Array.from(this.#starts), Uint16Array.from(this.#lists), Uint32Array.from(this.#bitsets)];
  }
}

/** Rows read where they lie. */
export class Rows {
  readonly #starts: Uint32Array;
  readonly #lists: Uint16Array;
  readonly #bitsets: Uint32Array;
  readonly #words: number;
  readonly #universe: number;

  constructor(kind: PieceKind, reader: SectionReader, universe: number) {
    this.#universe = universe;
    this.#words = (universe + 31) >>> 5;
    this.#starts = reader.u32();
    this.#lists = reader.u16();
    this.#bitsets = reader.u32();
    if (this.#starts.length < 2 || this.#starts[1] !== 0) corrupt(kind, 'row 0 is not the empty list');
    checkRanges(kind, 'row starts', this.#starts, this.#lists.length);
    if (this.#words === 0 ? this.#bitsets.length > 0 : this.#bitsets.length % this.#words !== 0) corrupt(kind, 'a bitset is cut short');
    const spare = this.#words * 32 - universe;
    if (spare > 0) {
      for (let end = this.#words - 1; end < this.#bitsets.length; end += this.#words) {
        if (this.#bitsets[end]! >>> (32 - spare) !== 0) corrupt(kind, 'a bitset has bits behind its end');
      }
    }
    for (let i = 1; i < this.#starts.length; i++) {
      for (let k = this.#starts[i - 1]! + 1; k < this.#starts[i]!; k++) {
        if (this.#lists[k]! <= this.#lists[k - 1]!) corrupt(kind, `row ${i - 1} is not ascending`);
      }
    }
  }

  /** Refuses a reference to no row, to a bitset where only lists may stand, or with an item that is not below `limit`. */
  check(kind: PieceKind, what: string, row: number, limit: number, listOnly: boolean): void {
    const index = row >>> 1;
    if ((row & BITSET) !== 0) {
      if (listOnly || index >= (this.#words === 0 ? 0 : this.#bitsets.length / this.#words)) corrupt(kind, `${what} names no row`);
      return;
    }
    if (index >= this.#starts.length - 1) corrupt(kind, `${what} names no row`);
    const end = this.#starts[index + 1]!;
    if (end > this.#starts[index]! && this.#lists[end - 1]! >= limit) corrupt(kind, `${what} holds an item behind its limit`);
  }

  /** Does the row hold the bit? */
  has(row: number, bit: number): boolean {
    const index = row >>> 1;
    if ((row & BITSET) !== 0) return ((this.#bitsets[index * this.#words + (bit >>> 5)]! >>> (bit & 31)) & 1) !== 0;
    const lists = this.#lists;
    let low = this.#starts[index]!;
    let high = this.#starts[index + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = lists[middle]!;
      if (item === bit) return true;
      if (item < bit) low = middle + 1;
      else high = middle;
    }
    return false;
  }

  /** Items of a list row, where they lie. */
  list(row: number): Uint16Array {
    return this.#lists.subarray(this.#starts[row >>> 1]!, this.#starts[(row >>> 1) + 1]!);
  }

  /** Items of any row, ascending. */
  items(row: number): number[] {
    if ((row & BITSET) === 0) return [...this.list(row)];
    const items: number[] = [];
    for (let bit = 0; bit < this.#universe; bit++) if (this.has(row, bit)) items.push(bit);
    return items;
  }

  /** Adds the items of any row to a set. */
  addTo(items: Set<number>, row: number): void {
    for (const item of (row & BITSET) === 0 ? this.list(row) : this.items(row)) items.add(item);
  }
}
