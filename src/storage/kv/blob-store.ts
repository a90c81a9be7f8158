/** KV as the data plane reads it. */
import type { BlobStore } from '../../pdp/ports.ts';
import { parsePointer } from '../pointer-json.ts';
import { BLOB_CACHE_TTL_S, blobKey, POINTER_CACHE_TTL_S, pointerKey } from './keys.ts';

/** Both methods reject when KV can't be reached; `pointer` also when what it holds is no pointer. */
export function kvBlobStore(kv: KVNamespace, organization: string): BlobStore {
  return {
    async pointer() {
      const text = await kv.get(pointerKey(organization), { type: 'text', cacheTtl: POINTER_CACHE_TTL_S });
      return text === null ? null : parsePointer(JSON.parse(text));
    },
    blob(hash) {
      return kv.get(blobKey(organization, hash), { type: 'arrayBuffer', cacheTtl: BLOB_CACHE_TTL_S });
    },
  };
}
