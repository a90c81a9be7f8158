/** What a role or policy bundles, as far as granting it is concerned. Pure: reads the compiled catalog. */
import type { CatalogModel, PrivilegeModel } from '../../core/snapshot/model.ts';

export interface Bundle {
  /** bits of the catalog that a grant of it allows, or could */
  readonly bits: ReadonlySet<number>;
  /**
   * More than a set of allowed privileges: it holds future ones, reaches restricted resources, implies whole levels, or denies.
   * Who holds the same privileges one by one still holds less.
   */
  readonly beyondPrivileges: boolean;
}

/** @param target id of a role or policy; one that the catalog doesn't know is beyond everything */
export function bundleOf(model: CatalogModel, target: string): Bundle {
  const role = model.roles.find(({ id }) => id === target);
  const policy = model.policies.find(({ id }) => id === target);
  if (role === undefined && policy === undefined) return { bits: new Set(), beyondPrivileges: true };
  const policies = policy === undefined ? (role?.special ?? []).map((i) => model.policies[i]!) : [policy];
  const bits = new Set([...(role?.allow ?? []), ...policies.filter(({ active }) => active).flatMap((each) => each.bits)]);
  const beyondPrivileges =
    role?.all === true ||
    role?.reachesRestricted === true ||
    (role?.deny.length ?? 0) > 0 ||
    policies.some(({ effect }) => effect === 'deny') ||
    [...bits].some((bit) => model.privileges[bit]!.impliesAll);
  return { bits, beyondPrivileges };
}

/** Bits about which some active policy says something under a condition or for some types only: a single decision does not show whether they are held always. */
export function uncertainBits(model: CatalogModel): ReadonlySet<number> {
  const uncertain = new Set<number>();
  for (const { active, condition, types, bits } of model.policies) {
    if (active && (condition >= 0 || types.length > 0)) for (const bit of bits) uncertain.add(bit);
  }
  return uncertain;
}

/** Ids of the roles and policies that deny a privilege asked at `org`: always, or under a condition. With types they deny nothing. */
export function denyingTargets(model: CatalogModel, privilege: string): ReadonlyMap<string, 'always' | 'sometimes'> {
  const bit = model.privileges.findIndex((each: PrivilegeModel) => each.name === privilege && each.org);
  const denying = new Map<string, 'always' | 'sometimes'>();
  for (const { id, effect, active, condition, types, bits } of model.policies) {
    if (effect === 'deny' && active && types.length === 0 && bits.includes(bit)) denying.set(id, condition < 0 ? 'always' : 'sometimes');
  }
  for (const { id, deny, special } of model.roles) {
    if (deny.includes(bit)) denying.set(id, 'always');
    else if (special.some((i) => denying.has(model.policies[i]!.id))) denying.set(id, 'sometimes');
  }
  return denying;
}

/** Ids of the roles and policies that allow a privilege at `org`, always: no condition, no types. */
export function unconditionalTargets(model: CatalogModel, privilege: string): readonly string[] {
  const bit = model.privileges.findIndex((each: PrivilegeModel) => each.name === privilege && each.org);
  const roles = model.roles.filter(({ all, allow }) => all || allow.includes(bit));
  const policies = model.policies.filter(
    ({ effect, active, condition, types, bits }) =>
      effect === 'allow' && active && condition < 0 && types.length === 0 && bits.includes(bit),
  );
  return [...roles, ...policies].map(({ id }) => id);
}
