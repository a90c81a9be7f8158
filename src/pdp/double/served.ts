/** What is served of rows that somebody typed by hand and that are no fault: without it the second evaluation would cry where nothing is wrong. */
import { UnreadableRow } from '../../core/naive/facts.ts';
import { canonicalJson } from '../../core/sets/canonical-json.ts';
import type { OrganizationRows } from '../../core/terms/rows.ts';

/**
 * The rows with properties in the one form that a snapshot holds: conditions may see in which order members stand.
 * @throws UnreadableRow of a time that is not exact: such an assignment is left out when published, such a key counts as disabled
 */
export function asServed(rows: OrganizationRows): OrganizationRows {
  const times = [...rows.assignments.flatMap((row) => [row.not_before, row.expires_at]), ...rows.api_keys.map((row) => row.expires_at)];
  if (times.some((time) => time !== null && !Number.isSafeInteger(time))) throw new UnreadableRow('not a time');
  return { ...rows, subjects: rows.subjects.map(canonical), resources: rows.resources.map(canonical) };
}

function canonical<Row extends { readonly properties: string }>(row: Row): Row {
  return { ...row, properties: canonicalJson(JSON.parse(row.properties)) };
}
