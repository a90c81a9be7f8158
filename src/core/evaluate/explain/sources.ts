/** By what a role or policy holds a privilege (RULE.md §6, "What a grant bundles"): each list and each policy of it, its own and inherited. */
import type { Catalog } from '../../snapshot/catalog.ts';
import type { ExplainedGrant } from '../../terms/explanation.ts';

/** What is held, and where. */
export interface Asked {
  readonly bit: number;
  /** the grant is at `org` and the check at project level */
  readonly impliedAll: boolean;
  /** an allow holds the bit by its name here */
  readonly named: boolean;
}

export interface Source {
  /** index of the policy, -1: the role's own privileges */
  readonly policy: number;
  readonly holds: ExplainedGrant['holds'];
  /** roles from the assigned one to the one that bundles it; empty for a policy that is assigned itself */
  readonly roles: readonly number[];
}

/** @param target role, or `roleCount` + policy */
export function sourcesOf(catalog: Catalog, target: number, asked: Asked): Source[] {
  if (target >= catalog.roleCount) return ofPolicy(catalog, target - catalog.roleCount, asked, []);
  const sources: Source[] = [];
  const ways: number[][] = [[target]];
  const seen = new Set([target]);
  for (let i = 0; i < ways.length; i++) {
    const roles = ways[i]!;
    const role = roles[roles.length - 1]!;
    const own = ofOwnPrivileges(catalog, role, asked);
    if (own !== null) sources.push({ policy: -1, holds: own, roles });
    for (const policy of catalog.rolePolicies(role)) sources.push(...ofPolicy(catalog, policy, asked, roles));
    for (const parent of catalog.roleInherits(role)) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      ways.push([...roles, parent]);
    }
  }
  return sources;
}

function ofPolicy(catalog: Catalog, policy: number, { bit, impliedAll, named }: Asked, roles: readonly number[]): Source[] {
  if (!catalog.policyHolds(policy, bit, impliedAll, named)) return [];
  const byName = named || catalog.policyDenies(policy);
  const holds =
    byName && catalog.policyNames(policy, bit)
      ? 'named'
      : byName && catalog.policyHolds(policy, bit, false, true)
        ? 'implied'
        : 'implies_all';
  return [{ policy, holds, roles }];
}

/**
 * How the role's own list holds the bit, null if it doesn't. A snapshot keeps what a role allows closed over all that it bundles: what the list doesn't
 * name is the list's where no policy and no parent of the role accounts for it.
 */
function ofOwnPrivileges(catalog: Catalog, role: number, { bit, impliedAll, named }: Asked): Source['holds'] | null {
  if (named && catalog.roleNames(role, bit)) return 'named';
  if (!catalog.roleAllows(role, bit, impliedAll, named)) return null;
  const parents = catalog.roleInherits(role);
  if (catalog.roleHasAll(role)) return parents.some((parent) => catalog.roleHasAll(parent)) ? null : 'all_privileges';
  if (parents.some((parent) => catalog.roleAllows(parent, bit, impliedAll, named))) return null;
  const accounted = catalog
    .rolePolicies(role)
    .some((policy) => isPlainAllow(catalog, policy) && catalog.policyHolds(policy, bit, impliedAll, named));
  if (accounted) return null;
  return named && catalog.roleAllows(role, bit, false, true) ? 'implied' : 'implies_all';
}

/** What counts among the role's unconditional allows. */
function isPlainAllow(catalog: Catalog, policy: number): boolean {
  const plain = catalog.policyActive(policy) && !catalog.policyTyped(policy) && catalog.policyCondition(policy) < 0;
  return plain && !catalog.policyDenies(policy);
}
