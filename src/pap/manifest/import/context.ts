/** What an import may know of the organization that it goes into: its catalog, its reserved bundles, and which names are there. */
import type { TableRows } from '../../ports.ts';
import { foldName } from '../name-index.ts';
import { RESERVED_PREFIX } from '../tables.ts';

export type Level = 'org' | 'project';
export type NamedKind = 'policy' | 'role' | 'group';

export interface ImportContext {
  /** privileges by name: at which levels each can be asked */
  readonly privileges: ReadonlyMap<string, ReadonlySet<Level>>;
  /** names of system roles and policies, by what `foldName` makes of them */
  readonly systemRoles: ReadonlyMap<string, string>;
  readonly systemPolicies: ReadonlyMap<string, string>;
  /** names that are there and may be replaced, as they are written: by kind, level and folded name */
  readonly names: ReadonlyMap<string, string>;
  readonly groups: readonly string[];
}

/** @param project `''` for the organization, and for groups */
export function nameKey(kind: NamedKind, project: string, name: string): string {
  return JSON.stringify([kind, project, foldName(name)]);
}

export function importContext({ privileges, policies, roles, groups }: TableRows): ImportContext {
  const levels = new Map<string, Set<Level>>();
  for (const row of privileges) {
    const known = levels.get(row.name) ?? new Set();
    for (const level of ['org', 'project'] as const) if (row.levels === level || row.levels === 'both') known.add(level);
    levels.set(row.name, known);
  }
  const system = (rows: readonly { readonly name: string; readonly system: 0 | 1 }[]): Map<string, string> =>
    new Map(rows.filter((row) => row.system === 1 && !row.name.startsWith(RESERVED_PREFIX)).map(({ name }) => [foldName(name), name]));
  const names = new Map<string, string>();
  for (const row of policies) if (row.system === 0) names.set(nameKey('policy', row.project, row.name), row.name);
  for (const row of roles) if (row.system === 0) names.set(nameKey('role', row.project, row.name), row.name);
  for (const row of groups) names.set(nameKey('group', '', row.name), row.name);
  return {
    privileges: levels,
    systemRoles: system(roles),
    systemPolicies: system(policies),
    names,
    groups: groups.map(({ name }) => name),
  };
}
