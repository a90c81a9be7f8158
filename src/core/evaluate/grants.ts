/**
 * One check's walk over grants (RULE.md §6, §7): denies end it, the best failed candidate is remembered.
 * Reused from check to check; knows nothing of how principals and scopes were found.
 */
import type { Catalog } from '../snapshot/catalog.ts';
import { RECORD } from '../snapshot/entry-table.ts';
import { GRANTS, type PrincipalLeaf } from '../snapshot/principal-leaf.ts';
import { NO_TARGET, ORG_TAG, type ResidentPrincipals, scopeTag, TARGET_BITS } from '../snapshot/snapshot.ts';
import type { Clause, OpenQuestion } from '../terms/request.ts';
import type { Activation } from './activation.ts';
import { conditionAt } from './conditions.ts';
import type { Hierarchy } from './hierarchy.ts';

/** How far a failed candidate got; the further, the better it explains. */
export const FAILED = { nothing: 0, expired: 1, notYetValid: 2, restricted: 3, conditionFalse: 4, conditionError: 5 } as const;

/** Of a grant at a time: 0 in its window, -1 before, 1 after; PARTLY when a time span is asked about and the window covers a part of it. */
export type InWindow = -1 | 0 | 1 | typeof PARTLY;
export const PARTLY = 2;

/** grants × scopes that are compared rather than looked up */
const MOST_COMPARED = 128;
/** the tag of no scope */
const NOWHERE = -1;

const ALWAYS: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

export class GrantWalk {
  #catalog!: Catalog;
  #hierarchy!: Hierarchy;
  #activation!: Activation;
  #type: string | undefined;
  #bit = 0;
  #twin = false;
  #now = 0;
  #nothingDenies = false;
  /** undefined in every ordinary check: then nothing is left open */
  #open: OpenQuestion | undefined;
  #grantLeaf: PrincipalLeaf | undefined;
  #grant = -1;
  /** when the default role is displaced: while its grant is walked */
  #unless = '';
  allowed = false;
  failed: number = FAILED.nothing;

  begin(
    catalog: Catalog,
    hierarchy: Hierarchy,
    activation: Activation,
    type: string | undefined,
    bit: number,
    now: number,
    open: OpenQuestion | undefined,
  ): void {
    this.#catalog = catalog;
    this.#nothingDenies = !catalog.hasDeny;
    this.#hierarchy = hierarchy;
    this.#activation = activation;
    this.#type = type;
    this.#bit = bit;
    this.#twin = catalog.isProjectTwin(bit);
    this.#now = now;
    this.#open = open;
    this.#grantLeaf = undefined;
    this.allowed = false;
    this.failed = FAILED.nothing;
  }

  /** Nothing that is still to come can change the decision. */
  get settled(): boolean {
    return this.allowed && this.#nothingDenies;
  }

