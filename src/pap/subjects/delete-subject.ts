/** Use case: a subject is deleted. What it holds, owns and is a member of goes with it, if that is wanted. */
import type { SubjectRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import type { Writer } from '../write/moment.ts';
import { refuseInUse, USERS_NAMED } from '../write/refusals.ts';
import { removed } from '../write/row-change.ts';
import { shownUse } from '../write/shown-users.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { subjectToChange } from './stored-subject.ts';

/**
 * @param force take its assignments, memberships and ownerships away with it
 * @returns what was deleted
 * @throws BitgateError `missing_privilege` (403), `unknown_subject` (404), `subject_in_use` (409) with what hangs on it, `key_subject` (409),
 *   `changed_meanwhile` (412)
 */
export async function deleteSubject(
  tools: ControlTools,
  writer: Writer,
  subject: string,
  force: boolean,
  precondition: (current: SubjectRow) => Promise<void>,
  mode: PublishMode,
): Promise<Written<SubjectRow>> {
  return write(tools, writer, mode, async (moment) => {
    const row = await subjectToChange(tools, moment, subject);
    await precondition(row);
    if (!force) refuseInUse('subject', subject, shownUse(await tools.subjects.use(subject, USERS_NAMED)));
    return {
      changes: { subjects: removed([row]) },
      audit: { action: 'subject.delete', target: `subject:${subject}`, before: JSON.stringify(row), after: null },
      value: row,
    };
  });
}
