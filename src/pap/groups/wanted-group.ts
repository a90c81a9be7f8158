/** What a group shall be, judged as a manifest judges it: its name, and members that make no cycle. */
import { foldName } from '../manifest/name-index.ts';
import type { Problems } from '../manifest/problems.ts';
import type { References } from '../manifest/resolve/context.ts';
import { checkNesting, nestingsOf, type PlacedMember } from '../manifest/resolve/groups.ts';
import { checkNameText, checkReservedName } from '../manifest/resolve/names.ts';
import type { GroupLookup } from './ports.ts';

/** As on the wire. */
export interface WantedGroup {
  readonly name: string;
  readonly description?: string | undefined;
  /** `type:id` or `group:<id or name>` */
  readonly members?: readonly string[] | undefined;
}

/** What isn't named stays. */
export type GroupChange = { readonly [K in keyof WantedGroup]?: WantedGroup[K] | undefined };

export function checkGroupName(name: string, path: string, problems: Problems): void {
  if (checkNameText(name, path, problems)) checkReservedName('grp', name, path, problems);
}

/** The id of the group that has this name, whatever the letter case; null when it is free. */
export async function idOfName(lookup: GroupLookup, name: string): Promise<string | null> {
  const folded = foldName(name);
  const found = (await lookup.namesLike(name)).find((each) => foldName(each.name) === folded);
  return found?.id ?? null;
}

/**
 * Refuses a cycle, with its path, and a chain that gets too long.
 * @param added members that the group shall have
 * @param stays whether a nesting that is stored will still be there
 */
export async function checkMembersNest(
  lookup: GroupLookup,
  group: { readonly id: string; readonly name: string },
  added: readonly PlacedMember[],
  stays: (member: string) => boolean,
  references: References,
): Promise<void> {
  const nestings = nestingsOf(added);
  const [first] = nestings;
  if (first === undefined) return;
  const stored = await lookup.nestings(
    [group.id],
    nestings.map(({ to }) => to),
  );
  const others = stored
    .filter(({ group_id, member }) => group_id !== group.id || stays(member))
    .map(({ group_id, member }) => ({ from: group_id, to: member.slice('group:'.length), path: first.path }));
  const ids = new Set(others.flatMap(({ from, to }) => [from, to]));
  for (const { id, name } of [group, ...(await lookup.named([...ids]))]) {
    if (references.groups.byId(id) === undefined) references.groups.add({ id, name, description: '', project: '' });
  }
  checkNesting([...nestings, ...others], references);
}
