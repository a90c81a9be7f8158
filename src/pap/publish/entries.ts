/** Rows of some keys → leaf entries, whichever kind; problems are placed by key, and what can't be published is thrown. */
import { type KnownIds, keyEntries, principalEntries, resourceEntries } from '../../core/compile/entries.ts';
import type { Catalog } from '../../core/snapshot/catalog.ts';
import type { Entries } from '../../core/snapshot/codec.ts';
import type { LeafKind } from '../../core/snapshot/manifest.ts';
import type { Problem } from '../../core/terms/problem.ts';
import type { ApiKeyRow, PrincipalRows, ResourceRows } from '../../core/terms/rows.ts';
import { type PlacedProblems, Unpublishable } from './ports.ts';

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

/**
 * Entries aligned with `keys`; null where nothing is stored for a key any more.
 * @throws Unpublishable
 */
export function compileKeys<K extends LeafKind>(
  kind: K,
  keys: readonly string[],
  rows: KindRows[K],
  known: KnownIds,
  problems: PlacedProblems[],
): readonly (Entries[K] | null)[] {
  const compiled = COMPILE[kind](keys, rows, known);
  if (compiled.fatal.length > 0) throw new Unpublishable(compiled.fatal);
  if (compiled.problems.length > 0) {
    // Seldom: to know whose problem it is, each key is read on its own.
    keys.forEach((key) => {
      const own = COMPILE[kind]([key], rows, known).problems;
      if (own.length > 0) problems.push({ area: kind, key, problems: own });
    });
  }
  return compiled.entries;
}
