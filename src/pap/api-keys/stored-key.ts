/** An API key that is there: found, judged as far as the writer's own rights go, and told to the audit without its hashes. */
import { BitgateError } from '../../core/terms/problem.ts';
import { isReservedGroup, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import { newId } from '../assignments/new-id.ts';
import type { ControlTools, KeyWithGrants, Lookup, NamedAssignment } from '../control-ports.ts';
import { refuseGivingDefaultRole } from '../rights/default-role.ts';
import { refuseEscalation } from '../rights/escalation.ts';
import type { Moment } from '../write/moment.ts';

export const MANAGE_KEYS = 'bitgate:manage_keys';
/** no role or policy has it: what is held through it is more than single privileges can prove */
const BEYOND = '';

/** @throws BitgateError `unknown_api_key` (404) */
export async function findKey(lookup: Lookup, id: string): Promise<KeyWithGrants> {
  const key = await lookup.keyWithGrants(id);
  if (key === null) throw new BitgateError('unknown_api_key', 404, `there is no API key \`${id.slice(0, 80)}\``);
  return key;
}

export function keySubjectOf({ id }: Pick<ApiKeyRow, 'id'>): string {
  return `api_key:${id}`;
}

export function isOwnKey({ writer }: Moment, { row }: KeyWithGrants): boolean {
  return writer.subject?.type === 'api_key' && writer.subject.id === row.id;
}

/** What the key was assigned itself, neither through groups nor as an owner. */
export function ownGrants({ row, grants }: KeyWithGrants): NamedAssignment[] {
  return grants.filter(({ principal }) => principal === keySubjectOf(row));
}

/** @throws BitgateError `own_rights` (403) */
export function refuseOwnKey(moment: Moment, key: KeyWithGrants): void {
  if (isOwnKey(moment, key))
    throw new BitgateError('own_rights', 403, 'no key can end, disable, enable or delete itself, nor change its own end');
}

/**
 * Who opens, shuts or takes over a key gives or takes all that it holds: what it was assigned itself, through groups, as an owner, and by default.
 * @param expiresAt until when the key lasts, ms; where that changes, the later one
 * @throws BitgateError `escalation` (403)
 */
export async function refuseBeyondOwnRights(
  tools: ControlTools,
  moment: Moment,
  key: KeyWithGrants,
  expiresAt: number | null,
): Promise<void> {
  const probe = newId('', tools);
  const inForce = key.grants.filter((grant) => grant.expires_at === null || grant.expires_at > moment.now);
  for (const { principal, role, policy, target, scope, not_before: notBefore, expires_at: end } of inForce) {
    // What an owner holds reaches restricted resources.
    const id = isReservedGroup(principal) ? BEYOND : (role ?? policy ?? BEYOND);
    await refuseEscalation(tools.lookup, moment, { target: id, name: target, scope, notBefore, expiresAt: earlier(end, expiresAt) }, probe);
  }
  const replaced = ownGrants(key).some(
    (grant) => grant.role !== null && grant.scope === ORG_SCOPE && grant.not_before === null && grant.expires_at === null,
  );
  if (!replaced) await refuseGivingDefaultRole(tools.lookup, moment, expiresAt, probe);
}

/** The earlier of two ends, null being none. */
function earlier(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

/** The later of two ends, null being none. */
export function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

/** For the audit: everything but the hashes. */
export function auditText(row: ApiKeyRow, more: object = {}): string {
  const { hash: _hash, previous_hash: _previous, ...shown } = row;
  return JSON.stringify({ ...shown, ...more });
}
