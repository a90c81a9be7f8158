/** A key leaf: API keys in the order of their ids, with hash, state and end. Enough to verify a token without the database. */
import type { KeyEntry } from './model.ts';
import { checkBelow, corrupt, type PieceKind, SectionReader, writeSections } from './sections.ts';
import { encodeTexts, StringTable, TextList } from './string-table.ts';

const KIND: PieceKind = 'keys';
const SECTIONS = 9;
const HASH_BYTES = 32;

const DISABLED = 1;
const FORWARD_AUTH = ['', 'nginx', 'forwarded', 'envoy'] as const;

/** Bytes of a leaf of these entries, which must be in key order. */
export function encodeKeyLeaf(entries: readonly KeyEntry[]): Uint8Array {
  return writeSections(KIND, [
    ...encodeTexts(entries.map((entry) => entry.key)),
    Uint8Array.from(entries, (entry) => (entry.disabled ? DISABLED : 0)),
    Uint8Array.from(entries, (entry) => FORWARD_AUTH.indexOf(entry.forwardAuth)),
    Uint8Array.from(entries.flatMap((entry) => [...hexBytes(entry.hash)])),
    Uint8Array.from(entries.flatMap((entry) => [...hexBytes(entry.previousHash ?? '00'.repeat(HASH_BYTES))])),
    // two times a key: end of the previous hash (-Infinity: there is none), end of the key (Infinity: never)
    Float64Array.from(
      entries.flatMap((entry) => [
        entry.previousHash === null ? -Infinity : (entry.previousUntil ?? Infinity),
        entry.expiresAt ?? Infinity,
      ]),
    ),
    ...encodeTexts(entries.map((entry) => entry.project)),
  ]);
}

export class KeyLeaf {
  readonly byteLength: number;
  readonly keys: StringTable;
  readonly #flags: Uint8Array;
  readonly #forwardAuth: Uint8Array;
  readonly #hashes: Uint8Array;
  readonly #previous: Uint8Array;
  readonly #times: Float64Array;
  readonly #projects: TextList;
  readonly #found = new Map<number, KeyEntry>();

  /** @throws CorruptPiece when the bytes are not a key leaf in every detail that reading relies on */
  constructor(bytes: Uint8Array) {
    const reader = new SectionReader(KIND, bytes, SECTIONS);
    this.byteLength = bytes.byteLength;
    this.keys = new StringTable(KIND, reader);
    const count = this.keys.count;
    this.#flags = reader.u8(count);
    this.#forwardAuth = reader.u8(count);
    this.#hashes = reader.u8(count * HASH_BYTES);
    this.#previous = reader.u8(count * HASH_BYTES);
    this.#times = reader.f64(count * 2);
    this.#projects = new TextList(KIND, reader);
    if (this.#projects.count !== count) corrupt(KIND, 'projects do not match their keys');
    checkBelow(KIND, 'forward-auth family', this.#forwardAuth, FORWARD_AUTH.length);
    for (const time of this.#times) if (Number.isNaN(time)) corrupt(KIND, 'an end is no time');
  }

  /** The key of this id, complete; undefined when there is none. */
  find(id: string): KeyEntry | undefined {
    const i = this.keys.indexOf(id);
    if (i < 0) return undefined;
    // A key asks again and again: its entry is read once.
    const entry = this.#found.get(i) ?? this.entry(i);
    this.#found.set(i, entry);
    return entry;
  }

  /** Entry i again, complete. */
  entry(i: number): KeyEntry {
    const previousEnd = this.#times[i * 2]!;
    const end = this.#times[i * 2 + 1]!;
    const hex = (bytes: Uint8Array): string => {
      let text = '';
      for (const byte of bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)) text += byte.toString(16).padStart(2, '0');
      return text;
    };
    return {
      key: this.keys.get(i),
      hash: hex(this.#hashes),
      previousHash: previousEnd === -Infinity ? null : hex(this.#previous),
      previousUntil: Number.isFinite(previousEnd) ? previousEnd : null,
      disabled: (this.#flags[i]! & DISABLED) !== 0,
      expiresAt: Number.isFinite(end) ? end : null,
      project: this.#projects.get(i),
      forwardAuth: FORWARD_AUTH[this.#forwardAuth[i]!]!,
    };
  }
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}
