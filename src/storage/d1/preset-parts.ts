/** Remembers what presets gave, in the transaction in which it is given. Rows are never deleted: they outlive what they tell of. */
import { PART_KINDS, type PresetPart } from '../../pap/preset/parts.ts';
import type { PresetParts } from '../../pap/preset/ports.ts';
import { jsonChunks } from './row-statements.ts';

const CHUNK_BYTES = 1_000_000;

const UPSERT = `INSERT INTO preset_parts (org, kind, part, hash)
  SELECT ?1, row.value ->> 0, row.value ->> 1, row.value ->> 2 FROM json_each(?2) AS row WHERE true
  ON CONFLICT (org, kind, part) DO UPDATE SET hash = excluded.hash`;

export function d1PresetParts(db: D1Database, org: string): PresetParts {
  return {
    async given() {
      const { results } = await db
        .prepare('SELECT kind, part AS key, hash FROM preset_parts WHERE org = ?1')
        .bind(org)
        .all<{ kind: string; key: string; hash: string }>();
      return results.flatMap(({ kind, key, hash }) => {
        const known = PART_KINDS.find((each) => each === kind);
        return known === undefined ? [] : [{ kind: known, key, hash }];
      });
    },
  };
}

/** None for no parts. */
export function partStatements(db: D1Database, org: string, parts: readonly PresetPart[]): D1PreparedStatement[] {
  const rows = parts.map(({ kind, key, hash }) => [kind, key, hash]);
  return jsonChunks(rows, CHUNK_BYTES).map((chunk) => db.prepare(UPSERT).bind(org, chunk));
}
