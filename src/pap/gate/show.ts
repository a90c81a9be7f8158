/** Use case: what a pending proposal would come to now. */

import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ControlTools } from '../control-ports.ts';
import type { AccessDiff } from '../preview/access.ts';
import { tryChanges } from '../preview/preview.ts';
import { type Moment, openMoment, requireRight, type Writer } from '../write/moment.ts';
import { besideIn, changesIn, findProposal, isCurrent } from './find-proposal.ts';
import { type ProposalRow, proposalState } from './rows.ts';

export interface ShownProposal {
  readonly row: ProposalRow;
  readonly moment: Moment;
  /** null: it isn't pending, or what it touches isn't any more what it was */
  access(now: number): Promise<AccessDiff | null>;
}

/** @throws BitgateError `missing_privilege` (403) for others than the author, `not_found` (404) */
export async function showProposal(tools: ControlTools, writer: Writer, id: string): Promise<ShownProposal> {
  const moment = await openMoment(tools, writer);
  const found = await tools.proposals.proposal(id);
  if (found?.author !== writer.actor) await requireRight(moment, 'bitgate:read', ORG_SCOPE);
  const row = found ?? (await findProposal(tools.proposals, id));
  return {
    row,
    moment,
    async access(now) {
      if (proposalState(row, moment.now) !== 'pending' || !(await isCurrent(tools, row, besideIn(row)))) return null;
      try {
        return (await tryChanges(tools, { ...moment, now }, changesIn(row)).access())?.diff ?? null;
      } catch (error) {
        // What it names may be gone: then it can't be confirmed either.
        if (error instanceof BitgateError && error.code === 'unpublishable') return null;
        throw error;
      }
    },
  };
}
