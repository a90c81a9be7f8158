/** Leaf and catalog rows as they were at a revision: the present ones, with what the log says of later changes undone. */
import { type FirstChange, undo } from '../../pap/history/undo.ts';
import { emptyTables, type MutableTables } from '../../pap/manifest/tables.ts';
import type { ChangeSet } from '../../pap/ports.ts';

/**
 * The first change after the revision `?5` of every row that belongs, or belonged then, to one of the keys: `?1` organization. With `min(seq)` SQLite
 * takes the other columns from the row that has it (https://sqlite.org/lang_select.html#bareagg).
 * @param keys SELECT of `area` and `touches`
 * @param catalog also of the rows that the catalog is made of
 */
export function changesAfterSql(keys: string, catalog: boolean): string {
  const later = 'FROM changes WHERE org = ?1 AND seq > ?5';
  return `WITH read(area, touches) AS (${keys})
    SELECT tbl, key, before, min(seq) ${later} AND ((tbl, key) IN (SELECT tbl, key ${later} AND ((area, touches) IN (SELECT area, touches FROM read)
      OR (area = 'key' AND ('principal', 'api_key:' || touches) IN (SELECT area, touches FROM read))))${catalog ? " OR area = 'catalog'" : ''})
    GROUP BY tbl, key`;
}

/** @param later of `changesAfterSql`, read in the same transaction. Rows of other keys may come with it: they have no influence on those that were read */
export function undone(changes: ChangeSet, later: readonly FirstChange[]): ChangeSet {
  const { memberships, ...principals } = changes.principals.rows;
  const { group_nesting: nesting = [], ...catalog } = changes.catalog ?? {};
  const present = { ...emptyTables(), ...catalog, ...principals, ...changes.resources.rows };
  const keys = [...principals.api_keys, ...changes.keys.rows];
  const then = undo({ ...present, group_members: [...memberships, ...nesting], api_keys: keys }, later) as MutableTables; // made anew: nobody else has them
  const nests = ({ member }: { readonly member: string }): boolean => member.startsWith('group:');
  const tables = { ...then, group_nesting: then.group_members.filter(nests), memberships: then.group_members.filter((row) => !nests(row)) };
  return {
    ...changes,
    catalog: changes.catalog === null ? null : tables,
    principals: { keys: changes.principals.keys, rows: tables },
    resources: { keys: changes.resources.keys, rows: tables },
    keys: { keys: changes.keys.keys, rows: tables.api_keys },
  };
}
