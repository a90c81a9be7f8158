/** What an invitation offers is what its sender could assign at that moment, to somebody new too. */

import { requireManaging } from '../assignments/authorize.ts';
import { newId } from '../assignments/new-id.ts';
import type { WantedRow } from '../assignments/plan.ts';
import type { ControlTools } from '../control-ports.ts';
import type { RowChanges } from '../ports.ts';
import { refuseEscalation } from '../rights/escalation.ts';
import { completeChanges } from '../write/complete.ts';
import type { Moment } from '../write/moment.ts';

/**
 * @param moment of who sends it
 * @throws BitgateError `missing_privilege`, `escalation` (403)
 */
export async function authorizeOffer(tools: ControlTools, moment: Moment, grants: readonly WantedRow[]): Promise<void> {
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
