-- Log of privileges, policies and roles.

CREATE TRIGGER IF NOT EXISTS privileges_log_insert_replaces BEFORE INSERT ON privileges
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'privileges', json_array(name, levels), 'catalog', '', 'replace',
    json_object('name', name, 'levels', levels, 'resource_types', resource_types, 'implies', implies, 'implies_all', implies_all,
    'title', title, 'description', description, 'applies_to', applies_to)
  FROM privileges WHERE org = NEW.org AND name = NEW.name AND (levels = NEW.levels OR 'both' IN (levels, NEW.levels));
END;

CREATE TRIGGER IF NOT EXISTS privileges_log_insert AFTER INSERT ON privileges
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'privileges', json_array(NEW.name, NEW.levels), 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS privileges_log_update_replaces BEFORE UPDATE OF name, levels ON privileges
WHEN NEW.name <> OLD.name OR NEW.levels <> OLD.levels
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'privileges', json_array(name, levels), 'catalog', '', 'replace',
    json_object('name', name, 'levels', levels, 'resource_types', resource_types, 'implies', implies, 'implies_all', implies_all,
    'title', title, 'description', description, 'applies_to', applies_to)
  FROM privileges WHERE org = NEW.org AND name = NEW.name AND (levels = NEW.levels OR 'both' IN (levels, NEW.levels))
    AND NOT (name = OLD.name AND levels = OLD.levels);
END;

CREATE TRIGGER IF NOT EXISTS privileges_log_update AFTER UPDATE ON privileges
WHEN NEW.name = OLD.name AND NEW.levels = OLD.levels AND (
  NEW.resource_types IS NOT OLD.resource_types OR NEW.implies IS NOT OLD.implies OR NEW.implies_all IS NOT OLD.implies_all
  OR NEW.title IS NOT OLD.title OR NEW.description IS NOT OLD.description OR NEW.applies_to IS NOT OLD.applies_to
)
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'privileges', json_array(NEW.name, NEW.levels), 'catalog', '', 'update',
    json_object('name', OLD.name, 'levels', OLD.levels, 'resource_types', OLD.resource_types, 'implies', OLD.implies,
    'implies_all', OLD.implies_all, 'title', OLD.title, 'description', OLD.description, 'applies_to', OLD.applies_to));
END;

CREATE TRIGGER IF NOT EXISTS privileges_log_rekey AFTER UPDATE OF name, levels ON privileges
WHEN NEW.name <> OLD.name OR NEW.levels <> OLD.levels
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'privileges', json_array(OLD.name, OLD.levels), 'catalog', '', 'delete',
    json_object('name', OLD.name, 'levels', OLD.levels, 'resource_types', OLD.resource_types, 'implies', OLD.implies,
    'implies_all', OLD.implies_all, 'title', OLD.title, 'description', OLD.description, 'applies_to', OLD.applies_to)),
  (NEW.org, 'privileges', json_array(NEW.name, NEW.levels), 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS privileges_log_delete AFTER DELETE ON privileges
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'privileges', json_array(OLD.name, OLD.levels), 'catalog', '', 'delete',
    json_object('name', OLD.name, 'levels', OLD.levels, 'resource_types', OLD.resource_types, 'implies', OLD.implies,
    'implies_all', OLD.implies_all, 'title', OLD.title, 'description', OLD.description, 'applies_to', OLD.applies_to));
END;

CREATE TRIGGER IF NOT EXISTS policies_log_insert_replaces BEFORE INSERT ON policies
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'policies', id, 'catalog', '', 'replace',
    json_object('id', id, 'project', project, 'name', name, 'description', description, 'effect', effect, 'state', state,
    'privileges', privileges, 'resource_types', resource_types, 'condition', condition, 'system', system)
  FROM policies WHERE org = NEW.org AND id = NEW.id;
END;

CREATE TRIGGER IF NOT EXISTS policies_log_insert AFTER INSERT ON policies
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'policies', NEW.id, 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS policies_log_update AFTER UPDATE ON policies
WHEN NEW.project IS NOT OLD.project OR NEW.name IS NOT OLD.name OR NEW.description IS NOT OLD.description
  OR NEW.effect IS NOT OLD.effect OR NEW.state IS NOT OLD.state OR NEW.privileges IS NOT OLD.privileges
  OR NEW.resource_types IS NOT OLD.resource_types OR NEW.condition IS NOT OLD.condition OR NEW.system IS NOT OLD.system
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'policies', NEW.id, 'catalog', '', 'update',
    json_object('id', OLD.id, 'project', OLD.project, 'name', OLD.name, 'description', OLD.description, 'effect', OLD.effect,
    'state', OLD.state, 'privileges', OLD.privileges, 'resource_types', OLD.resource_types, 'condition', OLD.condition,
    'system', OLD.system));
END;

CREATE TRIGGER IF NOT EXISTS policies_log_delete AFTER DELETE ON policies
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'policies', OLD.id, 'catalog', '', 'delete',
    json_object('id', OLD.id, 'project', OLD.project, 'name', OLD.name, 'description', OLD.description, 'effect', OLD.effect,
    'state', OLD.state, 'privileges', OLD.privileges, 'resource_types', OLD.resource_types, 'condition', OLD.condition,
    'system', OLD.system));
END;

CREATE TRIGGER IF NOT EXISTS roles_log_insert_replaces BEFORE INSERT ON roles
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'roles', id, 'catalog', '', 'replace',
    json_object('id', id, 'project', project, 'name', name, 'title', title, 'description', description, 'privileges', privileges,
    'all_privileges', all_privileges, 'reaches_restricted', reaches_restricted, 'system', system)
  FROM roles WHERE org = NEW.org AND id = NEW.id;
END;

CREATE TRIGGER IF NOT EXISTS roles_log_insert AFTER INSERT ON roles
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'roles', NEW.id, 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS roles_log_update AFTER UPDATE ON roles
WHEN NEW.project IS NOT OLD.project OR NEW.name IS NOT OLD.name OR NEW.title IS NOT OLD.title
  OR NEW.description IS NOT OLD.description OR NEW.privileges IS NOT OLD.privileges
  OR NEW.all_privileges IS NOT OLD.all_privileges OR NEW.reaches_restricted IS NOT OLD.reaches_restricted
  OR NEW.system IS NOT OLD.system
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'roles', NEW.id, 'catalog', '', 'update',
    json_object('id', OLD.id, 'project', OLD.project, 'name', OLD.name, 'title', OLD.title, 'description', OLD.description,
    'privileges', OLD.privileges, 'all_privileges', OLD.all_privileges, 'reaches_restricted', OLD.reaches_restricted,
    'system', OLD.system));
END;

CREATE TRIGGER IF NOT EXISTS roles_log_delete AFTER DELETE ON roles
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'roles', OLD.id, 'catalog', '', 'delete',
    json_object('id', OLD.id, 'project', OLD.project, 'name', OLD.name, 'title', OLD.title, 'description', OLD.description,
    'privileges', OLD.privileges, 'all_privileges', OLD.all_privileges, 'reaches_restricted', OLD.reaches_restricted,
    'system', OLD.system));
END;
