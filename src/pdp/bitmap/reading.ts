/** What a bitmap is made from: a snapshot whose leaves come when they are needed. */
import type { LeafKind } from '../../core/snapshot/manifest.ts';
import type { LeafRef, Snapshot } from '../../core/snapshot/snapshot.ts';
import type { Decision } from '../../core/terms/decision.ts';
import { parseRef } from '../../core/terms/ref.ts';
import type { CheckOptions, CheckRequest, Entity } from '../../core/terms/request.ts';

export interface Reading {
  readonly snapshot: Snapshot;
  decide(request: CheckRequest, now: number, options?: CheckOptions): Decision | Promise<Decision>;
  /** afterwards the leaves are at hand, and stay so */
  bring(refs: readonly LeafRef[]): Promise<void>;
  /** counts a decision: true when others should get in by `pause` */
  readonly due: boolean;
  pause(): Promise<void>;
}

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
