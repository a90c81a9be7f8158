/** Which changes are made to take access away, so that they never wait for that. */
import type { SubjectRow, TableName } from '../../core/terms/rows.ts';
import type { RowChanges } from '../ports.ts';
import { changeOf, isUntouched } from '../write/complete.ts';

/** Changes of whole organizations: what they take away may be a slip, whatever rows it is. */
const WHOLE = /^(?:(?:manifest|preset|revision)\.|import$)/;

/** What a revocation may delete. */
const REVOCABLE: readonly TableName[] = ['assignments', 'group_members', 'resource_owners', 'subjects', 'api_keys'];

/**
 * Assignments, memberships, ownerships, subjects and keys that are deleted, keys that end, subjects that are suspended, and nothing else.
 * @param changes complete
 */
export function isRevocation(action: string, changes: RowChanges): boolean {
  if (WHOLE.test(action)) return false;
  // `as`: the keys of a literal of tables.
  const touched = (Object.keys(changes) as TableName[]).filter((table) => !isUntouched(changes, table));
  return touched.every((table) => {
    const { insert, update } = changeOf(changes, table);
    if (!REVOCABLE.includes(table) || insert.length > 0) return false;
    // What a key loses it loses by its end.
    return update.length === 0 || table === 'api_keys' || (table === 'subjects' && changeOf(changes, 'subjects').update.every(suspends));
  });
}

/** Is it a change of everything at once? */
export function isWhole(action: string): boolean {
  return WHOLE.test(action);
}

function suspends({ before, after }: { readonly before: SubjectRow; readonly after: SubjectRow }): boolean {
  return after.status === 'suspended' && after.properties === before.properties;
}
