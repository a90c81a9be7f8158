/** Looks into groups and their members. All values are bound, never pasted. */
import type { GroupMemberRow } from '../../core/terms/rows.ts';
import type { Found } from '../../pap/control-ports.ts';
import type { GroupLookup, GroupWithCount, NamedMember } from '../../pap/groups/ports.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { contains, pageOf } from './page.ts';
import { principalUse } from './principal-use.ts';

const GROUP = `SELECT g.id, g.name, g.description,
    (SELECT count(*) FROM group_members AS m WHERE m.org = g.org AND m.group_id = g.id) AS member_count FROM groups AS g`;

const FOUND = "SELECT id, '' AS project, name FROM groups";

/** ?1 organization, ?3 group → every member with whether it is a direct one */
const DIRECT = 'WITH inside (member, direct) AS (SELECT member, 1 FROM group_members WHERE org = ?1 AND group_id = ?3)';

const TRANSITIVE = `WITH RECURSIVE reached (member) AS (
    SELECT member FROM group_members WHERE org = ?1 AND group_id = ?3
    UNION SELECT m.member FROM reached CROSS JOIN group_members AS m ON m.org = ?1 AND m.group_id = substr(reached.member, 7)
      WHERE reached.member GLOB 'group:*'),
  inside (member, direct) AS (SELECT reached.member, d.member IS NOT NULL FROM reached
    LEFT JOIN group_members AS d ON d.org = ?1 AND d.group_id = ?3 AND d.member = reached.member)`;

const NAMED_MEMBER = `SELECT inside.member, coalesce('group:' || g.name, inside.member) AS name, inside.direct
  FROM inside LEFT JOIN groups AS g ON g.org = ?1 AND inside.member GLOB 'group:*' AND g.id = substr(inside.member, 7)`;

/** ?1 organization, ?2 groups whose paths up and ?3 groups whose paths down are wanted. CROSS JOIN keeps the order: from what is known to its links. */
const NESTINGS = `WITH RECURSIVE
  above (id) AS (SELECT value FROM json_each(?2)
    UNION SELECT m.group_id FROM above CROSS JOIN group_members AS m ON m.org = ?1 AND m.member = 'group:' || above.id),
  below (id) AS (SELECT value FROM json_each(?3)
    UNION SELECT substr(m.member, 7) FROM below CROSS JOIN group_members AS m ON m.org = ?1 AND m.group_id = below.id AND m.member GLOB 'group:*')
  SELECT m.group_id, m.member FROM above CROSS JOIN group_members AS m ON m.org = ?1 AND m.member = 'group:' || above.id
  UNION
  SELECT m.group_id, m.member FROM below CROSS JOIN group_members AS m ON m.org = ?1 AND m.group_id = below.id AND m.member GLOB 'group:*'`;

export function d1GroupLookup(db: D1Database, org: string): GroupLookup {
  async function all<Row>(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    const { results } = await db
      .prepare(sql)
      .bind(org, ...values)
      .all<Row>();
    return results;
  }

  return {
    async list(search, after, limit) {
      const where = `g.org = ?1 AND ${contains('g.name', 'g.description')}`;
      const results = await db.batch([
        db.prepare(`SELECT count(*) AS total FROM groups AS g WHERE ${where}`).bind(org, search),
        db.prepare(`${GROUP} WHERE ${where} AND g.id > ?3 ORDER BY g.id LIMIT ?4`).bind(org, search, after, limit + 1),
      ]);
      const { total } = rowOf<{ total: number }>(results, 0);
      return pageOf(rowsOf<GroupWithCount>(results, 1), total, limit, (row) => [row.id]);
    },

    async group(reference) {
      const rows = await all<GroupWithCount>(`${GROUP} WHERE g.org = ?1 AND (g.id = ?2 OR g.name = ?2 COLLATE NOCASE)`, reference);
      return rows.find(({ id }) => id === reference) ?? rows[0] ?? null;
    },

    namesLike: (name) => all<Found>(`${FOUND} WHERE org = ?1 AND (name = ?2 COLLATE NOCASE OR name GLOB ?3)`, name, '*[^\u0001-\u007f]*'),

    async taken(ids) {
      const rows = await all<{ id: string }>('SELECT id FROM groups WHERE org = ?1 AND id IN (SELECT value FROM json_each(?2))', json(ids));
      return rows.map(({ id }) => id);
    },

    members: (group, limit) =>
      all<GroupMemberRow>(
        'SELECT group_id, member FROM group_members WHERE org = ?1 AND group_id = ?2 ORDER BY member LIMIT ?3',
        group,
        limit,
      ),

    async memberPage(group, transitive, search, after, limit) {
      const named = `${transitive ? TRANSITIVE : DIRECT} SELECT * FROM (${NAMED_MEMBER}) WHERE ${contains('name')}`;
      const results = await db.batch([
        db.prepare(`${named.replace('SELECT * FROM (', 'SELECT count(*) AS total FROM (')}`).bind(org, search, group),
        db.prepare(`${named} AND member > ?4 ORDER BY member LIMIT ?5`).bind(org, search, group, after, limit + 1),
      ]);
      const { total } = rowOf<{ total: number }>(results, 0);
      return pageOf(rowsOf<NamedMember>(results, 1), total, limit, (row) => [row.member]);
    },

    async present(group, members) {
      const rows = await all<{ member: string }>(
        `SELECT m.member FROM json_each(?3) AS wanted CROSS JOIN group_members AS m
           ON m.org = ?1 AND m.group_id = ?2 AND m.member = wanted.value`,
        group,
        json(members),
      );
      return rows.map(({ member }) => member);
    },

    nestings: (above, below) => all<GroupMemberRow>(NESTINGS, json(above), json(below)),

    named: (references) =>
      all<Found>(
        `${FOUND} WHERE org = ?1 AND (id IN (SELECT value FROM json_each(?2)) OR name IN (SELECT value FROM json_each(?2)))`,
        json(references),
      ),

    async keys(subjects) {
      const rows = await all<{ subject: string }>(
        'SELECT subject FROM api_keys WHERE org = ?1 AND subject IN (SELECT value FROM json_each(?2))',
        json(subjects),
      );
      return rows.map(({ subject }) => subject);
    },

    use: (group, limit) => principalUse(db, org, `group:${group}`, limit),
  };
}

function json(texts: readonly string[]): string {
  return JSON.stringify(texts);
}
