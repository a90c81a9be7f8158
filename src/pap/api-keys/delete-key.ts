/** Use case: an API key is deleted, for good: with it go its subject, what that was assigned, its memberships and what it owned. */
import type { ControlTools } from '../control-ports.ts';
import type { Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import type { OwnedKey } from './ports.ts';
import { type AddressedKey, auditText, enterPlace, findKey, keySubjectOf, ownGrants } from './stored-key.ts';

/**
 * @returns the key as it was
 * @throws BitgateError `unknown_api_key` (404), `missing_privilege`, `escalation`, `own_rights` (403), `last_owner` (409)
 */
export async function deleteKey(
  tools: ControlTools,
  writer: Writer,
  { place, id, precondition }: AddressedKey,
  mode: PublishMode,
): Promise<Written<OwnedKey>> {
  return write(tools, writer, mode, async (moment) => {
    await enterPlace(tools.lookup, moment, place);
    const key = await findKey(tools.lookup, place, id);
    const { row } = key;
    await precondition(row);
    return {
      changes: { api_keys: { insert: [], update: [], delete: [row] } },
      audit: { action: 'api_key.delete', target: keySubjectOf(row), before: auditText(row, { assignments: ownGrants(key) }), after: null },
      value: row,
    };
  });
}
