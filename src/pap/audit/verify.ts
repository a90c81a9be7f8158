/** Use case: is the audit of an organization still what was written? Walks it from its first row, in pages. */
import type { AuditLog, ChainedRow } from '../control-ports.ts';
import { type Digest, rowText, sealText } from './chain.ts';

/** How far the chain was followed. */
export interface ChainPlace {
  /** of the last row that was good, 0 before the first */
  readonly id: number;
  readonly revision: number;
  /** its seal, null before the first */
  readonly seal: string | null;
}

export type Verified =
  | {
      readonly valid: true;
      readonly place: ChainPlace;
      /** rows follow that were not looked at yet */
      readonly more: boolean;
    }
  /** `firstBad`: the row that was changed, or is missing */
  | { readonly valid: false; readonly firstBad: number };

export const CHAIN_START: ChainPlace = { id: 0, revision: 0, seal: null };

/** rows in memory at once; what they may weigh is bounded by the log */
const PAGE = 500;

/**
 * Rows cut off at the end, and a chain that was computed anew, show in a seal other than the one noted before; nothing else can show them.
 * @param from `CHAIN_START`, or where an earlier call ended
 * @param maxRows how many rows are looked at, at most
 */
export async function verifyAudit(log: AuditLog, from: ChainPlace, maxRows: number, digest: Digest): Promise<Verified> {
  let place = from;
  for (let left = maxRows; ; ) {
    const { rows, more } = await log.chain(place.id, Math.min(PAGE, left));
    for (const row of rows) {
      const bad = await fault(row, place, digest);
      if (bad !== null) return { valid: false, firstBad: bad };
      place = { id: row.id, revision: row.revision, seal: await digest(sealText(row)) };
    }
    left -= rows.length;
    if (!more || left <= 0) return { valid: true, place, more };
  }
}

/** @returns the id of the row that is not as it was written, null when `row` follows `before` */
async function fault(row: ChainedRow, before: ChainPlace, digest: Digest): Promise<number | null> {
  const expected = before.id + 1;
  if (row.id !== expected || row.hash !== (await digest(rowText(row)))) return expected;
  // The row is as it was hashed: if it follows another seal, what changed is the row before.
  if (row.prev_hash !== before.seal) return Math.max(before.id, 1);
  return row.inLog && row.revision >= before.revision ? null : expected;
}
