/** Use case: an API key gets a new secret. The one before ends at once, or after an overlap; of those before that, none is left. */
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { auditText, findKey, keySubjectOf, MANAGE_KEYS } from './stored-key.ts';

/**
 * Whoever rotates a key gets its token. A key may do that to itself: it gets what it has.
 * @param hash SHA-256 of the new token
 * @param overlapMs how long the secret before stays valid; 0: it ends with this revision
 * @throws BitgateError `unknown_api_key` (404), `missing_privilege`, `escalation` (403)
 */
export async function rotateKey(
  tools: ControlTools,
  writer: Writer,
  { id, hash, overlapMs }: { readonly id: string; readonly hash: string; readonly overlapMs: number },
  mode: PublishMode,
): Promise<Written<ApiKeyRow>> {
  return write(tools, writer, mode, async (moment) => {
    // First of all: who may not write here is not told what there is.
    await requireRight(moment, MANAGE_KEYS, 'org');
    const key = await findKey(tools.lookup, id);
    const { row: before } = key;
    const previous =
      overlapMs > 0
        ? { previous_hash: before.hash, previous_until: moment.now + overlapMs }
        : { previous_hash: null, previous_until: null };
    const after = { ...before, hash, ...previous };
    return {
      changes: { api_keys: { insert: [], update: [{ before, after }], delete: [] } },
      audit: { action: 'api_key.rotate', target: keySubjectOf(before), before: auditText(before), after: auditText(after) },
      value: after,
    };
  });
}
