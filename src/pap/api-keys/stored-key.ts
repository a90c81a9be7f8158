/** An API key that is there: found, and told to the audit without its hashes. */
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, ORG_SCOPE, PROJECT_TYPE } from '../../core/terms/ref.ts';
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import type { KeyWithGrants, Lookup, NamedAssignment } from '../control-ports.ts';
import { type Moment, requireRight } from '../write/moment.ts';
import type { OwnedKey } from './ports.ts';

export const MANAGE_KEYS = 'bitgate:manage_keys';

/** The id of a project, or null for the organization: where keys are administered. There all are seen, those of projects too. */
export type KeyPlace = string | null;

/** Which key a request is about. */
export interface AddressedKey {
  readonly place: KeyPlace;
  readonly id: string;
  /** refuses when the key isn't as the caller last saw it */
  precondition(current: OwnedKey): Promise<void>;
}

/** Where the right to administer the place's keys is needed. */
export function scopeOf(place: KeyPlace): string {
  return place === null ? ORG_SCOPE : formatRef(PROJECT_TYPE, place);
}

/**
 * First of all in every use case: who may not write here is not told what there is.
 * @throws BitgateError `missing_privilege` (403), `not_found` (404) when there is no such project
 */
export async function enterPlace(lookup: Lookup, moment: Moment, place: KeyPlace): Promise<void> {
  await requireRight(moment, MANAGE_KEYS, scopeOf(place));
  await requireProject(lookup, place);
}

/** @throws BitgateError `not_found` (404) */
export async function requireProject(lookup: Lookup, place: KeyPlace): Promise<void> {
  if (place !== null && !(await lookup.project(place))) {
    throw new BitgateError('not_found', 404, `there is no project \`${place.slice(0, 80)}\``);
  }
}

/** @throws BitgateError `unknown_api_key` (404), also for a key of another place */
export async function findKey(lookup: Lookup, place: KeyPlace, id: string): Promise<KeyWithGrants> {
  const key = await lookup.keyWithGrants(id);
  if (key === null || (place !== null && key.row.project !== place))
    throw new BitgateError('unknown_api_key', 404, `there is no API key \`${id.slice(0, 80)}\``);
  return key;
}

export function keySubjectOf({ id }: Pick<ApiKeyRow, 'id'>): string {
  return `api_key:${id}`;
}

/** What the key was assigned itself, neither through groups nor as an owner. */
export function ownGrants({ row, grants }: KeyWithGrants): NamedAssignment[] {
  return grants.filter(({ principal }) => principal === keySubjectOf(row));
}

/** For the audit: everything but the hashes. */
export function auditText(row: ApiKeyRow, more: object = {}): string {
  const { hash: _hash, previous_hash: _previous, ...shown } = row;
  return JSON.stringify({ ...shown, ...more });
}
