-- Rows never change organization, and things never change their id: others refer to it in columns that no foreign key holds.

CREATE TRIGGER IF NOT EXISTS organizations_fixed_id BEFORE UPDATE OF id ON organizations
WHEN NEW.id <> OLD.id
BEGIN
  SELECT RAISE(ABORT, 'organizations.id never changes');
END;

CREATE TRIGGER IF NOT EXISTS projects_fixed_id BEFORE UPDATE OF org, id ON projects
WHEN NEW.org <> OLD.org OR NEW.id <> OLD.id
BEGIN
  SELECT RAISE(ABORT, 'projects.org and projects.id never change');
END;

CREATE TRIGGER IF NOT EXISTS policies_fixed_id BEFORE UPDATE OF org, id ON policies
WHEN NEW.org <> OLD.org OR NEW.id <> OLD.id
BEGIN
  SELECT RAISE(ABORT, 'policies.org and policies.id never change');
END;

CREATE TRIGGER IF NOT EXISTS roles_fixed_id BEFORE UPDATE OF org, id ON roles
WHEN NEW.org <> OLD.org OR NEW.id <> OLD.id
BEGIN
  SELECT RAISE(ABORT, 'roles.org and roles.id never change');
END;

CREATE TRIGGER IF NOT EXISTS groups_fixed_id BEFORE UPDATE OF org, id ON groups
WHEN NEW.org <> OLD.org OR NEW.id <> OLD.id
BEGIN
  SELECT RAISE(ABORT, 'groups.org and groups.id never change');
END;

CREATE TRIGGER IF NOT EXISTS subjects_fixed_id BEFORE UPDATE OF org, subject ON subjects
WHEN NEW.org <> OLD.org OR NEW.subject <> OLD.subject
BEGIN
  SELECT RAISE(ABORT, 'subjects.org and subjects.subject never change');
END;

CREATE TRIGGER IF NOT EXISTS resources_fixed_id BEFORE UPDATE OF org, resource ON resources
WHEN NEW.org <> OLD.org OR NEW.resource <> OLD.resource
BEGIN
  SELECT RAISE(ABORT, 'resources.org and resources.resource never change');
END;

CREATE TRIGGER IF NOT EXISTS assignments_fixed_id BEFORE UPDATE OF org, id ON assignments
WHEN NEW.org <> OLD.org OR NEW.id <> OLD.id
BEGIN
  SELECT RAISE(ABORT, 'assignments.org and assignments.id never change');
END;

CREATE TRIGGER IF NOT EXISTS api_keys_fixed_id BEFORE UPDATE OF org, id ON api_keys
WHEN NEW.org <> OLD.org OR NEW.id <> OLD.id
BEGIN
  SELECT RAISE(ABORT, 'api_keys.org and api_keys.id never change');
END;

CREATE TRIGGER IF NOT EXISTS privileges_fixed_org BEFORE UPDATE OF org ON privileges
WHEN NEW.org <> OLD.org
BEGIN
  SELECT RAISE(ABORT, 'privileges.org never changes');
END;

CREATE TRIGGER IF NOT EXISTS role_policies_fixed_org BEFORE UPDATE OF org ON role_policies
WHEN NEW.org <> OLD.org
BEGIN
  SELECT RAISE(ABORT, 'role_policies.org never changes');
END;

CREATE TRIGGER IF NOT EXISTS role_inherits_fixed_org BEFORE UPDATE OF org ON role_inherits
WHEN NEW.org <> OLD.org
BEGIN
  SELECT RAISE(ABORT, 'role_inherits.org never changes');
END;

CREATE TRIGGER IF NOT EXISTS group_members_fixed_org BEFORE UPDATE OF org ON group_members
WHEN NEW.org <> OLD.org
BEGIN
  SELECT RAISE(ABORT, 'group_members.org never changes');
END;

CREATE TRIGGER IF NOT EXISTS resource_parents_fixed_org BEFORE UPDATE OF org ON resource_parents
WHEN NEW.org <> OLD.org
BEGIN
  SELECT RAISE(ABORT, 'resource_parents.org never changes');
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_fixed_org BEFORE UPDATE OF org ON resource_owners
WHEN NEW.org <> OLD.org
BEGIN
  SELECT RAISE(ABORT, 'resource_owners.org never changes');
END;

CREATE TRIGGER IF NOT EXISTS routes_fixed_org BEFORE UPDATE OF org ON routes
WHEN NEW.org <> OLD.org
BEGIN
  SELECT RAISE(ABORT, 'routes.org never changes');
END;

CREATE TRIGGER IF NOT EXISTS settings_fixed_org BEFORE UPDATE OF org ON settings
WHEN NEW.org <> OLD.org
BEGIN
  SELECT RAISE(ABORT, 'settings.org never changes');
END;
