/** Who holds which role where, with groups already followed: what an application has at hand to give to a peer that doesn't resolve them itself. */
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import type { Question } from '../core/population.ts';

export class Holdings {
  /** roles by principal and scope */
  readonly #roles = new Map<string, Map<string, string[]>>();
  readonly #groups = new Map<string, string[]>();
  readonly #parents = new Map<string, string>();
  readonly #restricted = new Set<string>();
  /** privileges by role */
  readonly privileges: ReadonlyMap<string, readonly string[]>;

  constructor(rows: OrganizationRows) {
    this.privileges = new Map(rows.roles.map((role) => [role.id, JSON.parse(role.privileges)]));
    for (const { principal, scope, role } of rows.assignments) {
      const scopes = this.#roles.get(principal) ?? new Map<string, string[]>();
      this.#roles.set(principal, scopes.set(scope, [...(scopes.get(scope) ?? []), role!]));
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

  /** A user and all groups that they are in. */
  principals(user: string): string[] {
    return [user, ...(this.#groups.get(user) ?? [])];
  }

  /** The scopes whose assignments reach a resource. */
  scopes(resource: string): string[] {
    if (this.#restricted.has(resource)) return [resource];
    const parent = this.#parents.get(resource);
    return parent === undefined ? [resource, 'org'] : [resource, parent, 'org'];
  }

  /** Roles by scope that a user holds, in person and through groups. */
  rolesByScope(user: string): Map<string, Set<string>> {
    const all = new Map<string, Set<string>>();
    for (const principal of this.principals(user)) {
      for (const [scope, roles] of this.#roles.get(principal) ?? []) {
        const held = all.get(scope) ?? new Set<string>();
        for (const role of roles) held.add(role);
        all.set(scope, held);
      }
    }
    return all;
  }
}

export const userOf = ({ subject }: Question): string => `user:${subject}`;
export const resourceOf = ({ resourceType, resource }: Question): string => `${resourceType}:${resource}`;
