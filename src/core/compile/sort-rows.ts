/** Brings rows into the order of their ids: from here on the order in which they were read has no influence. */
import { compareCodePoints } from '../sets/compare.ts';
import { quote, type Report } from './report.ts';

/** Sorted by id, each id once; a second row with the same id is fatal. */
export function sortById<Row extends { readonly id: string }>(rows: readonly Row[], table: string, report: Report): Row[] {
  const sorted = [...rows].sort(
    (a, b) => compareCodePoints(a.id, b.id) || (a === b ? 0 : compareCodePoints(JSON.stringify(a), JSON.stringify(b))),
  );
  return sorted.filter((row, i) => {
    if (i === 0 || row.id !== sorted[i - 1]!.id) return true;
    report.fatal('duplicate_id', `${table}/${row.id}`, `two rows have the id ${quote(row.id)}`);
    return false;
  });
}
