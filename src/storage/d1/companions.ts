/** What the triggers of `0003_register_triggers.sql` and `0005_cleanup_triggers.sql` would do: asked before, not after. */
import type { TableName } from '../../core/terms/rows.ts';
import type { Companions, Going, Hanging } from '../../pap/write/ports.ts';
import { rowsOf } from './outcome.ts';
import { keyChunks } from './row-statements.ts';
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
      const missing = (column: string, table: string, given: readonly string[]): D1PreparedStatement[] =>
        keyChunks(given).map((chunk) =>
          db
            .prepare(
              `SELECT value AS key FROM json_each(?2) WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE org = ?1 AND ${column} = value) ORDER BY value`,
            )
            .bind(org, chunk),
        );
      const ofSubjects = missing('subject', 'subjects', subjects);
      const statements = [...ofSubjects, ...missing('resource', 'resources', resources)];
      const results = statements.length === 0 ? [] : await db.batch(statements);
      const keys = results.map((_, index) => rowsOf<{ key: string }>(results, index).map(({ key }) => key));
      return { subjects: keys.slice(0, ofSubjects.length).flat(), resources: keys.slice(ofSubjects.length).flat() };
    },

    async hangingOn({ subjects, groups, roles, resources, apiKeys }: Going) {
      // `as`: the keys of the literal above.
      const tables = Object.keys(HANGING) as (keyof Hanging)[];
      const rounds = together([subjects, groups, roles, resources, apiKeys].map(keyChunks));
      const results = await db.batch(
        rounds.flatMap((values) =>
          tables.map((table) =>
            // Every parameter is named once, since D1 refuses more values than a statement has parameters.
            db
              .prepare(
                `WITH ${GONE}, given AS (SELECT ?2, ?3, ?4, ?5, ?6)
                 SELECT ${columnList(table satisfies TableName)} FROM ${table} WHERE org = ?1 AND (${HANGING[table]})`,
              )
              .bind(org, ...values),
          ),
        ),
      );
      // A row may hang on a key of one round and on another's of the next.
      const once = (at: number): object[] => {
        const rows = rounds.flatMap((_, round) => rowsOf<object>(results, round * tables.length + at));
        return rounds.length === 1 ? rows : [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
      };
      return Object.fromEntries(tables.map((table, at) => [table, once(at)])) as unknown as Hanging; // columns of each table
    },
  };
}

/** The first chunk of each list, then the second … until all are through. What hangs on any key is found in one of the rounds. */
function together(lists: readonly (readonly string[])[]): string[][] {
  const rounds = Math.max(1, ...lists.map((chunks) => chunks.length));
  return Array.from({ length: rounds }, (_, round) => lists.map((chunks) => chunks[round] ?? '[]'));
}
