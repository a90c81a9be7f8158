/** Use case: a subject gets other properties, is suspended, or is active again. What isn't named stays. */
import type { SubjectRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { Problems } from '../manifest/problems.ts';
import { resolveProperties } from '../manifest/resolve/properties.ts';
import type { SubjectItem } from '../manifest/schema.ts';
import type { Writer } from '../write/moment.ts';
import { changesOrNull, updated } from '../write/row-change.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { subjectToChange } from './stored-subject.ts';

/**
 * @param change `properties` are replaced as a whole
 * @throws BitgateError `missing_privilege` (403), `unknown_subject` (404), `key_subject` (409), `changed_meanwhile` (412), `invalid_subject` (422)
 */
export async function changeSubject(
  tools: ControlTools,
  writer: Writer,
  subject: string,
  change: Pick<SubjectItem, 'status' | 'properties'>,
  precondition: (current: SubjectRow) => Promise<void>,
  mode: PublishMode,
): Promise<Written<SubjectRow>> {
  return write(tools, writer, mode, async (moment) => {
    const before = await subjectToChange(tools, moment, subject);
    await precondition(before);
    const problems = new Problems();
    const properties =
      change.properties === undefined ? before.properties : resolveProperties(change.properties, 'subject.properties', problems);
    problems.throwIfAny('invalid_subject', 'the subject', 'subject.');
    const after = { ...before, status: change.status ?? before.status, properties };
    return {
      changes: changesOrNull({ subjects: updated(before, after) }),
      audit: {
        action: 'subject.update',
        target: `subject:${subject}`,
        before: JSON.stringify(before),
        after: JSON.stringify(after),
      },
      value: after,
    };
  });
}
