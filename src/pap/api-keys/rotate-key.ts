/** Use case: an API key gets a new secret. The one before ends at once, or after an overlap; of those before that, none is left. */
import type { ControlTools } from '../control-ports.ts';
import type { Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import type { OwnedKey } from './ports.ts';
import { type AddressedKey, auditText, enterPlace, findKey, keySubjectOf } from './stored-key.ts';

/**
 * Whoever rotates a key gets its token. A key may do that to itself: it gets what it has.
 * @param hash SHA-256 of the new token
 * @param overlapMs how long the secret before stays valid; 0: it ends with this revision
 * @throws BitgateError `unknown_api_key` (404), `missing_privilege`, `escalation` (403)
 */
export async function rotateKey(
  tools: ControlTools,
  writer: Writer,
  { place, id, precondition, hash, overlapMs }: AddressedKey & { readonly hash: string; readonly overlapMs: number },
  mode: PublishMode,
): Promise<Written<OwnedKey>> {
  return write(tools, writer, mode, async (moment) => {
    await enterPlace(tools.lookup, moment, place);
    const key = await findKey(tools.lookup, place, id);
    const { row: before } = key;
    await precondition(before);
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
