/** What an invitation offers is what its sender could assign at that moment, to somebody new too. */

import { BitgateError } from '../../core/terms/problem.ts';
import { requireManaging } from '../assignments/authorize.ts';
import { newId } from '../assignments/new-id.ts';
import type { WantedRow } from '../assignments/plan.ts';
import type { ControlTools } from '../control-ports.ts';
import type { RowChanges } from '../ports.ts';
import { refuseEscalation } from '../rights/escalation.ts';
import { completeChanges } from '../write/complete.ts';
import type { Moment } from '../write/moment.ts';

/**
 * The sender is judged again when it is accepted, and then its token isn't there: what a token alone gives can be assigned, but not offered.
 * @param moment of who sends it
 * @throws BitgateError `missing_privilege`, `escalation`, `token_rights` (403)
 */
export async function authorizeOffer(tools: ControlTools, moment: Moment, grants: readonly WantedRow[]): Promise<void> {
  await authorizeGiving(tools, moment, grants);
  const { proven, ...writer } = moment.writer;
  if (proven === undefined) return;
  try {
    await authorizeGiving(tools, { ...moment, writer }, grants);
  } catch (error) {
    if (!(error instanceof BitgateError && error.status === 403)) throw error;
    const message =
      'an invitation offers only what is held without a token, since its sender is judged again when it is accepted: assign it';
    throw new BitgateError('token_rights', 403, message, error.details);
  }
}

/** @throws BitgateError `missing_privilege`, `escalation` (403) */
async function authorizeGiving(tools: ControlTools, moment: Moment, grants: readonly WantedRow[]): Promise<void> {
  await requireManaging(moment, grants);
  // Somebody who is not there yet stands for whoever it will be.
  const principal = `invited:${newId('', tools)}`;
  const insert = grants.map((row) => ({ ...row, id: newId('asg_', tools), principal }));
  await authorizeChanges(tools, moment, { assignments: { insert, update: [], delete: [] } });
}

/**
 * @param moment of who answers for the changes, whoever makes them
 * @throws BitgateError `escalation` (403)
 */
export async function authorizeChanges(tools: ControlTools, moment: Moment, changes: RowChanges): Promise<void> {
  const catalog = moment.point?.snapshot.catalog.model();
  // Root repairs what can't be published, and then nothing can be decided.
  if (catalog === undefined) return;
  await refuseEscalation(tools, moment, await completeChanges(tools.companions, changes), () => catalog);
}
