/**
 * What would be decided if some assignments were rows too (RULE.md §6, "Assumed assignments"). Made for one check that assumes any; the ordinary
 * check knows nothing of it.
 */
import type { Catalog } from '../snapshot/catalog.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, GROUP_OWNER, GROUP_OWNER_PREFIX, GROUP_TYPE, isSomebody, ORG_SCOPE } from '../terms/ref.ts';
import type { AssumedAssignment, CheckOptions, CheckRequest, Entity } from '../terms/request.ts';
import type { GrantWalk } from './grants.ts';
import type { GroupSet } from './groups.ts';
import type { Hierarchy } from './hierarchy.ts';
import { ownedBy } from './owners.ts';

export class Assumptions {
  /** naming the subject registers it */
  readonly registers: boolean;
  /** the subject itself is given a role at `org` that is held now: it has no default role */
  readonly displacesDefault: boolean;
  readonly #assume: readonly AssumedAssignment[];
  readonly #catalog: Catalog;
  readonly #subject: Entity;
  readonly #now: number;
  readonly #key: string;

  /** @param now ms since 1970 */
  constructor(catalog: Catalog, assume: readonly AssumedAssignment[], subject: Entity, now: number) {
    this.#key = `${subject.type}:${subject.id}`;
    let [registers, displaces] = [false, false];
    for (const each of assume) {
      if (each.principal !== this.#key || !isSomebody(subject.type)) continue;
      registers = true;
      displaces ||= each.scope === ORG_SCOPE && catalog.roles.indexOf(each.target) >= 0 && windowOf(each, now) === 0;
    }
    this.registers = registers;
    this.displacesDefault = displaces;
    this.#assume = assume;
    this.#catalog = catalog;
    this.#subject = subject;
    this.#now = now;
  }

  /** The request as it is seen when the subject is registered by an assumption: it has no stored properties, and what is sent counts with `assert` alone. */
  seen(request: CheckRequest, { assert }: CheckOptions): CheckRequest {
    if (!this.registers || assert) return request;
    const { type, id } = request.subject;
    return { ...request, subject: { type, id } };
  }

  /** True when a deny applies. */
  walk(walk: GrantWalk, hierarchy: Hierarchy, groups: GroupSet, registered: boolean): boolean {
    for (const each of this.#assume) {
      const place = placeOf(hierarchy, each.scope, isOwnerGroup(each.principal));
      if (place === null || !this.#isPrincipal(each.principal, hierarchy, groups, registered)) continue;
      if (walk.grant(this.#catalog.target(each.target), windowOf(each, this.#now), place.reaches, place.impliedAll)) return true;
    }
    return false;
  }

  /** Is it one of the subject's? */
  #isPrincipal(principal: string, hierarchy: Hierarchy, groups: GroupSet, registered: boolean): boolean {
    if (principal === GROUP_ANYONE) return true;
    if (principal === GROUP_EVERYONE) return registered;
    if (isOwnerGroup(principal)) {
      const owned = ownedBy(this.#catalog, hierarchy, this.#subject, groups);
      return owned.some(({ kind }) => principal === GROUP_OWNER || (kind !== '' && principal === GROUP_OWNER_PREFIX + kind));
    }
    if (principal.startsWith(GROUP_PREFIX)) return groups.has(this.#catalog.groups.indexOf(principal.slice(GROUP_PREFIX.length)));
    return principal === this.#key;
  }
}

const GROUP_PREFIX = `${GROUP_TYPE}:`;

export function isOwnerGroup(principal: string): boolean {
  return principal === GROUP_OWNER || principal.startsWith(GROUP_OWNER_PREFIX);
}

/** 0 in its window at `now`, -1 before, 1 after. */
export function windowOf({ notBefore, expiresAt }: Pick<AssumedAssignment, 'notBefore' | 'expiresAt'>, now: number): -1 | 0 | 1 {
  if (notBefore !== null && now < notBefore) return -1;
  return expiresAt !== null && expiresAt <= now ? 1 : 0;
}

/** How a scope stands to the resource: as `GrantWalk.grant` takes it. Null: it is none of the check's scopes. */
export function placeOf(
  hierarchy: Hierarchy,
  scope: string,
  owner: boolean,
): { readonly reaches: boolean; readonly impliedAll: boolean } | null {
  if (scope === ORG_SCOPE) return { reaches: owner || hierarchy.orgReaches, impliedAll: hierarchy.project };
  if (!hierarchy.present) return null;
  if (hierarchy.type !== '' && scope === `${hierarchy.type}:${hierarchy.id}`) return { reaches: true, impliedAll: false };
  const { keys, reaches } = hierarchy.above;
  const i = keys.indexOf(scope);
  return i < 0 ? null : { reaches: owner || (reaches[i]! && !hierarchy.cut), impliedAll: false };
}
