/** API keys for the control plane's lists, and when they were last used. All values are bound, never pasted. */
import type { KeyUse, KeyUseStore } from '../../authn/key-uses.ts';
import type { KeyLookup, ListedKey } from '../../pap/api-keys/ports.ts';
import { rowOf, rowsOf } from './outcome.ts';
import { columnList } from './tables.ts';

/** ?1 organization, ?2 project or null, ?3 part of the name */
const WHERE = `org = ?1 AND (?2 IS NULL OR project = ?2) AND instr(lower(name), lower(?3)) > 0`;
/** beside the columns of a row of `api_keys` */
export const KEY_OWNER = '(SELECT o.owner FROM api_key_owners AS o WHERE o.org = api_keys.org AND o.id = api_keys.id) AS owner';
const LAST_USE = '(SELECT at FROM key_use WHERE key_use.org = api_keys.org AND key = api_keys.id) AS last_used_at';

export function d1KeyLookup(db: D1Database, org: string): KeyLookup {
  return {
    async page({ project, search }, after, limit) {
      const results = await db.batch([
        db.prepare(`SELECT count(*) AS total FROM api_keys WHERE ${WHERE}`).bind(org, project ?? null, search),
        db
          .prepare(
            `SELECT ${columnList('api_keys')}, ${KEY_OWNER}, ${LAST_USE} FROM api_keys WHERE ${WHERE} AND id > ?4 ORDER BY id LIMIT ?5`,
          )
          .bind(org, project ?? null, search, after, limit + 1),
      ]);
      const found = rowsOf<ListedKey>(results, 1);
      const rows = found.slice(0, limit);
      const last = rows.at(-1);
      return {
        rows,
        next: found.length > limit && last !== undefined ? [last.id] : null,
        total: rowOf<{ total: number }>(results, 0).total,
      };
    },

    async projectsOf(ids) {
      const { results } = await db
        .prepare("SELECT id, project FROM api_keys WHERE org = ?1 AND project <> '' AND id IN (SELECT value FROM json_each(?2))")
        .bind(org, JSON.stringify(ids))
        .all<{ id: string; project: string }>();
      return new Map(results.map(({ id, project }) => [id, project]));
    },

    lastUse: (id) => db.prepare('SELECT at FROM key_use WHERE org = ?1 AND key = ?2').bind(org, id).first<number>('at'),
  };
}

/** Of keys that are there; other isolates may have noted the same key within the minute. */
const NOTE = `INSERT INTO key_use (org, key, at)
  SELECT value ->> 0, value ->> 1, max(value ->> 2) FROM json_each(?1)
  WHERE EXISTS (SELECT 1 FROM api_keys WHERE api_keys.org = value ->> 0 AND api_keys.id = value ->> 1)
  GROUP BY value ->> 0, value ->> 1
  ON CONFLICT (org, key) DO UPDATE SET at = excluded.at WHERE excluded.at >= key_use.at + ?2`;

/** @param everyMs what was noted less than this before stays */
export function d1KeyUseStore(db: D1Database, everyMs: number): KeyUseStore {
  return {
    async note(uses: readonly KeyUse[]): Promise<void> {
      const rows = uses.map(({ organization, keyId, at }) => [organization, keyId, at]);
      await db.prepare(NOTE).bind(JSON.stringify(rows), everyMs).run();
    },
  };
}
