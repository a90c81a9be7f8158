/** What a bitmap is made from: a snapshot whose leaves come when they are needed. */
import type { LeafKind } from '../../core/snapshot/manifest.ts';
import { parseRef } from '../../core/terms/ref.ts';
import type { Entity } from '../../core/terms/request.ts';
import type { Scan } from '../scan.ts';

export type Reading = Pick<Scan, 'snapshot' | 'decide' | 'bring' | 'trim' | 'due' | 'pause' | 'spent' | 'overworked'>;

/** `type:id` of what the snapshot names. */
export function entityOf(key: string): Entity {
  return parseRef(key);
}

/** Brings the leaf that would hold the key. @returns its index, -1 if there is none */
export async function bringLeaf(reading: Reading, kind: LeafKind, key: string): Promise<number> {
  const leaf = reading.snapshot.manifest.directories[kind].find(key);
  if (leaf >= 0) await reading.bring([{ kind, leaf }]);
  return leaf;
}
