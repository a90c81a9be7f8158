/** The pieces of a preview: those it makes are held in memory and written nowhere, the others are the published ones. */
import { BitgateError } from '../../core/terms/problem.ts';
import type { Pieces } from '../publish/ports.ts';
import type { PreviewSource } from './ports.ts';

/** an isolate has 128 MB, of which what is served takes 48 */
export const MAX_MADE_BYTES = 32 * 1024 * 1024;

export class PreviewPieces implements Pieces {
  readonly #source: PreviewSource;
  readonly #published: ReadonlySet<string>;
  readonly #made = new Map<string, Uint8Array>();
  readonly #limit: number;
  #bytes = 0;

  /** @param published hashes of what is stored already */
  constructor(source: PreviewSource, published: ReadonlySet<string>, limit: number = MAX_MADE_BYTES) {
    this.#source = source;
    this.#published = published;
    this.#limit = limit;
  }

  async load(hash: string): Promise<Uint8Array> {
    return this.#made.get(hash) ?? this.#source.load(hash);
  }

  /** @throws BitgateError `preview_too_large` (413) */
  async put(hash: string, bytes: Uint8Array): Promise<void> {
    if (this.#made.has(hash) || this.#published.has(hash)) return;
    this.#bytes += bytes.byteLength;
    if (this.#bytes > this.#limit) {
      const message = `the change makes more than ${this.#limit} bytes of the snapshot anew, which is too much to try out: write it in parts`;
      throw new BitgateError('preview_too_large', 413, message, { limit_bytes: this.#limit });
    }
    this.#made.set(hash, bytes);
  }
}
