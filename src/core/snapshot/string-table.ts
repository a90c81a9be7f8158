/**
 * Sorted distinct texts in two sections (starts, bytes), found by hash: the slots are made when they are needed, never stored.
 * Invariant: `indexOf(get(i)) === i`; equality is decided by the text itself, never by its hash.
 */
import { hashAscii, hashText } from '../sets/hash.ts';
import { decodeUtf8, writeUtf8 } from '../sets/utf8.ts';
import { utf8Length } from '../terms/ref.ts';
import { checkRanges, corrupt, type PieceKind, type SectionReader } from './sections.ts';
import type { SoughtRef } from './sought-ref.ts';

/** The two sections of a table of `texts`. */
export function encodeTexts(texts: readonly string[]): [Uint32Array, Uint8Array] {
  const starts = new Uint32Array(texts.length + 1);
  let total = 0;
  texts.forEach((text, i) => {
    total += utf8Length(text);
    starts[i + 1] = total;
  });
  const bytes = new Uint8Array(total);
  texts.forEach((text, i) => {
    writeUtf8(text, bytes, starts[i]!);
  });
  return [starts, bytes];
}

/**
 * The two sections of a table whose texts share beginnings with their neighbours: for each text how many bytes it has in common with
 * the one before it (as many as possible) and how many follow, then all that follow.
 * @throws RangeError when a text is longer than 65,535 bytes
 */
export function encodeSharing(texts: readonly string[]): [Uint16Array, Uint8Array] {
  const [starts, bytes] = encodeTexts(texts);
  const lengths = new Uint16Array(texts.length * 2);
  const rests = new Uint8Array(bytes.length);
  let at = 0;
  for (let i = 0; i < texts.length; i++) {
    const start = starts[i]!;
    const length = starts[i + 1]! - start;
    if (length > LONGEST_SHARING) throw new RangeError(`a text of ${length} bytes does not fit: at most ${LONGEST_SHARING}`);
    const before = i === 0 ? start : starts[i - 1]!;
    const most = Math.min(length, start - before);
    let shared = 0;
    while (shared < most && bytes[before + shared] === bytes[start + shared]) shared++;
    lengths[2 * i] = shared;
    lengths[2 * i + 1] = length - shared;
    rests.set(bytes.subarray(start + shared, start + length), at);
    at += length - shared;
  }
  return [lengths, rests.slice(0, at)];
}

const LONGEST_SHARING = 0xffff;
/** of all texts of a table, written out: 65,535 names of 512 bytes are half of it */
const MOST_SHARING_BYTES = 64 * 1024 * 1024;

interface Texts {
  readonly starts: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Written out on opening: only then can a text be found where it lies. */
function readSharing(kind: PieceKind, reader: SectionReader): Texts {
  const lengths = reader.u16();
  const rests = reader.u8();
  if (lengths.length % 2 !== 0) corrupt(kind, 'a shared text has no length');
  const starts = new Uint32Array(lengths.length / 2 + 1);
  let total = 0;
  let left = rests.length;
  for (let i = 0; i < starts.length - 1; i++) {
    const shared = lengths[2 * i]!;
    const rest = lengths[2 * i + 1]!;
    if (shared > (i === 0 ? 0 : total - starts[i - 1]!)) corrupt(kind, `text ${i} shares more than the one before it has`);
    total += shared + rest;
    if (shared + rest > LONGEST_SHARING || total > MOST_SHARING_BYTES) corrupt(kind, `text ${i} is too long`);
    left -= rest;
    starts[i + 1] = total;
  }
  if (left !== 0) corrupt(kind, 'shared texts do not span their bytes');
  const bytes = new Uint8Array(total);
  let from = 0;
  for (let i = 0; i < starts.length - 1; i++) {
    const start = starts[i]!;
    const [shared, rest] = [lengths[2 * i]!, lengths[2 * i + 1]!];
    const before = i === 0 ? 0 : starts[i - 1]!;
    if (rest > 0 && before + shared < start && bytes[before + shared] === rests[from]) corrupt(kind, `text ${i} shares less than it could`);
    bytes.copyWithin(start, before, before + shared);
    bytes.set(rests.subarray(from, from + rest), start + shared);
    from += rest;
  }
  return { starts, bytes };
}

/** Texts by index. */
export class TextList {
  readonly count: number;
  protected readonly starts: Uint32Array;
  protected readonly bytes: Uint8Array;

