/** What a preview reads: rows in D1, published pieces in KV or, where KV lacks one or has a wrong one, at the Publisher. */
import { BitgateError } from '../core/terms/problem.ts';
import type { PreviewSource } from '../pap/preview/ports.ts';
import type { BlobStore, PublisherPort } from '../pdp/ports.ts';
import { rowsOfKeys } from './d1/rows-of-keys.ts';
import { sha256Hex } from './sha256.ts';

export function previewSource(db: D1Database, org: string, blobs: BlobStore, publisher: PublisherPort): PreviewSource {
  /** the copy, if it is right */
  const proved = async (hash: string, fetched: Promise<ArrayBuffer | null>): Promise<Uint8Array | null> => {
    const bytes = await fetched.catch(() => null);
    return bytes !== null && (await sha256Hex(bytes)) === hash ? new Uint8Array(bytes) : null;
  };
  return {
    rowsOf: (keys) => rowsOfKeys(db, org, keys),
    sha256: sha256Hex,
    async load(hash) {
      const bytes = (await proved(hash, blobs.blob(hash))) ?? (await proved(hash, publisher.blob(hash)));
      if (bytes === null)
        throw new BitgateError('stale', 503, `no good copy of piece \`${hash}\` can be had: try again`, { reason: 'stale' });
      return bytes;
    },
  };
}
