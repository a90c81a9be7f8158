/**
 * The keys of a leaf's entries, and beside each what a check reads of the entry first: four numbers that lie together, where columns would be four
 * places in memory. Made on opening, never stored.
 */
import type { PieceKind, SectionReader } from './sections.ts';
import type { SoughtRef } from './sought-ref.ts';
import { StringTable } from './string-table.ts';

/** numbers for each entry, and for one behind the last: where its key begins, and three columns of the leaf's own */
export const RECORD = 4;

export class EntryTable extends StringTable {
  readonly records: Int32Array;
  readonly #found: Int32Array;

  /** @throws CorruptPiece as `StringTable` */
  constructor(kind: PieceKind, reader: SectionReader) {
    super(kind, reader);
    this.records = new Int32Array((this.count + 1) * RECORD);
    this.#found = this.slots;
    this.fill(0, this.starts);
  }

  /** Sets a number of each entry. @param values one for each, and perhaps one behind the last */
  fill(column: 0 | 1 | 2 | 3, values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) this.records[i * RECORD + column] = values[i]!;
  }

  /** The entry whose key it is, or -1. */
  find(ref: SoughtRef): number {
    const { indexMask, records, bytes } = this;
    const slots = this.#found;
    const { hash } = ref;
    const tag = hash & ~indexMask;
    for (let slot = hash & indexMask; ; slot = (slot + 1) & indexMask) {
      const held = slots[slot]!;
      if (held === 0) return -1;
      if ((held & ~indexMask) !== tag) continue;
      const entry = (held & indexMask) - 1;
      if (ref.isAt(bytes, records[entry * RECORD]!, records[entry * RECORD + RECORD]!)) return entry;
    }
  }
}
