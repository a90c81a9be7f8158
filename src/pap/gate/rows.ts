/** A change that waits for a second administrator, as it is stored, beside the model. */

export interface ProposalRow {
  /** `prp_…` */
  readonly id: string;
  /** as the audit names it */
  readonly author: string;
  /** who is behind the author: of a key its owner */
  readonly person: string;
  readonly request_id: string;
  /** ms since 1970 */
  readonly created_at: number;
  readonly expires_at: number;
  readonly base_revision: number;
  /** SHA-256 of who would gain and lose what, 64 hex digits */
  readonly diff_hash: string;
  /** JSON: `ProposalSummary` */
  readonly summary: string;
  /** what the audit will say of the change */
  readonly action: string;
  readonly target: string;
  /** JSON: `RowChanges`, complete; `{}` once it is decided */
  readonly changes: string;
  /** JSON: `BesideChanges`; `{}` once it is decided */
  readonly beside: string;
  /** JSON: what the audit will say was before and is after; `{}` once it is decided */
  readonly line: string;
  /** pending and past its end is expired */
  readonly state: 'pending' | 'confirmed' | 'withdrawn' | 'outdated';
  readonly decided_by: string | null;
  readonly decided_at: number | null;
}

/** What lists need of it: neither the rows nor the line. */
export type ListedProposal = Omit<ProposalRow, 'changes' | 'beside' | 'line'>;

export type ProposalState = ProposalRow['state'] | 'expired';

export interface GateReason {
  readonly code: 'sensitive_privilege' | 'many_lose' | 'gate_loosened' | 'claims_give' | 'issuer_changed';
  readonly message: string;
}

export interface ProposalSummary {
  readonly gained: number;
  readonly lost: number;
  readonly reasons: readonly GateReason[];
}

/** A pending proposal's end. */
export interface ProposalDecision {
  readonly id: string;
  readonly state: Exclude<ProposalRow['state'], 'pending'>;
  readonly by: string;
  /** ms since 1970 */
  readonly at: number;
}

export function proposalState({ state, expires_at }: Pick<ProposalRow, 'state' | 'expires_at'>, now: number): ProposalState {
  return state === 'pending' && expires_at <= now ? 'expired' : state;
}

/** What `propose` wrote; of a row that was changed by hand nothing, unless it is a summary still. */
export function summaryOf({ summary }: Pick<ProposalRow, 'summary'>): ProposalSummary {
  const value: unknown = JSON.parse(summary);
  return isSummary(value) ? value : { gained: 0, lost: 0, reasons: [] };
}

function isSummary(value: unknown): value is ProposalSummary {
  if (typeof value !== 'object' || value === null || !('gained' in value && 'lost' in value && 'reasons' in value)) return false;
  const { gained, lost, reasons } = value;
  return Number.isInteger(gained) && Number.isInteger(lost) && Array.isArray(reasons) && reasons.every(isReason);
}

function isReason(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('code' in value && 'message' in value)) return false;
  return typeof value.code === 'string' && typeof value.message === 'string';
}
