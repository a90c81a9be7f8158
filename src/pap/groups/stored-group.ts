/** One group as it is stored and shown, and what every use case of groups begins with. */
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ControlTools } from '../control-ports.ts';
import { type Moment, requireRight } from '../write/moment.ts';
import { thereIsNo } from '../write/refusals.ts';
import type { GroupLookup, GroupWithCount } from './ports.ts';

export const MANAGE_MEMBERS = 'bitgate:manage_members';

/** the members that a state is told apart by: a group may have any number */
const STATE_MEMBERS = 10_000;

/** A group at one moment. */
export interface GroupState {
  readonly row: GroupWithCount;
  /** the first ones in order, so that a precondition sees one exchanged for another */
  readonly members: readonly string[];
}

/** @throws BitgateError `unknown_group` (404) */
export async function findGroup(lookup: GroupLookup, reference: string): Promise<GroupWithCount> {
  const row = await lookup.group(reference);
  if (row === null) throw thereIsNo('group', reference);
  return row;
}

/** @throws BitgateError `unknown_group` (404) */
export async function groupState(lookup: GroupLookup, reference: string): Promise<GroupState> {
  const row = await findGroup(lookup, reference);
  return stateOf(
    row,
    (await lookup.members(row.id, STATE_MEMBERS)).map(({ member }) => member),
  );
}

/** @param members in order, all of them or the first ones */
export function stateOf(row: GroupWithCount, members: readonly string[]): GroupState {
  return { row, members: members.slice(0, STATE_MEMBERS) };
}

/** For writing: the right first, since who may not write is not told what there is. */
export async function groupToChange({ groups }: ControlTools, moment: Moment, reference: string): Promise<GroupState> {
  await requireRight(moment, MANAGE_MEMBERS, ORG_SCOPE);
  return groupState(groups, reference);
}
