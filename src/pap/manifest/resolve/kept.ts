/** What a manifest does not change must still hold together with what it does: what keys and system bundles use must stay. */
import { quote } from '../problems.ts';
import { isWithinProject } from './assignments.ts';
import type { Resolution } from './context.ts';

export function checkKept(resolution: Resolution): void {
  checkSystemPrivileges(resolution);
  checkSystemLinks(resolution);
  checkKeys(resolution);
}

function checkSystemPrivileges({ kept, privileges, problems }: Resolution): void {
  const told = new Set<string>();
  for (const [kind, rows] of [
    ['policy', kept.policies],
    ['role', kept.roles],
  ] as const) {
    for (const row of rows) {
      for (const name of textList(row.privileges)) {
        if (privileges.has(name) || told.has(name)) continue;
        told.add(name);
        problems.add('used_by_system', 'catalog.privileges', `${quote(name)} must stay: the system ${kind} ${quote(row.name)} names it`);
      }
    }
  }
}

function checkSystemLinks({ kept, policies, present, problems, roles }: Resolution): void {
  for (const { role, policy } of kept.role_policies) {
    if (policies.byId(policy) !== undefined) continue;
    const name = present.policies.find((row) => row.id === policy)?.name ?? policy;
    problems.add(
      'used_by_system',
      'policies',
      `the policy ${quote(name)} must stay: the system role ${quote(roles.byId(role)?.name ?? role)} bundles it`,
    );
  }
  for (const { role, parent } of kept.role_inherits) {
    if (roles.byId(parent) !== undefined) continue;
    const name = present.roles.find((row) => row.id === parent)?.name ?? parent;
    problems.add(
      'used_by_system',
      'roles',
      `the role ${quote(name)} must stay: the system role ${quote(roles.byId(role)?.name ?? role)} inherits it`,
    );
  }
}

function checkKeys(resolution: Resolution): void {
  const { kept, policies, present, problems, projects, roles } = resolution;
  const advice = 'take it from the key first';
  for (const row of kept.assignments) {
    const held = row.role === null ? policies.byId(row.policy ?? '') : roles.byId(row.role);
    if (held === undefined) {
      const section = row.role === null ? 'policies' : 'roles';
      const id = row.role ?? row.policy ?? '';
      const name = present[section].find((each) => each.id === id)?.name ?? id;
      problems.add('held_by_api_key', section, `${quote(name)} must stay: ${quote(row.principal)} holds it; ${advice}`);
    } else if (held.project !== '' && !isWithinProject(row.scope, held.project, resolution)) {
      const holding = `${quote(row.principal)} holds ${quote(held.name)} there`;
      const message = `${quote(row.scope)} must stay in the project ${quote(held.project)}: ${holding}; ${advice}`;
      problems.add('held_by_api_key', 'resources', message);
    }
  }
  for (const key of kept.api_keys) {
    if (key.project === '' || projects.has(key.project)) continue;
    problems.add('held_by_api_key', 'projects', `the project ${quote(key.project)} must stay: the API key ${quote(key.id)} belongs to it`);
  }
}

/** The texts of a stored JSON list; none of a text that is no list. */
function textList(json: string): string[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
