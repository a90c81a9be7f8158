/**
 * Where leaves are cut: a function of the entries alone, never of history. So a publish that looks only at what changed gives the same
 * bytes as one from scratch, and a change of one entry touches one leaf, seldom its neighbour.
 *
 * Every key has a priority (its hash). A range of entries that weighs at most `limit` is a leaf. A heavier one is cut before its key of
 * highest priority (the first of equals; never before its first key), and so on with both parts. The keys form a treap, of which
 * one pass from left to right needs only the right spine: memory is a few leaves whatever the size.
 */
import { hash32 } from '../sets/hash.ts';
import type { LeafRecord } from '../snapshot/manifest.ts';

/** An entry, or a leaf of the revision before that nothing touched, taken as a whole. */
export type CutItem<Entry> = { readonly entry: Entry; readonly key: string; readonly weight: number } | { readonly record: LeafRecord };

/** A finished leaf: its items in key order. One record alone is an old leaf that stays as it is. */
export type CutLeaf<Entry> = readonly CutItem<Entry>[];

/** Weight above which a range is cut: leaves are then 64 KiB or so on average and rarely above 160 KiB. */
export const LEAF_WEIGHT = 192 * 1024;

export function priority(key: string): number {
  return hash32(key);
}

interface Open<Entry> {
  readonly priority: number;
  /** everything from this key on up to the next open key; null once it was cut */
  items: CutItem<Entry>[] | null;
  weight: number;
}

export class LeafCutter<Entry> {
  readonly #limit: number;
  readonly #spine: Open<Entry>[] = [];
  #done: CutLeaf<Entry>[] = [];
  #last: CutItem<Entry> | undefined;
  /** weight of all that is open */
  #weight = 0;

  constructor(limit: number = LEAF_WEIGHT) {
    this.#limit = limit;
  }

  /**
   * The old leaf that was pushed last, if its entries must be pushed instead before `nextKey` can be: inside it lies a key of a
   * priority that the next one doesn't exceed, so the cut between them may fall elsewhere now.
   */
  mustOpen(nextKey: string): LeafRecord | undefined {
    const last = this.#last;
    return last !== undefined && 'record' in last && last.record.top >= priority(nextKey) ? last.record : undefined;
  }

  /** Takes the last item back, to push its entries in its place. */
  takeBack(): void {
    this.#weight -= this.#spine.pop()!.weight;
    this.#last = undefined;
  }

  /** The next item in key order; ask `mustOpen` first. */
  push(item: CutItem<Entry>): void {
    const own = 'record' in item ? { key: item.record.firstKey, weight: item.record.weight } : item;
    // Nothing lies to the left of the first key, so no priority of a later one exceeds it.
    const height = this.#spine.length === 0 ? Number.POSITIVE_INFINITY : priority(own.key);
    while (this.#spine.length > 1 && this.#spine.at(-1)!.priority < height) this.#fold();
    this.#spine.push({ priority: height, items: [item], weight: own.weight });
    this.#last = item;
    this.#weight += own.weight;
    this.#emit();
  }

  /**
   * What is surely cut off is done with: a range that is too heavy already is cut at the key behind its first part, whatever comes. So what is open
   * never weighs more than the limit and one item. Parts that are done with lie at the bottom of the spine, as one range that is cut.
   */
  #emit(): void {
    while (this.#weight > this.#limit) {
      const lowest = this.#spine[0]!.items === null ? 1 : 0;
      if (lowest === this.#spine.length - 1) return;
      const { items, weight } = this.#spine[lowest]!;
      if (items !== null) this.#done.push(items);
      this.#weight -= weight;
      this.#spine.splice(lowest, 1, ...(lowest === 0 ? [{ priority: Number.POSITIVE_INFINITY, items: null, weight: 0 }] : []));
    }
  }

  /** Leaves finished since the last call, in no particular order. */
  take(): CutLeaf<Entry>[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  /** No more items: all that is open becomes leaves. */
  finish(): CutLeaf<Entry>[] {
    while (this.#spine.length > 1) this.#fold();
    const rest = this.#spine.pop()?.items;
    if (rest) this.#done.push(rest);
    return this.take();
  }

  /** Joins the topmost range with the one below it: into one range if that is light enough, else both are leaves. */
  #fold(): void {
    const right = this.#spine.pop()!;
    const left = this.#spine.at(-1)!;
    if (this.#spine.length === 1 && left.items === null) this.#weight -= right.weight;
    left.weight += right.weight;
    if (left.items !== null && right.items !== null && left.weight <= this.#limit) {
      for (const item of right.items) left.items.push(item);
      return;
    }
    if (left.items !== null) this.#done.push(left.items);
    if (right.items !== null) this.#done.push(right.items);
    if (this.#spine.length === 1) this.#weight = 0;
    left.items = null;
  }
}
