-- Log of groups and their members. A member that is a group is part of the catalog, a member that is a subject concerns that subject.

CREATE TRIGGER IF NOT EXISTS groups_log_insert_replaces BEFORE INSERT ON groups
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'groups', id, 'catalog', '', 'replace',
    json_object('id', id, 'name', name, 'description', description)
  FROM groups WHERE org = NEW.org AND id = NEW.id;
END;

CREATE TRIGGER IF NOT EXISTS groups_log_insert AFTER INSERT ON groups
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'groups', NEW.id, 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS groups_log_update AFTER UPDATE ON groups
WHEN NEW.name IS NOT OLD.name OR NEW.description IS NOT OLD.description
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'groups', NEW.id, 'catalog', '', 'update',
    json_object('id', OLD.id, 'name', OLD.name, 'description', OLD.description));
END;

CREATE TRIGGER IF NOT EXISTS groups_log_delete AFTER DELETE ON groups
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'groups', OLD.id, 'catalog', '', 'delete',
    json_object('id', OLD.id, 'name', OLD.name, 'description', OLD.description));
END;

CREATE TRIGGER IF NOT EXISTS group_members_log_insert_replaces BEFORE INSERT ON group_members
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'group_members', json_array(group_id, member), iif(member GLOB 'group:*', 'catalog', 'principal'),
    iif(member GLOB 'group:*', '', member), 'replace',
    json_object('group_id', group_id, 'member', member)
  FROM group_members WHERE org = NEW.org AND group_id = NEW.group_id AND member = NEW.member;
END;

CREATE TRIGGER IF NOT EXISTS group_members_log_insert AFTER INSERT ON group_members
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'group_members', json_array(NEW.group_id, NEW.member),
    iif(NEW.member GLOB 'group:*', 'catalog', 'principal'), iif(NEW.member GLOB 'group:*', '', NEW.member), 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS group_members_log_update_replaces BEFORE UPDATE OF group_id, member ON group_members
WHEN NEW.group_id <> OLD.group_id OR NEW.member <> OLD.member
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'group_members', json_array(group_id, member), iif(member GLOB 'group:*', 'catalog', 'principal'),
    iif(member GLOB 'group:*', '', member), 'replace',
    json_object('group_id', group_id, 'member', member)
  FROM group_members WHERE org = NEW.org AND group_id = NEW.group_id AND member = NEW.member
    AND NOT (group_id = OLD.group_id AND member = OLD.member);
END;

CREATE TRIGGER IF NOT EXISTS group_members_log_rekey AFTER UPDATE OF group_id, member ON group_members
WHEN NEW.group_id <> OLD.group_id OR NEW.member <> OLD.member
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'group_members', json_array(OLD.group_id, OLD.member),
    iif(OLD.member GLOB 'group:*', 'catalog', 'principal'), iif(OLD.member GLOB 'group:*', '', OLD.member), 'delete',
    json_object('group_id', OLD.group_id, 'member', OLD.member)),
  (NEW.org, 'group_members', json_array(NEW.group_id, NEW.member),
    iif(NEW.member GLOB 'group:*', 'catalog', 'principal'), iif(NEW.member GLOB 'group:*', '', NEW.member), 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS group_members_log_delete AFTER DELETE ON group_members
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'group_members', json_array(OLD.group_id, OLD.member),
    iif(OLD.member GLOB 'group:*', 'catalog', 'principal'), iif(OLD.member GLOB 'group:*', '', OLD.member), 'delete',
    json_object('group_id', OLD.group_id, 'member', OLD.member));
END;
