-- Log of organizations, projects, routes and settings.

CREATE TRIGGER IF NOT EXISTS organizations_log_insert_replaces BEFORE INSERT ON organizations
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT id, 'organizations', id, 'organization', '', 'replace',
    json_object('id', id, 'name', name, 'preset', preset, 'state', state, 'created_at', created_at)
  FROM organizations WHERE id = NEW.id;
END;

CREATE TRIGGER IF NOT EXISTS organizations_log_insert AFTER INSERT ON organizations
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.id, 'organizations', NEW.id, 'organization', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS organizations_log_update AFTER UPDATE ON organizations
WHEN NEW.name IS NOT OLD.name OR NEW.preset IS NOT OLD.preset OR NEW.state IS NOT OLD.state
  OR NEW.created_at IS NOT OLD.created_at
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.id, 'organizations', NEW.id, 'organization', '', 'update',
    json_object('id', OLD.id, 'name', OLD.name, 'preset', OLD.preset, 'state', OLD.state, 'created_at', OLD.created_at));
END;

CREATE TRIGGER IF NOT EXISTS organizations_log_delete AFTER DELETE ON organizations
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.id, 'organizations', OLD.id, 'organization', '', 'delete',
    json_object('id', OLD.id, 'name', OLD.name, 'preset', OLD.preset, 'state', OLD.state, 'created_at', OLD.created_at));
END;

CREATE TRIGGER IF NOT EXISTS projects_log_insert_replaces BEFORE INSERT ON projects
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'projects', id, 'organization', '', 'replace',
    json_object('id', id, 'nickname', nickname)
  FROM projects WHERE org = NEW.org AND id = NEW.id;
END;

CREATE TRIGGER IF NOT EXISTS projects_log_insert AFTER INSERT ON projects
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'projects', NEW.id, 'organization', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS projects_log_update AFTER UPDATE ON projects
WHEN NEW.nickname IS NOT OLD.nickname
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'projects', NEW.id, 'organization', '', 'update',
    json_object('id', OLD.id, 'nickname', OLD.nickname));
END;

CREATE TRIGGER IF NOT EXISTS projects_log_delete AFTER DELETE ON projects
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'projects', OLD.id, 'organization', '', 'delete',
    json_object('id', OLD.id, 'nickname', OLD.nickname));
END;

CREATE TRIGGER IF NOT EXISTS routes_log_insert_replaces BEFORE INSERT ON routes
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'routes', CAST(position AS TEXT), 'catalog', '', 'replace',
    json_object('position', position, 'route', route)
  FROM routes WHERE org = NEW.org AND position = NEW.position;
END;

CREATE TRIGGER IF NOT EXISTS routes_log_insert AFTER INSERT ON routes
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'routes', CAST(NEW.position AS TEXT), 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS routes_log_update_replaces BEFORE UPDATE OF position ON routes
WHEN NEW.position <> OLD.position
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'routes', CAST(position AS TEXT), 'catalog', '', 'replace',
    json_object('position', position, 'route', route)
  FROM routes WHERE org = NEW.org AND position = NEW.position
    AND NOT (position = OLD.position);
END;

CREATE TRIGGER IF NOT EXISTS routes_log_update AFTER UPDATE ON routes
WHEN NEW.position = OLD.position AND (
  NEW.route IS NOT OLD.route
)
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'routes', CAST(NEW.position AS TEXT), 'catalog', '', 'update',
    json_object('position', OLD.position, 'route', OLD.route));
END;

CREATE TRIGGER IF NOT EXISTS routes_log_rekey AFTER UPDATE OF position ON routes
WHEN NEW.position <> OLD.position
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'routes', CAST(OLD.position AS TEXT), 'catalog', '', 'delete',
    json_object('position', OLD.position, 'route', OLD.route)),
  (NEW.org, 'routes', CAST(NEW.position AS TEXT), 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS routes_log_delete AFTER DELETE ON routes
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'routes', CAST(OLD.position AS TEXT), 'catalog', '', 'delete',
    json_object('position', OLD.position, 'route', OLD.route));
END;

CREATE TRIGGER IF NOT EXISTS settings_log_insert_replaces BEFORE INSERT ON settings
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'settings', '', 'catalog', '', 'replace',
    json_object('settings', settings)
  FROM settings WHERE org = NEW.org;
END;

CREATE TRIGGER IF NOT EXISTS settings_log_insert AFTER INSERT ON settings
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'settings', '', 'catalog', '', 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS settings_log_update AFTER UPDATE ON settings
WHEN NEW.settings IS NOT OLD.settings
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'settings', '', 'catalog', '', 'update',
    json_object('settings', OLD.settings));
END;

CREATE TRIGGER IF NOT EXISTS settings_log_delete AFTER DELETE ON settings
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'settings', '', 'catalog', '', 'delete',
    json_object('settings', OLD.settings));
END;
