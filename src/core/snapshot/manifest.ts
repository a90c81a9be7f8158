/**
 * The manifest piece: one revision of one organization. It names the catalog and every leaf by the hash of its bytes.
 * A directory is ordered: leaf i holds exactly the keys k with firstKey(i) ≤ k < firstKey(i + 1).
 */
import { compareCodePoints } from '../sets/compare.ts';
import { corrupt, type PieceKind, SectionReader, writeSections } from './sections.ts';
import type { SoughtRef } from './sought-ref.ts';
import { encodeTexts, TextList } from './string-table.ts';
import { lastUpTo, type TypeRange, typeRanges } from './type-range.ts';

const KIND: PieceKind = 'manifest';
const SECTIONS = 25;
const HASH_BYTES = 32;
/** 1: directories name leaves. A second level, whose directories name directories, is 2 and not written yet. */
const LEVELS = 1;

export const LEAF_KINDS = ['principals', 'resources', 'keys'] as const;
export type LeafKind = (typeof LEAF_KINDS)[number];

/** A leaf as its directory knows it. */
export interface LeafRecord {
  readonly firstKey: string;
  /** SHA-256 of its bytes, 64 hex digits: the name it is stored under */
  readonly hash: string;
  /** length in bytes */
  readonly bytes: number;
  /** sum of its entries' weights: what decides where leaves are cut */
  readonly weight: number;
  /** highest priority among its keys but the first, 0 if it has one key alone */
  readonly top: number;
}

export interface ManifestModel {
  readonly organization: string;
  readonly revision: number;
  readonly catalog: { readonly hash: string; readonly bytes: number };
  /** reserved groups that hold anything, sorted: a check looks only these up */
  readonly reserved: readonly string[];
  readonly leaves: Readonly<Record<LeafKind, readonly LeafRecord[]>>;
}

/** Bytes of the manifest piece of a model. */
export function encodeManifest(model: ManifestModel): Uint8Array {
  return writeSections(KIND, [
    Float64Array.of(model.revision),
    Uint32Array.of(LEVELS, model.catalog.bytes),
    ...encodeTexts([model.organization]),
    hashBytes([model.catalog.hash]),
    ...encodeTexts([...model.reserved].sort(compareCodePoints)),
    ...LEAF_KINDS.flatMap((kind) => {
      const records = model.leaves[kind];
      return [
        ...encodeTexts(records.map((record) => record.firstKey)),
        hashBytes(records.map((record) => record.hash)),
        Uint32Array.from(records, (record) => record.bytes),
        Uint32Array.from(records, (record) => record.weight),
        Uint32Array.from(records, (record) => record.top),
      ];
    }),
  ]);
}

/** A digit's value, `0` … `9`, `a` … `f`. */
const nibble = (code: number): number => (code < 58 ? code - 48 : code - 87);

function hashBytes(hashes: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  let at = 0;
  for (const hash of hashes) {
    for (let k = 0; k < 2 * HASH_BYTES; k += 2) bytes[at++] = (nibble(hash.charCodeAt(k)) << 4) | nibble(hash.charCodeAt(k + 1));
  }
  return bytes;
}

const HEX = Array.from({ length: 256 }, (_, byte) => (byte + 0x100).toString(16).slice(1));

function hexAt(bytes: Uint8Array, i: number): string {
  let text = '';
  for (let k = i * HASH_BYTES; k < (i + 1) * HASH_BYTES; k++) text += HEX[bytes[k]!];
  return text;
}

/** The leaves of one kind, in key order. */
export class Directory {
  readonly kind: LeafKind;
  readonly count: number;
  readonly #firstKeys: readonly string[];
  /** where the first keys of each type lie */
  readonly #types: ReadonlyMap<string, TypeRange>;
  #lastType = '';
  #lastRange: TypeRange | undefined;
  readonly #hashes: Uint8Array;
  readonly #bytes: Uint32Array;
  readonly #weights: Uint32Array;
  readonly #tops: Uint32Array;

