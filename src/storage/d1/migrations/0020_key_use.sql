-- When an API key was last used, give or take a minute. Not part of the data: no trigger logs it, and no revision shows it.

CREATE TABLE IF NOT EXISTS key_use (
  org TEXT NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (org, key)
) STRICT, WITHOUT ROWID;
