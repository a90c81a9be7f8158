-- A group that is named must exist, or be a reserved one where a principal is meant.

CREATE TRIGGER IF NOT EXISTS assignments_group_exists_on_insert BEFORE INSERT ON assignments
WHEN NEW.principal GLOB 'group:*'
  AND NEW.principal NOT IN ('group:everyone', 'group:anyone', 'group:owner') AND NEW.principal NOT GLOB 'group:owner:*'
  AND NOT EXISTS (SELECT 1 FROM groups WHERE org = NEW.org AND id = substr(NEW.principal, 7))
BEGIN
  SELECT RAISE(ABORT, 'assignments.principal: no such group');
END;

CREATE TRIGGER IF NOT EXISTS assignments_group_exists_on_update BEFORE UPDATE OF principal ON assignments
WHEN NEW.principal GLOB 'group:*'
  AND NEW.principal NOT IN ('group:everyone', 'group:anyone', 'group:owner') AND NEW.principal NOT GLOB 'group:owner:*'
  AND NOT EXISTS (SELECT 1 FROM groups WHERE org = NEW.org AND id = substr(NEW.principal, 7))
BEGIN
  SELECT RAISE(ABORT, 'assignments.principal: no such group');
END;

CREATE TRIGGER IF NOT EXISTS group_members_group_exists_on_insert BEFORE INSERT ON group_members
WHEN NEW.member GLOB 'group:*'
  AND NOT EXISTS (SELECT 1 FROM groups WHERE org = NEW.org AND id = substr(NEW.member, 7))
BEGIN
  SELECT RAISE(ABORT, 'group_members.member: no such group');
END;

CREATE TRIGGER IF NOT EXISTS group_members_group_exists_on_update BEFORE UPDATE OF member ON group_members
WHEN NEW.member GLOB 'group:*'
  AND NOT EXISTS (SELECT 1 FROM groups WHERE org = NEW.org AND id = substr(NEW.member, 7))
BEGIN
  SELECT RAISE(ABORT, 'group_members.member: no such group');
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_group_exists_on_insert BEFORE INSERT ON resource_owners
WHEN NEW.owner GLOB 'group:*'
  AND NOT EXISTS (SELECT 1 FROM groups WHERE org = NEW.org AND id = substr(NEW.owner, 7))
BEGIN
  SELECT RAISE(ABORT, 'resource_owners.owner: no such group');
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_group_exists_on_update BEFORE UPDATE OF owner ON resource_owners
WHEN NEW.owner GLOB 'group:*'
  AND NOT EXISTS (SELECT 1 FROM groups WHERE org = NEW.org AND id = substr(NEW.owner, 7))
BEGIN
  SELECT RAISE(ABORT, 'resource_owners.owner: no such group');
END;
