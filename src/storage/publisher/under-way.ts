/** The compile under way between two invocations: its draft, and how often it failed. */
import type { RevisionCompiler } from '../../pap/publish/compile-revision.ts';
import type { Draft } from '../../pap/publish/draft.ts';
import type { CompiledRevision } from '../../pap/publish/ports.ts';
import type { Alarm } from './alarm.ts';
import { readDraft, writeDraft } from './draft-store.ts';
import { hasTables, readState, writeState } from './schema.ts';

/** one that fails so often is begun anew */
const COMPILE_TRIES = 3;

/** A compile that is done; `ended`: there may be a draft of it. Null: nothing changed. */
export interface Ended {
  readonly compiled: CompiledRevision | null;
  readonly ended: boolean;
}

export class UnderWay {
  readonly #storage: DurableObjectStorage;
  readonly #alarm: Alarm;
  /** undefined: as the storage says */
  #draft: Draft | null | undefined;

  constructor(storage: DurableObjectStorage, alarm: Alarm) {
    this.#storage = storage;
    this.#alarm = alarm;
  }

  get draft(): Draft | null {
    this.#draft ??= hasTables(this.#storage.sql) ? readDraft(this.#storage.sql) : null;
    return this.#draft;
  }

  /** Newer than where it would end was published meanwhile: then it ends at the newest again. */
  mustEndAbove(revision: number): void {
    const { draft } = this;
    if (draft?.cut !== undefined && draft.cut < revision) draft.cut = undefined;
  }

  /** Brings it forward. @returns null when it isn't done: kept, and the alarm goes on with it */
  async advance(compiler: RevisionCompiler, draft: Draft, mayGoOn: () => boolean): Promise<Ended | null> {
    const compiled = await compiler.advance(draft, mayGoOn);
    if (compiled !== null) return { compiled, ended: true };
    this.#storage.transactionSync(() => writeDraft(this.#storage.sql, draft));
    this.#draft = draft;
    await this.#alarm.wakeIn(0);
    return null;
  }

  abandon(): void {
    writeDraft(this.#storage.sql, null);
    this.#draft = null;
  }

  /** What was brought forward in memory is of no use any more: what is stored counts. */
  reload(): void {
    this.#draft = undefined;
  }

  succeeded(): void {
    this.#storage.sql.exec("DELETE FROM state WHERE name = 'compile_failures'");
  }

  /** What failed too often is abandoned: whoever publishes next begins anew. @returns how often it failed by now */
  failed(): number {
    const failures = (readState<number>(this.#storage.sql, 'compile_failures') ?? 0) + 1;
    writeState(this.#storage.sql, 'compile_failures', failures % COMPILE_TRIES);
    if (failures === COMPILE_TRIES) this.abandon();
    return failures;
  }
}
