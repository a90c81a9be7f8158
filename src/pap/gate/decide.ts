/** Use cases: a proposal is confirmed by a second administrator, or withdrawn. */
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { AssignmentRow } from '../../core/terms/rows.ts';
import { planAssignments } from '../assignments/plan.ts';
import type { ControlTools } from '../control-ports.ts';
import { changeOf } from '../write/complete.ts';
import { type Moment, requireRight, type Writer } from '../write/moment.ts';
import { attempts, type PublishMode, type Written, write } from '../write/write.ts';
import { besideIn, changesIn, findProposal, isCurrent, outdated, requirePending, requireToDecide } from './find-proposal.ts';
import { maySpeakFor, personBehind } from './person.ts';
import { isWhole } from './revocation.ts';
import type { ProposalDecision, ProposalRow } from './rows.ts';

/** What tells that the present state doesn't take the change any more. */
const OUTDATED_CODES = new Set(['proposal_outdated', 'conflict', 'unpublishable']);

/**
 * The change is applied as it was proposed, if all that it touches is still as it was and the same come to gain and lose the same. Whoever confirms
 * must be somebody else than the author (keys of one owner are one person, and so are a key and who got its token, whichever of them proposed), and is
 * judged as if the change were theirs. The audit's line of the change names both.
 * @throws BitgateError `missing_privilege`, `own_proposal`, and what every write refuses (403), `not_found` (404), `proposal_decided`,
 *   `proposal_outdated` (409), `proposal_expired` (410)
 */
export async function confirmProposal(tools: ControlTools, writer: Writer, id: string, mode: PublishMode): Promise<Written<ProposalRow>> {
  try {
    return await write(tools, writer, mode, async (moment) => {
      const row = await enter(tools, moment, id);
      if (await isBehind(tools, writer.actor, row))
        throw new BitgateError('own_proposal', 403, 'a proposal is confirmed by another administrator than the one who made it');
      await requireToDecide(moment, row);
      const changes = changesIn(row);
      const beside = besideIn(row);
      if (!(await isCurrent(tools, row, beside)) || !(await fitsBeside(tools, row))) throw outdated();
      const decision: ProposalDecision = { id, state: 'confirmed', by: writer.actor, at: moment.now };
      return {
        changes,
        beside: { ...beside, proposals: { decide: [decision] } },
        audit: { action: row.action, target: row.target, ...lineOf(row, writer, moment) },
        value: decided(row, decision),
        confirms: row.diff_hash,
      };
    });
  } catch (error) {
    if (!(error instanceof BitgateError && OUTDATED_CODES.has(error.code))) throw error;
    if (mode !== 'dry_run') await markOutdated(tools, writer, id);
    throw outdated();
  }
}

async function isBehind(tools: ControlTools, actor: string, { author, person }: ProposalRow): Promise<boolean> {
  if (author === actor || (await maySpeakFor(tools, actor, person))) return true;
  return maySpeakFor(tools, author, await personBehind(tools, actor));
}

/**
 * By its author, or by whoever could confirm it.
 * @throws BitgateError `missing_privilege` (403), `not_found` (404), `proposal_decided` (409), `proposal_expired` (410)
 */
export async function withdrawProposal(tools: ControlTools, writer: Writer, id: string, mode: PublishMode): Promise<Written<ProposalRow>> {
  return write(tools, writer, mode, async (moment) => {
    const row = await enter(tools, moment, id);
    if (row.author !== writer.actor) await requireToDecide(moment, row);
    const decision: ProposalDecision = { id, state: 'withdrawn', by: writer.actor, at: moment.now };
    return {
      changes: {},
      beside: { proposals: { decide: [decision] } },
      audit: { action: 'proposal.withdraw', target: `proposal:${id}`, before: JSON.stringify({ author: row.author }), after: null },
      value: decided(row, decision),
    };
  });
}

/** Who may not see what there is isn't told; whoever made it knows it. */
async function enter(tools: ControlTools, moment: Moment, id: string): Promise<ProposalRow> {
  const row = await tools.proposals.proposal(id);
  if (row === null || row.author !== moment.writer.actor) await requireRight(moment, 'bitgate:read', ORG_SCOPE);
  const found = row ?? (await findProposal(tools.proposals, id));
  requirePending(found, moment.now);
  return found;
}

function decided(row: ProposalRow, { state, by, at }: ProposalDecision): ProposalRow {
  return { ...row, state, decided_by: by, decided_at: at };
}

/** The line of the change itself, with who proposed and who confirmed it. */
function lineOf(row: ProposalRow, { actor }: Writer, { revision }: Moment): { before: string | null; after: string } {
  const { before, after } = JSON.parse(row.line) as { before: string | null; after: string | null }; // written by `propose` alone
  const told: unknown = after === null ? {} : JSON.parse(after);
  const object = typeof told === 'object' && told !== null && !Array.isArray(told) ? told : { value: told };
  // What a rollback takes away is told from others' changes by the revision it began at.
  const base = row.action === 'revision.rollback' ? { base: revision } : {};
  return { before, after: JSON.stringify({ ...object, ...base, proposal: { id: row.id, author: row.author, confirmed_by: actor } }) };
}

/** Nobody was given in between what the change gives, nor what it would now have to take the place of. */
async function fitsBeside(tools: ControlTools, row: ProposalRow): Promise<boolean> {
  const { insert, delete: gone } = changeOf(changesIn(row), 'assignments');
  if (isWhole(row.action) || insert.length === 0) return true;
  const leaving = gone.map((each: AssignmentRow) => ({ ...each, subject: each.principal, target: '' }));
  const { items } = await planAssignments(tools, insert, leaving);
  return items.every(({ status }) => status === 'assigned');
}

/** Nothing else is written; somebody else may have decided it meanwhile. */
async function markOutdated(tools: ControlTools, { actor, requestId }: Writer, id: string): Promise<void> {
  await attempts(tools, async () => {
    const revision = await tools.reader.revision();
    const row = await tools.proposals.proposal(id);
    if (row === null || row.state !== 'pending') return;
    const entry = {
      actor,
      requestId,
      action: 'proposal.outdated',
      target: `proposal:${id}`,
      before: JSON.stringify({ author: row.author }),
      after: null,
    };
    const now = tools.now();
    await tools.writer.apply(revision, {}, entry, now, { proposals: { decide: [{ id, state: 'outdated', by: actor, at: now }] } });
  });
}
