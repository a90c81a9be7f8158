/** Policies and roles for the control plane: pages of lists and single ones, each with who uses it. All values are bound, never pasted. */
import type { PolicyRow, RoleRow } from '../../core/terms/rows.ts';
import type { BundleFilter, BundleLookup, Linked, ListedPolicy, ListedRole, User } from '../../pap/bundles/ports.ts';
import type { ListPage } from '../../pap/control-ports.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { TABLES } from './tables.ts';

/** users that a list shows of each thing */
const FIRST = 5;

type Table = 'policies' | 'roles';

const columnsOf = (table: Table): string => TABLES[table].columns.map((column) => `t.${column}`).join(', ');

/**
 * What the thing `x` is called where the project `t.project` is at home: the rule of `NameIndex.referenceTo`. A name with a slash may also
 * mean `<project>/<name>`.
 */
const referenceSql = (table: Table): string => `CASE
    WHEN x.project NOT IN ('', t.project) THEN x.id
    WHEN x.project = t.project AND t.project <> '' THEN x.name
    WHEN EXISTS (SELECT 1 FROM ${table} AS o WHERE o.org = x.org AND o.project = t.project AND t.project <> '' AND o.name = x.name) THEN x.id
    WHEN instr(x.name, '/') > 0 AND EXISTS (
      SELECT 1 FROM ${table} AS o WHERE o.org = x.org AND o.project <> '' AND o.project || '/' || o.name = x.name) THEN x.id
    ELSE x.name END`;

/** @param links a FROM clause with `x` as the thing that is linked */
const linkedSql = (table: Table, links: string): string =>
  `(SELECT json_group_array(json_object('id', id, 'name', name)) FROM (
    SELECT x.id AS id, ${referenceSql(table)} AS name FROM ${links} ORDER BY 2, 1))`;

const usersSql = (column: 'role' | 'policy'): string => `
  (SELECT count(*) FROM assignments AS a WHERE a.org = t.org AND a.${column} = t.id) AS assignment_count,
  (SELECT json_group_array(json_object('id', id, 'subject', subject, 'scope', scope)) FROM (
    SELECT a.id, CASE WHEN g.id IS NULL THEN a.principal ELSE 'group:' || g.name END AS subject, a.scope
    FROM assignments AS a LEFT JOIN groups AS g ON a.principal GLOB 'group:*' AND g.org = a.org AND g.id = substr(a.principal, 7)
    WHERE a.org = t.org AND a.${column} = t.id ORDER BY a.rowid LIMIT ${FIRST})) AS assignments`;

const POLICY = `SELECT ${columnsOf('policies')}, ${usersSql('policy')},
  (SELECT count(*) FROM role_policies AS l WHERE l.org = t.org AND l.policy = t.id) AS role_count,
  (SELECT json_group_array(json_object('id', id, 'name', name)) FROM (
    SELECT x.id, x.name FROM role_policies AS l JOIN roles AS x ON x.org = l.org AND x.id = l.role
    WHERE l.org = t.org AND l.policy = t.id ORDER BY l.role LIMIT ${FIRST})) AS role_list
  FROM policies AS t`;

const ROLE = `SELECT ${columnsOf('roles')}, ${usersSql('role')},
  ${linkedSql('policies', 'role_policies AS l JOIN policies AS x ON x.org = l.org AND x.id = l.policy WHERE l.org = t.org AND l.role = t.id')} AS policy_list,
  ${linkedSql('roles', 'role_inherits AS l JOIN roles AS x ON x.org = l.org AND x.id = l.parent WHERE l.org = t.org AND l.role = t.id')} AS inherit_list
  FROM roles AS t`;

/** A list that somebody broke by hand names nothing. */
const namesSql = (alias: string, value: string): string =>
  `CASE WHEN json_valid(${alias}.privileges) THEN EXISTS (SELECT 1 FROM json_each(${alias}.privileges) WHERE value = ${value}) ELSE 0 END`;

