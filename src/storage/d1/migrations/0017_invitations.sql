-- Beside the model: nothing here is compiled or logged in `changes`. The audit tells of every change.

-- A standing offer of roles at a scope to whoever holds the link. `roles` are ids, `hash` is the SHA-256 of the token in force, `retired`
-- are those of tokens that a newer one took the place of, `accepted_by` the subjects that took it up. `inviter` is who sent it last (root
-- or a subject): it holds as long as that one could still give the roles. A pending one past `expires_at` is expired.
CREATE TABLE IF NOT EXISTS invitations (
  org TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL CONSTRAINT invitation_id CHECK (id <> ''),
  scope TEXT NOT NULL CONSTRAINT invitation_scope CHECK (scope = 'org'
    OR (instr(scope, ':') > 1 AND length(scope) > instr(scope, ':') AND length(CAST(scope AS BLOB)) <= 512)),
  roles TEXT NOT NULL CONSTRAINT invitation_roles CHECK (json_valid(roles) AND json_type(roles) = 'array'),
  email TEXT,
  subject TEXT,
  hash TEXT NOT NULL CONSTRAINT invitation_hash CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
  retired TEXT NOT NULL DEFAULT '[]' CONSTRAINT invitation_retired CHECK (json_valid(retired) AND json_type(retired) = 'array'),
  state TEXT NOT NULL DEFAULT 'pending' CONSTRAINT invitation_state CHECK (state IN ('pending', 'accepted', 'declined', 'revoked')),
  max_uses INTEGER NOT NULL DEFAULT 1 CONSTRAINT invitation_max_uses CHECK (max_uses >= 1),
  accepted_by TEXT NOT NULL DEFAULT '[]' CONSTRAINT invitation_accepted_by
    CHECK (json_valid(accepted_by) AND json_type(accepted_by) = 'array'),
  inviter TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (org, id)
) STRICT;

CREATE INDEX IF NOT EXISTS invitations_by_subject ON invitations (org, subject) WHERE subject IS NOT NULL;

CREATE INDEX IF NOT EXISTS invitations_by_inviter ON invitations (org, inviter);

CREATE INDEX IF NOT EXISTS invitations_by_email ON invitations (org, email) WHERE email IS NOT NULL;

-- Whose a key is: it goes when that member is removed.
CREATE TABLE IF NOT EXISTS api_key_owners (
  org TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL,
  owner TEXT NOT NULL,
  PRIMARY KEY (org, id),
  FOREIGN KEY (org, id) REFERENCES api_keys (org, id)
) STRICT;

CREATE INDEX IF NOT EXISTS api_key_owners_by_owner ON api_key_owners (org, owner);
