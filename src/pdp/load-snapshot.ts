/** Pointer → snapshot: the manifest and the catalog that it names, from whichever copy is right. Leaves come when they are needed. */
import { Catalog } from '../core/snapshot/catalog.ts';
import { Manifest } from '../core/snapshot/manifest.ts';
import { CorruptPiece } from '../core/snapshot/sections.ts';
import { Snapshot } from '../core/snapshot/snapshot.ts';
import { loadPiece, type PieceSource } from './pieces.ts';
import type { Pointer } from './ports.ts';

/**
 * @param held the snapshot held so far: its catalog is kept when it is the same one
 * @param progress called between the steps
 * @throws PieceUnavailable
 */
export async function loadSnapshot(
  source: PieceSource,
  pointer: Pointer,
  held: Snapshot | undefined,
  progress: () => void,
): Promise<Snapshot> {
  const { surroundings, bounds } = source;
  const began = surroundings.now();
  const manifest = await loadPiece(source, pointer.manifest, (bytes) => openManifest(bytes, source.organization, pointer.revision));
  progress();
  const { catalogHash } = manifest;
  if (held !== undefined && held.manifest.catalogHash === catalogHash) return new Snapshot(manifest, held.catalog);
  // Who waits for a refresh waits a second at most: KV's lateness fits in there once.
  const slow = surroundings.now() - began >= bounds.hedgeMs;
  const rest = slow ? { ...source, bounds: { ...bounds, hedgeMs: 0 } } : source;
  return new Snapshot(manifest, await loadPiece(rest, catalogHash, (bytes) => new Catalog(bytes)));
}

/** A hash proves the bytes, not whose they are: the manifest must be of the organization and the revision that were asked for. */
function openManifest(bytes: Uint8Array, organization: string, revision: number): Manifest {
  const manifest = new Manifest(bytes);
  if (manifest.organization !== organization) throw new CorruptPiece(`the manifest is of the organization \`${manifest.organization}\``);
  if (manifest.revision !== revision)
    throw new CorruptPiece(`the manifest is of revision ${manifest.revision}, its pointer says ${revision}`);
  return manifest;
}
