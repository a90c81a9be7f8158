/**
 * A principal leaf: subjects and groups in key order with what they hold directly. Read where it lies.
 * Roles, policies, groups and scopes are named by text in the leaf's own dictionaries, so that a leaf depends on no other piece.
 */
import { compareCodePoints } from '../sets/compare.ts';
import { ORG_SCOPE } from '../terms/ref.ts';
import { EntryTable, RECORD } from './entry-table.ts';
import type { GrantModel, PrincipalEntry } from './model.ts';
import { checkBelow, checkRanges, corrupt, type PieceKind, SectionReader, writeSections } from './sections.ts';
import { encodeTexts, StringTable, TextList } from './string-table.ts';

const KIND: PieceKind = 'principals';
const SECTIONS = 22;

const REGISTERED = 1;
const SUSPENDED = 2;
/** in memory alone: the entry has an end */
const ENDING = 4;

/** columns of the keys' records */
export const GRANTS = 1;
export const GROUPS = 2;
const FLAGS = 3;

/** Bytes of a leaf of these entries, which must be in key order. */
export function encodePrincipalLeaf(entries: readonly PrincipalEntry[]): Uint8Array {
  const grants = entries.flatMap((entry) => entry.grants);
  const targets = sortedDistinct(grants.map((grant) => grant.target));
  const scopes = sortedDistinct(grants.map((grant) => grant.scope));
  const groups = sortedDistinct(entries.flatMap((entry) => entry.groups));
  const targetIndex = indexMap(targets);
  const scopeIndex = indexMap(scopes);
  const groupIndex = indexMap(groups);
  const wide = targets.length > 0xffff || scopes.length > 0xffff || groups.length > 0xffff;
  const numbers = (items: number[]): ArrayBufferView => (wide ? Uint32Array.from(items) : Uint16Array.from(items));
  const windowed = grants.flatMap((grant, i) => (grant.notBefore !== null || grant.expiresAt !== null ? [i] : []));
  const ending = entries.flatMap((entry, i) => (entry.suspendedFrom === null ? [] : [i]));
  const described = entries.flatMap((entry, i) => (entry.properties === '' ? [] : [i]));
  return writeSections(KIND, [
    Uint32Array.of(wide ? 1 : 0),
    ...encodeTexts(entries.map((entry) => entry.key)),
    Uint8Array.from(entries, (entry) => (entry.registered ? REGISTERED : 0) | (entry.suspended ? SUSPENDED : 0)),
    ...encodeTexts(targets),
    ...encodeTexts(scopes),
    ...encodeTexts(groups),
    starts(entries.map((entry) => entry.grants.length)),
    numbers(grants.map((grant) => scopeIndex.get(grant.scope)!)),
    numbers(grants.map((grant) => targetIndex.get(grant.target)!)),
    Uint32Array.from(windowed),
    Float64Array.from(windowed.flatMap((i) => [grants[i]!.notBefore ?? -Infinity, grants[i]!.expiresAt ?? Infinity])),
    starts(entries.map((entry) => entry.groups.length)),
    numbers(entries.flatMap((entry) => entry.groups.map((group) => groupIndex.get(group)!))),
    Uint32Array.from(ending),
    Float64Array.from(ending, (i) => entries[i]!.suspendedFrom!),
    Uint32Array.from(described),
    ...encodeTexts(described.map((i) => entries[i]!.properties)),
  ]);
}

function sortedDistinct(texts: string[]): string[] {
  return [...new Set(texts)].sort(compareCodePoints);
}

function indexMap(texts: readonly string[]): Map<string, number> {
  return new Map(texts.map((text, i) => [text, i]));
}

/** Starts of consecutive ranges with these lengths, and the end of the last. */
export function starts(lengths: readonly number[]): Uint32Array {
  const result = new Uint32Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    result[i + 1] = result[i]! + length;
  });
  return result;
}

/** Position of `item` in an ascending array, or -1. */
export function findSorted(items: Uint32Array, item: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (items[middle]! < item) low = middle + 1;
    else high = middle;
  }
  return items[low] === item ? low : -1;
}

export class PrincipalLeaf {
  readonly byteLength: number;
  /** columns: GRANTS and GROUPS, where they start, and flags */
  readonly keys: EntryTable;
  readonly targets: TextList;
  readonly scopes: StringTable;
  readonly groups: TextList;
  /** index of `org` among the scopes, -1 when nothing is granted there */
  readonly orgScope: number;
  readonly grantStarts: Uint32Array;
  /** scope index of each grant; ascending within an entry */
  readonly grantScopes: Uint16Array | Uint32Array;
  readonly grantTargets: Uint16Array | Uint32Array;
  readonly groupStarts: Uint32Array;
  readonly groupItems: Uint16Array | Uint32Array;
  readonly hasWindows: boolean;
  readonly #windowed: Uint32Array;
  readonly #windows: Float64Array;
  readonly #ending: Uint32Array;
  readonly #endings: Float64Array;
  readonly #described: Uint32Array;
  readonly #properties: TextList;

