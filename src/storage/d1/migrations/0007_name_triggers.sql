-- Names are unique by index already. These keep INSERT OR REPLACE from replacing a thing by another of the same name.

CREATE TRIGGER IF NOT EXISTS policies_name_taken_on_insert BEFORE INSERT ON policies
WHEN EXISTS (
  SELECT 1 FROM policies WHERE org = NEW.org AND project = NEW.project AND name = NEW.name COLLATE NOCASE AND id <> NEW.id
)
BEGIN
  SELECT RAISE(ABORT, 'policies.name: taken by another one');
END;

CREATE TRIGGER IF NOT EXISTS policies_name_taken_on_update BEFORE UPDATE OF project, name ON policies
WHEN EXISTS (
  SELECT 1 FROM policies WHERE org = NEW.org AND project = NEW.project AND name = NEW.name COLLATE NOCASE AND id <> NEW.id
)
BEGIN
  SELECT RAISE(ABORT, 'policies.name: taken by another one');
END;

CREATE TRIGGER IF NOT EXISTS roles_name_taken_on_insert BEFORE INSERT ON roles
WHEN EXISTS (
  SELECT 1 FROM roles WHERE org = NEW.org AND project = NEW.project AND name = NEW.name COLLATE NOCASE AND id <> NEW.id
)
BEGIN
  SELECT RAISE(ABORT, 'roles.name: taken by another one');
END;

CREATE TRIGGER IF NOT EXISTS roles_name_taken_on_update BEFORE UPDATE OF project, name ON roles
WHEN EXISTS (
  SELECT 1 FROM roles WHERE org = NEW.org AND project = NEW.project AND name = NEW.name COLLATE NOCASE AND id <> NEW.id
)
BEGIN
  SELECT RAISE(ABORT, 'roles.name: taken by another one');
END;

CREATE TRIGGER IF NOT EXISTS groups_name_taken_on_insert BEFORE INSERT ON groups
WHEN EXISTS (
  SELECT 1 FROM groups WHERE org = NEW.org AND name = NEW.name COLLATE NOCASE AND id <> NEW.id
)
BEGIN
  SELECT RAISE(ABORT, 'groups.name: taken by another one');
END;

CREATE TRIGGER IF NOT EXISTS groups_name_taken_on_update BEFORE UPDATE OF name ON groups
WHEN EXISTS (
  SELECT 1 FROM groups WHERE org = NEW.org AND name = NEW.name COLLATE NOCASE AND id <> NEW.id
)
BEGIN
  SELECT RAISE(ABORT, 'groups.name: taken by another one');
END;
