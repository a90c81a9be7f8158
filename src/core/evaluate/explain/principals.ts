/** Whose assignments concern the subject, and over which path it is in each (RULE.md §5). */
import type { Catalog } from '../../snapshot/catalog.ts';
import type { ResidentPrincipals } from '../../snapshot/snapshot.ts';
import type { ExplainedPrincipal } from '../../terms/explanation.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, GROUP_OWNER, GROUP_OWNER_PREFIX, GROUP_TYPE } from '../../terms/ref.ts';
import type { Entity } from '../../terms/request.ts';
import type { GroupSet } from '../groups.ts';
import type { Hierarchy } from '../hierarchy.ts';
import { ownedBy } from '../owners.ts';

/** A principal as it is shown, with its key in the snapshot. */
export interface Principal {
  /** `user:alice`, `group:<id>` or a reserved group */
  readonly key: string;
  /** index in the catalog of a group with a row, else -1 */
  readonly group: number;
  readonly shown: ExplainedPrincipal;
}

export interface Subject {
  readonly entity: Entity;
  /** its entry, if it has one */
  readonly resident: ResidentPrincipals | undefined;
  readonly entry: number;
  readonly registered: boolean;
}

/** `group:<name>`, and its id where that differs. */
export function groupShown(catalog: Catalog, group: number): { readonly principal: string; readonly principal_id?: string } {
  const [id, name] = [catalog.groups.get(group), catalog.groupName(group)];
  return { principal: `${GROUP_TYPE}:${name}`, ...(name === id ? {} : { principal_id: `${GROUP_TYPE}:${id}` }) };
}

/** @param groups cleared; afterwards all groups of the subject */
export function principalsOf(
  catalog: Catalog,
  { entity, resident, entry, registered }: Subject,
  tokenGroups: readonly string[],
  hierarchy: Hierarchy,
  groups: GroupSet,
): Principal[] {
  const self = `${entity.type}:${entity.id}`;
  const reserved = (key: string, as: ExplainedPrincipal['as'], path: readonly string[]): Principal => ({
    key,
    group: -1,
    shown: { principal: key, as, path },
  });
  const anyone = reserved(GROUP_ANYONE, 'anybody', [self, GROUP_ANYONE]);
  if (entity.type === GROUP_TYPE) return [anyone];
  if (resident !== undefined) groups.addOf(catalog, resident, entry);
  const byRows = groups.count;
  for (const id of tokenGroups) groups.add(catalog, catalog.groups.indexOf(id));
  const paths =
    groups.count === 0
      ? NO_PATHS
      : new GroupPaths(catalog, directGroups(catalog, resident, entry, tokenGroups), groups.items.slice(0, groups.count));
  const principals: Principal[] = [{ key: self, group: -1, shown: { principal: self, as: 'itself', path: [self] } }];
  for (let i = 0; i < groups.count; i++) {
    const group = groups.items[i]!;
    principals.push({
      key: `${GROUP_TYPE}:${catalog.groups.get(group)}`,
      group,
      shown: { ...groupShown(catalog, group), as: i < byRows ? 'member' : 'token', path: [self, ...paths.to(group)] },
    });
  }
  if (registered) principals.push(reserved(GROUP_EVERYONE, 'registered', [self, GROUP_EVERYONE]));
  principals.push(anyone);
  const owned = ownedBy(catalog, hierarchy, entity, groups);
  const pathOf = (owner: string): string[] =>
    owner === self ? [self] : [self, ...paths.to(catalog.groups.indexOf(owner.slice(GROUP_TYPE.length + 1)))];
  if (owned.length > 0) principals.push(reserved(GROUP_OWNER, 'owner', pathOf(owned[0]!.principal)));
  const kinds = new Set<string>(['']);
  for (const { principal, kind } of owned) {
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    principals.push(reserved(GROUP_OWNER_PREFIX + kind, 'owner', pathOf(principal)));
  }
  return principals;
}

function directGroups(
  catalog: Catalog,
  resident: ResidentPrincipals | undefined,
  entry: number,
  tokenGroups: readonly string[],
): Set<number> {
  const direct = new Set(tokenGroups.map((id) => catalog.groups.indexOf(id)));
  if (resident !== undefined) {
    const { groupStarts, groupItems } = resident.leaf;
    for (let i = groupStarts[entry]!; i < groupStarts[entry + 1]!; i++) direct.add(resident.groups[groupItems[i]!]!);
  }
  direct.delete(-1);
  return direct;
}

/**
 * Paths of groups, found again in what lies above each. Of all that lie below a group, the one with the least above it has nothing in between: it is a
 * row's. That one is found for every group at once, since there may be thousands, in thousands of ways.
 */
class GroupPaths {
  readonly #catalog: Catalog;
  readonly #direct: ReadonlySet<number>;
  /** the one right below each, where there is one */
  readonly #below = new Map<number, number>();

  /** @param groups all of the subject's */
  constructor(catalog: Catalog, direct: ReadonlySet<number>, groups: readonly number[]) {
    this.#catalog = catalog;
    this.#direct = direct;
    const least = groups.map((group) => ({ group, above: this.#above(group) })).sort((a, b) => a.above.length - b.above.length);
    for (const { group, above } of least) for (const other of above) if (!this.#below.has(other)) this.#below.set(other, group);
  }

  /** Names from a direct group to `group`, both included. */
  to(group: number): string[] {
    const names: string[] = [];
    for (let at: number | undefined = group; at !== undefined; at = this.#direct.has(at) ? undefined : this.#below.get(at))
      names.push(groupShown(this.#catalog, at).principal);
    return names.reverse();
  }

  #above(group: number): Uint16Array {
    return this.#catalog.rows.list(this.#catalog.groupsAbove[group]!);
  }
}

const NO_PATHS = { to: (): string[] => [] };
