-- With an organization goes what is remembered of its preset.

CREATE TRIGGER IF NOT EXISTS organizations_delete_preset_parts AFTER DELETE ON organizations
BEGIN
  DELETE FROM preset_parts WHERE org = OLD.id;
END;
