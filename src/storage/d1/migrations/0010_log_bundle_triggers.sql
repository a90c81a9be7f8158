-- Log of what roles bundle.

CREATE TRIGGER IF NOT EXISTS role_policies_log_insert_replaces BEFORE INSERT ON role_policies
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'role_policies', json_array(role, policy), 'catalog', '', 'replace',
    json_object('role', role, 'policy', policy)
  FROM role_policies WHERE org = NEW.org AND role = NEW.role AND policy = NEW.policy;
END;

CREATE TRIGGER IF NOT EXISTS role_policies_log_insert AFTER INSERT ON role_policies
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'role_policies', json_array(NEW.role, NEW.policy), 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS role_policies_log_update_replaces BEFORE UPDATE OF role, policy ON role_policies
WHEN NEW.role <> OLD.role OR NEW.policy <> OLD.policy
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'role_policies', json_array(role, policy), 'catalog', '', 'replace',
    json_object('role', role, 'policy', policy)
  FROM role_policies WHERE org = NEW.org AND role = NEW.role AND policy = NEW.policy
    AND NOT (role = OLD.role AND policy = OLD.policy);
END;

CREATE TRIGGER IF NOT EXISTS role_policies_log_rekey AFTER UPDATE OF role, policy ON role_policies
WHEN NEW.role <> OLD.role OR NEW.policy <> OLD.policy
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'role_policies', json_array(OLD.role, OLD.policy), 'catalog', '', 'delete',
    json_object('role', OLD.role, 'policy', OLD.policy)),
  (NEW.org, 'role_policies', json_array(NEW.role, NEW.policy), 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS role_policies_log_delete AFTER DELETE ON role_policies
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'role_policies', json_array(OLD.role, OLD.policy), 'catalog', '', 'delete',
    json_object('role', OLD.role, 'policy', OLD.policy));
END;

CREATE TRIGGER IF NOT EXISTS role_inherits_log_insert_replaces BEFORE INSERT ON role_inherits
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'role_inherits', json_array(role, parent), 'catalog', '', 'replace',
    json_object('role', role, 'parent', parent)
  FROM role_inherits WHERE org = NEW.org AND role = NEW.role AND parent = NEW.parent;
END;

CREATE TRIGGER IF NOT EXISTS role_inherits_log_insert AFTER INSERT ON role_inherits
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'role_inherits', json_array(NEW.role, NEW.parent), 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS role_inherits_log_update_replaces BEFORE UPDATE OF role, parent ON role_inherits
WHEN NEW.role <> OLD.role OR NEW.parent <> OLD.parent
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'role_inherits', json_array(role, parent), 'catalog', '', 'replace',
    json_object('role', role, 'parent', parent)
  FROM role_inherits WHERE org = NEW.org AND role = NEW.role AND parent = NEW.parent
    AND NOT (role = OLD.role AND parent = OLD.parent);
END;

CREATE TRIGGER IF NOT EXISTS role_inherits_log_rekey AFTER UPDATE OF role, parent ON role_inherits
WHEN NEW.role <> OLD.role OR NEW.parent <> OLD.parent
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'role_inherits', json_array(OLD.role, OLD.parent), 'catalog', '', 'delete',
    json_object('role', OLD.role, 'parent', OLD.parent)),
  (NEW.org, 'role_inherits', json_array(NEW.role, NEW.parent), 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS role_inherits_log_delete AFTER DELETE ON role_inherits
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'role_inherits', json_array(OLD.role, OLD.parent), 'catalog', '', 'delete',
    json_object('role', OLD.role, 'parent', OLD.parent));
END;
