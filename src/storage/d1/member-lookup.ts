/** Looks members of one organization up: what they have, what reaches them, many at a time. All values are bound, never pasted. */
import { formatRef, PROJECT_TYPE } from '../../core/terms/ref.ts';
import type { ApiKeyRow, GroupMemberRow, ResourceOwnerRow, SubjectRow } from '../../core/terms/rows.ts';
import type { NamedAssignment } from '../../pap/control-ports.ts';
import type { InvitationRow } from '../../pap/invitations/rows.ts';
import type { Cardinality, MemberLookup, MemberRow, Reach } from '../../pap/members/ports.ts';
import { INVITATION_COLUMNS } from './beside-statements.ts';
import { NAMED_ASSIGNMENT } from './lookup.ts';
import { ASSIGNED_AT, BELONGINGS, MEMBER_PAGE, MEMBER_TOTAL, REACHES, STILL_REACHING } from './member-sql.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { jsonChunks } from './row-statements.ts';
import { columnList } from './tables.ts';

/** bytes of one parameter; a bound string may have 2,000,000 */
const CHUNK_BYTES = 1_000_000;
const GROUP_PREFIX = 'group:';
const KEY_PREFIX = 'api_key:';

/** By id or name. `UNION`, so that each part has its index. */
const KNOWN_GROUPS = `SELECT id, name FROM groups WHERE org = ?1 AND id IN (SELECT value FROM json_each(?2))
  UNION SELECT id, name FROM groups WHERE org = ?1 AND name COLLATE BINARY IN (SELECT value FROM json_each(?2))`;

type Subject = Pick<SubjectRow, 'subject' | 'status'>;