  /** @param sharing written by `encodeSharing` */
  constructor(kind: PieceKind, reader: SectionReader, sharing = false) {
    const { starts, bytes } = sharing ? readSharing(kind, reader) : { starts: reader.u32(), bytes: reader.u8() };
    this.starts = starts;
    this.bytes = bytes;
    if (this.starts.length === 0) corrupt(kind, 'a text list has no starts');
    checkRanges(kind, 'text starts', this.starts, this.bytes.length);
    this.count = this.starts.length - 1;
  }

  get(i: number): string {
    return decodeUtf8(this.bytes, this.starts[i]!, this.starts[i + 1]!);
  }

  /** Bytes that the texts take. */
  get byteLength(): number {
    return this.bytes.length + this.starts.byteLength;
  }

  /** Is text i `text`? */
  is(i: number, text: string): boolean {
    const start = this.starts[i]!;
    const length = this.starts[i + 1]! - start;
    if (length < text.length) return false;
    if (length > text.length) return length <= 3 * text.length && this.get(i) === text;
    const bytes = this.bytes;
    // As many bytes as units: equal only if all is ASCII. A unit of 0x80 to 0xff must not match a byte of a longer character.
    for (let k = 0; k < length; k++) {
      const unit = text.charCodeAt(k);
      if (bytes[start + k] !== unit || unit > 0x7f) return false;
    }
    return true;
  }

  /** Is text i this? */
  isRef(i: number, ref: SoughtRef): boolean {
    return ref.isAt(this.bytes, this.starts[i]!, this.starts[i + 1]!);
  }

  /** `hashText` of text i, without making a string of it where it is ASCII */
  hashAt(i: number): number {
    const hash = hashAscii(this.bytes, this.starts[i]!, this.starts[i + 1]!);
    return hash >= 0 ? hash : hashText(this.get(i));
  }
}

/** Slot layout: index + 1 in as many low bits as it needs, the hash's high bits above them; 0 is free. */
export class StringTable extends TextList {
  protected readonly indexMask: number;
  #slots: Int32Array | undefined;

  /**
   * @param names texts that share beginnings, and may be there twice: the first is found
   * @throws CorruptPiece when the texts are not strictly ascending (`names`: when they fall)
   */
  constructor(kind: PieceKind, reader: SectionReader, names = false) {
    super(kind, reader, names);
    let size = 4;
    while (size < this.count * 2) size *= 2;
    this.indexMask = size - 1;
    for (let i = 1; i < this.count; i++) {
      const order = this.#compareNeighbours(i);
      if (order > 0 || (order === 0 && !names)) corrupt(kind, `texts ${i - 1} and ${i} are out of order`);
    }
  }

  /** Made when something is looked up: many a table is only read. */
  protected get slots(): Int32Array {
    this.#slots ??= this.#makeSlots();
    return this.#slots;
  }

  #makeSlots(): Int32Array {
    const { indexMask } = this;
    const slots = new Int32Array(indexMask + 1);
    for (let i = 0; i < this.count; i++) {
      if (i > 0 && this.#compareNeighbours(i) === 0) continue;
      const hash = this.hashAt(i);
      let slot = hash & indexMask;
      while (slots[slot] !== 0) slot = (slot + 1) & indexMask;
      slots[slot] = (hash & ~indexMask) | (i + 1);
    }
    return slots;
  }

  /** Index of `text`, or -1. */
  indexOf(text: string): number {
    return this.indexOfHashed(text, hashText(text));
  }

  /** The same for a text whose `hashText` is known. */
  indexOfHashed(text: string, hash: number): number {
    const { indexMask, slots } = this;
    const tag = hash & ~indexMask;
    for (let slot = hash & indexMask; ; slot = (slot + 1) & indexMask) {
      const held = slots[slot]!;
      if (held === 0) return -1;
      if ((held & ~indexMask) === tag && this.is((held & indexMask) - 1, text)) return (held & indexMask) - 1;
    }
  }

  indexOfRef(ref: SoughtRef): number {
    const { indexMask, slots } = this;
    const tag = ref.hash & ~indexMask;
    for (let slot = ref.hash & indexMask; ; slot = (slot + 1) & indexMask) {
      const held = slots[slot]!;
      if (held === 0) return -1;
      if ((held & ~indexMask) === tag && this.isRef((held & indexMask) - 1, ref)) return (held & indexMask) - 1;
    }
  }

  #compareNeighbours(i: number): number {
    const { bytes, starts } = this;
    let a = starts[i - 1]!;
    let b = starts[i]!;
    const endA = b;
    const endB = starts[i + 1]!;
    while (a < endA && b < endB) {
      const difference = bytes[a++]! - bytes[b++]!;
      if (difference !== 0) return difference;
    }
    return endA - a - (endB - b);
  }
}
