/** Privileges, policies, roles and settings of a random world. */
import type { OrganizationRows, PolicyRow, PrivilegeRow, RoleRow } from '../../src/core/terms/rows.ts';
import type { Random } from './random.ts';
import { PRIVILEGE_NAMES, RESOURCE_TYPES, randomCondition } from './vocabulary.ts';

export function addCatalog(random: Random, rows: OrganizationRows): void {
  const names = random.sample(PRIVILEGE_NAMES, random.between(8, 11));
  for (const name of names) addPrivileges(random, rows, name);
  for (const row of rows.privileges) row.implies = JSON.stringify(randomImplies(random, names));
  if (random.chance(0.2)) addCycleOfThree(random, rows.privileges);
  for (let i = random.between(5, 8); i > 0; i--) addPolicy(random, rows);
  for (let i = random.between(5, 7); i > 0; i--) addRole(random, rows);
  rows.settings.push({ settings: randomSettings(random, rows) });
}

/** One entry for both levels or for one, or two entries of the same name. */
export function addPrivileges(random: Random, rows: OrganizationRows, name: string): void {
  const kind = random.below(20);
  if (kind === 0) rows.privileges.push(privilege(random, name, 'org'));
  else if (kind === 1) rows.privileges.push(privilege(random, name, 'project'));
  else if (kind <= 5) rows.privileges.push(privilege(random, name, 'org'), privilege(random, name, 'project'));
  else rows.privileges.push(privilege(random, name, 'both'));
}

function privilege(random: Random, name: string, levels: PrivilegeRow['levels']): PrivilegeRow {
  return {
    name,
    levels,
    resource_types: JSON.stringify(random.chance(0.1) ? random.sample([...RESOURCE_TYPES, 'project'], random.between(1, 3)) : []),
    implies: '[]',
    implies_all: random.chance(0.06) ? 'project' : '',
    title: name,
    description: '',
    applies_to: '[]',
  };
}

export function randomImplies(random: Random, names: readonly string[]): string[] {
  return random.chance(0.3) ? random.sample(names, random.between(1, 2)) : [];
}

function addCycleOfThree(random: Random, privileges: readonly PrivilegeRow[]): void {
  const [first, second, third] = random.sample(privileges, 3);
  if (!first || !second || !third) return;
  first.implies = JSON.stringify([second.name]);
  second.implies = JSON.stringify([third.name]);
  third.implies = JSON.stringify([first.name]);
}

/** The organization's own, or a project's: which names only privileges that can be asked in a project. */
export function addPolicy(random: Random, rows: OrganizationRows): PolicyRow {
  const project = randomProject(random, rows);
  const deny = random.chance(0.22);
  const policy: PolicyRow = {
    id: freshId(rows.policies, 'pol'),
    project,
    name: freshId(rows.policies, 'Policy'),
    description: '',
    effect: deny ? 'deny' : 'allow',
    state: random.pick(['ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'INACTIVE', 'DRAFT']),
    privileges: JSON.stringify(randomNames(random, rows, project, deny ? 3 : 5)),
    resource_types: JSON.stringify(random.chance(0.25) ? random.sample([...RESOURCE_TYPES, 'project'], random.between(1, 2)) : []),
    condition: random.chance(0.6) ? randomCondition(random, deny ? 'deny' : 'allow') : null,
    system: 0,
  };
  rows.policies.push(policy);
  return policy;
}

/** A new role that inherits some of those that were there before: so inheritance can't become a cycle. */
export function addRole(random: Random, rows: OrganizationRows): RoleRow {
  const project = randomProject(random, rows);
  const role: RoleRow = {
    id: freshId(rows.roles, 'rol'),
    project,
    name: freshId(rows.roles, 'Role'),
    title: '',
    description: '',
    privileges: JSON.stringify(random.chance(0.5) ? randomNames(random, rows, project, 4) : []),
    all_privileges: random.chance(0.07) ? 1 : 0,
    reaches_restricted: random.chance(0.25) ? 1 : 0,
    system: 0,
  };
  const fits = (other: { project: string }): boolean => other.project === '' || other.project === project;
  for (const parent of random.sample(rows.roles.filter(fits), random.pick([0, 0, 1, 1, 2]))) {
    rows.role_inherits.push({ role: role.id, parent: parent.id });
  }
  for (const policy of random.sample(rows.policies.filter(fits), random.pick([0, 1, 2, 2, 3]))) {
    rows.role_policies.push({ role: role.id, policy: policy.id });
  }
  rows.roles.push(role);
  return role;
}

export function randomSettings(random: Random, rows: OrganizationRows): string {
  const roles = rows.roles.filter((role) => role.project === '').map((role) => role.id);
  return JSON.stringify({
    default_role: random.chance(0.3) && roles.length > 0 ? random.pick(roles) : null,
    closed_types: random.some([...RESOURCE_TYPES, 'project'], 0.15),
  });
}

/** Between one and `most` names that a policy or role of that level may hold. */
export function randomNames(random: Random, rows: OrganizationRows, project: string, most: number): string[] {
  const fitting = rows.privileges.filter((row) => project === '' || row.levels !== 'org').map((row) => row.name);
  return random.sample([...new Set(fitting)], random.between(1, most));
}

function randomProject(random: Random, rows: OrganizationRows): string {
  const projects = rows.resources.filter((row) => row.resource.startsWith('project:')).map((row) => row.resource.slice('project:'.length));
  return random.chance(0.15) && projects.length > 0 ? random.pick(projects) : '';
}

/** `pol_0`, `pol_1` …: the first that is free; `pol_1` is a prefix of `pol_10` */
function freshId(rows: readonly { id: string; name: string }[], prefix: string): string {
  for (let i = 0; ; i++) {
    const id = `${prefix}_${i}`;
    if (!rows.some((row) => row.id === id || row.name === id)) return id;
  }
}
