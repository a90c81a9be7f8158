-- The log and the audit are only ever added to. Rows of the log may be pruned, except the newest of each organization.

CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit is append-only: a row never changes');
END;

CREATE TRIGGER IF NOT EXISTS audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE org = NEW.org AND id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'audit is append-only: a row is never replaced');
END;

CREATE TRIGGER IF NOT EXISTS changes_no_update BEFORE UPDATE ON changes
BEGIN
  SELECT RAISE(ABORT, 'changes is append-only: a row never changes');
END;

CREATE TRIGGER IF NOT EXISTS changes_no_replace BEFORE INSERT ON changes
WHEN EXISTS (SELECT 1 FROM changes WHERE seq = NEW.seq)
BEGIN
  SELECT RAISE(ABORT, 'changes is append-only: a row is never replaced');
END;

CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit is append-only: a row is never deleted');
END;

CREATE TRIGGER IF NOT EXISTS changes_keep_newest BEFORE DELETE ON changes
WHEN NOT EXISTS (SELECT 1 FROM changes WHERE org = OLD.org AND seq > OLD.seq)
BEGIN
  SELECT RAISE(ABORT, 'changes: the newest row of an organization is its revision and stays');
END;

CREATE TRIGGER IF NOT EXISTS changes_pruned_marked AFTER DELETE ON changes
BEGIN
  INSERT INTO changes_pruned (org, seq) VALUES (OLD.org, OLD.seq)
  ON CONFLICT (org) DO UPDATE SET seq = max(seq, excluded.seq);
END;
