/**
 * Pointer → snapshot: the manifest and the catalog that it names, from whichever copy is right. Leaves come when they are needed; one alone may come
 * beside the catalog: that of the key that whoever calls claims to have, which proves it or not.
 */
import { Catalog } from '../core/snapshot/catalog.ts';
import { Manifest } from '../core/snapshot/manifest.ts';
import { CorruptPiece } from '../core/snapshot/sections.ts';
import { type LeafRef, Snapshot } from '../core/snapshot/snapshot.ts';
import { loadPiece, type PieceSource, PieceUnavailable } from './pieces.ts';
import type { ToldPointer } from './ports.ts';
import { openLeaf, type ResidentLeaf } from './resident-leaf.ts';
import { LATE, within } from './waiting.ts';

/** A leaf that came with a snapshot and is not placed in it. */
export interface LoadedLeaf {
  readonly ref: LeafRef;
  readonly hash: string;
  readonly leaf: ResidentLeaf;
}

export interface Loaded {
  readonly snapshot: Snapshot;
  readonly keys: LoadedLeaf | undefined;
}

/**
 * @param held the snapshot held so far: its catalog is kept when it is the same one
 * @param key id of the key whose leaf is wanted too; without it the snapshot comes all the same
 * @param progress called between the steps
 * @throws PieceUnavailable
 */
export async function loadSnapshot(
  source: PieceSource,
  pointer: ToldPointer,
  held: Snapshot | undefined,
  key: string | undefined,
  progress: () => void,
): Promise<Loaded> {
  const { surroundings, bounds } = source;
  const began = surroundings.now();
  const open = (bytes: Uint8Array): Manifest => openManifest(bytes, source.organization, pointer.revision);
  const manifest = await loadPiece(source, pointer.manifest, open, pointer.piece);
  progress();
  const { catalogHash } = manifest;
  if (held !== undefined && held.manifest.catalogHash === catalogHash)
    return { snapshot: new Snapshot(manifest, held.catalog), keys: undefined };
  // Who waits for a refresh waits a second at most: KV's lateness fits in there once.
  const slow = surroundings.now() - began >= bounds.hedgeMs;
  const rest = slow ? { ...source, bounds: { ...bounds, hedgeMs: 0 } } : source;
  const beside = key === undefined ? undefined : loadKeys(rest, manifest, key);
  const catalog = await loadPiece(rest, catalogHash, (bytes) => new Catalog(bytes));
  progress();
  // Others wait for the snapshot: not for a leaf that one of them asked for.
  const keys = beside && (await within(beside, bounds.locationWaitMs, surroundings));
  return { snapshot: new Snapshot(manifest, catalog), keys: keys === LATE ? undefined : keys };
}

/** Undefined where there is none, or it can't be had now. Never rejects for that. */
async function loadKeys(source: PieceSource, { directories: { keys } }: Manifest, id: string): Promise<LoadedLeaf | undefined> {
  const leaf = keys.find(id);
  if (leaf < 0) return undefined;
  const hash = keys.hash(leaf);
  try {
    return { ref: { kind: 'keys', leaf }, hash, leaf: await loadPiece(source, hash, (bytes) => openLeaf('keys', bytes)) };
  } catch (error) {
    if (error instanceof PieceUnavailable) return undefined;
    throw error;
  }
}

/** A hash proves the bytes, not whose they are: the manifest must be of the organization and the revision that were asked for. */
function openManifest(bytes: Uint8Array, organization: string, revision: number): Manifest {
  const manifest = new Manifest(bytes);
  if (manifest.organization !== organization) throw new CorruptPiece(`the manifest is of the organization \`${manifest.organization}\``);
  if (manifest.revision !== revision)
    throw new CorruptPiece(`the manifest is of revision ${manifest.revision}, its pointer says ${revision}`);
  return manifest;
}
