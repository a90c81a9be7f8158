/** Which roles and policies can hold a privilege, those that give least first. Found once for each privilege of a catalog. */
import type { Catalog } from '../../snapshot/catalog.ts';

/** of one project and privilege: the smallest, and beside them the smallest and the largest that no condition and no type keeps from holding it */
const MOST_OF_EACH = 40;
/** of all privileges of a catalog together; four bytes each */
const MOST_KEPT = 500_000;

/** Targets (role, or `roleCount` + policy) by the project that they belong to, `''` being the organization. */
type ByProject = ReadonlyMap<string, Uint32Array>;

class Candidates {
  readonly #catalog: Catalog;
  /** how many entries of the catalog a target gives, -1: not counted yet */
  readonly #given: Int32Array;
  readonly #byBit = new Map<number, ByProject>();
  #kept = 0;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
    this.#given = new Int32Array(catalog.roleCount + catalog.policies.count).fill(-1);
  }

  /** Those of the organization and of these projects. */
  of(bit: number, projects: readonly string[]): readonly number[] | Uint32Array {
    const byProject = this.#byBit.get(bit) ?? this.#find(bit);
    const shared = byProject.get('') ?? NONE;
    const own = projects.flatMap((project) => [...(byProject.get(project) ?? NONE)]);
    return own.length === 0 ? shared : [...own, ...shared].sort((a, b) => this.#compare(bit, a, b));
  }

  /** How many entries of the catalog it gives. What holds the bit only as one of everything gives as much as everything. */
  given(target: number, bit: number): number {
    const catalog = this.#catalog;
    if (!holdsByName(catalog, target, bit)) return catalog.privileges.count;
    let given = this.#given[target]!;
    if (given < 0) {
      given = catalog.allowedBits(target).size;
      this.#given[target] = given;
    }
    return given;
  }

  #find(bit: number): ByProject {
    const catalog = this.#catalog;
    const found = new Map<string, number[]>();
    for (let target = 0; target < this.#given.length; target++) {
      if (!mayHold(catalog, target, bit)) continue;
      const { project } = catalog.targetName(target);
      const same = found.get(project);
      if (same === undefined) found.set(project, [target]);
      else same.push(target);
    }
    const byProject = new Map([...found].map(([project, targets]) => [project, this.#smallest(bit, targets)]));
    if (this.#kept > MOST_KEPT) {
      this.#byBit.clear();
      this.#kept = 0;
    }
    for (const targets of byProject.values()) this.#kept += targets.length;
    this.#byBit.set(bit, byProject);
    return byProject;
  }

  #smallest(bit: number, targets: number[]): Uint32Array {
    const compare = (a: number, b: number): number => this.#compare(bit, a, b);
    targets.sort(compare);
    if (targets.length <= MOST_OF_EACH) return Uint32Array.from(targets);
    const certain = targets.filter((target) => isCertain(this.#catalog, target, bit));
    const chosen = new Set([...targets.slice(0, MOST_OF_EACH), ...certain.slice(0, MOST_OF_EACH), ...certain.slice(-MOST_OF_EACH)]);
    return Uint32Array.from([...chosen].sort(compare));
  }

  #compare(bit: number, a: number, b: number): number {
    return this.given(a, bit) - this.given(b, bit) || a - b;
  }
}

const NONE = new Uint32Array(0);
const candidatesOfCatalog = new WeakMap<Catalog, Candidates>();

export function candidatesOf(catalog: Catalog): Candidates {
  let candidates = candidatesOfCatalog.get(catalog);
  if (candidates === undefined) {
    candidates = new Candidates(catalog);
    candidatesOfCatalog.set(catalog, candidates);
  }
  return candidates;
}

function isCertain(catalog: Catalog, target: number, bit: number): boolean {
  if (target < catalog.roleCount) return catalog.roleAllows(target, bit, true, true);
  const policy = target - catalog.roleCount;
  return !catalog.policyTyped(policy) && catalog.policyCondition(policy) < 0;
}

function mayHold(catalog: Catalog, target: number, bit: number): boolean {
  if (target >= catalog.roleCount) return allows(catalog, target - catalog.roleCount, bit, true);
  return catalog.roleAllows(target, bit, true, true) || specialAllows(catalog, target, bit, true);
}

function holdsByName(catalog: Catalog, target: number, bit: number): boolean {
  if (target >= catalog.roleCount) return allows(catalog, target - catalog.roleCount, bit, false);
  if (catalog.roleHasAll(target)) return false;
  return catalog.roleAllows(target, bit, false, true) || specialAllows(catalog, target, bit, false);
}

function specialAllows(catalog: Catalog, role: number, bit: number, impliedAll: boolean): boolean {
  const special = catalog.roleSpecial(role);
  return special !== 0 && catalog.rows.list(special).some((policy) => allows(catalog, policy, bit, impliedAll));
}

function allows(catalog: Catalog, policy: number, bit: number, impliedAll: boolean): boolean {
  return catalog.policyActive(policy) && !catalog.policyDenies(policy) && catalog.policyHolds(policy, bit, impliedAll, true);
}
