/** An API key that is there: found, and told to the audit without its hashes. */
import { BitgateError } from '../../core/terms/problem.ts';
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import type { KeyWithGrants, Lookup, NamedAssignment } from '../control-ports.ts';

export const MANAGE_KEYS = 'bitgate:manage_keys';

/** @throws BitgateError `unknown_api_key` (404) */
export async function findKey(lookup: Lookup, id: string): Promise<KeyWithGrants> {
  const key = await lookup.keyWithGrants(id);
  if (key === null) throw new BitgateError('unknown_api_key', 404, `there is no API key \`${id.slice(0, 80)}\``);
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
