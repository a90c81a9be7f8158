/** Looks invitations of one organization up. All values are bound, never pasted. */
import type { InvitationLookup, InvitedRole, NamedInvitation } from '../../pap/invitations/ports.ts';
import type { InvitationRow } from '../../pap/invitations/rows.ts';
import { INVITATION_COLUMNS } from './beside-statements.ts';
import { belowSql } from './lookup.ts';
import { rowOf, rowsOf } from './outcome.ts';

/** a row with the names of its roles as JSON; what is no text there was typed by hand and names none */
type Selected = InvitationRow & { readonly names: string };

const SELECT = `SELECT ${INVITATION_COLUMNS.map((column) => `i.${column}`).join(', ')},
    (SELECT json_group_array(json_object('id', named.id, 'name', named.name)) FROM (
      SELECT role.value AS id, coalesce(iif(r.project = '', '', r.project || '/') || r.name, role.value) AS name
      FROM json_each(i.roles) AS role LEFT JOIN roles AS r ON r.org = i.org AND r.id = role.value WHERE role.type = 'text' ORDER BY role.key) AS named) AS names
  FROM invitations AS i`;

/** ?2 now */
const STATE = "iif(i.state = 'pending' AND i.expires_at <= ?2, 'expired', i.state)";

/** ?1 organization, ?2 scope, ?3 addresses in lower case as JSON, ?4 now */
const KNOWN_EMAILS = `SELECT email.value AS email, 'member' AS known FROM json_each(?3) AS email JOIN subjects AS s ON s.org = ?1
    AND (lower(substr(s.subject, instr(s.subject, ':') + 1)) = email.value OR lower(s.properties ->> '$.email') = email.value)
    WHERE ?2 = 'org' OR EXISTS (
      SELECT 1 FROM assignments AS a WHERE a.org = ?1 AND a.principal = s.subject AND a.scope = ?2 AND a.role IS NOT NULL)
  UNION ALL
  SELECT lower(i.email), 'invited' FROM invitations AS i WHERE i.org = ?1 AND i.scope = ?2 AND i.state = 'pending' AND i.expires_at > ?4
    AND lower(i.email) IN (SELECT value FROM json_each(?3))`;

export function d1InvitationLookup(db: D1Database, org: string): InvitationLookup {
  return {
    async invitation(id) {
      const row = await db.prepare(`${SELECT} WHERE i.org = ?1 AND i.id = ?2`).bind(org, id).first<Selected>();
      return row === null ? null : named(row);
    },

    async page(project, { state, now }, after, limit) {
      const within = project === '' ? '' : ` AND i.scope IN (${belowSql("'project:' || ?4")})`;
      const where = `i.org = ?1 AND (?3 IS NULL OR ${STATE} = ?3)${within}`;
      const values = [org, now, state, ...(project === '' ? [] : [project])];
      const next = values.length + 1;
      const results = await db.batch([
        db.prepare(`SELECT count(*) AS total FROM invitations AS i WHERE ${where}`).bind(...values),
        db.prepare(`${SELECT} WHERE ${where} AND i.id > ?${next} ORDER BY i.id LIMIT ?${next + 1}`).bind(...values, after, limit + 1),
      ]);
      const found = rowsOf<Selected>(results, 1);
      const rows = found.slice(0, limit).map(named);
      const last = rows.at(-1);
      return {
        rows,
        next: found.length > limit && last !== undefined ? [last.row.id] : null,
        total: rowOf<{ total: number }>(results, 0).total,
      };
    },

    async knownEmails(scope, emails, now) {
      const { results } = await db
        .prepare(KNOWN_EMAILS)
        .bind(org, scope, JSON.stringify(emails.map(asciiLower)), now)
        .all<{ email: string; known: 'member' | 'invited' }>();
      const known = new Map<string, 'member' | 'invited'>();
      for (const row of results) if (known.get(row.email) !== 'member') known.set(row.email, row.known);
      return known;
    },
  };
}

/** As SQLite's `lower` does it. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function named({ names, ...row }: Selected): NamedInvitation {
  // `as`: the SELECT makes exactly these objects.
  return { row, roles: JSON.parse(names) as readonly InvitedRole[] };
}
