/** Which roles and policies can hold a privilege, those that give least first. Found once for each privilege of a catalog. */
import type { Catalog } from '../../snapshot/catalog.ts';

export interface Candidate {
  /** role, or `roleCount` + policy */
  readonly target: number;
  readonly id: string;
  /** `''`: the organization's */
  readonly project: string;
  /** how many entries of the catalog it gives */
  readonly privileges: number;
  /** no condition and no type can keep it from holding this one */
  readonly certain: boolean;
}

/** of one project and privilege: the smallest, and beside them the smallest that are certain */
const MOST_OF_EACH = 50;
/** of all privileges of a catalog together */
const MOST_KEPT = 20_000;

interface Kept {
  readonly byBit: Map<number, ReadonlyMap<string, readonly Candidate[]>>;
  count: number;
}

const keptOf = new WeakMap<Catalog, Kept>();

/** Those of the organization and of these projects. */
export function candidatesFor(catalog: Catalog, bit: number, projects: readonly string[]): readonly Candidate[] {
  const byProject = candidates(catalog, bit);
  const shared = byProject.get('') ?? [];
  const own = projects.flatMap((project) => byProject.get(project) ?? []);
  return own.length === 0 ? shared : [...own, ...shared].sort(compare);
}

function candidates(catalog: Catalog, bit: number): ReadonlyMap<string, readonly Candidate[]> {
  const kept = keptOf.get(catalog) ?? { byBit: new Map(), count: 0 };
  keptOf.set(catalog, kept);
  const known = kept.byBit.get(bit);
  if (known !== undefined) return known;
  const found = new Map([...Map.groupBy(all(catalog, bit), ({ project }) => project)].map(([project, each]) => [project, smallest(each)]));
  if (kept.count > MOST_KEPT) {
    kept.byBit.clear();
    kept.count = 0;
  }
  for (const each of found.values()) kept.count += each.length;
  kept.byBit.set(bit, found);
  return found;
}

function all(catalog: Catalog, bit: number): Candidate[] {
  const found: Candidate[] = [];
  for (let target = 0; target < catalog.roleCount + catalog.policies.count; target++) {
    const certain = isCertain(catalog, target, bit);
    if (!certain && !mayHold(catalog, target, bit)) continue;
    found.push({ target, ...idOf(catalog, target), privileges: given(catalog, target, bit), certain });
  }
  return found;
}

function idOf(catalog: Catalog, target: number): { readonly id: string; readonly project: string } {
  const { id, project } = catalog.targetName(target);
  return { id, project };
}

function isCertain(catalog: Catalog, target: number, bit: number): boolean {
  if (target < catalog.roleCount) return catalog.roleAllows(target, bit, true, true);
  const policy = target - catalog.roleCount;
  return !catalog.policyTyped(policy) && catalog.policyCondition(policy) < 0 && allows(catalog, policy, bit);
}

function mayHold(catalog: Catalog, target: number, bit: number): boolean {
  if (target >= catalog.roleCount) return allows(catalog, target - catalog.roleCount, bit);
  const special = catalog.roleSpecial(target);
  return special !== 0 && catalog.rows.list(special).some((policy) => allows(catalog, policy, bit));
}

function allows(catalog: Catalog, policy: number, bit: number): boolean {
  return catalog.policyActive(policy) && !catalog.policyDenies(policy) && catalog.policyHolds(policy, bit, true, true);
}

/** What holds it only as an implication of everything gives as much as everything. */
function given(catalog: Catalog, target: number, bit: number): number {
  const bits = catalog.allowedBits(target);
  const everything = (target < catalog.roleCount && catalog.roleHasAll(target)) || !bits.has(bit);
  return everything ? catalog.privileges.count : bits.size;
}

function smallest(found: readonly Candidate[]): readonly Candidate[] {
  const sorted = [...found].sort(compare);
  const certain = sorted.filter((each) => each.certain);
  const chosen = new Set([...sorted.slice(0, MOST_OF_EACH), ...certain.slice(0, MOST_OF_EACH), ...certain.slice(-MOST_OF_EACH)]);
  return [...chosen].sort(compare);
}

function compare(a: Candidate, b: Candidate): number {
  return a.privileges - b.privileges || Number(b.certain) - Number(a.certain) || a.target - b.target;
}
