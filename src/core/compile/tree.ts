/** One kind of leaves from one revision to the next: opens what changed, cuts, encodes. I/O arrives as arguments. */
import { compareCodePoints } from '../sets/compare.ts';
import type { LeafCodec } from '../snapshot/codec.ts';
import type { LeafRecord } from '../snapshot/manifest.ts';
import { type CutItem, type CutLeaf, LeafCutter, priority } from './cutter.ts';

/** What a key holds from now on; null: nothing, it is gone. */
export interface EntryChange<Entry> {
  readonly key: string;
  readonly entry: Entry | null;
}

export interface TreeIo {
  /** bytes of a leaf of the revision before */
  load(record: LeafRecord): Promise<Uint8Array>;
  /** stores a piece; returns the hash it is named by */
  put(bytes: Uint8Array): Promise<string>;
}

interface Keyed {
  readonly key: string;
}

/** Builds the leaves of one kind: items are pushed in key order, finished leaves are stored as they come. */
export class TreeBuilder<Entry extends Keyed> {
  readonly #codec: LeafCodec<Entry>;
  readonly #io: TreeIo;
  readonly #cutter: LeafCutter<Entry>;
  readonly #records: LeafRecord[] = [];

  constructor(codec: LeafCodec<Entry>, io: TreeIo, limit?: number) {
    this.#codec = codec;
    this.#io = io;
    this.#cutter = new LeafCutter(limit);
  }

  /** Entries in key order, all above those pushed before. */
  async entries(entries: Iterable<Entry>): Promise<void> {
    for (const entry of entries) await this.#push({ entry, key: entry.key, weight: this.#codec.weight(entry) });
    await this.#store(this.#cutter.take());
  }

  /** A leaf of the revision before that nothing touched. */
  async leaf(record: LeafRecord): Promise<void> {
    await this.#push({ record });
    await this.#store(this.#cutter.take());
  }

  /** All records, in key order. */
  async finish(): Promise<LeafRecord[]> {
    await this.#store(this.#cutter.finish());
    return this.#records.sort((a, b) => compareCodePoints(a.firstKey, b.firstKey));
  }

  #push(item: CutItem<Entry>): Promise<void> | void {
    const key = 'record' in item ? item.record.firstKey : item.key;
    const closed = this.#cutter.mustOpen(key);
    if (closed === undefined) return this.#cutter.push(item);
    return this.#open(closed).then((entries) => {
      this.#cutter.takeBack();
      for (const entry of entries) this.#cutter.push({ entry, key: entry.key, weight: this.#codec.weight(entry) });
      this.#cutter.push(item);
    });
  }

  async #open(record: LeafRecord): Promise<Entry[]> {
    return this.#codec.decode(await this.#io.load(record));
  }

  async #store(leaves: readonly CutLeaf<Entry>[]): Promise<void> {
    for (const leaf of leaves) {
      const first = leaf[0]!;
      if (leaf.length === 1 && 'record' in first) {
        this.#records.push(first.record);
        continue;
      }
      const entries: Entry[] = [];
      for (const item of leaf) {
        if ('record' in item) entries.push(...(await this.#open(item.record)));
        else entries.push(item.entry);
      }
      const bytes = this.#codec.encode(entries);
      // Read back before it is stored: what can't be opened again must never get a name.
      if (this.#codec.count(bytes) !== entries.length) throw new Error('a leaf does not hold what was put into it');
      let top = 0;
      let weight = 0;
      entries.forEach((entry, i) => {
        weight += this.#codec.weight(entry);
        if (i > 0) top = Math.max(top, priority(entry.key));
      });
      this.#records.push({ firstKey: entries[0]!.key, hash: await this.#io.put(bytes), bytes: bytes.byteLength, weight, top });
    }
  }
}

/**
 * The leaves after `changes` (in key order, each key once), given those before.
 * Equal to building all entries anew; only leaves that hold a changed key, and now and then a neighbour, are loaded and written.
 */
export async function updateTree<Entry extends Keyed>(
  codec: LeafCodec<Entry>,
  before: readonly LeafRecord[],
  changes: readonly EntryChange<Entry>[],
  io: TreeIo,
  limit?: number,
): Promise<LeafRecord[]> {
  const builder = new TreeBuilder(codec, io, limit);
  let next = 0;
  if (before.length === 0) await builder.entries(present(changes));
  for (let i = 0; i < before.length; i++) {
    const end = before[i + 1]?.firstKey;
    const from = next;
    while (next < changes.length && (end === undefined || compareCodePoints(changes[next]!.key, end) < 0)) next++;
    if (from === next) await builder.leaf(before[i]!);
    else await builder.entries(merge(codec.decode(await io.load(before[i]!)), changes.slice(from, next)));
  }
  return builder.finish();
}

function* present<Entry>(changes: readonly EntryChange<Entry>[]): Iterable<Entry> {
  for (const { entry } of changes) if (entry !== null) yield entry;
}

/** Old entries with the changes in their place; both in key order. */
function* merge<Entry extends Keyed>(entries: readonly Entry[], changes: readonly EntryChange<Entry>[]): Iterable<Entry> {
  let next = 0;
  for (const entry of entries) {
    while (next < changes.length && compareCodePoints(changes[next]!.key, entry.key) < 0) {
      const { entry: added } = changes[next++]!;
      if (added !== null) yield added;
    }
    if (next < changes.length && changes[next]!.key === entry.key) {
      const { entry: replaced } = changes[next++]!;
      if (replaced !== null) yield replaced;
    } else {
      yield entry;
    }
  }
  yield* present(changes.slice(next));
}
