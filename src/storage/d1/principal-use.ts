/** What a subject or group holds, owns and is a member of: the first of each, and how many there are. */
import type { ResourceOwnerRow } from '../../core/terms/rows.ts';
import type { Found, NamedAssignment } from '../../pap/control-ports.ts';
import type { PrincipalUse } from '../../pap/groups/ports.ts';
import { NAMED_ASSIGNMENT } from './lookup.ts';
import { usersOf } from './page.ts';

const OWNERSHIPS = 'SELECT resource, owner, kind FROM resource_owners WHERE org = ?1 AND owner = ?2 ORDER BY resource, kind';

const GROUPS = `SELECT g.id, '' AS project, g.name FROM group_members AS m JOIN groups AS g ON g.org = m.org AND g.id = m.group_id
  WHERE m.org = ?1 AND m.member = ?2 ORDER BY g.id`;

export async function principalUse(db: D1Database, org: string, principal: string, limit: number): Promise<PrincipalUse> {
  const users = (table: string, column: string, rows: string): D1PreparedStatement[] => [
    db.prepare(`SELECT count(*) AS total FROM ${table} WHERE org = ?1 AND ${column} = ?2`).bind(org, principal),
    db.prepare(`${rows} LIMIT ?3`).bind(org, principal, limit),
  ];
  const results = await db.batch([
    ...users('assignments', 'principal', `${NAMED_ASSIGNMENT} WHERE a.org = ?1 AND a.principal = ?2 ORDER BY +a.id`),
    ...users('resource_owners', 'owner', OWNERSHIPS),
    ...users('group_members', 'member', GROUPS),
  ]);
  return {
    assignments: usersOf<NamedAssignment>(results, 0),
    ownerships: usersOf<ResourceOwnerRow>(results, 2),
    groups: usersOf<Found>(results, 4),
  };
}
