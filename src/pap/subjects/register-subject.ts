/** Use case: a subject is registered, with what is known of it. */
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { SubjectRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { MANAGE_MEMBERS } from '../groups/stored-group.ts';
import { Problems } from '../manifest/problems.ts';
import { resolveSubject } from '../manifest/resolve/subjects.ts';
import type { SubjectItem } from '../manifest/schema.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { existsAlready } from '../write/refusals.ts';
import { inserted } from '../write/row-change.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { refuseKey } from './stored-subject.ts';

/**
 * @param ifExists `return`: a subject that is there is the answer, as it is
 * @throws BitgateError `missing_privilege` (403), `subject_exists`, `key_subject` (409), `invalid_subject` (422)
 */
export async function registerSubject(
  tools: ControlTools,
  writer: Writer,
  wanted: SubjectItem,
  ifExists: 'refuse' | 'return',
  mode: PublishMode,
): Promise<Written<SubjectRow>> {
  return write(tools, writer, mode, async (moment) => {
    await requireRight(moment, MANAGE_MEMBERS, ORG_SCOPE);
    const problems = new Problems();
    const row = resolveSubject(wanted, 'subject', problems);
    problems.throwIfAny('invalid_subject', 'the subject', 'subject.');
    if (row === null) throw new Error('not reached: what can not be a subject was told');
    refuseKey(row.subject);
    const there = await tools.subjects.subject(row.subject);
    if (there !== null && ifExists === 'refuse') throw existsAlready('subject', row.subject);
    return {
      changes: there === null ? { subjects: inserted([row]) } : null,
      audit: { action: 'subject.create', target: `subject:${row.subject}`, before: null, after: JSON.stringify(row) },
      value: there ?? row,
    };
  });
}
