-- What goes with a deleted row, so that nothing dangles. Parts first: the log, read backwards, then makes the whole before its parts.

CREATE TRIGGER IF NOT EXISTS subjects_delete_assignments BEFORE DELETE ON subjects
BEGIN
  DELETE FROM assignments WHERE org = OLD.org AND principal = OLD.subject;
END;

CREATE TRIGGER IF NOT EXISTS subjects_delete_memberships BEFORE DELETE ON subjects
BEGIN
  DELETE FROM group_members WHERE org = OLD.org AND member = OLD.subject;
END;

CREATE TRIGGER IF NOT EXISTS subjects_delete_ownerships BEFORE DELETE ON subjects
BEGIN
  DELETE FROM resource_owners WHERE org = OLD.org AND owner = OLD.subject;
END;

CREATE TRIGGER IF NOT EXISTS groups_delete_assignments BEFORE DELETE ON groups
BEGIN
  DELETE FROM assignments WHERE org = OLD.org AND principal = 'group:' || OLD.id;
END;

CREATE TRIGGER IF NOT EXISTS groups_delete_memberships BEFORE DELETE ON groups
BEGIN
  DELETE FROM group_members WHERE org = OLD.org AND member = 'group:' || OLD.id;
END;

CREATE TRIGGER IF NOT EXISTS groups_delete_ownerships BEFORE DELETE ON groups
BEGIN
  DELETE FROM resource_owners WHERE org = OLD.org AND owner = 'group:' || OLD.id;
END;

CREATE TRIGGER IF NOT EXISTS groups_delete_members BEFORE DELETE ON groups
BEGIN
  DELETE FROM group_members WHERE org = OLD.org AND group_id = OLD.id;
END;

CREATE TRIGGER IF NOT EXISTS roles_delete_policies BEFORE DELETE ON roles
BEGIN
  DELETE FROM role_policies WHERE org = OLD.org AND role = OLD.id;
END;

CREATE TRIGGER IF NOT EXISTS roles_delete_inherits BEFORE DELETE ON roles
BEGIN
  DELETE FROM role_inherits WHERE org = OLD.org AND role = OLD.id;
END;

CREATE TRIGGER IF NOT EXISTS resources_delete_parents BEFORE DELETE ON resources
BEGIN
  DELETE FROM resource_parents WHERE org = OLD.org AND resource = OLD.resource;
END;

CREATE TRIGGER IF NOT EXISTS resources_delete_owners BEFORE DELETE ON resources
BEGIN
  DELETE FROM resource_owners WHERE org = OLD.org AND resource = OLD.resource;
END;

-- A key and its subject go together. AFTER, so that neither deletes the other while that one is being deleted.

CREATE TRIGGER IF NOT EXISTS api_keys_delete_subject AFTER DELETE ON api_keys
BEGIN
  DELETE FROM subjects WHERE org = OLD.org AND subject = 'api_key:' || OLD.id;
END;

CREATE TRIGGER IF NOT EXISTS subjects_delete_api_key AFTER DELETE ON subjects
BEGIN
  DELETE FROM api_keys WHERE org = OLD.org AND subject = OLD.subject;
END;