  /** @throws CorruptPiece when the bytes are not a principal leaf in every detail that reading relies on */
  constructor(bytes: Uint8Array) {
    const reader = new SectionReader(KIND, bytes, SECTIONS);
    this.byteLength = bytes.byteLength;
    const wide = reader.u32(1)[0];
    if (wide !== 0 && wide !== 1) corrupt(KIND, 'unknown number width');
    const numbers = (): Uint16Array | Uint32Array => (wide ? reader.u32() : reader.u16());
    this.keys = new EntryTable(KIND, reader);
    const count = this.keys.count;
    const flags = reader.u8(count);
    this.targets = new TextList(KIND, reader);
    this.scopes = new StringTable(KIND, reader);
    this.groups = new TextList(KIND, reader);
    this.grantStarts = reader.u32(count + 1);
    this.grantScopes = numbers();
    this.grantTargets = numbers();
    this.#windowed = reader.u32();
    this.#windows = reader.f64(this.#windowed.length * 2);
    this.groupStarts = reader.u32(count + 1);
    this.groupItems = numbers();
    this.#ending = reader.u32();
    this.#endings = reader.f64(this.#ending.length);
    this.#described = reader.u32();
    this.#properties = new TextList(KIND, reader);
    this.#check();
    this.keys.fill(GRANTS, this.grantStarts);
    this.keys.fill(GROUPS, this.groupStarts);
    this.keys.fill(FLAGS, flags);
    for (const entry of this.#ending) this.keys.records[entry * RECORD + FLAGS]! |= ENDING;
    this.hasWindows = this.#windowed.length > 0;
    this.orgScope = this.scopes.indexOf(ORG_SCOPE);
  }

  #check(): void {
    const grants = this.grantScopes.length;
    if (this.grantTargets.length !== grants) corrupt(KIND, 'grants have no targets');
    checkRanges(KIND, 'grants', this.grantStarts, grants);
    checkRanges(KIND, 'groups', this.groupStarts, this.groupItems.length);
    checkBelow(KIND, 'scope of grant', this.grantScopes, this.scopes.count);
    checkBelow(KIND, 'target of grant', this.grantTargets, this.targets.count);
    checkBelow(KIND, 'group', this.groupItems, this.groups.count);
    checkBelow(KIND, 'windowed grant', this.#windowed, grants);
    checkBelow(KIND, 'ending principal', this.#ending, this.keys.count);
    checkBelow(KIND, 'described principal', this.#described, this.keys.count);
    if (this.#properties.count !== this.#described.length) corrupt(KIND, 'properties do not match their principals');
    for (const ascending of [this.#windowed, this.#ending, this.#described]) {
      for (let i = 1; i < ascending.length; i++) if (ascending[i]! <= ascending[i - 1]!) corrupt(KIND, 'indices are not ascending');
    }
    for (let entry = 0; entry < this.keys.count; entry++) {
      for (let i = this.grantStarts[entry]! + 1; i < this.grantStarts[entry + 1]!; i++) {
        if (this.grantScopes[i]! < this.grantScopes[i - 1]!) corrupt(KIND, `grants of entry ${entry} are not in the order of their scopes`);
      }
    }
    for (const time of this.#windows) if (Number.isNaN(time)) corrupt(KIND, 'a window is no time');
    for (const time of this.#endings) if (Number.isNaN(time)) corrupt(KIND, 'an end is no time');
  }

  registered(entry: number): boolean {
    return (this.#flags(entry) & REGISTERED) !== 0;
  }

  suspendedAt(entry: number, now: number): boolean {
    const flags = this.#flags(entry);
    if ((flags & (SUSPENDED | ENDING)) === 0) return false;
    return (flags & SUSPENDED) !== 0 || this.#endings[findSorted(this.#ending, entry)]! <= now;
  }

  #flags(entry: number): number {
    return this.keys.records[entry * RECORD + FLAGS]!;
  }

  /** 0 when `now` lies in the grant's window, -1 when it has not begun, 1 when it is over. */
  windowAt(grant: number, now: number): -1 | 0 | 1 {
    const at = findSorted(this.#windowed, grant);
    if (at < 0) return 0;
    if (now < this.#windows[at * 2]!) return -1;
    return now < this.#windows[at * 2 + 1]! ? 0 : 1;
  }

  /** The grant's window, ms: from (included) and until (excluded); infinite where there is no bound. */
  windowOf(grant: number): readonly [number, number] {
    const at = findSorted(this.#windowed, grant);
    return at < 0 ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : [this.#windows[at * 2]!, this.#windows[at * 2 + 1]!];
  }

  /** Canonical JSON of the entry's properties, `''` for none. */
  properties(entry: number): string {
    const at = findSorted(this.#described, entry);
    return at < 0 ? '' : this.#properties.get(at);
  }

  /** Entry i again, complete. */
  entry(i: number): PrincipalEntry {
    const bound = (time: number): number | null => (Number.isFinite(time) ? time : null);
    const grants: GrantModel[] = [];
    for (let g = this.grantStarts[i]!; g < this.grantStarts[i + 1]!; g++) {
      const at = findSorted(this.#windowed, g);
      grants.push({
        target: this.targets.get(this.grantTargets[g]!),
        scope: this.scopes.get(this.grantScopes[g]!),
        notBefore: at < 0 ? null : bound(this.#windows[at * 2]!),
        expiresAt: at < 0 ? null : bound(this.#windows[at * 2 + 1]!),
      });
    }
    const ending = findSorted(this.#ending, i);
    return {
      key: this.keys.get(i),
      registered: this.registered(i),
      suspended: (this.#flags(i) & SUSPENDED) !== 0,
      suspendedFrom: ending < 0 ? null : this.#endings[ending]!,
      grants,
      groups: [...this.groupItems.subarray(this.groupStarts[i]!, this.groupStarts[i + 1]!)].map((group) => this.groups.get(group)),
      properties: this.properties(i),
    };
  }
}
