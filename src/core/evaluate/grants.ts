/**
 * One check's walk over grants (RULE.md §6, §7): denies end it, the best failed candidate is remembered.
 * Reused from check to check; knows nothing of how principals and scopes were found.
 */
import { type Condition, evaluateCondition, parseCondition } from '../condition/condition.ts';
import type { Catalog } from '../snapshot/catalog.ts';
import type { ResidentPrincipals } from '../snapshot/snapshot.ts';
import type { Activation } from './activation.ts';
import type { Hierarchy } from './hierarchy.ts';

/** How far a failed candidate got; the further, the better it explains. */
export const FAILED = { nothing: 0, expired: 1, notYetValid: 2, restricted: 3, conditionFalse: 4, conditionError: 5 } as const;

/** Parsed conditions of each catalog, made when first needed. `null`: does not parse, which is an error whenever it is asked. */
const conditionsOf = new WeakMap<Catalog, (Condition | null | undefined)[]>();

export class GrantWalk {
  #catalog!: Catalog;
  #hierarchy!: Hierarchy;
  #activation!: Activation;
  #type: string | undefined;
  #bit = 0;
  #twin = false;
  #now = 0;
  #nothingDenies = false;
  allowed = false;
  failed: number = FAILED.nothing;

  begin(catalog: Catalog, hierarchy: Hierarchy, activation: Activation, type: string | undefined, bit: number, now: number): void {
    this.#catalog = catalog;
    this.#nothingDenies = !catalog.hasDeny;
    this.#hierarchy = hierarchy;
    this.#activation = activation;
    this.#type = type;
    this.#bit = bit;
    this.#twin = catalog.isProjectTwin(bit);
    this.#now = now;
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
    const start = leaf.grantStarts[entry]!;
    const end = leaf.grantStarts[entry + 1]!;
    if (start === end) return false;
    resident.bind(this.#catalog);
    const hierarchy = this.#hierarchy;
    if (leaf.orgScope >= 0 && this.#scope(resident, start, end, leaf.orgScope, owner || hierarchy.orgReaches, hierarchy.project))
      return true;
    if (!hierarchy.present || this.settled) return false;
    const own = leaf.scopes.indexOfRef(hierarchy.type, hierarchy.id, hierarchy.hash);
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
      const window = hasWindows ? resident.leaf.windowAt(g, this.#now) : 0;
      if (this.grant(resident.targets[grantTargets[g]!]!, window, reaches, impliedAll)) return true;
    }
    return false;
  }

  /**
   * One grant: of a role (index) or of a policy (roleCount + index).
   * @param window 0 in it, -1 before, 1 after
   * @param reaches an allow from its scope reaches the resource
   * @param impliedAll the grant is at `org` and the check at project level: `implies_all` holds here, and an entry that has a twin at
   *   organization level is not held by its name
   * @returns true when a deny applies
   */
  grant(target: number, window: -1 | 0 | 1, reaches: boolean, impliedAll: boolean): boolean {
    const catalog = this.#catalog;
    if (target < 0) return false;
    if (target >= catalog.roleCount) return this.#policy(target - catalog.roleCount, window, reaches, impliedAll);
    if (window === 0 && catalog.hasDeny && catalog.roleDenies(target, this.#bit)) return true;
    const through = reaches || catalog.roleReachesRestricted(target);
    if (!this.allowed && catalog.roleAllows(target, this.#bit, impliedAll, !(impliedAll && this.#twin)))
      this.#candidate(window, through, -1);
    const special = catalog.roleSpecial(target);
    if (special !== 0 && !this.settled) {
      for (const policy of catalog.rows.list(special)) if (this.#policy(policy, window, through, impliedAll)) return true;
    }
    return false;
  }

  /** @returns true when it is a deny that applies */
  #policy(policy: number, window: -1 | 0 | 1, reaches: boolean, impliedAll: boolean): boolean {
    const catalog = this.#catalog;
    if (!catalog.policyActive(policy) || !catalog.policyHolds(policy, this.#bit, impliedAll, !(impliedAll && this.#twin))) return false;
    if (!catalog.policyTypeHolds(policy, this.#type)) return false;
    const condition = catalog.policyCondition(policy);
    if (catalog.policyDenies(policy)) return window === 0 && (condition < 0 || this.#outcome(condition) !== 'false');
    if (!this.allowed) this.#candidate(window, reaches, condition);
    return false;
  }

  /** An allow that holds the privilege: it counts, or it fails at the first of window, reach, condition. */
  #candidate(window: -1 | 0 | 1, reaches: boolean, condition: number): void {
    if (window !== 0) this.#fail(window < 0 ? FAILED.notYetValid : FAILED.expired);
    else if (!reaches) this.#fail(FAILED.restricted);
    else if (condition < 0) this.allowed = true;
    else {
      const outcome = this.#outcome(condition);
      if (outcome === 'true') this.allowed = true;
      else this.#fail(outcome === 'error' ? FAILED.conditionError : FAILED.conditionFalse);
    }
  }

  #fail(how: number): void {
    if (how > this.failed) this.failed = how;
  }

  #outcome(index: number): 'true' | 'false' | 'error' {
    let parsed = conditionsOf.get(this.#catalog);
    if (parsed === undefined) {
      parsed = [];
      conditionsOf.set(this.#catalog, parsed);
    }
    let condition = parsed[index];
    if (condition === undefined) {
      try {
        condition = parseCondition(this.#catalog.conditions[index]!);
      } catch {
        condition = null;
      }
      parsed[index] = condition;
    }
    return condition === null ? 'error' : evaluateCondition(condition, this.#activation.variables());
  }
}