  constructor(kind: LeafKind, reader: SectionReader) {
    this.kind = kind;
    const keys = new TextList(KIND, reader);
    this.count = keys.count;
    this.#firstKeys = Array.from({ length: keys.count }, (_, i) => keys.get(i));
    this.#hashes = reader.u8(keys.count * HASH_BYTES);
    this.#bytes = reader.u32(keys.count);
    this.#weights = reader.u32(keys.count);
    this.#tops = reader.u32(keys.count);
    for (let i = 1; i < this.count; i++) {
      if (compareCodePoints(this.#firstKeys[i - 1]!, this.#firstKeys[i]!) >= 0)
        corrupt(KIND, `first keys ${i - 1} and ${i} are out of order`);
    }
    this.#types = typeRanges(this.#firstKeys);
    this.#lastRange = this.#types.get('');
  }

  /** The leaf that holds `key` if any does, or -1. */
  find(key: string): number {
    return lastUpTo(this.#firstKeys, key);
  }

  /** The same. Of a directory with one leaf always that one, also for a key below its first. */
  findRef(ref: SoughtRef): number {
    // Most organizations are this small: the one leaf says itself what it doesn't hold.
    if (this.count === 1) return 0;
    // Asked again and again about few types.
    const { type } = ref;
    if (type !== this.#lastType) {
      this.#lastRange = this.#types.get(type);
      this.#lastType = type;
    }
    const range = this.#lastRange;
    return range === undefined ? this.find(`${type}:${ref.id}`) : range.find(ref);
  }

  firstKey(leaf: number): string {
    return this.#firstKeys[leaf]!;
  }

  hash(leaf: number): string {
    return hexAt(this.#hashes, leaf);
  }

  bytes(leaf: number): number {
    return this.#bytes[leaf]!;
  }

  record(leaf: number): LeafRecord {
    return {
      firstKey: this.#firstKeys[leaf]!,
      hash: this.hash(leaf),
      bytes: this.#bytes[leaf]!,
      weight: this.#weights[leaf]!,
      top: this.#tops[leaf]!,
    };
  }

  records(): LeafRecord[] {
    return Array.from({ length: this.count }, (_, i) => this.record(i));
  }
}

export class Manifest {
  readonly byteLength: number;
  readonly organization: string;
  readonly revision: number;
  readonly catalogHash: string;
  readonly catalogBytes: number;
  readonly reserved: readonly string[];
  readonly directories: Readonly<Record<LeafKind, Directory>>;

  /** @throws CorruptPiece when the bytes are not a manifest */
  constructor(bytes: Uint8Array) {
    const reader = new SectionReader(KIND, bytes, SECTIONS);
    this.byteLength = bytes.byteLength;
    this.revision = reader.f64(1)[0]!;
    if (!Number.isSafeInteger(this.revision) || this.revision < 0) corrupt(KIND, 'the revision is no whole number');
    const meta = reader.u32(2);
    if (meta[0] !== LEVELS) corrupt(KIND, `${meta[0]} levels`);
    this.catalogBytes = meta[1]!;
    const organization = new TextList(KIND, reader);
    if (organization.count !== 1) corrupt(KIND, 'not one organization');
    this.organization = organization.get(0);
    this.catalogHash = hexAt(reader.u8(HASH_BYTES), 0);
    const reserved = new TextList(KIND, reader);
    this.reserved = Array.from({ length: reserved.count }, (_, i) => reserved.get(i));
    this.directories = {
      principals: new Directory('principals', reader),
      resources: new Directory('resources', reader),
      keys: new Directory('keys', reader),
    };
  }

  model(): ManifestModel {
    return {
      organization: this.organization,
      revision: this.revision,
      catalog: { hash: this.catalogHash, bytes: this.catalogBytes },
      reserved: this.reserved,
      leaves: {
        principals: this.directories.principals.records(),
        resources: this.directories.resources.records(),
        keys: this.directories.keys.records(),
      },
    };
  }

  /** Hash of every piece that this revision is made of, catalog first. */
  pieces(): string[] {
    return [this.catalogHash, ...LEAF_KINDS.flatMap((kind) => this.directories[kind].records().map((record) => record.hash))];
  }
}
