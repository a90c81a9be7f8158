/** Who holds what, from rows in memory: what the guards of rights read in tests that need no database. */
import type { AssignmentRow, OrganizationRows } from '../../src/core/terms/rows.ts';
import type { HeldTarget, RightsLookup } from '../../src/pap/rights/ports.ts';

export function memoryRights(rows: OrganizationRows): RightsLookup {
  const held = async (of: (row: AssignmentRow) => boolean, now: number, limit: number): Promise<readonly HeldTarget[]> => {
    const found = rows.assignments.filter((row) => of(row) && (row.expires_at === null || row.expires_at > now));
    const groups = Map.groupBy(found, ({ role, policy, scope }) => JSON.stringify([scope, role ?? policy]));
    const keys = [...groups.keys()].toSorted().slice(0, limit);
    return keys.map((key) => {
      const [scope, target] = JSON.parse(key);
      const all = groups.get(key)!;
      const ends = all.map(({ expires_at }) => expires_at);
      return {
        target,
        scope,
        since: Math.min(...all.map(({ not_before }) => not_before ?? 0)),
        until: ends.includes(null) ? null : Math.max(...ends.map(Number)),
      };
    });
  };
  const memberships = [...rows.memberships, ...rows.group_nesting];
  return {
    heldBy: (principals, now, limit) => held(({ principal }) => principals.includes(principal), now, limit),
    assignmentsOf: (targets, now, limit) => held(({ role, policy }) => targets.includes(role ?? policy ?? ''), now, limit),
    assignedAt: (scopes, now, limit) => held(({ scope }) => scopes.includes(scope), now, limit),
    withGroups: async (principals) =>
      closure(principals, (principal) =>
        memberships.filter(({ member }) => member === principal).map(({ group_id }) => `group:${group_id}`),
      ),
    withAncestors: async (resources) =>
      closure(resources, (resource) => rows.resource_parents.filter((row) => row.resource === resource).map(({ parent }) => parent)),
    parentsOf: async (resources) => rows.resource_parents.filter(({ resource }) => resources.includes(resource)),
    restricted: async (resources) =>
      rows.resources
        .filter(({ resource, access }) => access === 'restricted' && resources.includes(resource))
        .map(({ resource }) => resource),
    known: async (resources) =>
      resources.filter(
        (each) => rows.resources.some(({ resource }) => resource === each) || rows.resource_parents.some(({ parent }) => parent === each),
      ),
    ownedBy: async (principals, limit) => {
      const owned = rows.resource_owners.filter(({ owner }) => principals.includes(owner));
      return [...new Set(owned.map(({ resource, kind }) => JSON.stringify({ resource, kind })))]
        .map((text) => JSON.parse(text))
        .slice(0, limit);
    },
  };
}

function closure(from: readonly string[], next: (key: string) => readonly string[]): string[] {
  const seen = new Set(from);
  // A set that grows while it is walked: each key is entered once.
  for (const key of seen) for (const each of next(key)) seen.add(each);
  return [...seen].toSorted();
}
