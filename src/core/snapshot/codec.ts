/** The three kinds of leaves behind one interface: what cutting, publishing and checking need of them. */

import { encodeKeyLeaf, KeyLeaf } from './key-leaf.ts';
import type { LeafKind } from './manifest.ts';
import type { KeyEntry, PrincipalEntry, ResourceEntry } from './model.ts';
import { encodePrincipalLeaf, PrincipalLeaf } from './principal-leaf.ts';
import { encodeResourceLeaf, ResourceLeaf } from './resource-leaf.ts';

export interface Entries {
  principals: PrincipalEntry;
  resources: ResourceEntry;
  keys: KeyEntry;
}

export interface LeafCodec<Entry> {
  /** what an entry counts for when leaves are cut; a function of the entry alone, near its bytes */
  weight(entry: Entry): number;
  encode(entries: readonly Entry[]): Uint8Array;
  /** @throws CorruptPiece */
  decode(bytes: Uint8Array): Entry[];
  /** How many entries a leaf has, opened and checked in all that reading relies on. @throws CorruptPiece */
  count(bytes: Uint8Array): number;
}

/** An entry's fixed columns. */
const BASE = 16;

export const CODECS: { readonly [K in LeafKind]: LeafCodec<Entries[K]> } = {
  principals: {
    weight(entry) {
      let weight = BASE + entry.key.length + 8 * entry.groups.length + entry.properties.length;
      for (const grant of entry.grants) weight += 8 + grant.scope.length + (grant.notBefore === null && grant.expiresAt === null ? 0 : 20);
      return weight;
    },
    encode: encodePrincipalLeaf,
    decode(bytes) {
      const leaf = new PrincipalLeaf(bytes);
      return Array.from({ length: leaf.keys.count }, (_, i) => leaf.entry(i));
    },
    count: (bytes) => new PrincipalLeaf(bytes).keys.count,
  },
  resources: {
    weight(entry) {
      let weight = BASE + entry.key.length + entry.properties.length;
      for (const parent of entry.parents) weight += 8 + parent.length;
      for (const owner of entry.owners) weight += 16 + owner.principal.length + owner.kind.length;
      return weight;
    },
    encode: encodeResourceLeaf,
    decode(bytes) {
      const leaf = new ResourceLeaf(bytes);
      return Array.from({ length: leaf.keys.count }, (_, i) => leaf.entry(i));
    },
    count: (bytes) => new ResourceLeaf(bytes).keys.count,
  },
  keys: {
    weight: (entry) => 96 + entry.key.length + entry.project.length,
    encode: encodeKeyLeaf,
    decode(bytes) {
      const leaf = new KeyLeaf(bytes);
      return Array.from({ length: leaf.keys.count }, (_, i) => leaf.entry(i));
    },
    count: (bytes) => new KeyLeaf(bytes).keys.count,
  },
};
