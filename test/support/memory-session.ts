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
    sleep,
    sha256: async (bytes: ArrayBuffer) => sha256(new Uint8Array(bytes)),
  };
  const pdp = new Pdp(() => ({ publisher: store, blobs: store, location }), surroundings);
  return Promise.resolve(pdp.open('acme', {}, { waitUntil: () => {} }));
}

/** What waits for something that came is no reason to go on; a pause is. */
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    if (ms > 0) timer.unref();
  });
}
