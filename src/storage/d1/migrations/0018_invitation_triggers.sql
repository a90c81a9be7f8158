-- What goes along when what it belongs to is deleted.

CREATE TRIGGER IF NOT EXISTS api_keys_delete_owner BEFORE DELETE ON api_keys
BEGIN
  DELETE FROM api_key_owners WHERE org = OLD.org AND id = OLD.id;
END;

CREATE TRIGGER IF NOT EXISTS organizations_delete_invitations BEFORE DELETE ON organizations
BEGIN
  DELETE FROM invitations WHERE org = OLD.id;
END;

CREATE TRIGGER IF NOT EXISTS resources_revoke_invitations BEFORE DELETE ON resources
BEGIN
  UPDATE invitations SET state = 'revoked' WHERE org = OLD.org AND scope = OLD.resource AND state = 'pending';
END;
