-- Log of subjects, assignments and API keys.

CREATE TRIGGER IF NOT EXISTS subjects_log_insert_replaces BEFORE INSERT ON subjects
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'subjects', subject, 'principal', subject, 'replace',
    json_object('subject', subject, 'status', status, 'properties', properties)
  FROM subjects WHERE org = NEW.org AND subject = NEW.subject;
END;

CREATE TRIGGER IF NOT EXISTS subjects_log_insert AFTER INSERT ON subjects
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'subjects', NEW.subject, 'principal', NEW.subject, 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS subjects_log_update AFTER UPDATE ON subjects
WHEN NEW.status IS NOT OLD.status OR NEW.properties IS NOT OLD.properties
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'subjects', NEW.subject, 'principal', NEW.subject, 'update',
    json_object('subject', OLD.subject, 'status', OLD.status, 'properties', OLD.properties));
END;

CREATE TRIGGER IF NOT EXISTS subjects_log_delete AFTER DELETE ON subjects
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'subjects', OLD.subject, 'principal', OLD.subject, 'delete',
    json_object('subject', OLD.subject, 'status', OLD.status, 'properties', OLD.properties));
END;

CREATE TRIGGER IF NOT EXISTS assignments_log_insert_replaces BEFORE INSERT ON assignments
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'assignments', id, 'principal', principal, 'replace',
    json_object('id', id, 'principal', principal, 'role', role, 'policy', policy, 'scope', scope, 'not_before', not_before,
    'expires_at', expires_at)
  FROM assignments WHERE org = NEW.org AND (id = NEW.id
    OR principal = NEW.principal AND scope = NEW.scope
    AND ifnull(role, '') = ifnull(NEW.role, '') AND ifnull(policy, '') = ifnull(NEW.policy, '')
    AND ifnull(not_before, '') = ifnull(NEW.not_before, '') AND ifnull(expires_at, '') = ifnull(NEW.expires_at, ''));
END;

CREATE TRIGGER IF NOT EXISTS assignments_log_insert AFTER INSERT ON assignments
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'assignments', NEW.id, 'principal', NEW.principal, 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS assignments_log_update_replaces BEFORE UPDATE OF principal, role, policy, scope, not_before, expires_at
  ON assignments
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'assignments', id, 'principal', principal, 'replace',
    json_object('id', id, 'principal', principal, 'role', role, 'policy', policy, 'scope', scope, 'not_before', not_before,
    'expires_at', expires_at)
  FROM assignments WHERE org = NEW.org AND principal = NEW.principal AND scope = NEW.scope
    AND ifnull(role, '') = ifnull(NEW.role, '') AND ifnull(policy, '') = ifnull(NEW.policy, '')
    AND ifnull(not_before, '') = ifnull(NEW.not_before, '') AND ifnull(expires_at, '') = ifnull(NEW.expires_at, '') AND id <> NEW.id;
END;

CREATE TRIGGER IF NOT EXISTS assignments_log_update AFTER UPDATE ON assignments
WHEN NEW.principal IS NOT OLD.principal OR NEW.role IS NOT OLD.role OR NEW.policy IS NOT OLD.policy
  OR NEW.scope IS NOT OLD.scope OR NEW.not_before IS NOT OLD.not_before OR NEW.expires_at IS NOT OLD.expires_at
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'assignments', NEW.id, 'principal', NEW.principal, 'update',
    json_object('id', OLD.id, 'principal', OLD.principal, 'role', OLD.role, 'policy', OLD.policy, 'scope', OLD.scope,
    'not_before', OLD.not_before, 'expires_at', OLD.expires_at));
END;

CREATE TRIGGER IF NOT EXISTS assignments_log_move AFTER UPDATE OF principal ON assignments
WHEN NEW.principal <> OLD.principal
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'assignments', NEW.id, 'principal', OLD.principal, 'update',
    json_object('id', OLD.id, 'principal', OLD.principal, 'role', OLD.role, 'policy', OLD.policy, 'scope', OLD.scope,
    'not_before', OLD.not_before, 'expires_at', OLD.expires_at));
END;

CREATE TRIGGER IF NOT EXISTS assignments_log_delete AFTER DELETE ON assignments
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'assignments', OLD.id, 'principal', OLD.principal, 'delete',
    json_object('id', OLD.id, 'principal', OLD.principal, 'role', OLD.role, 'policy', OLD.policy, 'scope', OLD.scope,
    'not_before', OLD.not_before, 'expires_at', OLD.expires_at));
END;

CREATE TRIGGER IF NOT EXISTS api_keys_log_insert_replaces BEFORE INSERT ON api_keys
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  SELECT org, 'api_keys', id, 'key', id, 'replace',
    json_object('id', id, 'project', project, 'name', name, 'hash', hash, 'previous_hash', previous_hash, 'previous_until', previous_until,
    'status', status, 'expires_at', expires_at, 'forward_auth', forward_auth)
  FROM api_keys WHERE org = NEW.org AND id = NEW.id;
END;

CREATE TRIGGER IF NOT EXISTS api_keys_log_insert AFTER INSERT ON api_keys
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'api_keys', NEW.id, 'key', NEW.id, 'insert', NULL);
END;

CREATE TRIGGER IF NOT EXISTS api_keys_log_update AFTER UPDATE ON api_keys
WHEN NEW.project IS NOT OLD.project OR NEW.name IS NOT OLD.name OR NEW.hash IS NOT OLD.hash
  OR NEW.previous_hash IS NOT OLD.previous_hash OR NEW.previous_until IS NOT OLD.previous_until
  OR NEW.status IS NOT OLD.status OR NEW.expires_at IS NOT OLD.expires_at OR NEW.forward_auth IS NOT OLD.forward_auth
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (NEW.org, 'api_keys', NEW.id, 'key', NEW.id, 'update',
    json_object('id', OLD.id, 'project', OLD.project, 'name', OLD.name, 'hash', OLD.hash, 'previous_hash', OLD.previous_hash,
    'previous_until', OLD.previous_until, 'status', OLD.status, 'expires_at', OLD.expires_at, 'forward_auth', OLD.forward_auth));
END;

CREATE TRIGGER IF NOT EXISTS api_keys_log_delete AFTER DELETE ON api_keys
BEGIN
  INSERT INTO changes (org, tbl, key, area, touches, op, before)
  VALUES (OLD.org, 'api_keys', OLD.id, 'key', OLD.id, 'delete',
    json_object('id', OLD.id, 'project', OLD.project, 'name', OLD.name, 'hash', OLD.hash, 'previous_hash', OLD.previous_hash,
    'previous_until', OLD.previous_until, 'status', OLD.status, 'expires_at', OLD.expires_at, 'forward_auth', OLD.forward_auth));
END;
