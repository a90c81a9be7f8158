/** Nobody changes their own roles, groups or status, whatever they may do otherwise (F68). */
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef } from '../../core/terms/ref.ts';
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import type { RowChanges } from '../ports.ts';
import { changeOf } from '../write/complete.ts';
import type { Moment } from '../write/moment.ts';
import type { Content } from './content.ts';

/** What a subject may do to itself: take an invitation, go, or hand ownership over. */
export type OwnChange = 'accepts' | 'leaves' | 'hands_over';

/** @throws BitgateError `own_rights` (403) */
export function refuseOwnRights({ writer: { subject } }: Moment, changes: RowChanges, own: OwnChange | undefined): void {
  if (subject === null || own !== undefined) return;
  const self = formatRef(subject.type, subject.id);
  if (touched(changes).has(self)) throw ownRights();
}

/** @throws BitgateError `own_rights` (403) when the writer is that subject */
export function refuseSelf({ writer: { subject } }: Moment, reference: string): void {
  if (subject !== null && formatRef(subject.type, subject.id) === reference) throw ownRights();
}

export function ownRights(): BitgateError {
  return new BitgateError('own_rights', 403, 'nobody can change their own roles, groups, status or properties');
}

/**
 * Is what is held afterwards no more than what was held, and all of its denies? So ownership is handed over; anything else would be a way to
 * give oneself another role.
 */
export function isDemotion(from: Content, to: Content): boolean {
  if ((to.all && !from.all) || (to.reachesRestricted && !from.reachesRestricted)) return false;
  const gained = [...to.atoms.keys()].filter((atom) => !from.atoms.has(atom));
  const shed = [...from.atoms.keys()].filter((atom) => atom.startsWith('deny ') && !to.atoms.has(atom));
  // Whoever had every privilege had also what a condition or a type lets through.
  return shed.length === 0 && gained.every((atom) => from.all && atom.startsWith('allow '));
}

function touched(changes: RowChanges): Set<string> {
  const assignments = changeOf(changes, 'assignments');
  const members = changeOf(changes, 'group_members');
  const subjects = changeOf(changes, 'subjects');
  const keys = changeOf(changes, 'api_keys');
  return new Set([
    ...[...assignments.insert, ...assignments.delete].map(({ principal }) => principal),
    ...assignments.update.flatMap(({ before, after }) => [before.principal, after.principal]),
    ...[...members.insert, ...members.delete].map(({ member }) => member),
    ...[...subjects.insert, ...subjects.delete].map(({ subject }) => subject),
    ...subjects.update.map(({ before }) => before.subject),
    ...keys.delete.map(({ id }) => `api_key:${id}`),
    ...keys.update.filter(({ before, after }) => lastsOtherwise(before, after)).map(({ before }) => `api_key:${before.id}`),
  ]);
}

/** A key may give itself another name or secret, but no other end. */
function lastsOtherwise(before: ApiKeyRow, after: ApiKeyRow): boolean {
  return before.status !== after.status || before.expires_at !== after.expires_at;
}
