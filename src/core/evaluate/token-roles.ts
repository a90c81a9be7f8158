/** Roles that a verified token's claims give the subject (RULE.md §6, "What a token proves"): as rows of the subject's own, but that they register nobody. */
import type { Catalog } from '../snapshot/catalog.ts';
import { ORG_SCOPE } from '../terms/ref.ts';
import type { TokenRole } from '../terms/request.ts';
import { placeOf } from './assume.ts';
import type { GrantWalk } from './grants.ts';
import type { Hierarchy } from './hierarchy.ts';

/** Ids of the roles at each scope. A token may give thousands, and be asked about thousands of times: only a question's own scopes are looked at. */
type ByScope = ReadonlyMap<string, readonly string[]>;

const known = new WeakMap<readonly TokenRole[], ByScope>();

/** True when a deny applies. */
export function walkTokenRoles(catalog: Catalog, roles: readonly TokenRole[], walk: GrantWalk, hierarchy: Hierarchy): boolean {
  const held = byScope(roles);
  const denies = (scope: string): boolean => {
    const here = held.get(scope);
    const place = here === undefined ? null : placeOf(hierarchy, scope, false);
    return place !== null && here!.some((role) => walk.grant(catalog.roles.indexOf(role), 0, place.reaches, place.impliedAll));
  };
  if (denies(ORG_SCOPE)) return true;
  return hierarchy.present && (denies(`${hierarchy.type}:${hierarchy.id}`) || hierarchy.above.keys.some(denies));
}

/** Is one of them held at `org`? Then the subject has no default role. */
export function tokenDisplacesDefault(catalog: Catalog, roles: readonly TokenRole[]): boolean {
  return (
    byScope(roles)
      .get(ORG_SCOPE)
      ?.some((role) => catalog.roles.indexOf(role) >= 0) === true
  );
}

function byScope(roles: readonly TokenRole[]): ByScope {
  let scopes = known.get(roles);
  if (scopes === undefined) {
    const groups = Map.groupBy(roles, ({ scope }) => scope);
    scopes = new Map([...groups].map(([scope, held]) => [scope, held.map(({ role }) => role)]));
    known.set(roles, scopes);
  }
  return scopes;
}
