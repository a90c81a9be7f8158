/** `groups` → rows of `groups` and `group_members`. */
import { LIMITS } from '../../../core/terms/limits.ts';
import type { GroupMemberRow } from '../../../core/terms/rows.ts';
import { type Edge, inspectGraph } from '../graph.ts';
import type { GroupItem, ManifestDocument } from '../schema.ts';
import type { References, Resolution } from './context.ts';
import { describeCycle } from './cycles.ts';
import { type Definition, identify } from './names.ts';
import { findPrincipal } from './references.ts';

const GROUP_PREFIX = 'group:';

/** An edge from a group to a group that is its member. */
export type Nesting = Edge & { readonly path: string };

export function resolveGroups(document: ManifestDocument, resolution: Resolution): void {
  const groups = (document.groups ?? []).map((item, i): Definition<GroupItem> => ({ path: `groups[${i}]`, project: '', item }));
  const present = resolution.present.groups.map((row) => ({ ...row, project: '' as const }));
  const ids = identify('grp', groups, present, [], resolution);
  for (const [i, { item }] of groups.entries()) {
    const row = { id: ids[i]!, name: item.name, description: item.description ?? '' };
    resolution.tables.groups.push(row);
    resolution.groups.add({ ...row, project: '' });
  }
  const nestings: Nesting[] = [];
  for (const [i, { path, item }] of groups.entries()) {
    const rows = resolveMembers(ids[i]!, item.members ?? [], `${path}.members`, resolution);
    resolution.tables.group_members.push(...rows.map(({ group_id, member }) => ({ group_id, member })));
    nestings.push(...nestingsOf(rows));
  }
  const keysOf = new Set(ids);
  const named = new Set(resolution.tables.group_members.map((row) => JSON.stringify([row.group_id, row.member])));
  for (const row of resolution.kept.group_members) {
    if (keysOf.has(row.group_id) && !named.has(JSON.stringify([row.group_id, row.member]))) resolution.tables.group_members.push(row);
  }
  checkNesting(nestings, resolution);
}

/** A member with the place where it is named. */
export type PlacedMember = GroupMemberRow & { readonly path: string };

/** Each member once. @param path of the list */
export function resolveMembers(group: string, members: readonly string[], path: string, references: References): PlacedMember[] {
  const rows = new Map<string, PlacedMember>();
  for (const [i, text] of members.entries()) {
    const place = `${path}[${i}]`;
    const member = findPrincipal(text, place, false, references);
    if (member !== null && !rows.has(member)) rows.set(member, { group_id: group, member, path: place });
  }
  return [...rows.values()];
}

export function nestingsOf(rows: readonly PlacedMember[]): Nesting[] {
  return rows
    .filter(({ member }) => member.startsWith(GROUP_PREFIX))
    .map(({ group_id, member, path }) => ({ from: group_id, to: member.slice(GROUP_PREFIX.length), path }));
}

/** The limit counts groups in a chain, which has one edge fewer. */
export function checkNesting(nestings: readonly Nesting[], { groups, problems }: Pick<Resolution, 'groups' | 'problems'>): void {
  const { cycles, tooLong } = inspectGraph(nestings, LIMITS.groupDepth - 1);
  for (const cycle of cycles) {
    problems.add(
      'cycle',
      cycle.edge.path,
      `groups hold each other in a cycle: ${describeCycle(cycle.nodes, (id) => groups.byId(id)?.name ?? id)}`,
    );
  }
  for (const edge of tooLong) problems.add('too_deep', edge.path, `groups must not be nested more than ${LIMITS.groupDepth} deep`);
}
