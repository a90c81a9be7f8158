/** The three kinds of leaves, as the cache holds them and a snapshot refers to them. */
import { KeyLeaf } from '../core/snapshot/key-leaf.ts';
import type { LeafKind } from '../core/snapshot/manifest.ts';
import { PrincipalLeaf } from '../core/snapshot/principal-leaf.ts';
import { ResourceLeaf } from '../core/snapshot/resource-leaf.ts';
import { type LeafRef, ResidentPrincipals, ResidentResources, type Snapshot } from '../core/snapshot/snapshot.ts';

export type ResidentLeaf =
  | { readonly kind: 'principals'; readonly resident: ResidentPrincipals }
  | { readonly kind: 'resources'; readonly resident: ResidentResources }
  | { readonly kind: 'keys'; readonly resident: KeyLeaf };

/** @throws CorruptPiece */
export function openLeaf(kind: LeafKind, bytes: Uint8Array): ResidentLeaf {
  switch (kind) {
    case 'principals':
      return { kind, resident: new ResidentPrincipals(new PrincipalLeaf(bytes)) };
    case 'resources':
      return { kind, resident: new ResidentResources(new ResourceLeaf(bytes)) };
    case 'keys':
      return { kind, resident: new KeyLeaf(bytes) };
  }
}

export function isAtHand(snapshot: Snapshot, { kind, leaf }: LeafRef): boolean {
  return snapshot[kind][leaf] !== undefined;
}

export function placeLeaf(snapshot: Snapshot, index: number, leaf: ResidentLeaf): void {
  switch (leaf.kind) {
    case 'principals':
      snapshot.principals[index] = leaf.resident;
      break;
    case 'resources':
      snapshot.resources[index] = leaf.resident;
      break;
    case 'keys':
      snapshot.keys[index] = leaf.resident;
      break;
  }
}

/** Places in `to` the leaf that `from`, of the same revision, has at hand. False when it hasn't. */
export function borrowLeaf(from: Snapshot, to: Snapshot, { kind, leaf }: LeafRef): boolean {
  switch (kind) {
    case 'principals':
      to.principals[leaf] = from.principals[leaf];
      break;
    case 'resources':
      to.resources[leaf] = from.resources[leaf];
      break;
    case 'keys':
      to.keys[leaf] = from.keys[leaf];
      break;
  }
  return to[kind][leaf] !== undefined;
}

export function clearLeaf(snapshot: Snapshot, { kind, leaf }: LeafRef): void {
  snapshot[kind][leaf] = undefined;
}

/** Of the leaf itself; leaves are never empty. */
export function firstKeyOf(leaf: ResidentLeaf): string {
  return leaf.kind === 'keys' ? leaf.resident.keys.get(0) : leaf.resident.leaf.keys.get(0);
}

/** bytes held for each byte of a piece: hash slots, records of entries, grants in one number each, places above resources */
const HELD: Readonly<Record<LeafKind, number>> = { principals: 2.25, resources: 2.25, keys: 1.5 };
/** the objects themselves */
const FIXED_BYTES = 2_048;

export function heldBytes(leaf: ResidentLeaf): number {
  return heldBytesOf(leaf.kind, leaf.kind === 'keys' ? leaf.resident.byteLength : leaf.resident.leaf.byteLength);
}

/** Of a leaf whose piece has so many bytes. */
export function heldBytesOf(kind: LeafKind, bytes: number): number {
  return bytes * HELD[kind] + FIXED_BYTES;
}
