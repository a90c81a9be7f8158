/** A snapshot in memory as a bitmap is made from it. */
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import type { Reading } from '../../src/pdp/bitmap/reading.ts';
import { ask, bring, type MemoryPieces } from './memory-snapshot.ts';

export function memoryReading(snapshot: Snapshot, pieces: MemoryPieces): Reading {
  return {
    snapshot,
    decide: (request, now, options) => ask(snapshot, pieces, request, now, options),
    bring: async (refs) => {
      for (const ref of refs) bring(snapshot, pieces, ref);
    },
    trim: () => {},
    due: false,
    spent: false,
    overworked: false,
    pause: async () => {},
  };
}
