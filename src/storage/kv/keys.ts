/**
 * Every key in KV, and how long it lives. Values are copies: the Publisher holds the strong ones, and D1 the truth.
 *
 * | key | value | written by | life |
 * |---|---|---|---|
 * | `org/<org>/blob/<hash>` | bytes of a piece; `<hash>` is their SHA-256, 64 hex digits | Publisher, before the pointer that needs it | never changes; deleted by garbage collection when no retained revision has it |
 * | `org/<org>/pointer` | JSON `{revision, manifest, behindSince}` | Publisher, at most once a second, the last one always | overwritten; deleted with the organization |
 *
 * Readers keep blobs for BLOB_CACHE_TTL_S and pointers for POINTER_CACHE_TTL_S in their location. No key has an expiration.
 * An organization's id is a DNS label and a hash is hexadecimal, so no two things share a key and none is longer than KV's 512 bytes.
 */

/** KV's minimum. A pointer read from KV never lowers an age, so its own age does no harm. */
export const POINTER_CACHE_TTL_S = 30;
/**
 * A blob never changes, but KV keeps a miss as long as a hit, and a new blob can be missed for a minute: each isolate of the location
 * would then fetch it from the Publisher for that long.
 */
export const BLOB_CACHE_TTL_S = 600;

export function blobKey(organization: string, hash: string): string {
  return `${organizationPrefix(organization)}blob/${hash}`;
}

export function pointerKey(organization: string): string {
  return `${organizationPrefix(organization)}pointer`;
}

/** What all keys of an organization begin with. */
export function organizationPrefix(organization: string): string {
  return `org/${organization}/`;
}
