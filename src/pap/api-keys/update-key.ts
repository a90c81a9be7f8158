/** Use case: an API key is named anew, disabled, enabled, or given another end. What isn't named stays; what is so already changes nothing. */
import type { Problem } from '../../core/terms/problem.ts';
import { resolveTime, throwIfAny } from '../assignments/wanted.ts';
import type { ControlTools } from '../control-ports.ts';
import type { Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import type { OwnedKey } from './ports.ts';
import { type AddressedKey, auditText, enterPlace, findKey, keySubjectOf } from './stored-key.ts';

/** Undefined: stays as it is. */
export interface KeyChange {
  readonly name?: string | undefined;
  readonly status?: 'active' | 'disabled' | undefined;
  /** RFC 3339 with zone; null: no end */
  readonly expires_at?: string | null | undefined;
  /** null: for no proxy */
  readonly forward_auth?: 'nginx' | 'forwarded' | 'envoy' | null | undefined;
}

/**
 * @throws BitgateError `unknown_api_key` (404), `missing_privilege`, `escalation`, `own_rights` (403), `last_owner` (409),
 *   `invalid_api_key` (422)
 */
export async function updateKey(
  tools: ControlTools,
  writer: Writer,
  { place, id, precondition }: AddressedKey,
  change: KeyChange,
  mode: PublishMode,
): Promise<Written<OwnedKey>> {
  return write(tools, writer, mode, async (moment) => {
    await enterPlace(tools.lookup, moment, place);
    const key = await findKey(tools.lookup, place, id);
    const { row: before } = key;
    await precondition(before);
    const after = changed(before, change);
    return {
      changes: isEqual(before, after) ? null : { api_keys: { insert: [], update: [{ before, after }], delete: [] } },
      audit: { action: 'api_key.update', target: keySubjectOf(before), before: auditText(before), after: auditText(after) },
      value: after,
    };
  });
}

/** @throws BitgateError `invalid_api_key` (422) */
function changed(row: OwnedKey, { name, status, expires_at, forward_auth }: KeyChange): OwnedKey {
  const problems: Problem[] = [];
  const end = resolveTime(expires_at, 'expires_at', (path, code, message) => problems.push({ path, code, message }));
  throwIfAny('invalid_api_key', 'the key', problems);
  return {
    ...row,
    name: name ?? row.name,
    status: status ?? row.status,
    expires_at: expires_at === undefined ? row.expires_at : end,
    forward_auth: forward_auth === undefined ? row.forward_auth : (forward_auth ?? ''),
  };
}

function isEqual(a: OwnedKey, b: OwnedKey): boolean {
  return a.name === b.name && a.status === b.status && a.expires_at === b.expires_at && a.forward_auth === b.forward_auth;
}
