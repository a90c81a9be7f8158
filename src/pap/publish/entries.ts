/** Rows of some keys → leaf entries, whichever kind; problems are placed by key, and what can't be published is thrown. */
import { type KnownIds, keyEntries, principalEntries, resourceEntries } from '../../core/compile/entries.ts';
import type { Catalog } from '../../core/snapshot/catalog.ts';
import type { Entries } from '../../core/snapshot/codec.ts';
import type { LeafKind } from '../../core/snapshot/manifest.ts';
import type { Problem } from '../../core/terms/problem.ts';
import { isReservedGroup } from '../../core/terms/ref.ts';
import type { ApiKeyRow, PrincipalRows, ResourceRows } from '../../core/terms/rows.ts';
import type { DraftProblems } from './draft.ts';

export interface KindRows {
  principals: PrincipalRows;
  resources: ResourceRows;
  keys: readonly ApiKeyRow[];
}

/** What entries are checked against, read from an opened catalog. */
export function knownOf(catalog: Catalog): KnownIds {
  const ids = (table: { readonly count: number; get(i: number): string }): Set<string> =>
    new Set(Array.from({ length: table.count }, (_, i) => table.get(i)));
  return {
    roles: ids(catalog.roles),
    policies: ids(catalog.policies),
    groups: ids(catalog.groups),
    deniesNothing: (id) => catalog.deniesNothing(catalog.target(id)),
  };
}

interface Compiled<Entry> {
  readonly entries: readonly (Entry | null)[];
  readonly problems: readonly Problem[];
  readonly fatal: readonly Problem[];
}

const COMPILE: { readonly [K in LeafKind]: (keys: readonly string[], rows: KindRows[K], known: KnownIds) => Compiled<Entries[K]> } = {
  principals: principalEntries,
  resources: (keys, rows) => resourceEntries(keys, rows),
  keys: (keys, rows) => keyEntries(keys, rows),
};

/** Entries aligned with `keys`; null where nothing is stored for a key any more. What was left out, and what can't be published, by key. */
export function compileKeys<K extends LeafKind>(
  kind: K,
  keys: readonly string[],
  rows: KindRows[K],
  known: KnownIds,
): { readonly entries: readonly (Entries[K] | null)[]; readonly placed: readonly DraftProblems[] } {
  const { entries, problems, fatal } = COMPILE[kind](keys, rows, known);
  const placed: DraftProblems[] = [];
  if (problems.length > 0) place(kind, keys, rows, known, 'problems', problems, placed);
  if (fatal.length > 0) place(kind, keys, rows, known, 'fatal', fatal, placed);
  return { entries, placed };
}

/** Whose problem it is: keys are halved, and halves without problems left alone, until each problem lies with one key. */
function place<K extends LeafKind>(
  kind: K,
  keys: readonly string[],
  rows: KindRows[K],
  known: KnownIds,
  which: 'problems' | 'fatal',
  found: readonly Problem[],
  placed: DraftProblems[],
): void {
  if (found.length === 0) return;
  if (keys.length === 1) {
    placed.push({ area: kind, key: keys[0]!, problems: found, ...(which === 'fatal' ? { fatal: true } : {}) });
    return;
  }
  const middle = keys.length >> 1;
  for (const half of [keys.slice(0, middle), keys.slice(middle)]) {
    place(kind, half, rows, known, which, COMPILE[kind](half, rows, known)[which], placed);
  }
}

/** Keeps the list of reserved groups that hold anything. */
export function noteReserved(kind: LeafKind, keys: readonly string[], entries: readonly unknown[], reserved: Set<string>): void {
  if (kind !== 'principals') return;
  keys.forEach((key, i) => {
    if (!isReservedGroup(key)) return;
    if (entries[i] === null) reserved.delete(key);
    else reserved.add(key);
  });
}
