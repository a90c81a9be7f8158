/** What is named by name in a document → lines, each behind those that it names. */
import { NameIndex } from '../manifest/name-index.ts';
import type { ManifestDocument, PolicyItem, RoleItem } from '../manifest/schema.ts';
import type { Item } from './items.ts';

export function catalogItems(document: ManifestDocument): Item[] {
  const { catalog, groups = [], projects = [], policies = [], roles = [] } = document;
  const privileges = catalog?.privileges ?? [];
  const byName = Map.groupBy(privileges, ({ name }) => name);
  return [
    ...dependenciesFirst(privileges, ({ implies = [] }) => implies.flatMap((name) => byName.get(name) ?? [])).map(
      (item) => ({ kind: 'privilege', ...item }) as const,
    ),
    ...groups.map(({ members: _members, ...item }) => ({ kind: 'group', ...item }) as const),
    ...groups.flatMap(({ name, members = [] }) => members.map((member) => ({ kind: 'membership', group: name, member }) as const)),
    ...projects.map(({ policies: _policies, roles: _roles, ...item }) => ({ kind: 'project', ...item }) as const),
    ...bundleItems(policies, roles),
    ...projects.flatMap(({ id, policies: own = [], roles: ownRoles = [] }) => bundleItems(own, ownRoles, id)),
  ];
}

/** Of one level. @param project absent: the organization */
function bundleItems(policies: readonly PolicyItem[], roles: readonly RoleItem[], project?: string): Item[] {
  const level = project === undefined ? {} : { project };
  const index = new NameIndex<RoleItem & { readonly id: string; readonly project: string }>();
  for (const role of roles) index.add({ ...role, id: role.id ?? '', project: project ?? '' });
  const known = new Map(roles.map((role) => [role.name, role]));
  const above = ({ inherits = [] }: RoleItem): RoleItem[] =>
    inherits.flatMap((name) => index.find(name, project ?? '').flatMap((found) => known.get(found.name) ?? []));
  return [
    ...policies.map((item) => ({ kind: 'policy', ...level, ...item }) as const),
    ...dependenciesFirst(roles, above).map((item) => ({ kind: 'role', ...level, ...item }) as const),
  ];
}

/** In the given order, but what an item needs comes before it. In a cycle the one that was met first comes last. Without recursion. */
export function dependenciesFirst<T>(items: readonly T[], needs: (item: T) => readonly T[]): T[] {
  const sorted = new Set<T>();
  const met = new Set<T>();
  for (const first of items) {
    const open = [first];
    for (let item = open.at(-1); item !== undefined; item = open.at(-1)) {
      met.add(item);
      const next = needs(item).find((each) => !met.has(each));
      if (next !== undefined) open.push(next);
      else {
        sorted.add(item);
        open.pop();
      }
    }
  }
  return [...sorted];
}
