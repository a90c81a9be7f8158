/** Use case: a principal is assigned a role or policy at a scope. Assigning what is assigned already changes nothing. */
import type { AssignmentRow } from '../../core/terms/rows.ts';
import { type Level, requireLevel } from '../bundles/level.ts';
import type { ControlTools, NamedAssignment } from '../control-ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { MANAGE, requireManaging } from './authorize.ts';
import { ORG_LEVEL } from './level.ts';
import { planAssignments, planChanges } from './plan.ts';
import { isScope, resolveAssignment, type WantedAssignment } from './wanted.ts';

/** An assignment as it is shown: the row, with references that can be sent back. */
export interface ShownAssignment {
  readonly row: AssignmentRow;
  /** as it was asked for */
  readonly subject: string;
  readonly target: string;
  /** roles whose place it took, where one at a time is allowed */
  readonly replaced: readonly NamedAssignment[];
}

/**
 * @param level the scope lies at it or below it
 * @throws BitgateError `missing_privilege`, `escalation`, `own_rights` (403), `not_found` (404), `last_owner` (409), `invalid_assignment` (422)
 */
export async function assign(
  tools: ControlTools,
  writer: Writer,
  wanted: WantedAssignment,
  mode: PublishMode,
  level: Level = ORG_LEVEL,
): Promise<Written<ShownAssignment>> {
  return write(tools, writer, mode, async (moment) => {
    // First of all: who may not write here is not told what there is.
    if (isScope(wanted.scope)) await requireRight(moment, MANAGE, wanted.scope);
    await requireLevel(tools.lookup, level);
    const resolved = await resolveAssignment(wanted, tools.lookup, level);
    await requireManaging(moment, [resolved.row]);
    const plan = await planAssignments(tools, [resolved.row]);
    const [item] = plan.items;
    if (item === undefined) throw new Error('one was wanted, so one is planned');
    const { row, replaced } = item;
    return {
      changes: planChanges(plan),
      audit: {
        action: 'assignment.create',
        target: `assignment:${row.id}`,
        before: replaced.length > 0 ? JSON.stringify(replaced) : null,
        after: JSON.stringify(row),
      },
      value: { row, subject: wanted.subject, target: resolved.target, replaced },
    };
  });
}
