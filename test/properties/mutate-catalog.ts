/** Random changes to privileges, policies, roles and settings. */
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { Change } from './mutate.ts';
import { pickFrom, reachable, removeWhere } from './rows-edit.ts';
import { PRIVILEGE_NAMES, RESOURCE_TYPES, randomCondition } from './vocabulary.ts';
import { addPolicy, addPrivileges, addRole, randomImplies, randomNames, randomSettings } from './world-catalog.ts';

export const CATALOG_CHANGES: Readonly<Record<string, Change>> = {
  'add a privilege'(random, rows) {
    const name = random.pick(PRIVILEGE_NAMES);
    if (!rows.privileges.some((row) => row.name === name)) addPrivileges(random, rows, name);
  },

  'remove a privilege'(random, rows) {
    const name = pickFrom(random, rows.privileges)?.name;
    if (name === undefined || rows.privileges.length < 5) return;
    removeWhere(rows.privileges, (row) => row.name === name);
    for (const row of rows.privileges) row.implies = withoutName(row.implies, name);
    for (const row of [...rows.policies, ...rows.roles]) row.privileges = withoutName(row.privileges, name);
  },

  'change what a privilege implies'(random, rows) {
    const row = pickFrom(random, rows.privileges);
    const names = [...new Set(rows.privileges.map((other) => other.name))];
    if (row) row.implies = JSON.stringify(randomImplies(random, names));
  },

  'change the types of a privilege'(random, rows) {
    const row = pickFrom(random, rows.privileges);
    if (row) row.resource_types = JSON.stringify(random.some(RESOURCE_TYPES, 0.4));
  },

  'switch implies_all of a privilege'(random, rows) {
    const row = pickFrom(random, rows.privileges);
    if (row) row.implies_all = row.implies_all === '' ? 'project' : '';
  },

  'add a policy'(random, rows) {
    addPolicy(random, rows);
  },

  'remove a policy'(random, rows) {
    const gone = pickFrom(random, rows.policies);
    if (!gone) return;
    removeWhere(rows.policies, (row) => row === gone);
    removeWhere(rows.role_policies, (row) => row.policy === gone.id);
    removeWhere(rows.assignments, (row) => row.policy === gone.id);
  },

  'change the state of a policy'(random, rows) {
    const row = pickFrom(random, rows.policies);
    if (row) row.state = random.pick(['ACTIVE', 'INACTIVE', 'DRAFT']);
  },

  'turn a policy round'(random, rows) {
    const row = pickFrom(random, rows.policies);
    if (row) row.effect = row.effect === 'allow' ? 'deny' : 'allow';
  },

  'change the condition of a policy'(random, rows) {
    const row = pickFrom(random, rows.policies);
    if (row) row.condition = random.chance(0.3) ? null : randomCondition(random, row.effect);
  },

  'change the types of a policy'(random, rows) {
    const row = pickFrom(random, rows.policies);
    if (row) row.resource_types = JSON.stringify(random.some(RESOURCE_TYPES, 0.4));
  },

  'change the privileges of a policy'(random, rows) {
    const row = pickFrom(random, rows.policies);
    if (row) row.privileges = JSON.stringify(randomNames(random, rows, row.project, 4));
  },

  'rename a policy'(random, rows) {
    const row = pickFrom(random, rows.policies);
    if (row) row.name = `${row.id} renamed ${random.below(1000)}`;
  },

  'add a role'(random, rows) {
    addRole(random, rows);
  },

  'remove a role'(random, rows) {
    const gone = pickFrom(random, rows.roles);
    if (!gone || rows.roles.length < 3) return;
    removeWhere(rows.roles, (row) => row === gone);
    removeWhere(rows.role_policies, (row) => row.role === gone.id);
    removeWhere(rows.role_inherits, (row) => row.role === gone.id || row.parent === gone.id);
    removeWhere(rows.assignments, (row) => row.role === gone.id);
    for (const row of rows.settings) if (row.settings.includes(`"${gone.id}"`)) row.settings = row.settings.replace(`"${gone.id}"`, 'null');
  },

  'change the privileges of a role'(random, rows) {
    const row = pickFrom(random, rows.roles);
    if (row) row.privileges = JSON.stringify(random.chance(0.2) ? [] : randomNames(random, rows, row.project, 3));
  },

  'switch a flag of a role'(random, rows) {
    const row = pickFrom(random, rows.roles);
    if (!row) return;
    if (random.chance(0.7)) row.reaches_restricted = row.reaches_restricted === 1 ? 0 : 1;
    else row.all_privileges = row.all_privileges === 1 ? 0 : 1;
  },

  'give a role a policy'(random, rows) {
    const role = pickFrom(random, rows.roles);
    const policy = pickFrom(
      random,
      rows.policies.filter((row) => row.project === '' || row.project === role?.project),
    );
    if (!role || !policy || rows.role_policies.some((row) => row.role === role.id && row.policy === policy.id)) return;
    rows.role_policies.push({ role: role.id, policy: policy.id });
  },

  'take a policy from a role'(random, rows) {
    const gone = pickFrom(random, rows.role_policies);
    removeWhere(rows.role_policies, (row) => row === gone);
  },

  'let a role inherit'(random, rows) {
    const role = pickFrom(random, rows.roles);
    const parent = pickFrom(
      random,
      rows.roles.filter((row) => row !== role && (row.project === '' || row.project === role?.project)),
    );
    if (!role || !parent || rows.role_inherits.some((row) => row.role === role.id && row.parent === parent.id)) return;
    if (inheritedBy(rows, parent.id).has(role.id)) return;
    rows.role_inherits.push({ role: role.id, parent: parent.id });
  },

  'end an inheritance'(random, rows) {
    const gone = pickFrom(random, rows.role_inherits);
    removeWhere(rows.role_inherits, (row) => row === gone);
  },

  'change the settings'(random, rows) {
    rows.settings = random.chance(0.1) ? [] : [{ settings: randomSettings(random, rows) }];
  },
};

function inheritedBy(rows: OrganizationRows, role: string): Set<string> {
  return reachable(
    rows.role_inherits.map((row) => [row.role, row.parent]),
    role,
  );
}

function withoutName(json: string, name: string): string {
  const names: unknown[] = JSON.parse(json);
  return JSON.stringify(names.filter((item) => item !== name));
}