export function d1MemberLookup(db: D1Database, org: string): MemberLookup {
  async function withReaches(project: string, subjects: readonly Subject[]): Promise<MemberRow[]> {
    const json = JSON.stringify(subjects.map(({ subject }) => subject));
    const { results } = await db.prepare(REACHES).bind(org, json, resourceOf(project)).all<Reach>();
    const byMember = Map.groupBy(results, ({ member }) => member);
    return subjects.map(({ subject, status }) => ({ subject, status, reaches: byMember.get(subject) ?? [] }));
  }

  /** @param sql ?2 is a JSON array of the values, or of some of them */
  async function each<Row>(sql: string, values: readonly string[]): Promise<Row[]> {
    const chunks = jsonChunks(values, CHUNK_BYTES);
    if (chunks.length === 0) return [];
    const results = await db.batch(chunks.map((chunk) => db.prepare(sql).bind(org, chunk)));
    return results.flatMap((_, i) => rowsOf<Row>(results, i));
  }

  return {
    async cardinality() {
      const row = await db
        .prepare(
          `SELECT settings ->> '$.role_cardinality.org' AS org, settings ->> '$.role_cardinality.project' AS project FROM settings WHERE org = ?1`,
        )
        .bind(org)
        .first<{ org: string | null; project: string | null }>();
      const of = (text: string | null | undefined): Cardinality['org'] => (text === 'single' ? 'single' : 'multiple');
      return { org: of(row?.org), project: of(row?.project) };
    },

    async assignedAt(places) {
      const chunks = jsonChunks(
        places.map(({ principal, scope }) => [principal, scope]),
        CHUNK_BYTES,
      );
      if (chunks.length === 0) return [];
      const results = await db.batch(chunks.map((chunk) => db.prepare(ASSIGNED_AT).bind(org, chunk)));
      return results.flatMap((_, i) => rowsOf<NamedAssignment>(results, i));
    },

    async known(references) {
      const named = (prefix: string): string[] =>
        references.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length));
      const [subjects, groups, keys] = await Promise.all([
        each<Subject>('SELECT subject, status FROM subjects WHERE org = ?1 AND subject IN (SELECT value FROM json_each(?2))', references),
        each<{ id: string; name: string }>(KNOWN_GROUPS, named(GROUP_PREFIX)),
        each<{ id: string }>('SELECT id FROM api_keys WHERE org = ?1 AND id IN (SELECT value FROM json_each(?2))', named(KEY_PREFIX)),
      ]);
      return {
        subjects: new Map(subjects.map(({ subject, status }) => [subject, status])),
        groups,
        apiKeys: new Set(keys.map(({ id }) => id)),
      };
    },

    async page(project, { search, role }, after, limit) {
      const values = [org, resourceOf(project), role, search] as const;
      const results = await db.batch([db.prepare(MEMBER_TOTAL).bind(...values), db.prepare(MEMBER_PAGE).bind(...values, after, limit + 1)]);
      const found = rowsOf<Subject>(results, 1);
      const rows = await withReaches(project, found.slice(0, limit));
      const last = rows.at(-1);
      return {
        rows,
        next: found.length > limit && last !== undefined ? [last.subject] : null,
        total: rowOf<{ total: number }>(results, 0).total,
      };
    },

    async member(project, subject) {
      const row = await db
        .prepare('SELECT subject, status, properties FROM subjects WHERE org = ?1 AND subject = ?2')
        .bind(org, subject)
        .first<Subject>();
      if (row === null) return null;
      return (await withReaches(project, [row]))[0] ?? null;
    },

    async belongings(project, subject) {
      const bind = (sql: string): D1PreparedStatement =>
        db.prepare(`${BELONGINGS} ${sql}`).bind(org, subject, resourceOf(project), project === '' ? null : project);
      const invited = INVITATION_COLUMNS.map((column) => `i.${column}`).join(', ');
      const results = await db.batch([
        db.prepare('SELECT subject, status, properties FROM subjects WHERE org = ?1 AND subject = ?2').bind(org, subject),
        bind(
          `${NAMED_ASSIGNMENT} WHERE a.org = ?1 AND a.principal = ?2 AND (?3 IS NULL OR a.scope IN (SELECT resource FROM below)) ORDER BY a.id`,
        ),
        bind(`SELECT ${columnList('group_members')} FROM group_members
          WHERE org = ?1 AND ((?3 IS NULL AND member = ?2) OR member IN (SELECT principal FROM keys)) ORDER BY group_id, member`),
        bind(`SELECT ${columnList('resource_owners')} FROM resource_owners
          WHERE org = ?1 AND ((owner = ?2 AND (?3 IS NULL OR resource IN (SELECT resource FROM below))) OR owner IN (SELECT principal FROM keys))
          ORDER BY resource, owner, kind`),
        bind(`SELECT ${columnList('api_keys')} FROM api_keys WHERE org = ?1 AND subject IN (SELECT principal FROM keys) ORDER BY id`),
        bind(`${NAMED_ASSIGNMENT} WHERE a.org = ?1 AND a.principal IN (SELECT principal FROM keys) AND a.principal <> ?2 ORDER BY a.id`),
        bind(`SELECT ${invited} FROM invitations AS i WHERE i.org = ?1 AND i.state = 'pending'
          AND (i.subject = ?2 OR i.inviter = ?2 OR i.inviter IN (SELECT principal FROM keys))
          AND (?3 IS NULL OR i.scope IN (SELECT resource FROM below)) ORDER BY i.id`),
      ]);
      return {
        registered: rowsOf<SubjectRow>(results, 0)[0] ?? null,
        assignments: rowsOf<NamedAssignment>(results, 1),
        memberships: rowsOf<GroupMemberRow>(results, 2),
        ownerships: rowsOf<ResourceOwnerRow>(results, 3),
        keys: rowsOf<ApiKeyRow>(results, 4),
        keyAssignments: rowsOf<NamedAssignment>(results, 5),
        invitations: rowsOf<InvitationRow>(results, 6),
      };
    },

    async stillReaching(project, subject, registered, limit) {
      const { results } = await db
        .prepare(STILL_REACHING)
        .bind(org, subject, resourceOf(project), registered ? 1 : 0, limit)
        .all<NamedAssignment>();
      return results;
    },

    async keyOwner(id) {
      const row = await db.prepare('SELECT owner FROM api_key_owners WHERE org = ?1 AND id = ?2').bind(org, id).first<{ owner: string }>();
      return row?.owner ?? null;
    },
  };
}

function resourceOf(project: string): string | null {
  return project === '' ? null : formatRef(PROJECT_TYPE, project);
}
