/**
 * Rows of a small organization from a readable literal. Names become ids with their prefix (`rol_reader`, `pol_viewer`, `grp_staff`);
 * `group:staff` stands for the group of that name. Whoever is named in a group, an owner or an assignment is registered.
 */
import type { JsonObject } from '../../src/core/terms/json.ts';
import type { OrganizationRows, PolicyRow, PrivilegeRow } from '../../src/core/terms/rows.ts';

interface PrivilegeLiteral {
  levels?: PrivilegeRow['levels'];
  types?: string[];
  implies?: string[];
  impliesAll?: boolean;
}

export interface RowsLiteral {
  /** two entries of one name are written as a list */
  privileges?: Record<string, PrivilegeLiteral | PrivilegeLiteral[]>;
  policies?: Record<
    string,
    {
      privileges: string[];
      effect?: PolicyRow['effect'];
      state?: PolicyRow['state'];
      types?: string[];
      condition?: string;
      project?: string;
    }
  >;
  roles?: Record<
    string,
    { privileges?: string[]; policies?: string[]; inherits?: string[]; all?: boolean; reachesRestricted?: boolean; project?: string }
  >;
  groups?: Record<string, string[]>;
  subjects?: Record<string, { suspended?: boolean; properties?: JsonObject }>;
  /** `disabled`, or the end in ms, or null */
  keys?: Record<string, 'disabled' | number | null>;
  resources?: Record<
    string,
    { parents?: string[]; restricted?: boolean; owners?: (string | [owner: string, kind: string])[]; properties?: JsonObject }
  >;
  /** principal, name of a role or policy, scope, and optionally when it begins and ends (ms) */
  assignments?: [principal: string, target: string, scope: string, window?: { from?: number; until?: number }][];
  settings?: { default_role?: string; closed_types?: string[] };
}

export function rows(literal: RowsLiteral): OrganizationRows {
  const { roles = {}, groups = {}, resources = {}, assignments = [], settings = {} } = literal;
  const groupRef = (ref: string): string => {
    const name = ref.startsWith('group:') ? ref.slice('group:'.length) : '';
    return Object.hasOwn(groups, name) ? `group:grp_${name}` : ref;
  };
  const memberRows = Object.entries(groups).flatMap(([name, members]) =>
    members.map((member) => ({ group_id: `grp_${name}`, member: groupRef(member) })),
  );
  const ownerRows = Object.entries(resources).flatMap(([resource, { owners = [] }]) =>
    owners
      .map((given) => (typeof given === 'string' ? [given, ''] : given))
      .map(([owner = '', kind = '']) => ({ resource, owner: groupRef(owner), kind })),
  );
  const assignmentRows = assignments.map(([principal, target, scope, window = {}], at) => ({
    id: `asg_${at}`,
    principal: groupRef(principal),
    role: Object.hasOwn(roles, target) ? `rol_${target}` : null,
    policy: Object.hasOwn(roles, target) ? null : `pol_${target}`,
    scope,
    not_before: window.from ?? null,
    expires_at: window.until ?? null,
  }));
  const named = [
    ...memberRows.map((row) => row.member),
    ...ownerRows.map((row) => row.owner),
    ...assignmentRows.map((row) => row.principal),
  ];
  return {
    ...catalogRows(literal),
    groups: Object.keys(groups).map((name) => ({ id: `grp_${name}`, name, description: '' })),
    group_nesting: memberRows.filter((row) => row.member.startsWith('group:')),
    memberships: memberRows.filter((row) => !row.member.startsWith('group:')),
    routes: [],
    settings: [
      {
        settings: JSON.stringify({
          default_role: settings.default_role === undefined ? null : `rol_${settings.default_role}`,
          closed_types: settings.closed_types ?? [],
        }),
      },
    ],
    subjects: subjectRows(literal, named),
    assignments: assignmentRows,
    api_keys: Object.entries(literal.keys ?? {}).map(([id, state]) => ({
      id,
      project: '',
      name: id,
      hash: '0'.repeat(64),
      previous_hash: null,
      previous_until: null,
      status: state === 'disabled' ? 'disabled' : 'active',
      expires_at: typeof state === 'number' ? state : null,
      forward_auth: '',
    })),
    resources: Object.entries(resources).map(([resource, { restricted, properties = {} }]) => ({
      resource,
      access: restricted ? 'restricted' : 'inherit',
      properties: JSON.stringify(properties),
    })),
    resource_parents: Object.entries(resources).flatMap(([resource, { parents = [] }]) => parents.map((parent) => ({ resource, parent }))),
    resource_owners: ownerRows,
  };
}

type Catalog = Pick<OrganizationRows, 'privileges' | 'policies' | 'roles' | 'role_policies' | 'role_inherits'>;

function catalogRows({ privileges = {}, policies = {}, roles = {} }: RowsLiteral): Catalog {
  return {
    privileges: Object.entries(privileges).flatMap(([name, given]) =>
      [given].flat().map(({ levels = 'both', types = [], implies = [], impliesAll = false }) => ({
        name,
        levels,
        resource_types: JSON.stringify(types),
        implies: JSON.stringify(implies),
        implies_all: impliesAll ? 'project' : '',
        title: name,
        description: '',
        applies_to: '[]',
      })),
    ),
    policies: Object.entries(policies).map(([name, policy]) => ({
      id: `pol_${name}`,
      project: policy.project ?? '',
      name,
      description: '',
      effect: policy.effect ?? 'allow',
      state: policy.state ?? 'ACTIVE',
      privileges: JSON.stringify(policy.privileges),
      resource_types: JSON.stringify(policy.types ?? []),
      condition: policy.condition ?? null,
      system: 0,
    })),
    roles: Object.entries(roles).map(([name, role]) => ({
      id: `rol_${name}`,
      project: role.project ?? '',
      name,
      title: '',
      description: '',
      privileges: JSON.stringify(role.privileges ?? []),
      all_privileges: role.all ? 1 : 0,
      reaches_restricted: role.reachesRestricted ? 1 : 0,
      system: 0,
    })),
    role_policies: Object.entries(roles).flatMap(([name, role]) =>
      (role.policies ?? []).map((policy) => ({ role: `rol_${name}`, policy: `pol_${policy}` })),
    ),
    role_inherits: Object.entries(roles).flatMap(([name, role]) =>
      (role.inherits ?? []).map((parent) => ({ role: `rol_${name}`, parent: `rol_${parent}` })),
    ),
  };
}

function subjectRows({ subjects = {}, keys = {} }: RowsLiteral, named: readonly string[]): OrganizationRows['subjects'] {
  const all = new Set([
    ...Object.keys(subjects),
    ...Object.keys(keys).map((id) => `api_key:${id}`),
    ...named.filter((ref) => !ref.startsWith('group:')),
  ]);
  return [...all].map((subject) => ({
    subject,
    status: subjects[subject]?.suspended ? 'suspended' : 'active',
    properties: JSON.stringify(subjects[subject]?.properties ?? {}),
  }));
}
