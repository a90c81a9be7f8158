/** The baseline: what an engineer writes by hand, a Map of Sets over the same data, with scopes, groups, parents and restricted things. */
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import type { Question } from './population.ts';

export class MapOfSets {
  readonly #privileges = new Map<string, Set<string>>();
  readonly #roles = new Map<string, Map<string, Set<string>>>();
  readonly #groups = new Map<string, string[]>();
  readonly #parents = new Map<string, string>();
  readonly #restricted = new Set<string>();

  constructor(rows: OrganizationRows) {
    for (const role of rows.roles) this.#privileges.set(role.id, new Set<string>(JSON.parse(role.privileges)));
    for (const { principal, scope, role } of rows.assignments) {
      const scopes = this.#roles.get(principal) ?? new Map<string, Set<string>>();
      const roles = scopes.get(scope) ?? new Set<string>();
      this.#roles.set(principal, scopes.set(scope, roles.add(role!)));
    }
    const above = new Map<string, string[]>();
    for (const { group_id, member } of rows.group_nesting) above.set(member, [...(above.get(member) ?? []), `group:${group_id}`]);
    for (const { group_id, member } of rows.memberships) {
      const group = `group:${group_id}`;
      this.#groups.set(member, [...(this.#groups.get(member) ?? []), group, ...(above.get(group) ?? [])]);
    }
    for (const { resource, parent } of rows.resource_parents) this.#parents.set(resource, parent);
    for (const { resource, access } of rows.resources) if (access === 'restricted') this.#restricted.add(resource);
  }

  check({ subject, action, resourceType, resource }: Question): boolean {
    const user = `user:${subject}`;
    const thing = `${resourceType}:${resource}`;
    if (this.#holds(user, action, thing)) return true;
    const groups = this.#groups.get(user);
    if (groups !== undefined) for (const group of groups) if (this.#holds(group, action, thing)) return true;
    return false;
  }

  #holds(principal: string, action: string, thing: string): boolean {
    const scopes = this.#roles.get(principal);
    if (scopes === undefined) return false;
    if (this.#any(scopes.get(thing), action)) return true;
    if (this.#restricted.has(thing)) return false;
    const parent = this.#parents.get(thing);
    return (parent !== undefined && this.#any(scopes.get(parent), action)) || this.#any(scopes.get('org'), action);
  }

  #any(roles: Set<string> | undefined, action: string): boolean {
    if (roles !== undefined) for (const role of roles) if (this.#privileges.get(role)!.has(action)) return true;
    return false;
  }
}
