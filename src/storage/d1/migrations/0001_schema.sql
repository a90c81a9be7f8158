-- The truth: the model of one bitgate, tables named after it. `org` comes first in every primary key, and every foreign key holds it, so
-- nothing refers across organizations. Ids are compared byte for byte (BINARY), times are milliseconds since 1970, JSON is text. Only
-- functions of SQLite 3.40. Foreign keys are NO ACTION, and what goes with a deleted row is deleted by triggers: ON DELETE CASCADE would
-- also be carried out by an INSERT OR REPLACE of that row.

CREATE TABLE IF NOT EXISTS organizations (
  id TEXT NOT NULL PRIMARY KEY CONSTRAINT organization_id CHECK (length(id) BETWEEN 1 AND 63 AND id NOT GLOB '*[^a-z0-9-]*'),
  name TEXT NOT NULL DEFAULT '' CONSTRAINT organization_name CHECK (length(name) <= 128),
  preset TEXT NOT NULL DEFAULT 'blank',
  state TEXT NOT NULL DEFAULT 'active' CONSTRAINT organization_state CHECK (state IN ('active', 'deleting')),
  created_at INTEGER NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))
) STRICT;

CREATE TABLE IF NOT EXISTS resources (
  org TEXT NOT NULL REFERENCES organizations (id),
  resource TEXT NOT NULL CONSTRAINT resource_reference
    CHECK (instr(resource, ':') > 1 AND length(resource) > instr(resource, ':') AND length(CAST(resource AS BLOB)) <= 512),
  access TEXT NOT NULL DEFAULT 'inherit' CONSTRAINT resource_access CHECK (access IN ('inherit', 'restricted')),
  properties TEXT NOT NULL DEFAULT '{}' CONSTRAINT resource_properties
    CHECK (json_valid(properties) AND json_type(properties) = 'object'),
  PRIMARY KEY (org, resource)
) STRICT;

-- A project is the resource `project:<id>`: this row holds what only projects have.
CREATE TABLE IF NOT EXISTS projects (
  org TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL CONSTRAINT project_id CHECK (id <> ''),
  nickname TEXT NOT NULL DEFAULT '' CONSTRAINT project_nickname CHECK (length(nickname) <= 128),
  resource TEXT NOT NULL GENERATED ALWAYS AS ('project:' || id) VIRTUAL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, resource) REFERENCES resources (org, resource)
) STRICT;

CREATE INDEX IF NOT EXISTS projects_by_resource ON projects (org, resource);

