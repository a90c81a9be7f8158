/** A member by its reference. */
import { BitgateError } from '../../core/terms/problem.ts';
import { GROUP_TYPE, parseRef } from '../../core/terms/ref.ts';
import type { ControlTools } from '../control-ports.ts';
import type { MemberRow, Reach } from './ports.ts';

/** @throws BitgateError `unknown_member` (404) when it isn't registered */
export async function findMember({ members }: ControlTools, project: string, subject: string): Promise<MemberRow> {
  const member = await members.member(project, subject);
  if (member === null) throw unknownMember(subject);
  return member;
}

export function unknownMember(subject: string): BitgateError {
  return new BitgateError('unknown_member', 404, `there is no member \`${subject.slice(0, 80)}\``);
}

/** @throws BitgateError `invalid_member` (422) for what is no subject; `invalid_reference` (400) for what is no reference */
export function requireSubject(reference: string): void {
  if (parseRef(reference).type !== GROUP_TYPE) return;
  throw new BitgateError('invalid_member', 422, `\`${reference.slice(0, 80)}\` is a group: its members are subjects`);
}

/** The roles that a member holds itself at exactly that scope. */
export function directRoles({ subject, reaches }: MemberRow, scope: string): readonly Reach[] {
  return reaches.filter((reach) => reach.principal === subject && reach.role !== null && reach.scope === scope);
}
