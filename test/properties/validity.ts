/** What the database and the compiler would refuse in the rows of a random world. The generators must never make any of it. */
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import { reachable } from './rows-edit.ts';

const RESERVED = /^group:(everyone|anyone|owner|owner:.+)$/;

/** Sentences about what is wrong; none for valid rows. */
export function faultsOf(rows: OrganizationRows): string[] {
  return [...missingReferences(rows), ...duplicates(rows), ...cycles(rows), ...wrongValues(rows)];
}

function missingReferences(rows: OrganizationRows): string[] {
  const subjects = new Set(rows.subjects.map((row) => row.subject));
  const groups = new Set(rows.groups.map((row) => row.id));
  const resources = new Set(rows.resources.map((row) => row.resource));
  const roles = new Map(rows.roles.map((row) => [row.id, row.project]));
  const policies = new Map(rows.policies.map((row) => [row.id, row.project]));
  const names = new Set(rows.privileges.map((row) => row.name));
  const projectNames = new Set(rows.privileges.filter((row) => row.levels !== 'org').map((row) => row.name));
  const faults: string[] = [];
  const need = (there: boolean, what: string): void => {
    if (!there) faults.push(`${what} is missing`);
  };
  const isMember = (ref: string): boolean => (ref.startsWith('group:') ? groups.has(ref.slice('group:'.length)) : subjects.has(ref));
  for (const row of rows.privileges) for (const name of list(row.implies)) need(names.has(name), `privilege ${name}`);
  for (const row of [...rows.policies, ...rows.roles]) {
    need(row.project === '' || resources.has(`project:${row.project}`), `project ${row.project}`);
    const known = row.project === '' ? names : projectNames;
    for (const name of list(row.privileges)) need(known.has(name), `privilege ${name} of ${row.id}`);
  }
  for (const row of rows.role_policies) {
    need(roles.has(row.role), `role ${row.role}`);
    need(['', roles.get(row.role)].includes(policies.get(row.policy)), `policy ${row.policy} for role ${row.role}`);
  }
  for (const row of rows.role_inherits) need(['', roles.get(row.role)].includes(roles.get(row.parent)), `role ${row.parent}`);
  for (const row of [...rows.memberships, ...rows.group_nesting]) need(groups.has(row.group_id) && isMember(row.member), row.member);
  for (const row of rows.api_keys) need(subjects.has(`api_key:${row.id}`), `subject of key ${row.id}`);
  for (const row of rows.resource_parents) need(resources.has(row.resource) && resources.has(row.parent), row.parent);
  for (const row of rows.resource_owners) need(resources.has(row.resource) && isMember(row.owner), row.owner);
  for (const row of rows.assignments) {
    need(RESERVED.test(row.principal) || isMember(row.principal), row.principal);
    need((row.role === null) !== (row.policy === null), `one of role and policy in ${row.id}`);
    need(roles.has(row.role ?? '') || policies.has(row.policy ?? ''), `target of ${row.id}`);
  }
  for (const row of rows.settings) {
    const role = JSON.parse(row.settings).default_role;
    need(role === null || roles.has(role), `default role ${role}`);
  }
  return faults;
}

function duplicates(rows: OrganizationRows): string[] {
  const keys = [
    ...rows.privileges.flatMap((row) =>
      (row.levels === 'both' ? ['org', 'project'] : [row.levels]).map((level) => ['privilege', level, row.name]),
    ),
    ...rows.policies.flatMap((row) => [
      ['id', row.id],
      ['policy', row.project, row.name.toLowerCase()],
    ]),
    ...rows.roles.flatMap((row) => [
      ['id', row.id],
      ['role', row.project, row.name.toLowerCase()],
    ]),
    ...rows.groups.map((row) => ['group', row.id]),
    ...rows.subjects.map((row) => ['subject', row.subject]),
    ...rows.resources.map((row) => ['resource', row.resource]),
    ...rows.api_keys.map((row) => ['key', row.id]),
    ...rows.assignments.map((row) => ['assignment', row.id]),
    ...rows.role_policies.map((row) => ['role policy', row.role, row.policy]),
    ...rows.role_inherits.map((row) => ['inherits', row.role, row.parent]),
    ...[...rows.memberships, ...rows.group_nesting].map((row) => ['member', row.group_id, row.member]),
    ...rows.resource_parents.map((row) => ['parent', row.resource, row.parent]),
    ...rows.resource_owners.map((row) => ['owner', row.resource, row.owner, row.kind]),
  ].map((key) => JSON.stringify(key));
  return keys.filter((key, at) => keys.indexOf(key) !== at).map((key) => `${key} is there twice`);
}

function cycles(rows: OrganizationRows): string[] {
  const graphs: Record<string, [string, string][]> = {
    group: rows.group_nesting.map((row) => [row.member, `group:${row.group_id}`]),
    role: rows.role_inherits.map((row) => [row.role, row.parent]),
    resource: rows.resource_parents.map((row) => [row.resource, row.parent]),
  };
  return Object.entries(graphs).flatMap(([name, edges]) =>
    edges.filter(([from, to]) => reachable(edges, to).has(from)).map(([from]) => `${name} ${from} is above itself`),
  );
}

function wrongValues(rows: OrganizationRows): string[] {
  return [
    ...rows.group_nesting.filter((row) => !row.member.startsWith('group:')).map((row) => `${row.member} is no group`),
    ...rows.memberships.filter((row) => row.member.startsWith('group:')).map((row) => `${row.member} is no subject`),
    ...rows.assignments
      .filter((row) => row.not_before !== null && row.expires_at !== null && row.not_before >= row.expires_at)
      .map((row) => `the window of ${row.id} is empty`),
    ...rows.api_keys.filter((row) => !/^[0-9a-f]{64}$/.test(row.hash)).map((row) => `the hash of key ${row.id} is none`),
  ];
}

function list(json: string): string[] {
  return JSON.parse(json);
}
