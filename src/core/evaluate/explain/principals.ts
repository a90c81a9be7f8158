/** Whose assignments concern the subject, and over which path it is in each (RULE.md §5). */
import type { Catalog } from '../../snapshot/catalog.ts';
import type { ResidentPrincipals } from '../../snapshot/snapshot.ts';
import type { ExplainedPrincipal } from '../../terms/explanation.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, GROUP_OWNER, GROUP_OWNER_PREFIX, GROUP_TYPE, isSomebody } from '../../terms/ref.ts';
import type { Entity } from '../../terms/request.ts';
import type { GroupSet } from '../groups.ts';
import type { Hierarchy } from '../hierarchy.ts';
import { ownedBy } from '../owners.ts';

/** Its path is worked out when it is shown: there may be more principals than are. */
export interface Principal {
  /** `user:alice`, `group:<id>` or a reserved group */
  readonly key: string;
  /** it has a row in `groups` */
  readonly isGroup: boolean;
  readonly name: Pick<ExplainedPrincipal, 'principal' | 'principal_id'>;
  readonly as: ExplainedPrincipal['as'];
  readonly path: () => readonly string[];
}

export function principalShown({ name, as, path }: Principal): ExplainedPrincipal {
  return { ...name, as, path: path() };
}

export interface Subject {
  readonly entity: Entity;
  /** its entry, if it has one */
  readonly resident: ResidentPrincipals | undefined;
  readonly entry: number;
  readonly registered: boolean;
}

/** @param groups cleared; afterwards all groups of the subject */
export function principalsOf(
  catalog: Catalog,
  subject: Subject,
  tokenGroups: readonly string[],
  hierarchy: Hierarchy,
  groups: GroupSet,
): Principal[] {
  const { entity, registered } = subject;
  const self = `${entity.type}:${entity.id}`;
  const other = (key: string, as: ExplainedPrincipal['as'], path: () => readonly string[]): Principal => ({
    key,
    isGroup: false,
    name: { principal: key },
    as,
    path,
  });
  const anyone = other(GROUP_ANYONE, 'anybody', () => [self, GROUP_ANYONE]);
  if (!isSomebody(entity.type)) return [anyone];
  const ways = new GroupWays(catalog, self);
  const principals = [other(self, 'itself', () => [self])];
  const direct = directGroups(catalog, subject, tokenGroups);
  for (const [group, as] of direct) {
    const before = groups.count;
    groups.add(catalog, group);
    for (let i = before; i < groups.count; i++) {
      const added = groups.items[i]!;
      const known = direct.get(added);
      principals.push(known === undefined ? ways.principal(added, group, as) : ways.principal(added, added, known));
    }
  }
  if (registered) principals.push(other(GROUP_EVERYONE, 'registered', () => [self, GROUP_EVERYONE]));
  principals.push(anyone);
  const owned = ownedBy(catalog, hierarchy, entity, groups);
  const pathOf = (owner: string): readonly string[] => principals.find(({ key }) => key === owner)!.path();
  if (owned.length > 0) principals.push(other(GROUP_OWNER, 'owner', () => pathOf(owned[0]!.principal)));
  const kinds = new Set<string>(['']);
  for (const { principal, kind } of owned) {
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    principals.push(other(GROUP_OWNER_PREFIX + kind, 'owner', () => pathOf(principal)));
  }
  return principals;
}

/** Those with a row first. */
function directGroups(
  catalog: Catalog,
  { resident, entry }: Subject,
  tokenGroups: readonly string[],
): ReadonlyMap<number, 'member' | 'token'> {
  const direct = new Map<number, 'member' | 'token'>();
  if (resident !== undefined) {
    const { groupStarts, groupItems } = resident.leaf;
    for (let i = groupStarts[entry]!; i < groupStarts[entry + 1]!; i++) direct.set(resident.groups[groupItems[i]!]!, 'member');
  }
  for (const id of tokenGroups) {
    const group = catalog.groups.indexOf(id);
    if (!direct.has(group)) direct.set(group, 'token');
  }
  return direct;
}

/** Paths of groups, found again in what lies above each: from one to the next there is nothing in between, so that it is a row. */
class GroupWays {
  readonly #catalog: Catalog;
  readonly #self: string;

  constructor(catalog: Catalog, self: string) {
    this.#catalog = catalog;
    this.#self = self;
  }

  /** @param direct the group of the subject that it is, or lies above */
  principal(group: number, direct: number, as: 'member' | 'token'): Principal {
    const id = this.#catalog.groups.get(group);
    const name = this.#catalog.groupName(group);
    const key = `${GROUP_TYPE}:${id}`;
    const shown = name === id ? { principal: key } : { principal: `${GROUP_TYPE}:${name}`, principal_id: key };
    return { key, isGroup: true, name: shown, as, path: () => [this.#self, ...this.#path(direct, group)] };
  }

  #path(direct: number, goal: number): string[] {
    const path = [direct];
    // Of what lies between, the one with most above it has nothing of the others below it.
    const between = [...this.#above(direct)].filter((group) => group === goal || this.#isAbove(goal, group));
    for (const group of between.sort((a, b) => this.#above(b).length - this.#above(a).length))
      if (this.#isAbove(group, path[path.length - 1]!)) path.push(group);
    return path.map((group) => `${GROUP_TYPE}:${this.#catalog.groupName(group)}`);
  }

  #above(group: number): Uint16Array {
    return this.#catalog.rows.list(this.#catalog.groupsAbove[group]!);
  }

  #isAbove(group: number, below: number): boolean {
    return this.#catalog.rows.has(this.#catalog.groupsAbove[below]!, group);
  }
}
