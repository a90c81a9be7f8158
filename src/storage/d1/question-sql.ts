/**
 * The rows that one question is decided from, as SQL: those of the subject, of what is above it and the resource, and of what is held there. More rows
 * never change what the rule says, so each statement may read too many, and none too few.
 */
import type { CheckOptions, CheckRequest } from '../../core/terms/request.ts';
import type { GroupMemberRow } from '../../core/terms/rows.ts';
import type { QuestionRows } from '../../pdp/double/ports.ts';
import { REVISION_SQL } from './row-statements.ts';
import { columnList } from './tables.ts';

/** Of each kind of thing a question may need so many; a question that needs more isn't read. */
export const MOST_ROWS = 3_000;

/** `?1` organization, `?2` the question, see `questionJson`. What isn't named in a statement isn't read. */
const WITH = `WITH RECURSIVE
  inside (principal) AS (
    SELECT value FROM json_each(?2, '$.principals')
    UNION SELECT 'group:' || m.group_id FROM inside CROSS JOIN group_members AS m ON m.org = ?1 AND m.member = inside.principal
    LIMIT ${MOST_ROWS}),
  above (resource) AS (
    SELECT value FROM json_each(?2, '$.resources')
    UNION SELECT p.parent FROM above CROSS JOIN resource_parents AS p ON p.org = ?1 AND p.resource = above.resource
    LIMIT ${MOST_ROWS}),
  owned AS (SELECT * FROM resource_owners WHERE org = ?1 AND resource = ?2 ->> '$.resource' LIMIT ${MOST_ROWS}),
  principals (principal) AS (
    SELECT principal FROM inside
    UNION SELECT value FROM json_each('["group:everyone", "group:anyone", "group:owner"]')
    UNION SELECT 'group:owner:' || kind FROM owned),
  taken AS MATERIALIZED (
    SELECT a.* FROM principals CROSS JOIN assignments AS a ON a.org = ?1 AND a.principal = principals.principal LIMIT ${MOST_ROWS}),
  held AS (SELECT * FROM taken WHERE scope = 'org' OR scope IN (SELECT resource FROM above)),
  reached (role) AS (
    SELECT role FROM held WHERE role IS NOT NULL
    UNION SELECT value FROM json_each(?2, '$.roles')
    UNION SELECT settings ->> '$.default_role' FROM settings WHERE org = ?1
    UNION SELECT i.parent FROM reached CROSS JOIN role_inherits AS i ON i.org = ?1 AND i.role = reached.role
    LIMIT ${MOST_ROWS}),
  bundled (policy) AS (
    SELECT policy FROM held WHERE policy IS NOT NULL
    UNION SELECT b.policy FROM reached CROSS JOIN role_policies AS b ON b.org = ?1 AND b.role = reached.role
    LIMIT ${MOST_ROWS}),
  listed (name) AS MATERIALIZED (
    SELECT value FROM json_each(?2, '$.names')
    UNION ALL SELECT n.value FROM reached CROSS JOIN roles AS r ON r.org = ?1 AND r.id = reached.role CROSS JOIN json_each(r.privileges) AS n
    UNION ALL SELECT n.value FROM bundled CROSS JOIN policies AS p ON p.org = ?1 AND p.id = bundled.policy CROSS JOIN json_each(p.privileges) AS n
    LIMIT ${MOST_ROWS}),
  named (name) AS (
    SELECT name FROM listed
    UNION SELECT n.value FROM named CROSS JOIN privileges AS v ON v.org = ?1 AND v.name = named.name CROSS JOIN json_each(v.implies) AS n
    LIMIT ${MOST_ROWS})`;

const LIMITED = ['inside', 'above', 'owned', 'taken', 'reached', 'bundled', 'listed', 'named'] as const;

/** One row: the revision, and whether a limit was met, so that rows are missing. */
const HEAD = `${WITH} SELECT (${REVISION_SQL}) AS revision,
  max(${LIMITED.map((name) => `(SELECT count(*) FROM ${name})`).join(', ')}) >= ${MOST_ROWS} AS cut`;

/** What the rule looks at of a key; its hashes stay where they are. */
const KEY_COLUMNS = "id, project, name, '' AS hash, NULL AS previous_hash, NULL AS previous_until, status, expires_at, forward_auth";

