/** From what a resource has to what it shall have, as rows. */
import type { RowChanges } from '../ports.ts';
import { changesOrNull, inserted, replaced, updated } from '../write/row-change.ts';
import type { PlacedResource } from './ports.ts';

/** @param before null: it is not there. @returns null when nothing changes */
export function changesOf(before: PlacedResource | null, after: PlacedResource): RowChanges | null {
  return changesOrNull({
    resources: before === null ? inserted([after.row]) : updated(before.row, after.row),
    resource_parents: replaced(before === null ? [] : parentRows(before), parentRows(after)),
    resource_owners: replaced(before === null ? [] : ownerRows(before), ownerRows(after)),
  });
}

function parentRows({ row: { resource }, parents }: PlacedResource) {
  return parents.map((parent) => ({ resource, parent }));
}

function ownerRows({ owners }: PlacedResource) {
  return owners.map(({ resource, owner, kind }) => ({ resource, owner, kind }));
}
