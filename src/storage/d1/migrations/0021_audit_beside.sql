-- Lines of the audit that tell of something beside the model (a tag, an invitation, a proposal): they are labelled with the revision
-- that they found, and did not make it. So a change by SQL is never put down to whoever did something beside it later.
CREATE TABLE IF NOT EXISTS audit_beside (
  org TEXT NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;
