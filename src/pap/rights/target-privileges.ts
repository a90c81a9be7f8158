/** Which roles and policies allow or deny one privilege at the organization. Pure: reads the compiled catalog. */
import type { CatalogModel, PrivilegeModel } from '../../core/snapshot/model.ts';

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
