/** Use case: a group is made, with members if they are named. */

import { compareCodePoints } from '../../core/sets/compare.ts';
import { derivedId } from '../../core/terms/ids.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ControlTools } from '../control-ports.ts';
import { Problems } from '../manifest/problems.ts';
import { resolveMembers } from '../manifest/resolve/groups.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { existsAlready } from '../write/refusals.ts';
import { inserted } from '../write/row-change.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import type { GroupLookup } from './ports.ts';
import { principalReferences } from './principals.ts';
import { type GroupState, groupState, MANAGE_MEMBERS, stateOf } from './stored-group.ts';
import { checkGroupName, checkMembersNest, idOfName, type WantedGroup } from './wanted-group.ts';

/** ids that are tried at once: one is taken only by a group that had the name before */
const CANDIDATES = 8;

/**
 * @param ifExists `return`: a group of that name is the answer, as it is
 * @throws BitgateError `missing_privilege` (403), `group_exists` (409), `invalid_group` (422)
 */
export async function createGroup(
  tools: ControlTools,
  writer: Writer,
  wanted: WantedGroup,
  ifExists: 'refuse' | 'return',
  mode: PublishMode,
): Promise<Written<GroupState>> {
  const { groups } = tools;
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE_MEMBERS, ORG_SCOPE);
    const problems = new Problems();
    checkGroupName(wanted.name, 'group.name', problems);
    const there = problems.any ? null : await idOfName(groups, wanted.name);
    if (there !== null) {
      if (ifExists === 'refuse') throw existsAlready('group', wanted.name);
      const audit = { action: 'group.create', target: `group:${there}`, before: null, after: null };
      return { changes: null, audit, value: await groupState(groups, there) };
    }
    if ((await groups.list('', '', 1)).total >= LIMITS.groups) {
      problems.add('too_many', 'group.name', `an organization must not have more than ${LIMITS.groups} groups`);
    }
    const row = { id: await freeId(groups, wanted.name), name: wanted.name, description: wanted.description ?? '' };
    const references = await principalReferences(groups, wanted.members ?? [], problems);
    const members = resolveMembers(row.id, wanted.members ?? [], 'group.members', references);
    await checkMembersNest(groups, row, members, () => false, references);
    problems.throwIfAny('invalid_group', 'the group', 'group.');
    const names = members.map(({ member }) => member).sort(compareCodePoints);
    return {
      changes: { groups: inserted([row]), group_members: inserted(members.map(({ group_id, member }) => ({ group_id, member }))) },
      audit: { action: 'group.create', target: `group:${row.id}`, before: null, after: JSON.stringify({ ...row, members: names }) },
      value: stateOf({ ...row, member_count: names.length }, names),
    };
  });
}

async function freeId(lookup: GroupLookup, name: string): Promise<string> {
  for (let attempt = 0; ; attempt += CANDIDATES) {
    const candidates = Array.from({ length: CANDIDATES }, (_, i) => derivedId('grp', '', name, attempt + i));
    const taken = new Set(await lookup.taken(candidates));
    const free = candidates.find((id) => !taken.has(id));
    if (free !== undefined) return free;
  }
}
