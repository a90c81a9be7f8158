-- What a preset gave an organization to change as it likes, by what it is called, with a hash of what it said. A row whose part is gone
-- tells that somebody deleted it. It refers to nothing, so that it outlives what it tells of.
CREATE TABLE IF NOT EXISTS preset_parts (
  org TEXT NOT NULL,
  kind TEXT NOT NULL CONSTRAINT preset_part_kind CHECK (kind IN ('privilege', 'policy', 'assignment')),
  part TEXT NOT NULL CONSTRAINT preset_part_key CHECK (part <> ''),
  hash TEXT NOT NULL CONSTRAINT preset_part_hash CHECK (hash <> ''),
  PRIMARY KEY (org, kind, part)
) STRICT, WITHOUT ROWID;
