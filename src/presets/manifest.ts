/**
 * The manifest as types: one document for a whole organization, names instead of ids; and what a preset is made of.
 * Shapes only. The schema that refuses wrong documents lives where documents are read.
 */
import type { Json, JsonObject } from '../core/terms/json.ts';

export interface Manifest {
  /** version of the document's format */
  bitgate: 1;
  catalog?: ManifestCatalog | undefined;
  policies?: ManifestPolicy[] | undefined;
  roles?: ManifestRole[] | undefined;
  projects?: ManifestProject[] | undefined;
  subjects?: ManifestSubject[] | undefined;
  groups?: ManifestGroup[] | undefined;
  resources?: ManifestResource[] | undefined;
  assignments?: ManifestAssignment[] | undefined;
  routes?: ManifestRoute[] | undefined;
  settings?: ManifestSettings | undefined;
}

export interface ManifestCatalog {
  privileges?: ManifestPrivilege[] | undefined;
}

export interface ManifestPrivilege {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  /** absent: both */
  levels?: ('org' | 'project')[] | undefined;
  /** absent or empty: any type */
  resource_types?: string[] | undefined;
  /** informational: the resource types whose screens offer it */
  applies_to?: string[] | undefined;
  implies?: string[] | undefined;
  implies_all?: 'project' | undefined;
}

export interface ManifestPolicy {
  name: string;
  id?: string | undefined;
  description?: string | undefined;
  /** absent: `allow` */
  effect?: 'allow' | 'deny' | undefined;
  /** absent: `ACTIVE` */
  state?: 'ACTIVE' | 'INACTIVE' | 'DRAFT' | undefined;
  privileges: string[];
  resource_types?: string[] | undefined;
  /** CEL; absent or null: none */
  condition?: string | null | undefined;
}

export interface ManifestRole {
  name: string;
  id?: string | undefined;
  title?: string | undefined;
  description?: string | undefined;
  /** names of policies of the same level */
  policies?: string[] | undefined;
  /** names of roles whose bundle it has too */
  inherits?: string[] | undefined;
  /** granted inline, unconditionally */
  privileges?: string[] | undefined;
  all_privileges?: boolean | undefined;
  reaches_restricted?: boolean | undefined;
}

/** Becomes the resource `project:<id>`. */
export interface ManifestProject {
  id: string;
  nickname?: string | undefined;
  policies?: ManifestPolicy[] | undefined;
  roles?: ManifestRole[] | undefined;
  properties?: JsonObject | undefined;
  parents?: string[] | undefined;
  access?: 'inherit' | 'restricted' | undefined;
  owners?: ManifestOwner[] | undefined;
}

export interface ManifestSubject {
  type: string;
  id: string;
  /** absent: `active` */
  status?: 'active' | 'suspended' | undefined;
  properties?: JsonObject | undefined;
}

export interface ManifestGroup {
  name: string;
  id?: string | undefined;
  description?: string | undefined;
  /** `type:id` of subjects, `group:<name>` of groups */
  members?: string[] | undefined;
}

export interface ManifestOwner {
  /** a subject or `group:<name>` */
  subject: string;
  kind?: string | undefined;
}

export interface ManifestResource {
  type: string;
  id: string;
  parents?: string[] | undefined;
  /** absent: `inherit` */
  access?: 'inherit' | 'restricted' | undefined;
  owners?: ManifestOwner[] | undefined;
  properties?: JsonObject | undefined;
}

/** Exactly one of `role` and `policy`; a project's own is written `<project>/<name>`. */
export interface ManifestAssignment {
  /** a subject, `group:<name>`, or a reserved group */
  subject: string;
  role?: string | undefined;
  policy?: string | undefined;
  /** `org` or `type:id` */
  scope: string;
  /** RFC 3339; absent or null: no bound */
  not_before?: string | null | undefined;
  expires_at?: string | null | undefined;
}

export interface ManifestRoute {
  hosts?: string[] | undefined;
  methods?: string[] | undefined;
  path: string;
  action: string;
  resource?: string | undefined;
  parents?: string[] | undefined;
}

/** `issuers` and `claim_mappings` are read where tokens are verified. */
export interface ManifestSettings {
  /** name of the role that subjects without a direct role at `org` have */
  default_role?: string | null | undefined;
  role_cardinality?: { org?: RoleCardinality | undefined; project?: RoleCardinality | undefined } | undefined;
  closed_types?: string[] | undefined;
  issuers?: Json[] | undefined;
  claim_mappings?: Json[] | undefined;
}

type RoleCardinality = 'single' | 'multiple';

/** The part that nobody in the organization can edit, delete or shadow; written like the sections of a manifest. */
export interface PresetSystem {
  /** the reserved `bitgate:*` privileges */
  catalog: { privileges: ManifestPrivilege[] };
  policies: ManifestPolicy[];
  roles: ManifestRole[];
}

export interface Preset {
  name: string;
  title: string;
  description: string;
  /** whole: what every organization has, and what this preset adds */
  system: PresetSystem;
  /** the catalog and what the organization may change; may name what is in `system` */
  manifest: Manifest;
}