CREATE TABLE IF NOT EXISTS resource_parents (
  org TEXT NOT NULL REFERENCES organizations (id),
  resource TEXT NOT NULL,
  parent TEXT NOT NULL CONSTRAINT parent_reference
    CHECK (instr(parent, ':') > 1 AND length(parent) > instr(parent, ':') AND length(CAST(parent AS BLOB)) <= 512),
  PRIMARY KEY (org, resource, parent),
  FOREIGN KEY (org, resource) REFERENCES resources (org, resource),
  CONSTRAINT parent_of_itself CHECK (parent <> resource)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS resource_parents_by_parent ON resource_parents (org, parent);

-- `owner` is a subject or `group:<id>`, `kind` is empty when none was given.
CREATE TABLE IF NOT EXISTS resource_owners (
  org TEXT NOT NULL REFERENCES organizations (id),
  resource TEXT NOT NULL,
  owner TEXT NOT NULL CONSTRAINT owner_reference
    CHECK (instr(owner, ':') > 1 AND length(owner) > instr(owner, ':') AND length(CAST(owner AS BLOB)) <= 512),
  kind TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (org, resource, owner, kind),
  FOREIGN KEY (org, resource) REFERENCES resources (org, resource)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS resource_owners_by_owner ON resource_owners (org, owner);

-- Two entries may share a name if each has one level, a different one.
CREATE TABLE IF NOT EXISTS privileges (
  org TEXT NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL CONSTRAINT privilege_name CHECK (length(name) BETWEEN 1 AND 128),
  levels TEXT NOT NULL DEFAULT 'both' CONSTRAINT privilege_levels CHECK (levels IN ('org', 'project', 'both')),
  resource_types TEXT NOT NULL DEFAULT '[]' CONSTRAINT privilege_resource_types
    CHECK (json_valid(resource_types) AND json_type(resource_types) = 'array'),
  implies TEXT NOT NULL DEFAULT '[]' CONSTRAINT privilege_implies CHECK (json_valid(implies) AND json_type(implies) = 'array'),
  implies_all TEXT NOT NULL DEFAULT '' CONSTRAINT privilege_implies_all CHECK (implies_all IN ('', 'project')),
  title TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  applies_to TEXT NOT NULL DEFAULT '[]' CONSTRAINT privilege_applies_to
    CHECK (json_valid(applies_to) AND json_type(applies_to) = 'array'),
  PRIMARY KEY (org, name, levels)
) STRICT;

CREATE UNIQUE INDEX IF NOT EXISTS privileges_unique_at_org ON privileges (org, name) WHERE levels IN ('org', 'both');

CREATE UNIQUE INDEX IF NOT EXISTS privileges_unique_at_project ON privileges (org, name) WHERE levels IN ('project', 'both');

-- `project` is empty at organization level. `project_id` is the same, but null there, so that a foreign key can hold it.
CREATE TABLE IF NOT EXISTS policies (
  org TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL DEFAULT ('pol_' || lower(hex(randomblob(8)))) CONSTRAINT policy_id CHECK (id <> ''),
  project TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL CONSTRAINT policy_name CHECK (length(name) BETWEEN 1 AND 128),
  description TEXT NOT NULL DEFAULT '',
  effect TEXT NOT NULL DEFAULT 'allow' CONSTRAINT policy_effect CHECK (effect IN ('allow', 'deny')),
  state TEXT NOT NULL DEFAULT 'ACTIVE' CONSTRAINT policy_state CHECK (state IN ('ACTIVE', 'INACTIVE', 'DRAFT')),
  privileges TEXT NOT NULL DEFAULT '[]' CONSTRAINT policy_privileges CHECK (json_valid(privileges) AND json_type(privileges) = 'array'),
  resource_types TEXT NOT NULL DEFAULT '[]' CONSTRAINT policy_resource_types
    CHECK (json_valid(resource_types) AND json_type(resource_types) = 'array'),
  condition TEXT CONSTRAINT policy_condition CHECK (condition <> ''),
  system INTEGER NOT NULL DEFAULT 0 CONSTRAINT policy_system CHECK (system IN (0, 1)),
  project_id TEXT GENERATED ALWAYS AS (nullif(project, '')) VIRTUAL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, project_id) REFERENCES projects (org, id)
) STRICT;

CREATE UNIQUE INDEX IF NOT EXISTS policies_unique_name ON policies (org, project, name COLLATE NOCASE);

CREATE INDEX IF NOT EXISTS policies_by_project ON policies (org, project_id) WHERE project_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS roles (
  org TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL DEFAULT ('rol_' || lower(hex(randomblob(8)))) CONSTRAINT role_id CHECK (id <> ''),
  project TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL CONSTRAINT role_name CHECK (length(name) BETWEEN 1 AND 128),
  title TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  privileges TEXT NOT NULL DEFAULT '[]' CONSTRAINT role_privileges CHECK (json_valid(privileges) AND json_type(privileges) = 'array'),
  all_privileges INTEGER NOT NULL DEFAULT 0 CONSTRAINT role_all_privileges CHECK (all_privileges IN (0, 1)),
  reaches_restricted INTEGER NOT NULL DEFAULT 0 CONSTRAINT role_reaches_restricted CHECK (reaches_restricted IN (0, 1)),
  system INTEGER NOT NULL DEFAULT 0 CONSTRAINT role_system CHECK (system IN (0, 1)),
  project_id TEXT GENERATED ALWAYS AS (nullif(project, '')) VIRTUAL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, project_id) REFERENCES projects (org, id)
) STRICT;

CREATE UNIQUE INDEX IF NOT EXISTS roles_unique_name ON roles (org, project, name COLLATE NOCASE);

