-- Beside the model: how far a bulk import has come. Nothing here is compiled or logged in `changes`. A row advances in the transaction of the
-- chunk of lines that it tells of.
CREATE TABLE IF NOT EXISTS imports (
  org TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL CONSTRAINT import_id CHECK (id <> ''),
  actor TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  state TEXT NOT NULL CONSTRAINT import_state CHECK (state IN ('running', 'done', 'failed')),
  line INTEGER NOT NULL CONSTRAINT import_line CHECK (line >= 0),
  counts TEXT NOT NULL CONSTRAINT import_counts CHECK (json_valid(counts)),
  error TEXT CONSTRAINT import_error CHECK (json_valid(error)),
  PRIMARY KEY (org, id)
) STRICT;

CREATE INDEX IF NOT EXISTS imports_by_time ON imports (org, created_at, id);

-- Always empty, as `guard`: of a chunk after which something of a project would be held outside it.
CREATE TABLE IF NOT EXISTS project_guard (
  outside_project INTEGER CONSTRAINT outside_project CHECK (outside_project IS NULL)
) STRICT;