  /**
   * Walks what one principal holds.
   * @param owner the principal is an owner group: its grants count as made on the resource itself
   * @returns true when a deny applies: the check is over
   */
  principal(resident: ResidentPrincipals, entry: number, owner: boolean): boolean {
    const { leaf } = resident;
    const { records } = leaf.keys;
    const start = records[entry * RECORD + GRANTS]!;
    const end = records[entry * RECORD + RECORD + GRANTS]!;
    if (start === end) return false;
    resident.bind(this.#catalog);
    if (this.#open !== undefined) this.#grantLeaf = leaf.hasWindows ? leaf : undefined;
    const scopes = this.#hierarchy.above.keys.length + 1;
    return (end - start) * scopes > MOST_COMPARED ? this.#search(resident, start, end, owner) : this.#scan(resident, start, end, owner);
  }

  /** Of an ordinary entry: all that it holds lies together, and is looked through. */
  #scan(resident: ResidentPrincipals, start: number, end: number, owner: boolean): boolean {
    const { leaf } = resident;
    const grants = resident.grants!;
    const hierarchy = this.#hierarchy;
    const own = hierarchy.present ? scopeTag(hierarchy.ref.hash) : NOWHERE;
    const { hashes, keys, reaches } = hierarchy.above;
    for (let g = start; g < end; g++) {
      const grant = grants[g]!;
      const tag = grant >>> TARGET_BITS;
      let through = false;
      let atOrg = false;
      if (tag === ORG_TAG) {
        through = owner || hierarchy.orgReaches;
        atOrg = hierarchy.project;
      } else if (tag === own && leaf.scopes.isRef(leaf.grantScopes[g]!, hierarchy.ref)) through = true;
      else {
        let at = 0;
        while (at < hashes.length && !(tag === scopeTag(hashes[at]!) && leaf.scopes.is(leaf.grantScopes[g]!, keys[at]!))) at++;
        if (at === hashes.length) continue;
        through = owner || (reaches[at]! && !hierarchy.cut);
      }
      const target = grant & NO_TARGET;
      if (target === NO_TARGET) continue;
      if (this.grant(target, leaf.hasWindows ? this.#window(leaf, g) : 0, through, atOrg)) return true;
      if (this.settled) return false;
    }
    return false;
  }

  /** Of an entry that holds much: where its grants at a scope are is looked up. */
  #search(resident: ResidentPrincipals, start: number, end: number, owner: boolean): boolean {
    const { leaf } = resident;
    const hierarchy = this.#hierarchy;
    if (leaf.orgScope >= 0 && this.#scope(resident, start, end, leaf.orgScope, owner || hierarchy.orgReaches, hierarchy.project))
      return true;
    if (!hierarchy.present || this.settled) return false;
    const own = leaf.scopes.indexOfRef(hierarchy.ref);
    if (own >= 0 && this.#scope(resident, start, end, own, true, false)) return true;
    const { keys, hashes, reaches } = hierarchy.above;
    for (let i = 0; i < keys.length && !this.settled; i++) {
      const scope = leaf.scopes.indexOfHashed(keys[i]!, hashes[i]!);
      if (scope >= 0 && this.#scope(resident, start, end, scope, owner || (reaches[i]! && !hierarchy.cut), false)) return true;
    }
    return false;
  }

  /** The grants of one entry at one scope. */
  #scope(resident: ResidentPrincipals, start: number, end: number, scope: number, reaches: boolean, impliedAll: boolean): boolean {
    const { grantScopes, grantTargets, hasWindows } = resident.leaf;
    let low = start;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (grantScopes[middle]! < scope) low = middle + 1;
      else high = middle;
    }
    for (let g = low; g < end && grantScopes[g] === scope && !this.settled; g++) {
      const window = hasWindows ? this.#window(resident.leaf, g) : 0;
      if (this.grant(resident.targets[grantTargets[g]!]!, window, reaches, impliedAll)) return true;
    }
    return false;
  }

  #window(leaf: PrincipalLeaf, grant: number): InWindow {
    if (this.#open === undefined) return leaf.windowAt(grant, this.#now);
    this.#grant = grant;
    return windowWithin(leaf, grant, this.#now, this.#open.until);
  }

  /** The default role, for an open question. @param window 0: it is not displaced, PARTLY: some of the time, which `unless` says. True when a deny applies */
  defaultRole(window: InWindow, unless: string): boolean {
    this.#grantLeaf = undefined;
    this.#unless = unless;
    const denied = this.grant(this.#catalog.defaultRole, window, this.#hierarchy.orgReaches, this.#hierarchy.project);
    this.#unless = '';
    return denied;
  }

  /**
   * One grant: of a role (index) or of a policy (roleCount + index).
   * @param reaches an allow from its scope reaches the resource
   * @param impliedAll the grant is at `org` and the check at project level: `implies_all` holds here, and an entry that has a twin at
   *   organization level is not held by its name
   * @returns true when a deny applies
   */
  grant(target: number, window: InWindow, reaches: boolean, impliedAll: boolean): boolean {
    const catalog = this.#catalog;
    if (target < 0) return false;
    if (target >= catalog.roleCount) return this.#policy(target - catalog.roleCount, window, reaches, impliedAll);
    if (catalog.hasDeny && catalog.roleDenies(target, this.#bit) && this.#deniesIn(window, -1)) return true;
    const through = reaches || catalog.roleReachesRestricted(target);
    if (!this.allowed && catalog.roleAllows(target, this.#bit, impliedAll, !(impliedAll && this.#twin)))
      this.candidate(window, through, -1);
    const special = catalog.roleSpecial(target);
    if (special !== 0 && !this.settled) {
      for (const policy of catalog.rows.list(special)) if (this.#policy(policy, window, through, impliedAll)) return true;
    }
    return false;
  }

  /** @returns true when it is a deny that applies */
  #policy(policy: number, window: InWindow, reaches: boolean, impliedAll: boolean): boolean {
    const catalog = this.#catalog;
    if (!catalog.policyActive(policy) || !catalog.policyHolds(policy, this.#bit, impliedAll, !(impliedAll && this.#twin))) return false;
    const condition = catalog.policyCondition(policy);
    if (this.#open !== undefined) return this.#openPolicy(policy, window, reaches, condition, this.#open);
    if (!catalog.policyTypeHolds(policy, this.#type)) return false;
    if (catalog.policyDenies(policy))
      return window === 0 && (condition < 0 || this.#activation.outcome(this.#catalog, condition) !== 'false');
    if (!this.allowed) this.candidate(window, reaches, condition);
    return false;
  }

  /** A policy that holds the bit, when nothing but its condition, its types and the window can say whether it applies. */
  #openPolicy(policy: number, window: InWindow, reaches: boolean, condition: number, open: OpenQuestion): boolean {
    const catalog = this.#catalog;
    const typed = open.below !== undefined && this.#type === undefined && catalog.policyTyped(policy);
    if (!typed && !catalog.policyTypeHolds(policy, this.#type)) return false;
    let certain = condition < 0 && !typed;
    if (condition >= 0 && this.#isTold(condition, open)) {
      const outcome = this.#activation.outcome(this.#catalog, condition);
      if (outcome === 'false' || (outcome === 'error' && !catalog.policyDenies(policy))) return false;
      certain = !typed;
    }
    if (catalog.policyDenies(policy)) return this.#deniesIn(window, certain ? -1 : policy);
    if (certain) this.candidate(window, reaches, -1);
    else if ((window === 0 || window === PARTLY) && reaches) this.#possible(policy, open);
    return false;
  }

  /** Does a deny apply in this window? @param policy whose condition or types are open, -1: none are */
  #deniesIn(window: InWindow, policy: number): boolean {
    if (window === 0 && policy < 0) return true;
    if (this.#open === undefined || window === -1 || window === 1) return false;
    if (this.#open.clauses === undefined) return this.#open.counting === 'least';
    this.#open.clauses.denies.push(this.#clause(policy));
    return false;
  }

  /** An allow of which something is open. @param policy whose condition or types are, -1: the window alone is */
  #possible(policy: number, open: OpenQuestion): void {
    if (open.clauses !== undefined) open.clauses.allows.push(this.#clause(policy));
    else if (open.counting === 'most') this.allowed = true;
  }

  #clause(policy: number): Clause {
    const bounds = this.#grantLeaf?.windowOf(this.#grant) ?? ALWAYS;
    const under = policy < 0 ? '' : this.#catalog.policyOpenness(policy);
    return { under, unless: this.#unless, from: bounds[0], until: bounds[1] };
  }

  /** An allow that holds the privilege: it counts, or it fails at the first of window, reach, condition. */
  candidate(window: InWindow, reaches: boolean, condition: number): void {
    if (window === PARTLY) {
      if (reaches && this.#open !== undefined) this.#possible(-1, this.#open);
    } else if (window !== 0) this.#fail(window < 0 ? FAILED.notYetValid : FAILED.expired);
    else if (!reaches) this.#fail(FAILED.restricted);
    else if (condition < 0) this.allowed = true;
    else {
      const outcome = this.#activation.outcome(this.#catalog, condition);
      if (outcome === 'true') this.allowed = true;
      else this.#fail(outcome === 'error' ? FAILED.conditionError : FAILED.conditionFalse);
    }
  }

  #fail(how: number): void {
    if (how > this.failed) this.failed = how;
  }

  /** Does the condition look at nothing but what the request tells? */
  #isTold(index: number, { told }: OpenQuestion): boolean {
    if (told === undefined) return false;
    const condition = conditionAt(this.#catalog, index);
    return condition === null || [...condition.variables].every((variable) => told.has(variable));
  }
}

/** How a grant's window lies to the time from `from` to `until`, both included: 0 covers it, -1 begins later, 1 is over, else PARTLY. */
export function windowWithin(leaf: PrincipalLeaf, grant: number, from: number, until: number): InWindow {
  const first = leaf.windowAt(grant, from);
  if (first === 1) return 1;
  const last = leaf.windowAt(grant, until);
  if (last === -1) return -1;
  return first === 0 && last === 0 ? 0 : PARTLY;
}
