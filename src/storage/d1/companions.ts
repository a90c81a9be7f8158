/** What the triggers of `0003_register_triggers.sql` and `0005_cleanup_triggers.sql` would do: asked before, not after. */
import type { TableName } from '../../core/terms/rows.ts';
import type { Companions, Going, Hanging } from '../../pap/write/ports.ts';
import { rowsOf } from './outcome.ts';
import { columnList } from './tables.ts';

/** ?1 organization, ?2 subjects, ?3 groups, ?4 roles, ?5 resources, ?6 keys: JSON arrays. Those that name a group have its prefix here. */
const GONE = `gone (principal) AS (SELECT value FROM json_each(?2) UNION SELECT 'group:' || value FROM json_each(?3))`;

const HANGING: Readonly<Record<keyof Hanging, string>> = {
  subjects: `subject IN (SELECT value FROM json_each(?2)) AND subject GLOB 'api_key:*'`,
  assignments: 'principal IN (SELECT principal FROM gone)',
  group_members: 'member IN (SELECT principal FROM gone) OR group_id IN (SELECT value FROM json_each(?3))',
  resource_owners: 'owner IN (SELECT principal FROM gone) OR resource IN (SELECT value FROM json_each(?5))',
  resource_parents: 'resource IN (SELECT value FROM json_each(?5))',
  role_policies: 'role IN (SELECT value FROM json_each(?4))',
  role_inherits: 'role IN (SELECT value FROM json_each(?4))',
  api_keys: 'id IN (SELECT value FROM json_each(?6))',
};

export function d1Companions(db: D1Database, org: string): Companions {
  return {
    async unregistered(subjects, resources) {
      const missing = (column: string, table: string, given: readonly string[]): D1PreparedStatement =>
        db
          .prepare(
            `SELECT value AS key FROM json_each(?2) WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE org = ?1 AND ${column} = value) ORDER BY value`,
          )
          .bind(org, JSON.stringify(given));
      const results = await db.batch([missing('subject', 'subjects', subjects), missing('resource', 'resources', resources)]);
      const keys = (index: number): string[] => rowsOf<{ key: string }>(results, index).map(({ key }) => key);
      return { subjects: keys(0), resources: keys(1) };
    },

    async hangingOn({ subjects, groups, roles, resources, apiKeys }: Going) {
      // `as`: the keys of the literal above.
      const tables = Object.keys(HANGING) as (keyof Hanging)[];
      const values = [subjects, groups, roles, resources, apiKeys].map((keys) => JSON.stringify(keys));
      const results = await db.batch(
        tables.map((table) =>
          // Every parameter is named once, since D1 refuses more values than a statement has parameters.
          db
            .prepare(
              `WITH ${GONE}, given AS (SELECT ?2, ?3, ?4, ?5, ?6)
               SELECT ${columnList(table satisfies TableName)} FROM ${table} WHERE org = ?1 AND (${HANGING[table]})`,
            )
            .bind(org, ...values),
        ),
      );
      return Object.fromEntries(tables.map((table, index) => [table, rowsOf(results, index)])) as unknown as Hanging; // columns of each table
    },
  };
}
