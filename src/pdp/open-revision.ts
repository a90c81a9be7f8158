/** A kept revision, opened for reading. Outside the cache: nothing of it stays when the request ends, and no check comes here. */
import type { FreshnessBounds } from './bounds.ts';
import type { LeafLoader } from './leaves.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { Organization } from './organization.ts';
import type { PieceSource } from './pieces.ts';
import { OpenSession, type Session } from './session.ts';
import type { SnapshotCache } from './snapshot-cache.ts';

/** Which revision, and the hash of its manifest. */
export interface KeptRevision {
  readonly revision: number;
  readonly manifest: string;
}

/** @throws PieceUnavailable */
export async function openRevision(
  source: PieceSource,
  kept: KeptRevision,
  bounds: FreshnessBounds,
  cache: SnapshotCache,
  leaves: LeafLoader,
): Promise<Session> {
  const snapshot = await loadSnapshot(source, { ...kept, behindSince: null }, undefined, () => undefined);
  return new OpenSession(new Organization(source.organization, bounds), snapshot, 0, cache, leaves);
}