/** One for each table, after the head; `memberships` are those of groups too. */
const ROWS = {
  subjects: `SELECT ${columnList('subjects')} FROM subjects WHERE org = ?1 AND subject = ?2 ->> '$.subject'`,
  api_keys: `SELECT ${KEY_COLUMNS} FROM api_keys WHERE org = ?1 AND id = ?2 ->> '$.key'`,
  groups: `SELECT ${columnList('groups')} FROM groups WHERE org = ?1 AND id IN (SELECT value FROM json_each(?2, '$.groups'))`,
  memberships: `${WITH} SELECT ${columnList('group_members')} FROM group_members WHERE org = ?1 AND member IN (SELECT principal FROM inside)`,
  assignments: `${WITH} SELECT ${columnList('assignments')} FROM held`,
  roles: `${WITH} SELECT ${columnList('roles')} FROM roles WHERE org = ?1 AND id IN (SELECT role FROM reached)`,
  role_policies: `${WITH} SELECT ${columnList('role_policies')} FROM role_policies WHERE org = ?1 AND role IN (SELECT role FROM reached)`,
  role_inherits: `${WITH} SELECT ${columnList('role_inherits')} FROM role_inherits WHERE org = ?1 AND role IN (SELECT role FROM reached)`,
  policies: `${WITH} SELECT ${columnList('policies')} FROM policies WHERE org = ?1 AND id IN (SELECT policy FROM bundled)`,
  privileges: `${WITH} SELECT ${columnList('privileges')} FROM privileges WHERE org = ?1 AND name IN (SELECT name FROM named)`,
  // every statement takes both parameters
  settings: `SELECT ${columnList('settings')} FROM settings WHERE org = ?1 AND ?2 <> ''`,
  resources: `${WITH} SELECT ${columnList('resources')} FROM resources WHERE org = ?1 AND resource IN (SELECT resource FROM above)`,
  resource_parents: `${WITH} SELECT ${columnList('resource_parents')} FROM resource_parents WHERE org = ?1 AND resource IN (SELECT resource FROM above)`,
  resource_owners: `${WITH} SELECT ${columnList('resource_owners')} FROM owned`,
} as const;

// `as`: the keys of the literal above, which Object.keys forgets
const TABLES_READ = Object.keys(ROWS) as readonly (keyof typeof ROWS)[];

/** Each takes the organization and `questionJson`; `questionRows` reads what they give, in this order. */
export const QUESTION_SQL: readonly string[] = [HEAD, ...TABLES_READ.map((table) => ROWS[table])];

/**
 * @param rowsOf the rows that the statement of this number gave
 * @returns null when there were too many to be read
 */
export function questionRows(rowsOf: <Row>(statement: number) => Row[]): QuestionRows | null {
  const [head] = rowsOf<{ readonly revision: number; readonly cut: 0 | 1 }>(0);
  if (head === undefined || head.cut === 1) return null;
  const table = <Row>(name: keyof typeof ROWS): Row[] => rowsOf<Row>(TABLES_READ.indexOf(name) + 1);
  const members = table<GroupMemberRow>('memberships');
  const isGroup = ({ member }: GroupMemberRow): boolean => member.startsWith('group:');
  return {
    revision: head.revision,
    rows: {
      subjects: table('subjects'),
      api_keys: table('api_keys'),
      groups: table('groups'),
      memberships: members.filter((row) => !isGroup(row)),
      group_nesting: members.filter(isGroup),
      assignments: table('assignments'),
      roles: table('roles'),
      role_policies: table('role_policies'),
      role_inherits: table('role_inherits'),
      policies: table('policies'),
      privileges: table('privileges'),
      settings: table('settings'),
      routes: [],
      resources: table('resources'),
      resource_parents: table('resource_parents'),
      resource_owners: table('resource_owners'),
    },
  };
}

/** What the statements look for, as their `?2`. */
export function questionJson({ subject, action, resource }: CheckRequest, { groups = [], roles = [] }: CheckOptions): string {
  const ref = resource === undefined ? null : `${resource.type}:${resource.id}`;
  return JSON.stringify({
    subject: `${subject.type}:${subject.id}`,
    key: subject.type === 'api_key' ? subject.id : null,
    groups,
    principals: [`${subject.type}:${subject.id}`, ...groups.map((id) => `group:${id}`)],
    roles: roles.map(({ role }) => role),
    names: resource === undefined ? [action.name] : [action.name, `${resource.type}:${action.name}`],
    resource: ref,
    resources: ref === null ? [] : [ref, ...claimed(resource?.properties ?? {})],
  });
}

/** Whatever may be claimed as a parent: what is none finds nothing. */
function claimed({ parents, project }: Readonly<Record<string, unknown>>): unknown[] {
  const listed = Array.isArray(parents) ? parents.filter((parent) => typeof parent === 'string') : [];
  return typeof project === 'string' ? [...listed, `project:${project}`] : listed;
}
