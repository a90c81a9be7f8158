/** Use case: a group is deleted. What it holds, owns and is a member of goes with it, if that is wanted. */

import type { ControlTools } from '../control-ports.ts';
import type { RowChanges } from '../ports.ts';
import { mappingsTo, withoutMappingsTo } from '../settings/mappings.ts';
import type { Writer } from '../write/moment.ts';
import { refuseInUse, USERS_NAMED } from '../write/refusals.ts';
import { removed, updated } from '../write/row-change.ts';
import { shownUse } from '../write/shown-users.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { type GroupState, groupToChange } from './stored-group.ts';

/**
 * @param reference id or name
 * @param force take its assignments, ownerships, memberships and claim mappings away with it
 * @returns what was deleted
 * @throws BitgateError `missing_privilege` (403), `unknown_group` (404), `group_in_use` (409) with its users, `changed_meanwhile` (412)
 */
export async function deleteGroup(
  tools: ControlTools,
  writer: Writer,
  reference: string,
  force: boolean,
  precondition: (current: GroupState) => Promise<void>,
  mode: PublishMode,
): Promise<Written<GroupState>> {
  return write(tools, writer, mode, async (moment) => {
    const current = await groupToChange(tools, moment, reference);
    await precondition(current);
    const { member_count: _count, ...row } = current.row;
    const settings = await tools.configuration.settings();
    const mappings = settings === null ? [] : mappingsTo(settings, row.id);
    if (!force) {
      refuseInUse('group', row.name, {
        ...shownUse(await tools.groups.use(row.id, USERS_NAMED)),
        claim_mappings: { first: mappings.slice(0, USERS_NAMED), total: mappings.length },
      });
    }
    const changes: RowChanges = {
      groups: removed([row]),
      ...(settings === null || mappings.length === 0 ? {} : { settings: updated(settings, withoutMappingsTo(settings, row.id)) }),
    };
    const audit = {
      action: 'group.delete',
      target: `group:${row.id}`,
      before: JSON.stringify({ ...row, members: current.members }),
      after: null,
    };
    return { changes, audit, value: current };
  });
}
