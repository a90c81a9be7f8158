-- Who made a change: the change feed finds the line of the audit by the revision that its write made.

CREATE INDEX IF NOT EXISTS audit_by_revision ON audit (org, revision, id);
