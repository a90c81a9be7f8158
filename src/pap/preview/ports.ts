/** What a preview needs of the world. */
import type { ApiKeyRow, PrincipalRows, ResourceRows } from '../../core/terms/rows.ts';

/** Keys of leaves, each once, in key order. */
export interface LeafKeys {
  readonly principals: readonly string[];
  readonly resources: readonly string[];
  readonly keys: readonly string[];
}

/** The present rows of some keys, from one transaction. */
export interface RowsOfKeys {
  readonly revision: number;
  readonly principals: PrincipalRows;
  readonly resources: ResourceRows;
  readonly keys: readonly ApiKeyRow[];
}

/** Reads what is there of one organization: rows in D1, pieces in KV or at the Publisher. */
export interface PreviewSource {
  rowsOf(keys: LeafKeys): Promise<RowsOfKeys>;
  /** a published piece by the hash of its bytes, which is proved; rejects when no copy can be had */
  load(hash: string): Promise<Uint8Array>;
  sha256(bytes: Uint8Array): Promise<string>;
}
