-- What is noted of a key goes with it.

CREATE TRIGGER IF NOT EXISTS api_keys_delete_use AFTER DELETE ON api_keys
BEGIN
  DELETE FROM key_use WHERE org = OLD.org AND key = OLD.id;
END;
