/** `groups` → rows of `groups` and `group_members`. */
import { LIMITS } from '../../../core/terms/limits.ts';
import { type Edge, inspectGraph } from '../graph.ts';
import type { GroupItem, ManifestDocument } from '../schema.ts';
import type { Resolution } from './context.ts';
import { describeCycle } from './cycles.ts';
import { type Definition, identify } from './names.ts';
import { findPrincipal } from './references.ts';

const GROUP_PREFIX = 'group:';

/** An edge from a group to a group that is its member. */
type Nesting = Edge & { readonly path: string };

export function resolveGroups(document: ManifestDocument, resolution: Resolution): void {
  const groups = (document.groups ?? []).map((item, i): Definition<GroupItem> => ({ path: `groups[${i}]`, project: '', item }));
  const present = resolution.present.groups.map((row) => ({ ...row, project: '' as const }));
  const ids = identify('grp', groups, present, [], resolution);
  for (const [i, { item }] of groups.entries()) {
    const row = { id: ids[i]!, name: item.name, description: item.description ?? '' };
    resolution.tables.groups.push(row);
    resolution.groups.add({ ...row, project: '' });
  }
  const nestings = groups.flatMap(({ path, item }, i) => resolveMembers(ids[i]!, item, path, resolution));
  const keysOf = new Set(ids);
  const named = new Set(resolution.tables.group_members.map((row) => JSON.stringify([row.group_id, row.member])));
  for (const row of resolution.kept.group_members) {
    if (keysOf.has(row.group_id) && !named.has(JSON.stringify([row.group_id, row.member]))) resolution.tables.group_members.push(row);
  }
  checkNesting(nestings, resolution);
}

function resolveMembers(group: string, item: GroupItem, path: string, resolution: Resolution): Nesting[] {
  const nestings: Nesting[] = [];
  const seen = new Set<string>();
  for (const [i, text] of (item.members ?? []).entries()) {
    const place = `${path}.members[${i}]`;
    const member = findPrincipal(text, place, false, resolution);
    if (member === null || seen.has(member)) continue;
    seen.add(member);
    resolution.tables.group_members.push({ group_id: group, member });
    if (member.startsWith(GROUP_PREFIX)) nestings.push({ from: group, to: member.slice(GROUP_PREFIX.length), path: place });
  }
  return nestings;
}

/** The limit counts groups in a chain, which has one edge fewer. */
function checkNesting(nestings: readonly Nesting[], { groups, problems }: Resolution): void {
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
