/** Use case: an API key is deleted, for good: with it go its subject, what that was assigned, its memberships and what it owned. */
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { auditText, findKey, keySubjectOf, MANAGE_KEYS, ownGrants } from './stored-key.ts';

/**
 * @returns the key as it was
 * @throws BitgateError `unknown_api_key` (404), `missing_privilege`, `escalation`, `own_rights` (403), `last_owner` (409)
 */
export async function deleteKey(tools: ControlTools, writer: Writer, id: string, mode: PublishMode): Promise<Written<ApiKeyRow>> {
  return write(tools, writer, mode, async (moment) => {
    // First of all: who may not write here is not told what there is.
    await requireRight(moment, MANAGE_KEYS, 'org');
    const key = await findKey(tools.lookup, id);
    const { row } = key;
    return {
      changes: { api_keys: { insert: [], update: [], delete: [row] } },
      audit: { action: 'api_key.delete', target: keySubjectOf(row), before: auditText(row, { assignments: ownGrants(key) }), after: null },
      value: row,
    };
  });
}
