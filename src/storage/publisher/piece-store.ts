/** Pieces by hash: the strong copy in the object's own storage, the wide copy in KV. KV may fail: then it is given the piece later. */
import { log, messageOf } from '../../log.ts';
import type { Pieces } from '../../pap/publish/ports.ts';
import { blobKey, organizationPrefix } from '../kv/keys.ts';

const CHUNK_BYTES = 1024 * 1024;
/** pieces that no published manifest names are kept this long for isolates that still hold an older pointer; KV keeps them longer */
const KEEP_REPLACED_MS = 10 * 60 * 1000;

/** deletions of one run: an invocation may ask KV a thousand times */
const CLEARED_AT_ONCE = 500;

/** pieces on their way to KV at a time: a connection each */
const COPIED_TOGETHER = 4;
/** strong copies of abandoned pieces deleted with one statement: a slice must stay below 20 ms */
const ABANDONED_SLICE = 50;

/** Pieces that the published revision has and the one before had not, and the other way round; `gone` null: that one isn't known, `added` are all. */
export interface PieceChange {
  readonly added: readonly string[];
  readonly gone: readonly string[] | null;
}

export class PieceStore implements Pieces {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #kv: KVNamespace;
  readonly #organization: string;
  readonly #now: () => number;
  readonly #spend: (operations: number) => void;
  /** pieces that were new since the store was made, and their bytes */
  written = 0;
  writtenBytes = 0;

