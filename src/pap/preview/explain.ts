/** Which changes go without saying, since another one says as much of a group that the principal is in, or of a scope above. */
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import { clipped, coversBelow, coversHere, coversOwner, type Extent } from './change-of.ts';
import { type AccessSide, type Holder, ownerGroups } from './side.ts';

export interface Change {
  readonly change: 'gained' | 'lost';
  /** as in the leaves: groups by id */
  readonly principal: string;
  readonly privilege: string;
  readonly scope: string;
  readonly extent: Extent;
}

/** Who held, or will hold, what is lost or gained. */
export interface Ends<T> {
  readonly gained: T;
  readonly lost: T;
}

type Index = ReadonlyMap<string, Extent>;

/** Lengths before texts: no two of them share a key. */
const keyOf = ({ change, privilege, principal, scope }: Omit<Change, 'extent'>): string =>
  `${change}${privilege.length}.${privilege}${principal.length}.${principal}${scope}`;

/**
 * Scopes at which something of the principal's own case changed: a grant, or the scope. Elsewhere it counts that something changed and not how much:
 * the types of what lies there would make it more here and less there.
 */
export type Strict = (scope: string, privilege: string) => boolean;

const countedExtent = ({ scope, privilege, extent }: Change, strict: Strict): Extent =>
  strict(scope, privilege) ? extent : clipped(extent);

export class Explained {
  readonly #sides: Ends<AccessSide>;
  readonly #groups = new Map<string, Extent>();

  constructor(sides: Ends<AccessSide>) {
    this.#sides = sides;
  }

  /** Remembers the changes of a group: they explain those of its members. */
  keep(changes: readonly Change[], strict: Strict): void {
    for (const change of changes) this.#groups.set(keyOf(change), countedExtent(change, strict));
  }

  /** Those of one principal's changes that nothing explains. */
  async rest(changes: readonly Change[], holders: Ends<Holder>, strict: Strict): Promise<Change[]> {
    if (changes.length === 0) return [];
    const own = new Map(changes.map((each) => [keyOf(each), countedExtent(each, strict)]));
    const rest: Change[] = [];
    for (const change of changes) {
      const counted = { ...change, extent: countedExtent(change, strict) };
      if (!(await this.#isExplained(counted, holders[change.change], own))) rest.push(change);
    }
    return rest;
  }

  async #isExplained({ change, principal, privilege, scope, extent }: Change, holder: Holder, own: Index): Promise<boolean> {
    const find = (index: Index, who: string, where: string): Extent | undefined =>
      index.get(keyOf({ change, privilege, principal: who, scope: where }));
    for (const group of holder.above) {
      const same = find(this.#groups, group, scope);
      if (same !== undefined && coversHere(same, extent)) return true;
    }
    if (scope === ORG_SCOPE) return false;
    const side = this.#sides[change];
    const chain = await side.chain(scope);
    const owners = this.#ownersOf(side, holder, scope);
    for (const above of [...chain.keys, ORG_SCOPE]) {
      for (const group of owners) {
        const found = group === principal ? undefined : find(this.#groups, group, above);
        if (found !== undefined && coversOwner(found, extent)) return true;
      }
      if (above === scope) continue;
      for (const who of [principal, ...holder.above]) {
        const found = find(who === principal ? own : this.#groups, who, above);
        if (found !== undefined && coversBelow(found, above, extent, chain)) return true;
      }
    }
    return false;
  }

  /** The groups of owners that it is in as far as the resource is concerned. */
  #ownersOf(side: AccessSide, holder: Holder, resource: string): Set<string> {
    const groups = new Set<string>();
    for (const owner of [holder.principal, ...holder.above]) {
      for (const owned of side.owned.get(owner) ?? [])
        if (owned.resource === resource) for (const group of ownerGroups(owned.kind)) groups.add(group);
    }
    return groups;
  }
}
