/** Group rows and the nesting of groups → for each group all groups above it. */
import { closure, heights } from '../sets/closure.ts';
import type { GroupModel } from '../snapshot/model.ts';
import { LIMITS } from '../terms/limits.ts';
import { GROUP_TYPE, isReservedGroup } from '../terms/ref.ts';
import type { GroupMemberRow, GroupRow } from '../terms/rows.ts';
import { checkAcyclic, readEdges } from './edges.ts';
import { quote, type Report } from './report.ts';
import { sortById } from './sort-rows.ts';

/** Sorted by id. Nesting decides which denies reach a subject: whatever is wrong with it is fatal. */
export function compileGroups(rows: readonly GroupRow[], nesting: readonly GroupMemberRow[], report: Report): GroupModel[] {
  const sorted = sortById(rows, 'groups', report);
  const ids = sorted.map((row) => row.id);
  for (const id of ids) {
    if (isReservedGroup(`${GROUP_TYPE}:${id}`))
      report.fatal('reserved_group', `groups/${id}`, `${quote(`${GROUP_TYPE}:${id}`)} is a reserved group`);
  }
  const above = directlyAbove(ids, nesting, report);
  const parts = checkAcyclic(above, ids, placeOfNesting, report);
  const successors = (node: number): readonly number[] => above[node]!;
  const depth = heights(ids.length, parts.flat(), successors);
  const tooDeep = ids.filter((_, i) => depth[i]! >= LIMITS.groupDepth);
  for (const id of tooDeep) report.fatal('too_deep', `groups/${id}`, `groups are nested more than ${LIMITS.groupDepth} deep`);
  // lists of a chain grow with its square; it isn't published anyway
  const closed = tooDeep.length > 0 ? above : closure(ids.length, parts, successors);
  return sorted.map((row, i) => ({ id: row.id, name: row.name, above: closed[i]! }));
}

function directlyAbove(ids: readonly string[], nesting: readonly GroupMemberRow[], report: Report): number[][] {
  const byId = new Map(ids.map((id, i) => [id, i]));
  const links = nesting.map((row) => {
    const member = groupId(row.member);
    return { from: member, to: row.group_id, path: placeOfNesting(member, row.group_id) };
  });
  return readEdges(links, { from: byId, to: byId, fromWord: 'group', toWord: 'group' }, report);
}

/** The id in `group:<id>`; of anything else the whole text with its colon, which is no group's id. */
function groupId(member: string): string {
  return member.startsWith(`${GROUP_TYPE}:`) ? member.slice(GROUP_TYPE.length + 1) : member;
}

function placeOfNesting(member: string, above: string): string {
  return `group_members/${above}/${GROUP_TYPE}:${member}`;
}
