/** What entries need to know of the catalog: which ids there are, and which of them surely deny nothing. */
import type { CatalogModel, PolicyModel, RoleModel } from '../snapshot/model.ts';

export interface KnownIds {
  readonly roles: ReadonlySet<string>;
  readonly policies: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  /** True if a grant of the role or policy can deny nothing in this catalog. False for an unknown id. */
  readonly deniesNothing: (id: string) => boolean;
}

export function knownIds(model: CatalogModel): KnownIds {
  const roles = new Map(model.roles.map((role) => [role.id, role]));
  const policies = new Map(model.policies.map((policy) => [policy.id, policy]));
  return {
    roles: new Set(roles.keys()),
    policies: new Set(policies.keys()),
    groups: new Set(model.groups.map((group) => group.id)),
    deniesNothing: (id) => {
      const role = roles.get(id);
      if (role !== undefined) return !roleDenies(role, model);
      const policy = policies.get(id);
      return policy !== undefined && !policyDenies(policy);
    },
  };
}

function roleDenies(role: RoleModel, model: CatalogModel): boolean {
  return role.deny.length > 0 || role.special.some((index) => policyDenies(model.policies[index]!));
}

function policyDenies(policy: PolicyModel): boolean {
  return policy.effect === 'deny' && policy.active && policy.bits.length > 0;
}