const NAMES = {
  policies: (value: string): string => namesSql('t', value),
  roles: (value: string): string => `(${namesSql('t', value)} OR EXISTS (
    SELECT 1 FROM role_policies AS l JOIN policies AS p ON p.org = l.org AND p.id = l.policy
    WHERE l.org = t.org AND l.role = t.id AND ${namesSql('p', value)}))`,
} as const;

const SEARCHED = { policies: ['name', 'description'], roles: ['name', 'title', 'description'] } as const;

interface UserColumns {
  readonly assignment_count: number;
  readonly assignments: string;
}
type PolicyColumns = PolicyRow & UserColumns & { readonly role_count: number; readonly role_list: string };
type RoleColumns = RoleRow & UserColumns & { readonly policy_list: string; readonly inherit_list: string };

export function d1BundleLookup(db: D1Database, org: string): BundleLookup {
  async function page<Columns extends { readonly name: string }, Item>(
    table: Table,
    select: string,
    filter: BundleFilter,
    after: string,
    limit: number,
    itemOf: (columns: Columns) => Item,
  ): Promise<ListPage<Item>> {
    const { where, values } = conditions(table, filter);
    const results = await db.batch([
      db.prepare(`SELECT count(*) AS total FROM ${table} AS t WHERE ${where}`).bind(org, ...values),
      db
        .prepare(`${select} WHERE ${where} AND t.name > ?${values.length + 2} ORDER BY t.name LIMIT ?${values.length + 3}`)
        .bind(org, ...values, after, limit + 1),
    ]);
    const found = rowsOf<Columns>(results, 1);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return {
      rows: items.map(itemOf),
      next: found.length > limit && last !== undefined ? [last.name] : null,
      total: rowOf<{ total: number }>(results, 0).total,
    };
  }

  async function one<Columns, Item>(
    select: string,
    project: string,
    reference: string,
    itemOf: (columns: Columns) => Item,
  ): Promise<Item | null> {
    const found = await db
      .prepare(`${select} WHERE t.org = ?1 AND t.project = ?2 AND (t.id = ?3 OR t.name = ?3) ORDER BY t.id <> ?3 LIMIT 1`)
      .bind(org, project, reference)
      .first<Columns>();
    return found === null ? null : itemOf(found);
  }

  return {
    policies: (filter, after, limit) => page('policies', POLICY, filter, after, limit, policyOf),
    roles: (filter, after, limit) => page('roles', ROLE, filter, after, limit, roleOf),
    policy: (project, reference) => one(POLICY, project, reference, policyOf),
    role: (project, reference) => one(ROLE, project, reference, roleOf),
  };
}

function policyOf({ assignment_count, assignments, role_count, role_list, ...row }: PolicyColumns): ListedPolicy {
  return {
    row,
    roles: { total: role_count, first: parsed<Linked>(role_list) },
    assignments: { total: assignment_count, first: parsed<User>(assignments) },
  };
}

function roleOf({ assignment_count, assignments, policy_list, inherit_list, ...row }: RoleColumns): ListedRole {
  return {
    row,
    policies: parsed<Linked>(policy_list),
    inherits: parsed<Linked>(inherit_list),
    assignments: { total: assignment_count, first: parsed<User>(assignments) },
  };
}

/** What the SELECT above wrote as JSON. */
function parsed<T>(json: string): readonly T[] {
  return JSON.parse(json);
}

/** Values are bound from ?2 on. */
function conditions(table: Table, filter: BundleFilter): { where: string; values: (string | number)[] } {
  const values: (string | number)[] = [filter.project];
  const all = ['t.org = ?1', 't.project = ?2'];
  const add = (value: string | number | undefined, sql: (bound: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    all.push(sql(`?${values.length + 1}`));
  };
  add(filter.search, (bound) => `(${SEARCHED[table].map((column) => `instr(lower(t.${column}), lower(${bound})) > 0`).join(' OR ')})`);
  add(filter.system === undefined ? undefined : Number(filter.system), (bound) => `t.system = ${bound}`);
  add(filter.privilege, NAMES[table]);
  if (table === 'policies') {
    add(filter.state, (bound) => `t.state = ${bound}`);
    add(filter.effect, (bound) => `t.effect = ${bound}`);
  }
  return { where: all.join(' AND '), values };
}
