/**
 * Finding a leaf by the two parts of a key. Keys of one type lie together, and ids of one type mostly begin alike: so four characters behind
 * what all have in common, packed into a number, nearly always decide. Where they don't, whole texts are compared.
 */
import { compareCodePoints } from '../sets/compare.ts';
import type { SoughtRef } from './sought-ref.ts';

const PACKED_CHARS = 4;
const NOT_PACKABLE = -1;

/** Position of the last text that is not above `key`, or -1; `texts` ascend by code point. */
export function lastUpTo(texts: readonly string[], key: string): number {
  let low = 0;
  let high = texts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareCodePoints(texts[middle]!, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The four characters from `at` on as one number that orders as they do; NOT_PACKABLE if one is no Latin-1 character. */
function pack(text: string, at: number): number {
  let packed = 0;
  for (let i = at; i < at + PACKED_CHARS; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 0;
    if (unit > 0xff) return NOT_PACKABLE;
    packed = packed * 256 + unit;
  }
  return packed;
}

/** The leaves whose first keys are of one type. */
export class TypeRange {
  readonly #from: number;
  readonly #ids: readonly string[];
  /** what all ids begin with */
  readonly #prefix: string;
  /** null when some id can't be packed */
  readonly #packed: Float64Array | null;

  /** @param from index of the first leaf with such a first key */
  constructor(from: number, ids: readonly string[]) {
    this.#from = from;
    this.#ids = ids;
    const first = ids[0]!;
    const last = ids.at(-1)!;
    let common = 0;
    while (common < first.length && first[common] === last[common]) common++;
    this.#prefix = first.slice(0, common);
    const packed = Float64Array.from(ids, (id) => pack(id, common));
    this.#packed = packed.includes(NOT_PACKABLE) ? null : packed;
  }

  /** The leaf that holds the id of this type if any does, or -1. */
  find(ref: SoughtRef): number {
    const { id } = ref;
    const packed = this.#packed;
    const prefix = this.#prefix;
    const wanted = packed === null ? NOT_PACKABLE : pack(id, prefix.length);
    if (packed === null || wanted === NOT_PACKABLE) return this.#from + lastUpTo(this.#ids, id);
    for (let i = 0; i < prefix.length; i++) if (id.charCodeAt(i) !== prefix.charCodeAt(i)) return this.#from + lastUpTo(this.#ids, id);
    let low = 0;
    let high = packed.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (packed[middle]! <= wanted) low = middle + 1;
      else high = middle;
    }
    if (low > 0 && packed[low - 1] === wanted) return this.#from + lastUpTo(this.#ids, id);
    return this.#from + low - 1;
  }
}

/** First keys by type, with what finds among them. Keys without a type (no colon) are in no range. */
export function typeRanges(firstKeys: readonly string[]): ReadonlyMap<string, TypeRange> {
  const ranges = new Map<string, TypeRange>();
  for (let from = 0; from < firstKeys.length; ) {
    const colon = firstKeys[from]!.indexOf(':');
    const type = firstKeys[from]!.slice(0, colon + 1);
    let end = from + 1;
    while (end < firstKeys.length && colon > 0 && firstKeys[end]!.startsWith(type)) end++;
    if (colon > 0)
      ranges.set(
        type.slice(0, -1),
        new TypeRange(
          from,
          firstKeys.slice(from, end).map((key) => key.slice(colon + 1)),
        ),
      );
    from = end;
  }
  return ranges;
}
