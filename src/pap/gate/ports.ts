/** What the blast-radius gate looks up. Each method is one transaction. */
import type { ListPage } from '../control-ports.ts';
import type { RowChanges } from '../ports.ts';
import type { ListedProposal, ProposalRow, ProposalState } from './rows.ts';

export interface ProposalFilter {
  /** null: any */
  readonly state: ProposalState | null;
  /** ms since 1970: what is over by then is expired */
  readonly now: number;
}

export interface ProposalLookup {
  /** newest first; `after` is time and id of the last one of the page before */
  page(filter: ProposalFilter, after: readonly string[] | null, limit: number): Promise<ListPage<ListedProposal>>;
  proposal(id: string): Promise<ProposalRow | null>;
  /** Is every row that would be updated or deleted still what it was, and is none there that would be inserted? */
  unchanged(changes: RowChanges): Promise<boolean>;
}
