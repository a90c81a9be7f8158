-- Log of resources, their parents and their owners.

CREATE TRIGGER IF NOT EXISTS resources_log_insert_replaces BEFORE INSERT ON resources
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'resources', resource, 'resource', resource, 'replace',
    json_object('resource', resource, 'access', access, 'properties', properties)
  FROM resources WHERE org = NEW.org AND resource = NEW.resource;
END;

CREATE TRIGGER IF NOT EXISTS resources_log_insert AFTER INSERT ON resources
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'resources', NEW.resource, 'resource', NEW.resource, 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS resources_log_update AFTER UPDATE ON resources
WHEN NEW.access IS NOT OLD.access OR NEW.properties IS NOT OLD.properties
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'resources', NEW.resource, 'resource', NEW.resource, 'update',
    json_object('resource', OLD.resource, 'access', OLD.access, 'properties', OLD.properties));
END;

CREATE TRIGGER IF NOT EXISTS resources_log_delete AFTER DELETE ON resources
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'resources', OLD.resource, 'resource', OLD.resource, 'delete',
    json_object('resource', OLD.resource, 'access', OLD.access, 'properties', OLD.properties));
END;

CREATE TRIGGER IF NOT EXISTS resource_parents_log_insert_replaces BEFORE INSERT ON resource_parents
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'resource_parents', json_array(resource, parent), 'resource', resource, 'replace',
    json_object('resource', resource, 'parent', parent)
  FROM resource_parents WHERE org = NEW.org AND resource = NEW.resource AND parent = NEW.parent;
END;

CREATE TRIGGER IF NOT EXISTS resource_parents_log_insert AFTER INSERT ON resource_parents
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'resource_parents', json_array(NEW.resource, NEW.parent), 'resource', NEW.resource, 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS resource_parents_log_update_replaces BEFORE UPDATE OF resource, parent ON resource_parents
WHEN NEW.resource <> OLD.resource OR NEW.parent <> OLD.parent
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'resource_parents', json_array(resource, parent), 'resource', resource, 'replace',
    json_object('resource', resource, 'parent', parent)
  FROM resource_parents WHERE org = NEW.org AND resource = NEW.resource AND parent = NEW.parent
    AND NOT (resource = OLD.resource AND parent = OLD.parent);
END;

CREATE TRIGGER IF NOT EXISTS resource_parents_log_rekey AFTER UPDATE OF resource, parent ON resource_parents
WHEN NEW.resource <> OLD.resource OR NEW.parent <> OLD.parent
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'resource_parents', json_array(OLD.resource, OLD.parent), 'resource', OLD.resource, 'delete',
    json_object('resource', OLD.resource, 'parent', OLD.parent)),
  (NEW.org, 'resource_parents', json_array(NEW.resource, NEW.parent), 'resource', NEW.resource, 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS resource_parents_log_delete AFTER DELETE ON resource_parents
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'resource_parents', json_array(OLD.resource, OLD.parent), 'resource', OLD.resource, 'delete',
    json_object('resource', OLD.resource, 'parent', OLD.parent));
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_log_insert_replaces BEFORE INSERT ON resource_owners
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'resource_owners', json_array(resource, owner, kind), 'resource', resource, 'replace',
    json_object('resource', resource, 'owner', owner, 'kind', kind)
  FROM resource_owners WHERE org = NEW.org AND resource = NEW.resource AND owner = NEW.owner AND kind = NEW.kind;
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_log_insert AFTER INSERT ON resource_owners
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'resource_owners', json_array(NEW.resource, NEW.owner, NEW.kind), 'resource', NEW.resource, 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_log_update_replaces BEFORE UPDATE OF resource, owner, kind ON resource_owners
WHEN NEW.resource <> OLD.resource OR NEW.owner <> OLD.owner OR NEW.kind <> OLD.kind
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'resource_owners', json_array(resource, owner, kind), 'resource', resource, 'replace',
    json_object('resource', resource, 'owner', owner, 'kind', kind)
  FROM resource_owners WHERE org = NEW.org AND resource = NEW.resource AND owner = NEW.owner AND kind = NEW.kind
    AND NOT (resource = OLD.resource AND owner = OLD.owner AND kind = OLD.kind);
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_log_rekey AFTER UPDATE OF resource, owner, kind ON resource_owners
WHEN NEW.resource <> OLD.resource OR NEW.owner <> OLD.owner OR NEW.kind <> OLD.kind
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'resource_owners', json_array(OLD.resource, OLD.owner, OLD.kind), 'resource', OLD.resource, 'delete',
    json_object('resource', OLD.resource, 'owner', OLD.owner, 'kind', OLD.kind)),
  (NEW.org, 'resource_owners', json_array(NEW.resource, NEW.owner, NEW.kind), 'resource', NEW.resource, 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_log_delete AFTER DELETE ON resource_owners
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'resource_owners', json_array(OLD.resource, OLD.owner, OLD.kind), 'resource', OLD.resource, 'delete',
    json_object('resource', OLD.resource, 'owner', OLD.owner, 'kind', OLD.kind));
END;
