/** A gated change is kept instead of written. */
import { BitgateError } from '../../core/terms/problem.ts';
import { utf8Length } from '../../core/terms/ref.ts';
import { newId } from '../assignments/new-id.ts';
import type { ControlTools } from '../control-ports.ts';
import type { AuditEntry, BesideChanges, RowChanges } from '../ports.ts';
import type { Moment } from '../write/moment.ts';
import type { Gate } from './gate.ts';
import { personBehind } from './person.ts';
import type { ProposalRow } from './rows.ts';

/** a week: whoever confirms should know what it was about */
const LIFE_MS = 7 * 24 * 3_600_000;

/** D1 takes 2,000,000 for a row */
const MAX_BYTES = 1_900_000;

/** What would have been written. */
export interface Proposed {
  readonly changes: RowChanges;
  readonly beside: BesideChanges | undefined;
  readonly audit: Omit<AuditEntry, 'actor' | 'requestId'>;
}

/**
 * Nothing of the change is written: one row beside the model, and a line of audit. The revision stays.
 * @throws BitgateError `proposal_too_large` (422); `revision_moved` (409) when somebody wrote since the moment
 */
export async function propose(
  tools: ControlTools,
  { writer, now, revision }: Moment,
  { diffHash, ...summary }: Gate,
  { changes, beside, audit }: Proposed,
): Promise<ProposalRow> {
  const row: ProposalRow = {
    id: newId('prp_', tools),
    author: writer.actor,
    person: await personBehind(tools, writer.actor),
    request_id: writer.requestId,
    created_at: now,
    expires_at: now + LIFE_MS,
    base_revision: revision,
    diff_hash: diffHash,
    summary: JSON.stringify(summary),
    action: audit.action,
    target: audit.target,
    changes: JSON.stringify(changes),
    beside: JSON.stringify(beside ?? {}),
    line: JSON.stringify({ before: audit.before, after: audit.after }),
    state: 'pending',
    decided_by: null,
    decided_at: null,
  };
  const bytes = utf8Length(row.changes) + utf8Length(row.beside) + utf8Length(row.line);
  if (bytes > MAX_BYTES) {
    const message = 'the change has to wait for a second administrator, and is too large to be kept: make it in parts, or let root make it';
    throw new BitgateError('proposal_too_large', 422, message, { bytes, limit_bytes: MAX_BYTES, reasons: summary.reasons });
  }
  const entry = {
    actor: writer.actor,
    requestId: writer.requestId,
    action: 'proposal.create',
    target: `proposal:${row.id}`,
    before: null,
    after: JSON.stringify({ action: row.action, target: row.target, base_revision: revision, ...summary }),
  };
  await tools.writer.apply(revision, {}, entry, now, { proposals: { insert: [row] } });
  return row;
}
