-- Names that people give to revisions: one that has a name is kept. Not part of the data: no trigger sees it, and no rollback undoes it.

CREATE TABLE IF NOT EXISTS revision_tags (
  org TEXT NOT NULL,
  revision INTEGER NOT NULL,
  tag TEXT NOT NULL CONSTRAINT revision_tag CHECK (length(tag) BETWEEN 1 AND 128),
  PRIMARY KEY (org, revision)
) STRICT, WITHOUT ROWID;

-- Who made a revision: its line of the audit.

CREATE INDEX IF NOT EXISTS audit_by_revision ON audit (org, revision, id);
