/** Looks into settings and routes, and what they name. All values are bound, never pasted. */
import type { RouteRow, SettingsRow } from '../../core/terms/rows.ts';
import type { Found } from '../../pap/control-ports.ts';
import type { ConfigurationLookup } from '../../pap/settings/ports.ts';
import { rowsOf } from './outcome.ts';
import { columnList } from './tables.ts';

/** ?2 references as JSON, each looked for in one pass over the table */
const WANTED = '(SELECT value FROM json_each(?2))';

const ROLES = `SELECT id, project, name FROM roles WHERE org = ?1
  AND (id IN ${WANTED} OR iif(project = '', '', project || '/') || name IN ${WANTED})`;

const GROUPS = `SELECT id, '' AS project, name FROM groups WHERE org = ?1 AND (id IN ${WANTED} OR name IN ${WANTED})`;

/** The projects that the references may begin with: there are few references. */
const PROJECTS = `SELECT id FROM projects WHERE org = ?1
  AND EXISTS (SELECT 1 FROM json_each(?2) AS wanted WHERE substr(wanted.value, 1, length(projects.id) + 1) = projects.id || '/')`;

export function d1ConfigurationLookup(db: D1Database, org: string): ConfigurationLookup {
  return {
    settings: () => db.prepare('SELECT settings FROM settings WHERE org = ?1').bind(org).first<SettingsRow>(),

    async routes() {
      const { results } = await db
        .prepare(`SELECT ${columnList('routes')} FROM routes WHERE org = ?1 ORDER BY position`)
        .bind(org)
        .all<RouteRow>();
      return results;
    },

    async privileges(names) {
      const { results } = await db
        .prepare(`SELECT DISTINCT name FROM privileges WHERE org = ?1 AND name IN ${WANTED}`)
        .bind(org, JSON.stringify(names))
        .all<{ name: string }>();
      return results.map(({ name }) => name);
    },

    async named(roles, groups) {
      const withProject = roles.filter((reference) => reference.includes('/'));
      const results = await db.batch([
        db.prepare(ROLES).bind(org, JSON.stringify(roles)),
        db.prepare(GROUPS).bind(org, JSON.stringify(groups)),
        db.prepare(PROJECTS).bind(org, JSON.stringify(withProject.slice(0, 100))),
      ]);
      const projects = rowsOf<{ id: string }>(results, 2).map(({ id }) => id);
      return { roles: rowsOf<Found>(results, 0), groups: rowsOf<Found>(results, 1), projects };
    },
  };
}
