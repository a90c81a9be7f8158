-- Beside the model: nothing here is compiled or logged in `changes`. The audit tells of every proposal and of what became of it.

-- A change that is not written until a second administrator confirms it. `person` is whoever is behind the author: of a key its owner.
-- `changes` and `beside` are the rows as they would be written, `line` is what the audit will say of them. They are empty once it is
-- decided. A pending one past `expires_at` is expired.
CREATE TABLE IF NOT EXISTS proposals (
  org TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL CONSTRAINT proposal_id CHECK (id <> ''),
  author TEXT NOT NULL,
  person TEXT NOT NULL,
  request_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  base_revision INTEGER NOT NULL,
  diff_hash TEXT NOT NULL CONSTRAINT proposal_diff_hash CHECK (length(diff_hash) = 64),
  summary TEXT NOT NULL CONSTRAINT proposal_summary CHECK (json_valid(summary)),
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  changes TEXT NOT NULL CONSTRAINT proposal_changes CHECK (json_valid(changes)),
  beside TEXT NOT NULL CONSTRAINT proposal_beside CHECK (json_valid(beside)),
  line TEXT NOT NULL CONSTRAINT proposal_line CHECK (json_valid(line)),
  state TEXT NOT NULL DEFAULT 'pending' CONSTRAINT proposal_state CHECK (state IN ('pending', 'confirmed', 'withdrawn', 'outdated')),
  decided_by TEXT,
  decided_at INTEGER,
  PRIMARY KEY (org, id)
) STRICT;

CREATE INDEX IF NOT EXISTS proposals_by_time ON proposals (org, created_at, id);