  /** @param spend told of each operation of KV */
  constructor(
    storage: DurableObjectStorage,
    kv: KVNamespace,
    organization: string,
    now: () => number,
    spend: (operations: number) => void = () => {},
  ) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#kv = kv;
    this.#organization = organization;
    this.#now = now;
    this.#spend = spend;
  }

  /** The strong copy of a piece, or null. */
  read(hash: string): Uint8Array | null {
    const chunks = this.#sql.exec<{ bytes: ArrayBuffer }>('SELECT bytes FROM chunks WHERE hash = ? ORDER BY chunk', hash).toArray();
    const only = chunks[0];
    if (only === undefined) return null;
    if (chunks.length === 1) return new Uint8Array(only.bytes);
    const bytes = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.bytes.byteLength, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(new Uint8Array(chunk.bytes), at);
      at += chunk.bytes.byteLength;
    }
    return bytes;
  }

  async load(hash: string): Promise<Uint8Array> {
    const bytes = this.read(hash);
    if (bytes === null) throw new Error(`piece ${hash} is not in the strong copy`);
    return bytes;
  }

  /**
   * Stores the strong copy of a piece; KV is given it once a revision has it (`copyRest`): what a long compile writes may be replaced before it ends. A piece
   * that is there already is neither written nor counted.
   */
  async put(hash: string, bytes: Uint8Array): Promise<void> {
    if (this.#has(hash)) {
      this.#sql.exec('UPDATE pieces SET replaced_at = ? WHERE hash = ? AND replaced_at IS NOT NULL', this.#now(), hash);
      return;
    }
    this.#storage.transactionSync(() => {
      for (let chunk = 0; chunk * CHUNK_BYTES < bytes.byteLength; chunk++) {
        const part = bytes.slice(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
        this.#sql.exec('INSERT OR REPLACE INTO chunks (hash, chunk, bytes) VALUES (?, ?, ?)', hash, chunk, part);
      }
      // Until it is published, it is as one that no longer is.
      this.#sql.exec('INSERT INTO pieces (hash, in_kv, replaced_at) VALUES (?, 0, ?)', hash, this.#now());
    });
    this.written++;
    this.writtenBytes += bytes.byteLength;
  }

  #has(hash: string): boolean {
    return this.#sql.exec('SELECT 1 FROM pieces WHERE hash = ?', hash).toArray().length > 0;
  }

  /** Deletes every copy of a piece, the strong one first: whoever puts it again then gives it to KV again. Rejects when KV can't be reached. */
  async delete(hash: string): Promise<void> {
    this.#storage.transactionSync(() => {
      for (const table of ['chunks', 'pieces']) this.#sql.exec(`DELETE FROM ${table} WHERE hash = ?`, hash);
    });
    this.#spend(1);
    await this.#kv.delete(blobKey(this.#organization, hash));
  }

  /** Is there a piece that KV has not got, be it of a revision or abandoned? */
  hasLeft(): boolean {
    return this.#sql.exec('SELECT 1 FROM pieces WHERE in_kv = 0 LIMIT 1').toArray().length > 0;
  }

  /** Has KV taken every piece of the revisions that are kept? */
  allInKv(): boolean {
    return this.#waiting(1).length === 0;
  }

  /**
   * Gives KV what it didn't take before.
   * @param most at most so many pieces
   * @returns whether it took them all
   */
  async copyRest(most: number): Promise<boolean> {
    const hashes = this.#waiting(most);
    let all = true;
    const copyNext = async (): Promise<void> => {
      for (let hash = hashes.pop(); hash !== undefined; hash = hashes.pop()) {
        const bytes = this.read(hash);
        if (bytes !== null && !(await this.#copy(hash, bytes))) all = false;
      }
    };
    await Promise.all(Array.from({ length: COPIED_TOGETHER }, copyNext));
    return all;
  }

  #waiting(most: number): string[] {
    const sql = `SELECT hash FROM pieces WHERE in_kv = 0 AND EXISTS (SELECT 1 FROM spans WHERE spans.hash = pieces.hash) LIMIT ?`;
    return this.#sql
      .exec<{ hash: string }>(sql, most)
      .toArray()
      .map(({ hash }) => hash);
  }

  /**
   * Drops some pieces that a compile wrote and no revision has. Never while one is under way.
   * @returns whether there may be more
   */
  dropAbandoned(): boolean {
    const hashes = this.#sql
      .exec<{ hash: string }>(
        'SELECT hash FROM pieces WHERE in_kv = 0 AND NOT EXISTS (SELECT 1 FROM spans WHERE spans.hash = pieces.hash) LIMIT ?',
        ABANDONED_SLICE,
      )
      .toArray()
      .map(({ hash }) => hash);
    const json = JSON.stringify(hashes);
    this.#storage.transactionSync(() => {
      for (const table of ['chunks', 'pieces']) this.#sql.exec(`DELETE FROM ${table} WHERE hash IN (SELECT value FROM json_each(?))`, json);
    });
    return hashes.length === ABANDONED_SLICE;
  }

  async #copy(hash: string, bytes: Uint8Array): Promise<boolean> {
    try {
      this.#spend(1);
      await this.#kv.put(blobKey(this.#organization, hash), bytes);
    } catch (error) {
      log('warn', 'piece_not_copied', {
        message: 'KV did not take a piece: it will be given again',
        organization: this.#organization,
        hash,
        error: messageOf(error),
      });
      return false;
    }
    this.#sql.exec('UPDATE pieces SET in_kv = 1 WHERE hash = ?', hash);
    return true;
  }

  /** Drops the strong copy of everything. */
  forget(): void {
    this.#sql.exec('DELETE FROM chunks');
    this.#sql.exec('DELETE FROM pieces');
  }

  /**
   * Deletes from KV, a part at a time, what the strong copy doesn't have.
   * @param keepPointer is something published?
   * @returns whether nothing of the kind is listed any more
   */
  async clearKv(keepPointer: () => boolean): Promise<boolean> {
    const blobs = blobKey(this.#organization, '');
    // A kept revision of an organization that was made again may have pieces in KV alone.
    const inSpan = (hash: string): boolean => this.#sql.exec('SELECT 1 FROM spans WHERE hash = ? LIMIT 1', hash).toArray().length > 0;
    const isNeeded = (hash: string): boolean => this.#has(hash) || inSpan(hash);
    const isKept = (key: string): boolean => (key.startsWith(blobs) ? isNeeded(key.slice(blobs.length)) : keepPointer());
    const gone: string[] = [];
    let cursor: string | null = null;
    do {
      this.#spend(1);
      const page: KVNamespaceListResult<unknown> = await this.#kv.list({ prefix: organizationPrefix(this.#organization), cursor });
      for (const { name } of page.keys) if (!isKept(name)) gone.push(name);
      cursor = page.list_complete ? null : page.cursor;
    } while (cursor !== null && gone.length < CLEARED_AT_ONCE);
    // Looked at again right before: an organization of the same id may have been made meanwhile.
    for (const key of gone.slice(0, CLEARED_AT_ONCE)) {
      if (isKept(key)) continue;
      this.#spend(1);
      await this.#kv.delete(key);
    }
    return gone.length === 0;
  }

  /** After the pointer moved: notes which pieces the published manifest names again, and which no longer, and drops those not named for long. */
  retire({ added, gone }: PieceChange, now: number): void {
    this.#sql.exec(
      'UPDATE pieces SET replaced_at = NULL WHERE replaced_at IS NOT NULL AND hash IN (SELECT value FROM json_each(?))',
      JSON.stringify(added),
    );
    if (gone === null) {
      this.#sql.exec(
        'UPDATE pieces SET replaced_at = ? WHERE replaced_at IS NULL AND hash NOT IN (SELECT value FROM json_each(?))',
        now,
        JSON.stringify(added),
      );
    } else {
      this.#sql.exec(
        'UPDATE pieces SET replaced_at = ? WHERE replaced_at IS NULL AND hash IN (SELECT value FROM json_each(?))',
        now,
        JSON.stringify(gone),
      );
    }
    this.dropReplaced(now);
  }

  /** Drops strong copies that no published manifest has named for long. What was never part of one is garbage in KV too. */
  dropReplaced(now: number): void {
    // A compile under way may count on them.
    if (this.#sql.exec('SELECT 1 FROM draft LIMIT 1').toArray().length > 0) return;
    const old = 'SELECT hash FROM pieces WHERE in_kv = 1 AND replaced_at < ?';
    this.#storage.transactionSync(() => {
      this.#sql.exec(
        `INSERT OR IGNORE INTO garbage (hash) ${old} AND NOT EXISTS (SELECT 1 FROM spans WHERE spans.hash = pieces.hash)`,
        now - KEEP_REPLACED_MS,
      );
      for (const table of ['chunks', 'pieces']) this.#sql.exec(`DELETE FROM ${table} WHERE hash IN (${old})`, now - KEEP_REPLACED_MS);
    });
  }
}
