/** The statements of `member-lookup.ts`. `?1` is the organization throughout; a project is given as its resource, or null for the organization. */
import { NAMED_ASSIGNMENT } from './lookup.ts';

/**
 * ?2 JSON array of [principal, scope]. `+` here and below: of the index by scope SQLite would read a whole scope for every principal.
 */
export const ASSIGNED_AT = `WITH wanted AS MATERIALIZED (
    SELECT DISTINCT a.id FROM json_each(?2) AS row CROSS JOIN assignments AS a
    WHERE a.org = ?1 AND a.principal = row.value ->> 0 AND +a.scope = row.value ->> 1)
  ${NAMED_ASSIGNMENT} WHERE a.org = ?1 AND a.id IN (SELECT id FROM wanted) ORDER BY a.id`;

/** `project`: the parameter that holds the project's resource, or null, and then there is nothing below */
function below(project: string): string {
  return `below (resource) AS (
    SELECT ${project} WHERE ${project} IS NOT NULL
    UNION SELECT p.resource FROM below JOIN resource_parents AS p ON p.org = ?1 AND p.parent = below.resource)`;
}

/**
 * ?2 project, ?3 role or null, ?4 search. Members of the organization are the registered subjects, those of a project the ones that are reached by
 * an assignment or ownership at it or below it. With a role: those that hold it at this level.
 */
const MEMBERS = `WITH RECURSIVE ${below('?2')},
  held (principal) AS (
    SELECT principal FROM assignments
    WHERE org = ?1 AND (?3 IS NULL OR role = ?3) AND iif(?2 IS NULL, scope = 'org', scope IN (SELECT resource FROM below))
    UNION SELECT owner FROM resource_owners WHERE org = ?1 AND ?3 IS NULL AND resource IN (SELECT resource FROM below)),
  holders (principal) AS (
    SELECT principal FROM held
    UNION SELECT m.member FROM holders JOIN group_members AS m
      ON holders.principal GLOB 'group:*' AND m.org = ?1 AND m.group_id = substr(holders.principal, 7)),
  members AS (
    SELECT s.subject, s.status FROM subjects AS s WHERE s.org = ?1
    AND ((?2 IS NULL AND ?3 IS NULL) OR s.subject IN (SELECT principal FROM holders)
      OR EXISTS (SELECT 1 FROM held WHERE principal IN ('group:everyone', 'group:anyone')))
    AND (?4 = '' OR instr(lower(s.subject), lower(?4)) > 0 OR instr(lower(ifnull(s.properties ->> '$.name', '')), lower(?4)) > 0
      OR instr(lower(ifnull(s.properties ->> '$.email', '')), lower(?4)) > 0))`;

export const MEMBER_TOTAL = `${MEMBERS} SELECT count(*) AS total FROM members`;

/** ?5 after, ?6 limit */
export const MEMBER_PAGE = `${MEMBERS} SELECT subject, status FROM members WHERE subject > ?5 ORDER BY subject LIMIT ?6`;

const [NAMED_COLUMNS, NAMED_FROM] = split(NAMED_ASSIGNMENT);

/** At the first FROM: what is selected, and what from. */
function split(select: string): [string, string] {
  const at = select.indexOf('\n  FROM assignments AS a');
  return [select.slice('SELECT '.length, at), select.slice(at + '\n  FROM assignments AS a'.length)];
}

/** ?2 JSON array of subjects, ?3 project → what reaches each of them at the level, and at `org` */
export const REACHES = `WITH RECURSIVE ${below('?3')},
  inside (member, principal) AS (
    SELECT value, value FROM json_each(?2)
    UNION SELECT inside.member, 'group:' || m.group_id FROM inside JOIN group_members AS m ON m.org = ?1 AND m.member = inside.principal),
  principals (member, principal) AS (
    SELECT member, principal FROM inside
    UNION SELECT s.subject, 'group:everyone' FROM json_each(?2) AS row JOIN subjects AS s
      ON s.org = ?1 AND s.subject = row.value AND s.status = 'active'
    UNION SELECT value, 'group:anyone' FROM json_each(?2))
  SELECT principals.member AS member, ${NAMED_COLUMNS} FROM principals CROSS JOIN assignments AS a${NAMED_FROM}
  WHERE a.org = ?1 AND a.principal = principals.principal AND (+a.scope = 'org' OR +a.scope IN (SELECT resource FROM below))
  ORDER BY principals.member, a.id`;

/**
 * ?2 subject, ?3 project, ?4 its id: begins a statement. `keys` are those of the subject, and those of these keys; of a project only those
 * made for it. A key that is the subject itself is among them at the organization.
 */
export const BELONGINGS = `WITH RECURSIVE ${below('?3')},
  keys (principal) AS (
    SELECT subject FROM api_keys WHERE org = ?1 AND subject = ?2 AND ?3 IS NULL
    UNION SELECT k.subject FROM api_key_owners AS o JOIN api_keys AS k ON k.org = ?1 AND k.id = o.id
      WHERE o.org = ?1 AND o.owner = ?2 AND (?4 IS NULL OR k.project = ?4)
    UNION SELECT k.subject FROM keys JOIN api_key_owners AS o ON o.org = ?1 AND o.owner = keys.principal
      JOIN api_keys AS k ON k.org = ?1 AND k.id = o.id AND (?4 IS NULL OR k.project = ?4))`;

/**
 * ?2 subject, ?3 project, ?4 whether it is registered, ?5 limit. In a project: what is assigned above it, at it or below it, or above something
 * below it, to the subject from outside the project, to its groups, or to all.
 */
export const STILL_REACHING = `WITH RECURSIVE ${below('?3')},
  inside (principal) AS (
    SELECT ?2 WHERE ?4 = 1
    UNION SELECT 'group:' || m.group_id FROM inside JOIN group_members AS m ON ?3 IS NOT NULL AND m.org = ?1 AND m.member = inside.principal),
  owned (kind) AS (
    SELECT o.kind FROM inside JOIN resource_owners AS o ON o.org = ?1 AND o.owner = inside.principal
    WHERE o.owner <> ?2 AND o.resource IN (SELECT resource FROM below)),
  principals (principal) AS (
    SELECT principal FROM inside UNION SELECT 'group:everyone' WHERE ?4 = 1 UNION SELECT 'group:anyone'
    UNION SELECT 'group:owner' FROM owned UNION SELECT 'group:owner:' || kind FROM owned WHERE kind <> ''),
  reach (resource) AS (
    SELECT resource FROM below
    UNION SELECT p.parent FROM reach JOIN resource_parents AS p ON p.org = ?1 AND p.resource = reach.resource)
  ${NAMED_ASSIGNMENT}
  WHERE a.org = ?1 AND a.principal IN (SELECT principal FROM principals)
    AND (?3 IS NULL OR +a.scope = 'org' OR +a.scope IN (SELECT resource FROM reach))
    AND (a.principal <> ?2 OR (?3 IS NOT NULL AND a.scope NOT IN (SELECT resource FROM below)))
  ORDER BY a.id LIMIT ?5`;
