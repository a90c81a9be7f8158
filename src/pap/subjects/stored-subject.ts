/** One registered subject, and what every use case of subjects begins with. */
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { SubjectRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { MANAGE_MEMBERS } from '../groups/stored-group.ts';
import { quote } from '../manifest/problems.ts';
import { isKeySubject } from '../manifest/tables.ts';
import { refuseSelf } from '../rights/own-rights.ts';
import { type Moment, requireRight } from '../write/moment.ts';
import { thereIsNo } from '../write/refusals.ts';
import type { SubjectLookup } from './ports.ts';

/** @throws BitgateError `unknown_subject` (404) */
export async function findSubject(lookup: SubjectLookup, subject: string): Promise<SubjectRow> {
  const row = await lookup.subject(subject);
  if (row === null) throw thereIsNo('subject', subject);
  return row;
}

/** For writing: the right first, since who may not write is not told what there is. */
export async function subjectToChange({ subjects }: ControlTools, moment: Moment, subject: string): Promise<SubjectRow> {
  await requireRight(moment, MANAGE_MEMBERS, ORG_SCOPE);
  refuseSelf(moment, subject);
  refuseKey(subject);
  return findSubject(subjects, subject);
}

/** @throws BitgateError `key_subject` (409) */
export function refuseKey(subject: string): void {
  if (!isKeySubject(subject)) return;
  throw new BitgateError('key_subject', 409, `${quote(subject)} is an API key: it is made, changed and deleted under \`api-keys\``);
}
