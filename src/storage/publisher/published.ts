/** What is published: the pointer, the revision that it names, and the transaction that moves it. The pointer's revision never falls. */
import { Catalog } from '../../core/snapshot/catalog.ts';
import { Manifest } from '../../core/snapshot/manifest.ts';
import { log, messageOf } from '../../log.ts';
import { type Before, MAX_SKIPPED } from '../../pap/publish/draft.ts';
import type { CompiledRevision } from '../../pap/publish/ports.ts';
import type { Pointer } from '../../pdp/ports.ts';
import type { Alarm } from './alarm.ts';
import { COLLECT_EVERY_MS } from './collector.ts';
import type { Host } from './host.ts';
import type { PieceChange, PieceStore } from './piece-store.ts';
import { keepProblems, skippedKeys } from './problems.ts';
import { forgetState, hasTables, readState, writeState } from './schema.ts';
import { openSpans } from './spans.ts';
import { noteReplaced } from './timeline.ts';

export class Published {
  readonly #host: Host;
  readonly #alarm: Alarm;
  #pointer: Pointer | null;
  /** the published revision, opened; made when first needed */
  #current: CompiledRevision['opened'] | undefined;

  constructor(host: Host, alarm: Alarm) {
    this.#host = host;
    this.#alarm = alarm;
    this.#pointer = this.#stored();
  }

  get #sql(): SqlStorage {
    return this.#host.storage.sql;
  }

  #stored(): Pointer | null {
    return hasTables(this.#sql) ? (readState<Pointer>(this.#sql, 'pointer') ?? null) : null;
  }

  /** null: nothing is published. */
  get pointer(): Pointer | null {
    return this.#pointer;
  }

  /** After something broke: what is stored counts. */
  reload(): void {
    this.#pointer = this.#stored();
    this.#current = undefined;
  }

  /** It is known since then (ms) that newer rows can't be published; null: they can. */
  setBehind(since: number | null): void {
    const pointer = this.#pointer;
    if (pointer === null || (pointer.behindSince === null) === (since === null)) return;
    this.#pointer = { ...pointer, behindSince: since };
    writeState(this.#sql, 'pointer', this.#pointer);
  }

  /** What is published, opened; null when nothing is, or when its pieces can't be read any more: then everything is compiled. */
  open(store: PieceStore): Before | null {
    if (this.#pointer === null) return null;
    try {
      if (this.#current?.manifest.revision !== this.#pointer.revision) {
        const manifest = new Manifest(store.read(this.#pointer.manifest) ?? new Uint8Array());
        this.#current = { manifest, catalog: new Catalog(store.read(manifest.catalogHash) ?? new Uint8Array()) };
      }
      return { ...this.#current, skipped: skippedKeys(this.#sql, MAX_SKIPPED + 1) };
    } catch (error) {
      log('error', 'published_unreadable', {
        message: 'the published pieces can not be read: compiling everything',
        organization: readState<string>(this.#sql, 'organization'),
        error: messageOf(error),
      });
      return null;
    }
  }

  /**
   * Record and pointer in one transaction.
   * @param within done in the same one
   * @returns whether the pointer moved
   */
  commit(store: PieceStore, compiled: CompiledRevision, within: () => void): boolean {
    const before = this.#pointer;
    if (before !== null && compiled.revision < before.revision)
      throw new Error(`revision ${compiled.revision} is older than the published ${before.revision}`);
    const pointer: Pointer = { revision: compiled.revision, manifest: compiled.manifest, behindSince: null };
    const moved = before === null || before.revision !== pointer.revision || before.manifest !== pointer.manifest;
    const now = this.#host.now();
    this.#host.storage.transactionSync(() => {
      // Published again, in other bytes: the time that counts is the first.
      this.#sql.exec(
        'INSERT INTO revisions (revision, manifest, at) VALUES (?, ?, ?) ON CONFLICT (revision) DO UPDATE SET manifest = excluded.manifest',
        pointer.revision,
        pointer.manifest,
        now,
      );
      noteReplaced(this.#sql, before?.revision ?? 0, pointer.revision, now);
      keepProblems(this.#sql, compiled);
      writeState(this.#sql, 'pointer', pointer);
      const change = this.#pieceChange(before, compiled);
      openSpans(this.#sql, before?.revision ?? null, pointer.revision, change);
      within();
      store.retire(change, now);
      if (moved) this.#alarm.planCollection(COLLECT_EVERY_MS);
    });
    this.#pointer = pointer;
    this.#current = compiled.opened;
    return moved;
  }

  /** Of small changes only what differs is looked at, whatever the organization's size. */
  #pieceChange(before: Pointer | null, { manifest, opened }: CompiledRevision): PieceChange {
    const pieces = [manifest, ...opened.manifest.pieces()];
    if (before === null || this.#current?.manifest.revision !== before.revision) return { added: pieces, gone: null };
    const old = [before.manifest, ...this.#current.manifest.pieces()];
    const [now, then] = [new Set(pieces), new Set(old)];
    return { added: pieces.filter((hash) => !then.has(hash)), gone: old.filter((hash) => !now.has(hash)) };
  }

  /** Nothing is served any more, and nothing kept but the revision that the next of this name lies above. @param clearUntil ms, while KV may still list what there was */
  end(store: PieceStore, org: string, floor: number, clearUntil: number): void {
    this.#host.storage.transactionSync(() => {
      store.forget();
      forgetState(this.#sql);
      writeState(this.#sql, 'organization', org);
      writeState(this.#sql, 'floor', floor);
      writeState(this.#sql, 'clear_until', clearUntil);
    });
    this.#pointer = null;
    this.#current = undefined;
  }
}