CREATE INDEX IF NOT EXISTS roles_by_project ON roles (org, project_id) WHERE project_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS role_policies (
  org TEXT NOT NULL REFERENCES organizations (id),
  role TEXT NOT NULL,
  policy TEXT NOT NULL,
  PRIMARY KEY (org, role, policy),
  FOREIGN KEY (org, role) REFERENCES roles (org, id),
  FOREIGN KEY (org, policy) REFERENCES policies (org, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS role_policies_by_policy ON role_policies (org, policy);

-- `role` inherits everything that `parent` bundles.
CREATE TABLE IF NOT EXISTS role_inherits (
  org TEXT NOT NULL REFERENCES organizations (id),
  role TEXT NOT NULL,
  parent TEXT NOT NULL,
  PRIMARY KEY (org, role, parent),
  FOREIGN KEY (org, role) REFERENCES roles (org, id),
  FOREIGN KEY (org, parent) REFERENCES roles (org, id),
  CONSTRAINT role_inherits_itself CHECK (parent <> role)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS role_inherits_by_parent ON role_inherits (org, parent);

-- A subject of type `group` is never a group and holds nothing, so it has no row.
CREATE TABLE IF NOT EXISTS subjects (
  org TEXT NOT NULL REFERENCES organizations (id),
  subject TEXT NOT NULL CONSTRAINT subject_reference CHECK (instr(subject, ':') > 1 AND length(subject) > instr(subject, ':')
    AND length(CAST(subject AS BLOB)) <= 512 AND subject NOT GLOB 'group:*'),
  status TEXT NOT NULL DEFAULT 'active' CONSTRAINT subject_status CHECK (status IN ('active', 'suspended')),
  properties TEXT NOT NULL DEFAULT '{}' CONSTRAINT subject_properties
    CHECK (json_valid(properties) AND json_type(properties) = 'object'),
  PRIMARY KEY (org, subject)
) STRICT;

CREATE TABLE IF NOT EXISTS groups (
  org TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL DEFAULT ('grp_' || lower(hex(randomblob(8)))) CONSTRAINT group_id
    CHECK (id <> '' AND length(CAST(id AS BLOB)) <= 506 AND id NOT IN ('everyone', 'anyone', 'owner') AND id NOT GLOB 'owner:*'),
  name TEXT NOT NULL CONSTRAINT group_name CHECK (length(name) BETWEEN 1 AND 128),
  description TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (org, id)
) STRICT;

CREATE UNIQUE INDEX IF NOT EXISTS groups_unique_name ON groups (org, name COLLATE NOCASE);

-- `member` is a subject or `group:<id>`.
CREATE TABLE IF NOT EXISTS group_members (
  org TEXT NOT NULL REFERENCES organizations (id),
  group_id TEXT NOT NULL,
  member TEXT NOT NULL CONSTRAINT member_reference
    CHECK (instr(member, ':') > 1 AND length(member) > instr(member, ':') AND length(CAST(member AS BLOB)) <= 512),
  PRIMARY KEY (org, group_id, member),
  FOREIGN KEY (org, group_id) REFERENCES groups (org, id),
  CONSTRAINT group_in_itself CHECK (member <> 'group:' || group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS group_members_by_member ON group_members (org, member);

-- `principal` is a subject, `group:<id>` or a reserved group, `scope` is `org` or a resource, registered or not.
CREATE TABLE IF NOT EXISTS assignments (
  org TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL DEFAULT ('asg_' || lower(hex(randomblob(8)))) CONSTRAINT assignment_id CHECK (id <> ''),
  principal TEXT NOT NULL CONSTRAINT principal_reference
    CHECK (instr(principal, ':') > 1 AND length(principal) > instr(principal, ':') AND length(CAST(principal AS BLOB)) <= 512),
  role TEXT,
  policy TEXT,
  scope TEXT NOT NULL CONSTRAINT assignment_scope CHECK (scope = 'org'
    OR (instr(scope, ':') > 1 AND length(scope) > instr(scope, ':') AND length(CAST(scope AS BLOB)) <= 512)),
  not_before INTEGER,
  expires_at INTEGER,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, role) REFERENCES roles (org, id),
  FOREIGN KEY (org, policy) REFERENCES policies (org, id),
  CONSTRAINT assignment_role_or_policy CHECK ((role IS NULL) <> (policy IS NULL)),
  CONSTRAINT assignment_window CHECK (not_before < expires_at)
) STRICT;

-- Also finds assignments by principal.
CREATE UNIQUE INDEX IF NOT EXISTS assignments_unique ON assignments
  (org, principal, ifnull(role, ''), ifnull(policy, ''), scope, ifnull(not_before, ''), ifnull(expires_at, ''));

CREATE INDEX IF NOT EXISTS assignments_by_role ON assignments (org, role) WHERE role IS NOT NULL;

CREATE INDEX IF NOT EXISTS assignments_by_policy ON assignments (org, policy) WHERE policy IS NOT NULL;

CREATE INDEX IF NOT EXISTS assignments_by_scope ON assignments (org, scope);

-- A key is the subject `api_key:<id>`: deleting either deletes both.
CREATE TABLE IF NOT EXISTS api_keys (
  org TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL CONSTRAINT api_key_id CHECK (id <> ''),
  project TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '' CONSTRAINT api_key_name CHECK (length(name) <= 128),
  hash TEXT NOT NULL CONSTRAINT api_key_hash CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
  previous_hash TEXT CONSTRAINT api_key_previous_hash CHECK (length(previous_hash) = 64 AND previous_hash NOT GLOB '*[^0-9a-f]*'),
  previous_until INTEGER,
  status TEXT NOT NULL DEFAULT 'active' CONSTRAINT api_key_status CHECK (status IN ('active', 'disabled')),
  expires_at INTEGER,
  forward_auth TEXT NOT NULL DEFAULT '' CONSTRAINT api_key_forward_auth CHECK (forward_auth IN ('', 'nginx', 'forwarded', 'envoy')),
  project_id TEXT GENERATED ALWAYS AS (nullif(project, '')) VIRTUAL,
  subject TEXT NOT NULL GENERATED ALWAYS AS ('api_key:' || id) VIRTUAL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, project_id) REFERENCES projects (org, id),
  FOREIGN KEY (org, subject) REFERENCES subjects (org, subject),
  CONSTRAINT api_key_previous CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
) STRICT;

CREATE INDEX IF NOT EXISTS api_keys_by_subject ON api_keys (org, subject);

CREATE INDEX IF NOT EXISTS api_keys_by_project ON api_keys (org, project_id) WHERE project_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS routes (
  org TEXT NOT NULL REFERENCES organizations (id),
  position INTEGER NOT NULL,
  route TEXT NOT NULL CONSTRAINT route_object CHECK (json_valid(route) AND json_type(route) = 'object'),
  PRIMARY KEY (org, position)
) STRICT;

CREATE TABLE IF NOT EXISTS settings (
  org TEXT NOT NULL PRIMARY KEY REFERENCES organizations (id),
  settings TEXT NOT NULL DEFAULT '{}' CONSTRAINT settings_object CHECK (json_valid(settings) AND json_type(settings) = 'object')
) STRICT;

-- Who changed what through the API. Append only, kept when the organization goes. `id` counts the rows of one organization, `prev_hash` and
-- `hash` chain them (see src/pap/audit/chain.ts).
CREATE TABLE IF NOT EXISTS audit (
  org TEXT NOT NULL,
  id INTEGER NOT NULL CONSTRAINT audit_id CHECK (id > 0),
  at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  request_id TEXT NOT NULL,
  before TEXT CONSTRAINT audit_before CHECK (json_valid(before)),
  after TEXT CONSTRAINT audit_after CHECK (json_valid(after)),
  prev_hash TEXT CONSTRAINT audit_prev_hash CHECK (length(prev_hash) = 64 AND prev_hash NOT GLOB '*[^0-9a-f]*'),
  hash TEXT NOT NULL CONSTRAINT audit_hash CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
  PRIMARY KEY (org, id)
) STRICT;

CREATE INDEX IF NOT EXISTS audit_by_actor ON audit (org, actor, id);

CREATE INDEX IF NOT EXISTS audit_by_action ON audit (org, action, id);

CREATE INDEX IF NOT EXISTS audit_by_target ON audit (org, target, id);

-- The log that triggers write. The revision of an organization is its newest `seq`: kept when the organization goes, it never falls.
--   key      primary key of the row within the organization: the text itself, a JSON array of several columns, empty for settings
--   area     what has to be compiled again
--   touches  the subject or group, the resource, or the key concerned (then `api_key:<key>` is too), else empty
--   before   the row before as a JSON object without `org`, null when there was none
--   op       `replace`: an INSERT OR REPLACE or UPDATE OR REPLACE may have displaced the row (SQLite fires no delete trigger then).
--            `restore`: the database was set back to an older state, so the log before this row does not lead to what is here
CREATE TABLE IF NOT EXISTS changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  org TEXT NOT NULL,
  tbl TEXT NOT NULL,
  key TEXT NOT NULL,
  area TEXT NOT NULL CONSTRAINT change_area CHECK (area IN ('organization', 'catalog', 'principal', 'resource', 'key')),
  touches TEXT NOT NULL,
  op TEXT NOT NULL CONSTRAINT change_op CHECK (op IN ('insert', 'update', 'delete', 'replace', 'restore')),
  before TEXT,
  at INTEGER NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))
) STRICT;

CREATE INDEX IF NOT EXISTS changes_by_org ON changes (org, seq);

-- How far the log of an organization was pruned: changes after `seq` are all there.
CREATE TABLE IF NOT EXISTS changes_pruned (
  org TEXT NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT;

-- The revision that the Publisher serves. Not part of the data: no trigger sees it.
CREATE TABLE IF NOT EXISTS published (
  org TEXT NOT NULL PRIMARY KEY,
  revision INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- Always empty: inserting a row fails with the name of the broken precondition and so aborts the whole batch.
CREATE TABLE IF NOT EXISTS guard (
  revision_moved INTEGER CONSTRAINT revision_moved CHECK (revision_moved IS NULL),
  row_missing INTEGER CONSTRAINT row_missing CHECK (row_missing IS NULL)
) STRICT;
