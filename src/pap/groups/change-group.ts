/** Use case: a group gets another name, description or set of members. What isn't named stays; its id and what it holds always do. */
import { compareCodePoints } from '../../core/sets/compare.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { GroupMemberRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { Problems } from '../manifest/problems.ts';
import { resolveMembers } from '../manifest/resolve/groups.ts';
import type { Writer } from '../write/moment.ts';
import { existsAlready } from '../write/refusals.ts';
import { changesOrNull, replaced, updated } from '../write/row-change.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { principalReferences } from './principals.ts';
import { type GroupState, groupToChange, stateOf } from './stored-group.ts';
import { checkGroupName, checkMembersNest, type GroupChange, idOfName } from './wanted-group.ts';

/**
 * @param reference id or name
 * @param precondition refuses a state that the writer didn't mean
 * @throws BitgateError `missing_privilege` (403), `unknown_group` (404), `group_exists` (409), `changed_meanwhile` (412), `too_many_rows` (413),
 *   `invalid_group` (422)
 */
export async function changeGroup(
  tools: ControlTools,
  writer: Writer,
  reference: string,
  change: GroupChange,
  precondition: (current: GroupState) => Promise<void>,
  mode: PublishMode,
): Promise<Written<GroupState>> {
  return write(tools, writer, mode, async (moment) => {
    const current = await groupToChange(tools, moment, reference);
    await precondition(current);
    const { member_count: count, ...before } = current.row;
    const problems = new Problems();
    const after = { ...before, name: change.name ?? before.name, description: change.description ?? before.description };
    if (after.name !== before.name) checkGroupName(after.name, 'group.name', problems);
    const members = change.members === undefined ? null : await wantedMembers(tools, after, change.members, problems);
    problems.throwIfAny('invalid_group', 'the group', 'group.');
    if (after.name !== before.name) {
      const there = await idOfName(tools.groups, after.name);
      if (there !== null && there !== before.id) throw existsAlready('group', after.name);
    }
    const present = members === null ? [] : await presentMembers(tools, before.id);
    const linked = replaced(present, members ?? []);
    const names = members?.map(({ member }) => member).sort(compareCodePoints) ?? current.members;
    return {
      changes: changesOrNull({ groups: updated(before, after), group_members: linked }),
      audit: {
        action: 'group.update',
        target: `group:${before.id}`,
        before: JSON.stringify({ ...before, ...(members === null ? {} : { removed: linked.delete.map(({ member }) => member) }) }),
        after: JSON.stringify({ ...after, ...(members === null ? {} : { added: linked.insert.map(({ member }) => member) }) }),
      },
      value: stateOf({ ...after, member_count: members?.length ?? count }, names),
    };
  });
}

async function wantedMembers(
  { groups }: ControlTools,
  group: { readonly id: string; readonly name: string },
  texts: readonly string[],
  problems: Problems,
): Promise<GroupMemberRow[]> {
  const references = await principalReferences(groups, texts, problems);
  const members = resolveMembers(group.id, texts, 'group.members', references);
  await checkMembersNest(groups, group, members, () => false, references);
  return members.map(({ group_id, member }) => ({ group_id, member }));
}

async function presentMembers({ groups }: ControlTools, id: string): Promise<readonly GroupMemberRow[]> {
  const rows = await groups.members(id, LIMITS.rowsPerWrite + 1);
  if (rows.length <= LIMITS.rowsPerWrite) return rows;
  const message = `the group has more than ${LIMITS.rowsPerWrite} members: add and remove them in batches`;
  throw new BitgateError('too_many_rows', 413, message, { limit_rows: LIMITS.rowsPerWrite });
}
