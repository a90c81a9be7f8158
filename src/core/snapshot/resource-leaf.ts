/** A resource leaf: registered resources in key order with parents, access, owners and properties. Read where it lies. */
import { compareCodePoints } from '../sets/compare.ts';
import { EntryTable, RECORD } from './entry-table.ts';
import type { ResourceEntry } from './model.ts';
import { findSorted, starts } from './principal-leaf.ts';
import { checkBelow, checkRanges, corrupt, type PieceKind, SectionReader, writeSections } from './sections.ts';
import { encodeTexts, TextList } from './string-table.ts';

const KIND: PieceKind = 'resources';
const SECTIONS = 16;

const RESTRICTED = 1;

/** columns of the keys' records */
export const PARENTS = 1;
const PARENT = 2;
const FLAGS = 3;

/** Bytes of a leaf of these entries, which must be in key order. */
export function encodeResourceLeaf(entries: readonly ResourceEntry[]): Uint8Array {
  const distinct = (texts: string[]): string[] => [...new Set(texts)].sort(compareCodePoints);
  const owners = entries.flatMap((entry) => entry.owners);
  const parents = distinct(entries.flatMap((entry) => entry.parents));
  const principals = distinct(owners.map((owner) => owner.principal));
  const kinds = distinct(owners.map((owner) => owner.kind));
  const index = (texts: readonly string[]): Map<string, number> => new Map(texts.map((text, i) => [text, i]));
  const parentIndex = index(parents);
  const principalIndex = index(principals);
  const kindIndex = index(kinds);
  const described = entries.flatMap((entry, i) => (entry.properties === '' ? [] : [i]));
  return writeSections(KIND, [
    ...encodeTexts(entries.map((entry) => entry.key)),
    Uint8Array.from(entries, (entry) => (entry.restricted ? RESTRICTED : 0)),
    ...encodeTexts(parents),
    starts(entries.map((entry) => entry.parents.length)),
    Uint32Array.from(entries.flatMap((entry) => entry.parents.map((parent) => parentIndex.get(parent)!))),
    ...encodeTexts(principals),
    ...encodeTexts(kinds),
    starts(entries.map((entry) => entry.owners.length)),
    Uint32Array.from(owners.flatMap((owner) => [principalIndex.get(owner.principal)!, kindIndex.get(owner.kind)!])),
    Uint32Array.from(described),
    ...encodeTexts(described.map((i) => entries[i]!.properties)),
  ]);
}

export class ResourceLeaf {
  readonly byteLength: number;
  /** columns: PARENTS, where they start, the only parent, and flags */
  readonly keys: EntryTable;
  readonly parents: TextList;
  readonly parentStarts: Uint32Array;
  readonly parentItems: Uint32Array;
  readonly owners: TextList;
  readonly kinds: TextList;
  readonly ownerStarts: Uint32Array;
  /** pairs: index into `owners`, index into `kinds` */
  readonly ownerItems: Uint32Array;
  readonly #described: Uint32Array;
  readonly #properties: TextList;

  /** @throws CorruptPiece when the bytes are not a resource leaf in every detail that reading relies on */
  constructor(bytes: Uint8Array) {
    const reader = new SectionReader(KIND, bytes, SECTIONS);
    this.byteLength = bytes.byteLength;
    this.keys = new EntryTable(KIND, reader);
    const count = this.keys.count;
    const flags = reader.u8(count);
    this.parents = new TextList(KIND, reader);
    this.parentStarts = reader.u32(count + 1);
    this.parentItems = reader.u32();
    this.owners = new TextList(KIND, reader);
    this.kinds = new TextList(KIND, reader);
    this.ownerStarts = reader.u32(count + 1);
    this.ownerItems = reader.u32();
    this.#described = reader.u32();
    this.#properties = new TextList(KIND, reader);
    checkRanges(KIND, 'parents', this.parentStarts, this.parentItems.length);
    checkRanges(KIND, 'owners', this.ownerStarts, this.ownerItems.length / 2);
    checkBelow(KIND, 'parent', this.parentItems, this.parents.count);
    checkBelow(KIND, 'described resource', this.#described, count);
    for (let i = 0; i < this.ownerItems.length; i++) {
      if (this.ownerItems[i]! >= (i % 2 === 0 ? this.owners.count : this.kinds.count)) corrupt(KIND, 'an owner is unknown');
    }
    for (let i = 1; i < this.#described.length; i++)
      if (this.#described[i]! <= this.#described[i - 1]!) corrupt(KIND, 'indices are not ascending');
    if (this.#properties.count !== this.#described.length) corrupt(KIND, 'properties do not match their resources');
    this.keys.fill(PARENTS, this.parentStarts);
    this.keys.fill(
      PARENT,
      Int32Array.from({ length: count }, (_, i) => this.#findOnlyParent(i)),
    );
    this.keys.fill(FLAGS, flags);
  }

  #findOnlyParent(entry: number): number {
    const start = this.parentStarts[entry]!;
    return this.parentStarts[entry + 1]! === start + 1 ? this.parentItems[start]! : -1;
  }

  restricted(entry: number): boolean {
    return (this.keys.records[entry * RECORD + FLAGS]! & RESTRICTED) !== 0;
  }

  /** Index of the entry's parent among the leaf's parents when it has exactly one, else -1. */
  onlyParent(entry: number): number {
    return this.keys.records[entry * RECORD + PARENT]!;
  }

  hasParents(entry: number): boolean {
    const { records } = this.keys;
    return records[entry * RECORD + PARENTS]! < records[entry * RECORD + RECORD + PARENTS]!;
  }

  /** Canonical JSON of the entry's properties, `''` for none. */
  properties(entry: number): string {
    const at = findSorted(this.#described, entry);
    return at < 0 ? '' : this.#properties.get(at);
  }

  /** Entry i again, complete. */
  entry(i: number): ResourceEntry {
    const owners = [];
    for (let o = this.ownerStarts[i]!; o < this.ownerStarts[i + 1]!; o++) {
      owners.push({ principal: this.owners.get(this.ownerItems[o * 2]!), kind: this.kinds.get(this.ownerItems[o * 2 + 1]!) });
    }
    return {
      key: this.keys.get(i),
      restricted: this.restricted(i),
      parents: [...this.parentItems.subarray(this.parentStarts[i]!, this.parentStarts[i + 1]!)].map((parent) => this.parents.get(parent)),
      owners,
      properties: this.properties(i),
    };
  }
}
