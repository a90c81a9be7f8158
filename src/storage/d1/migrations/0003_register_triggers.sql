-- Whoever is assigned something, is a member or owns gets registered, and so does what has parents or owners or is a project.

CREATE TRIGGER IF NOT EXISTS assignments_registers_subject_on_insert BEFORE INSERT ON assignments
WHEN NEW.principal NOT GLOB 'group:*'
  AND NOT EXISTS (SELECT 1 FROM subjects WHERE org = NEW.org AND subject = NEW.principal)
BEGIN
  INSERT INTO subjects (org, subject) VALUES (NEW.org, NEW.principal);
END;

CREATE TRIGGER IF NOT EXISTS assignments_registers_subject_on_update BEFORE UPDATE OF principal ON assignments
WHEN NEW.principal NOT GLOB 'group:*'
  AND NOT EXISTS (SELECT 1 FROM subjects WHERE org = NEW.org AND subject = NEW.principal)
BEGIN
  INSERT INTO subjects (org, subject) VALUES (NEW.org, NEW.principal);
END;

CREATE TRIGGER IF NOT EXISTS group_members_registers_subject_on_insert BEFORE INSERT ON group_members
WHEN NEW.member NOT GLOB 'group:*'
  AND NOT EXISTS (SELECT 1 FROM subjects WHERE org = NEW.org AND subject = NEW.member)
BEGIN
  INSERT INTO subjects (org, subject) VALUES (NEW.org, NEW.member);
END;

CREATE TRIGGER IF NOT EXISTS group_members_registers_subject_on_update BEFORE UPDATE OF member ON group_members
WHEN NEW.member NOT GLOB 'group:*'
  AND NOT EXISTS (SELECT 1 FROM subjects WHERE org = NEW.org AND subject = NEW.member)
BEGIN
  INSERT INTO subjects (org, subject) VALUES (NEW.org, NEW.member);
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_registers_subject_on_insert BEFORE INSERT ON resource_owners
WHEN NEW.owner NOT GLOB 'group:*'
  AND NOT EXISTS (SELECT 1 FROM subjects WHERE org = NEW.org AND subject = NEW.owner)
BEGIN
  INSERT INTO subjects (org, subject) VALUES (NEW.org, NEW.owner);
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_registers_subject_on_update BEFORE UPDATE OF owner ON resource_owners
WHEN NEW.owner NOT GLOB 'group:*'
  AND NOT EXISTS (SELECT 1 FROM subjects WHERE org = NEW.org AND subject = NEW.owner)
BEGIN
  INSERT INTO subjects (org, subject) VALUES (NEW.org, NEW.owner);
END;

CREATE TRIGGER IF NOT EXISTS resource_parents_registers_resource_on_insert BEFORE INSERT ON resource_parents
WHEN NOT EXISTS (SELECT 1 FROM resources WHERE org = NEW.org AND resource = NEW.resource)
BEGIN
  INSERT INTO resources (org, resource) VALUES (NEW.org, NEW.resource);
END;

CREATE TRIGGER IF NOT EXISTS resource_parents_registers_resource_on_update BEFORE UPDATE OF resource ON resource_parents
WHEN NOT EXISTS (SELECT 1 FROM resources WHERE org = NEW.org AND resource = NEW.resource)
BEGIN
  INSERT INTO resources (org, resource) VALUES (NEW.org, NEW.resource);
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_registers_resource_on_insert BEFORE INSERT ON resource_owners
WHEN NOT EXISTS (SELECT 1 FROM resources WHERE org = NEW.org AND resource = NEW.resource)
BEGIN
  INSERT INTO resources (org, resource) VALUES (NEW.org, NEW.resource);
END;

CREATE TRIGGER IF NOT EXISTS resource_owners_registers_resource_on_update BEFORE UPDATE OF resource ON resource_owners
WHEN NOT EXISTS (SELECT 1 FROM resources WHERE org = NEW.org AND resource = NEW.resource)
BEGIN
  INSERT INTO resources (org, resource) VALUES (NEW.org, NEW.resource);
END;

CREATE TRIGGER IF NOT EXISTS projects_registers_resource BEFORE INSERT ON projects
WHEN NOT EXISTS (SELECT 1 FROM resources WHERE org = NEW.org AND resource = 'project:' || NEW.id)
BEGIN
  INSERT INTO resources (org, resource) VALUES (NEW.org, 'project:' || NEW.id);
END;

CREATE TRIGGER IF NOT EXISTS api_keys_registers_subject BEFORE INSERT ON api_keys
WHEN NOT EXISTS (SELECT 1 FROM subjects WHERE org = NEW.org AND subject = 'api_key:' || NEW.id)
BEGIN
  INSERT INTO subjects (org, subject) VALUES (NEW.org, 'api_key:' || NEW.id);
END;
