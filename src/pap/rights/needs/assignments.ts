/** Assignments that are made, taken or changed. */
import { GROUP_TYPE, ORG_SCOPE } from '../../../core/terms/ref.ts';
import type { AssignmentRow } from '../../../core/terms/rows.ts';
import { KEY_SUBJECT_PREFIX } from '../../manifest/tables.ts';
import { changeOf } from '../../write/complete.ts';
import { earlier, type Needs } from './context.ts';
import { defaultRoleNeeds } from './settings.ts';

export function assignmentNeeds(needs: Needs): void {
  const { insert, update, delete: gone } = changeOf(needs.changes, 'assignments');
  const ends = new Map(changeOf(needs.changes, 'api_keys').insert.map(({ id, expires_at }) => [KEY_SUBJECT_PREFIX + id, expires_at]));
  for (const row of [...insert, ...gone, ...update.flatMap(({ before, after }) => [before, after])]) {
    // What has ended already is taken from nobody.
    if (row.expires_at !== null && row.expires_at <= needs.now) continue;
    const until = earlier(row.expires_at, ends.get(row.principal) ?? null);
    needs.targets([{ target: row.role ?? row.policy ?? '', scope: row.scope, since: row.not_before ?? 0, until }]);
  }
  if (movesDefaultRole(needs, [...insert, ...gone, ...update.flatMap(({ before, after }) => [before, after])]))
    defaultRoleNeeds(needs, null);
}

/** A role of one's own at `org` stands in the place of the default role: whoever gives or takes it moves that too. Registration is told apart. */
function movesDefaultRole({ changes }: Needs, rows: readonly AssignmentRow[]): boolean {
  const registered = new Set(changeOf(changes, 'subjects').insert.map(({ subject }) => subject));
  return rows.some(
    ({ principal, role, scope }) =>
      role !== null && scope === ORG_SCOPE && !principal.startsWith(`${GROUP_TYPE}:`) && !registered.has(principal),
  );
}
