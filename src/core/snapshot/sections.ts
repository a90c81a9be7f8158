/**
 * The container that every piece of a snapshot uses: a header and a list of sections, each a typed array read where it lies.
 * Only one byte sequence stands for one list of sections: offsets, padding and length are all determined, and checked on opening.
 *
 *   0  4 bytes   magic: `b`, `g`, the kind, the format version
 *   4  u32       length of the whole piece in bytes
 *   8  u32       number of sections n
 *  12  u32       0
 *  16  n × u32   length of each section in bytes
 *  then the sections, each starting at a multiple of 8, padded with zero bytes; all numbers little-endian
 */
export const FORMAT_VERSION = '1';

const PIECE_KINDS = ['catalog', 'principals', 'resources', 'keys', 'manifest'] as const;
export type PieceKind = (typeof PIECE_KINDS)[number];

const KIND_LETTER: Readonly<Record<PieceKind, string>> = { catalog: 'c', principals: 'p', resources: 'r', keys: 'k', manifest: 'm' };

/** The bytes are not a piece of this kind and format: never read further, keep what was good. */
export class CorruptPiece extends Error {
  override readonly name = 'CorruptPiece';
}

function fail(kind: PieceKind, what: string): never {
  throw new CorruptPiece(`corrupt ${kind} piece: ${what}`);
}

function magic(kind: PieceKind): number {
  return 0x6762 | (KIND_LETTER[kind].charCodeAt(0) << 16) | (FORMAT_VERSION.charCodeAt(0) << 24);
}

/**
 * What the first bytes say that these bytes are; nothing else of them is looked at.
 * @throws CorruptPiece when they say nothing known
 */
export function kindOf(bytes: Uint8Array): PieceKind {
  const letters = String.fromCharCode(...bytes.subarray(0, 4));
  const kind = PIECE_KINDS.find((known) => letters === `bg${KIND_LETTER[known]}${FORMAT_VERSION}`);
  if (kind === undefined) throw new CorruptPiece(`no piece of format ${FORMAT_VERSION}: wrong magic or format version`);
  return kind;
}

/** No bit operator: a length from a damaged header may be anything below 2^32, and sums of them must not wrap. */
const align = (n: number): number => Math.ceil(n / 8) * 8;

/** Joins sections into the bytes of a piece. */
export function writeSections(kind: PieceKind, sections: readonly ArrayBufferView[]): Uint8Array {
  const head = align(16 + 4 * sections.length);
  let length = head;
  for (const section of sections) length = align(length + section.byteLength);
  const bytes = new Uint8Array(length);
  const words = new Uint32Array(bytes.buffer, 0, head / 4);
  words[0] = magic(kind);
  words[1] = length;
  words[2] = sections.length;
  let at = head;
  sections.forEach((section, i) => {
    words[4 + i] = section.byteLength;
    bytes.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), at);
    at = align(at + section.byteLength);
  });
  return bytes;
}

/** Opened sections, handed out in the order in which they were written. */
export class SectionReader {
  readonly kind: PieceKind;
  readonly #bytes: Uint8Array;
  readonly #lengths: Uint32Array;
  #next = 0;
  #at: number;

  /** @throws CorruptPiece when header, lengths or padding are not exactly those of a piece with `count` sections */
  constructor(kind: PieceKind, bytes: Uint8Array, count: number) {
    this.kind = kind;
    // not `slice`: that of a Node Buffer copies nothing
    if (bytes.byteOffset % 8 !== 0) bytes = new Uint8Array(bytes);
    if (bytes.byteLength < 16) fail(kind, `${bytes.byteLength} bytes are too few`);
    const header = new Uint32Array(bytes.buffer, bytes.byteOffset, 4);
    if (header[0] !== magic(kind)) fail(kind, 'wrong magic or format version');
    if (header[1] !== bytes.byteLength) fail(kind, `length ${bytes.byteLength}, header says ${header[1]}`);
    if (header[2] !== count || header[3] !== 0) fail(kind, `${header[2]} sections, expected ${count}`);
    this.#at = align(16 + 4 * count);
    if (this.#at > bytes.byteLength) fail(kind, 'header is cut short');
    this.#lengths = new Uint32Array(bytes.buffer, bytes.byteOffset + 16, count);
    let end = this.#at;
    for (const length of this.#lengths) end = align(end + length);
    if (end !== bytes.byteLength) fail(kind, 'section lengths do not add up');
    this.#bytes = bytes;
    this.#checkPadding();
  }

  #checkPadding(): void {
    let end = 16 + this.#lengths.byteLength;
    let next = this.#at;
    for (let i = 0; ; i++) {
      for (let at = end; at < next; at++) if (this.#bytes[at] !== 0) fail(this.kind, `byte ${at} of the padding is not zero`);
      if (i === this.#lengths.length) return;
      end = next + this.#lengths[i]!;
      next = align(end);
    }
  }

  #take(bytesPerItem: number): { offset: number; items: number } {
    const length = this.#lengths[this.#next++]!;
    if (length % bytesPerItem !== 0) fail(this.kind, `section ${this.#next - 1} has ${length} bytes, not a multiple of ${bytesPerItem}`);
    const offset = this.#bytes.byteOffset + this.#at;
    this.#at = align(this.#at + length);
    return { offset, items: length / bytesPerItem };
  }

  u8(count?: number): Uint8Array {
    const { offset, items } = this.#take(1);
    return this.#counted(new Uint8Array(this.#bytes.buffer, offset, items), count);
  }

  u16(count?: number): Uint16Array {
    const { offset, items } = this.#take(2);
    return this.#counted(new Uint16Array(this.#bytes.buffer, offset, items), count);
  }

  u32(count?: number): Uint32Array {
    const { offset, items } = this.#take(4);
    return this.#counted(new Uint32Array(this.#bytes.buffer, offset, items), count);
  }

  f64(count?: number): Float64Array {
    const { offset, items } = this.#take(8);
    return this.#counted(new Float64Array(this.#bytes.buffer, offset, items), count);
  }

  #counted<A extends { readonly length: number }>(array: A, count: number | undefined): A {
    if (count !== undefined && array.length !== count)
      fail(this.kind, `section ${this.#next - 1} has ${array.length} items, expected ${count}`);
    return array;
  }
}

/** Refuses `starts` unless it begins with 0, never falls and ends with `total`: then `[starts[i], starts[i + 1])` are ranges. */
export function checkRanges(kind: PieceKind, what: string, starts: Uint32Array, total: number): void {
  if (starts[0] !== 0 || starts[starts.length - 1] !== total) fail(kind, `${what} do not span their items`);
  for (let i = 1; i < starts.length; i++) if (starts[i]! < starts[i - 1]!) fail(kind, `${what} fall at ${i}`);
}

/** Refuses `indices` unless all are below `limit`. */
export function checkBelow(kind: PieceKind, what: string, indices: ArrayLike<number>, limit: number): void {
  for (let i = 0; i < indices.length; i++) if (indices[i]! >= limit) fail(kind, `${what} ${i} is ${indices[i]}, limit ${limit}`);
}

/** Refuses a piece for a reason of its own. */
export function corrupt(kind: PieceKind, what: string): never {
  return fail(kind, what);
}
