/**
 * The rows of one organization as the compiler and the oracle read them. Columns are named as in D1, without `org`.
 * Columns that hold JSON stay text here: a row typed by hand may hold anything, and reading it is the compiler's work.
 */
export interface PrivilegeRow {
  name: string;
  /** where the privilege can be asked: at organization level, at project level, or at both */
  levels: 'org' | 'project' | 'both';
  /** JSON array of resource types; `[]` is any */
  resource_types: string;
  /** JSON array of privilege names; expands allows only */
  implies: string;
  /** `project`: holding it through a grant at `org` is holding every project-level privilege in every project */
  implies_all: '' | 'project';
  title: string;
  description: string;
  /** JSON array, informational: the resource types that a screen offers it for */
  applies_to: string;
}

export interface PolicyRow {
  id: string;
  /** the project it belongs to, `''` for the organization */
  project: string;
  name: string;
  description: string;
  effect: 'allow' | 'deny';
  state: 'ACTIVE' | 'INACTIVE' | 'DRAFT';
  /** JSON array of privilege names */
  privileges: string;
  /** JSON array; `[]` is any. A policy with types never holds without a resource */
  resource_types: string;
  /** CEL, or null */
  condition: string | null;
  system: 0 | 1;
}

export interface RoleRow {
  id: string;
  project: string;
  name: string;
  title: string;
  description: string;
  /** JSON array of privilege names: the role's inline allow policy */
  privileges: string;
  all_privileges: 0 | 1;
  reaches_restricted: 0 | 1;
  system: 0 | 1;
}

export interface RolePolicyRow {
  role: string;
  policy: string;
}

/** `role` inherits everything that `parent` bundles. */
export interface RoleInheritRow {
  role: string;
  parent: string;
}

export interface GroupRow {
  id: string;
  name: string;
  description: string;
}

/** `member` is a subject (`user:alice`) or a group (`group:<id>`, never a reserved one). */
export interface GroupMemberRow {
  group_id: string;
  member: string;
}

export interface SubjectRow {
  subject: string;
  status: 'active' | 'suspended';
  /** JSON object */
  properties: string;
}

export interface ResourceRow {
  resource: string;
  access: 'inherit' | 'restricted';
  /** JSON object */
  properties: string;
}

export interface ResourceParentRow {
  resource: string;
  parent: string;
}

export interface ResourceOwnerRow {
  resource: string;
  /** a subject or `group:<id>` */
  owner: string;
  /** `TECHNICAL` …; `''` when no kind was given */
  kind: string;
}

/** Exactly one of `role` and `policy` is set. Holds while `not_before ≤ t < expires_at`; null is no bound. Times in ms since 1970. */
export interface AssignmentRow {
  id: string;
  /** a subject, `group:<id>`, or a reserved group */
  principal: string;
  role: string | null;
  policy: string | null;
  /** `org` or a resource; the resource need not be registered */
  scope: string;
  not_before: number | null;
  expires_at: number | null;
}

/** The key `id` is the subject `api_key:<id>`. */
export interface ApiKeyRow {
  id: string;
  project: string;
  name: string;
  /** SHA-256 of the whole token, 64 hex digits */
  hash: string;
  /** the hash before a rotation, valid until `previous_until` (ms) */
  previous_hash: string | null;
  previous_until: number | null;
  status: 'active' | 'disabled';
  expires_at: number | null;
  forward_auth: '' | 'nginx' | 'forwarded' | 'envoy';
}

export interface RouteRow {
  position: number;
  /** JSON object: `{hosts, methods, path, action, resource?, parents?}` */
  route: string;
}

/** What the organization's settings decide in a check. JSON object; unknown keys are carried along. */
export interface SettingsRow {
  settings: string;
}

/** A project is the resource `project:<id>`, which has a row of its own in `resources`; this one holds what only projects have. */
export interface ProjectRow {
  id: string;
  nickname: string;
}

/** What the catalog blob is compiled from. */
export interface CatalogRows {
  privileges: PrivilegeRow[];
  policies: PolicyRow[];
  roles: RoleRow[];
  role_policies: RolePolicyRow[];
  role_inherits: RoleInheritRow[];
  groups: GroupRow[];
  /** only the rows whose member is a group */
  group_nesting: GroupMemberRow[];
  routes: RouteRow[];
  /** one row, or none for an organization with default settings */
  settings: SettingsRow[];
}

/** What principal leaves are compiled from. */
export interface PrincipalRows {
  subjects: SubjectRow[];
  /** only the rows whose member is a subject */
  memberships: GroupMemberRow[];
  assignments: AssignmentRow[];
  /** keys again, since a disabled or expired key is a suspended subject */
  api_keys: ApiKeyRow[];
}

/** What resource leaves are compiled from. */
export interface ResourceRows {
  resources: ResourceRow[];
  resource_parents: ResourceParentRow[];
  resource_owners: ResourceOwnerRow[];
}

/** One organization, whole. */
export interface OrganizationRows extends CatalogRows, PrincipalRows, ResourceRows {}

/** The tables as they are stored, each with its row type: what a writer changes. */
export interface StoredRows {
  projects: ProjectRow;
  privileges: PrivilegeRow;
  policies: PolicyRow;
  roles: RoleRow;
  role_policies: RolePolicyRow;
  role_inherits: RoleInheritRow;
  groups: GroupRow;
  group_members: GroupMemberRow;
  subjects: SubjectRow;
  resources: ResourceRow;
  resource_parents: ResourceParentRow;
  resource_owners: ResourceOwnerRow;
  assignments: AssignmentRow;
  api_keys: ApiKeyRow;
  routes: RouteRow;
  settings: SettingsRow;
}

export type TableName = keyof StoredRows;
