/** A session over pieces in memory: the real data plane, with a Map for its stores. */
import { Pdp, type Session } from '../../src/pdp/pdp.ts';
import type { Pointer } from '../../src/pdp/ports.ts';
import { type MemoryPieces, sha256 } from './memory-snapshot.ts';

/** @param revision of the manifest */
export function memorySession(pieces: MemoryPieces, manifest: string, revision: number): Promise<Session> {
  const pointer: Pointer = { revision, manifest, behindSince: null };
  const blob = async (hash: string): Promise<ArrayBuffer | null> => pieces.bytes.get(hash)?.slice().buffer ?? null;
  const store = { pointer: async () => pointer, blob, kept: async () => pointer };
  const location = { get: async () => null, put: async () => {} };
  const surroundings = {
    now: () => Date.now(),
    random: () => 0,
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref()),
    sha256: async (bytes: ArrayBuffer) => sha256(new Uint8Array(bytes)),
  };
  const pdp = new Pdp(() => ({ publisher: store, blobs: store, location }), surroundings);
  return Promise.resolve(pdp.open('acme', {}, { waitUntil: () => {} }));
}
