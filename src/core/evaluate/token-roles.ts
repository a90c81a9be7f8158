/** Roles that a verified token's claims give the subject (RULE.md §6, "What a token proves"): as rows of the subject's own, but that they register nobody. */
import type { Catalog } from '../snapshot/catalog.ts';
import { ORG_SCOPE } from '../terms/ref.ts';
import type { TokenRole } from '../terms/request.ts';
import { placeOf } from './assume.ts';
import type { GrantWalk } from './grants.ts';
import type { Hierarchy } from './hierarchy.ts';

/** True when a deny applies. */
export function walkTokenRoles(catalog: Catalog, roles: readonly TokenRole[], walk: GrantWalk, hierarchy: Hierarchy): boolean {
  for (const { role, scope } of roles) {
    const place = placeOf(hierarchy, scope, false);
    if (place !== null && walk.grant(catalog.roles.indexOf(role), 0, place.reaches, place.impliedAll)) return true;
  }
  return false;
}

/** Is one of them held at `org`? Then the subject has no default role. */
export function tokenDisplacesDefault(catalog: Catalog, roles: readonly TokenRole[]): boolean {
  return roles.some(({ role, scope }) => scope === ORG_SCOPE && catalog.roles.indexOf(role) >= 0);
}
