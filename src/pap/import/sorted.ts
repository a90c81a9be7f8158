/** The lines of a chunk by kind and number; of two about the same thing the later one counts. */
import { foldName } from '../manifest/name-index.ts';
import { type Item, type ItemLine, type ItemOf, KINDS, type Kind } from './items.ts';

export type ChunkLines = { readonly [K in Kind]: ReadonlyMap<number, ItemOf<K>> };

/** @returns also how many lines of each kind were overtaken by a later one */
export function sortLines(lines: readonly ItemLine[]): { readonly lines: ChunkLines; readonly overtaken: ReadonlyMap<Kind, number> } {
  const sorted = Object.fromEntries(KINDS.map((kind) => [kind, new Map<number, Item>()]));
  const overtaken = new Map<Kind, number>();
  const seen = new Map<string, number>();
  for (const { line, item } of lines) {
    const key = keyOf(item);
    const before = key === null ? undefined : seen.get(key);
    if (before !== undefined && sorted[item.kind]?.delete(before)) overtaken.set(item.kind, (overtaken.get(item.kind) ?? 0) + 1);
    if (key !== null) seen.set(key, line);
    sorted[item.kind]?.set(line, item);
  }
  return { lines: sorted as unknown as ChunkLines, overtaken }; // each kind got its own items
}

/** What a line is about; null where that needs names to be looked up. */
function keyOf(item: ItemLine['item']): string | null {
  switch (item.kind) {
    case 'privilege':
      return JSON.stringify([item.kind, item.name, item.levels?.length === 1 ? item.levels[0] : 'both']);
    case 'policy':
    case 'role':
      return JSON.stringify([item.kind, item.project ?? '', foldName(item.name)]);
    case 'group':
      return JSON.stringify([item.kind, foldName(item.name)]);
    case 'project':
      return JSON.stringify([item.kind, item.id]);
    case 'subject':
    case 'resource':
      return JSON.stringify([item.kind, item.type, item.id]);
    case 'route':
      return JSON.stringify([item.kind, item.position]);
    case 'settings':
      return item.kind;
    case 'membership':
    case 'assignment':
      return null;
  }
}
