/**
 * The Publisher: one object per organization, the only writer of its pointer, and its holder.
 * Order of a publish: the strong copy of the pieces, then in one transaction the record and the pointer, then KV's copies: the pieces, and the pointer last.
 * Stopped between any two steps it leaves the old revision serving, whole, and the next run finishes. The pointer's revision never falls.
 */

import { DurableObject } from 'cloudflare:workers';
import { Catalog } from '../../core/snapshot/catalog.ts';
import { Manifest } from '../../core/snapshot/manifest.ts';
import { type Problem, sortProblems } from '../../core/terms/problem.ts';
import type { Env } from '../../env.ts';
import { log, messageOf } from '../../log.ts';
import type { HeldRevision, PublishedRevision } from '../../pap/history/ports.ts';
import type { LeafPlace } from '../../pap/ports.ts';
import { type Before, MAX_SKIPPED, RevisionCompiler } from '../../pap/publish/compile-revision.ts';
import { type Draft, progressOf } from '../../pap/publish/draft.ts';
import { type CompiledRevision, type PublishTools, Unpublishable } from '../../pap/publish/ports.ts';
import type { KeptRefusal, KeptRevision, Pointer, ToldPointer, WantedRevision } from '../../pdp/ports.ts';
import { wasCommitted } from '../d1/history.ts';
import { isThere } from '../d1/organizations.ts';
import { behind, ensureRevisionAbove, markPublished, notedRevision } from '../d1/published.ts';
import { d1RowReader } from '../d1/row-reader.ts';
import { pointerKey } from '../kv/keys.ts';
import { sha256Hex } from '../sha256.ts';
import { Budget } from './budget.ts';
import { COLLECT_EVERY_MS, Collector } from './collector.ts';
import { readDraft, writeDraft } from './draft-store.ts';
import { type PieceChange, PieceStore } from './piece-store.ts';
import { forgetState, hasTables, prepareTables, readState, writeState } from './schema.ts';
import { openSpans } from './spans.ts';
import { noteReplaced, Timeline } from './timeline.ts';

/** KV takes one write a second to one key. */
const POINTER_COPY_MS = 1_000;
/** KV lists what was put a minute ago, at the latest; twice that */
const KV_SETTLES_MS = 2 * 60_000;
/** A publish of more pieces leaves it to the alarm to give them to KV: nobody waits for that. */
const COPIED_AT_ONCE = 20;
/** a compile that fails is tried again after so long, */
const COMPILE_AGAIN_MS = 5_000;
/** and from the beginning when it failed so often */
const COMPILE_TRIES = 3;
/** clearing KV may take so many operations */
const CLEAR_OPERATIONS = 600;
/** problems that a report lists; `problem_count` tells how many there are */
const LISTED_PROBLEMS = 100;

export interface PublishOptions {
  /** the organization's id: the object doesn't know its own name */
  readonly org: string;
  /** compile everything, whatever changed */
  readonly full?: boolean;
}

export interface PublishReport {
  /** the revision that is published now */
  readonly revision: number;
  /** did this publish move the pointer? */
  readonly changed: boolean;
  readonly full: boolean;
  readonly blobs_written: number;
  readonly bytes_written: number;
  readonly ms: number;
  /** what could not be read and grants nothing */
  readonly problems: readonly Problem[];
  readonly problem_count: number;
  /** set when nothing can be published until rows are mended: since when (ms), and which */
  readonly behind?: { readonly since: number; readonly problems: readonly Problem[] };
  /** set while everything, or much, is being compiled, over several invocations: what is committed is published when that is done */
  readonly compiling?: Compiling;
}

/** How far a long compile has come. */
export interface Compiling {
  readonly full: boolean;
  readonly keys_read: number;
  readonly leaves_written: number;
}

/** A compile that is done; `ended`: there may be a draft of it. Null: nothing changed. */
interface Ended {
  readonly compiled: CompiledRevision | null;
  readonly ended: boolean;
}

/** What a publish asks beside compiling: is the organization there, does its revision lie above the published one, the records at the end. */
const FRAME_STATEMENTS = 10;

interface Copied {
  readonly pointer: Pointer | null;
  readonly at: number;
}

export class Publisher extends DurableObject<Env> {
  /** ms since 1970; a field, so that a test can set it */
  now: () => number = () => Date.now();
  /** of one invocation; likewise */
  budget: () => Budget = () => new Budget();
  readonly #sql: SqlStorage;
  readonly #collector: Collector;
  #organization: string | undefined;
  #pointer: Pointer | null;
  /** the published revision, opened; made when first needed */
  #current: CompiledRevision['opened'] | undefined;
  /** the compile under way between two invocations; undefined: as the storage says */
  #draft: Draft | null | undefined;
  /** a publish, or a part of a long one: one at a time */
  #running: Promise<unknown> | undefined;
  #queued: { run: Promise<PublishReport>; full: boolean } | undefined;
  /** a slice of the garbage collection: publishes wait for its end */
  #sweeping: Promise<unknown> | undefined;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#sql = state.storage.sql;
    this.#collector = new Collector(state.storage);
    const published = hasTables(this.#sql);
    if (published) prepareTables(this.#sql);
    this.#organization = published ? readState<string>(this.#sql, 'organization') : undefined;
    this.#pointer = published ? this.#storedPointer() : null;
  }

  #storedPointer(): Pointer | null {
    return readState<Pointer>(this.#sql, 'pointer') ?? null;
  }

  /** The newest published revision; null when there never was one. @param whole with its manifest */
  pointer(whole = false): ToldPointer | null {
    return whole && this.#pointer !== null ? { ...this.#pointer, piece: this.blob(this.#pointer.manifest) } : this.#pointer;
  }

  /** A piece from the strong copy; null when there is none of that hash. */
  blob(hash: string): ArrayBuffer | null {
    if (this.#organization === undefined) return null;
    const bytes = this.#store(this.#organization).read(hash);
    return bytes === null ? null : bytes.slice().buffer;
  }

  /** The published revisions that are kept, newest first. */
  revisions(): readonly PublishedRevision[] {
    return this.#organization === undefined ? [] : this.#collector.revisions().reverse();
  }

  /** Opens a kept revision: for some minutes it isn't dropped. Null when it is not kept. */
  hold(revision: number): HeldRevision | null {
    return this.#organization === undefined ? null : this.#collector.hold(revision, this.now());
  }

  /**
   * Opens a revision of the past for those who ask about then: for some minutes it isn't dropped. Null: nothing is published.
   * Rejects when it isn't kept and D1 can't be asked whether it ever was.
   */
  async kept(wanted: WantedRevision): Promise<KeptRevision | KeptRefusal | null> {
    const [org, pointer] = [this.#organization, this.#pointer];
    if (org === undefined || pointer === null) return null;
    const timeline = new Timeline(this.#sql, pointer);
    const found = 'revision' in wanted ? wanted.revision : timeline.at(wanted.time);
    const held = found === null ? null : this.#collector.hold(found, this.now());
    if (held !== null) return { revision: held.revision, manifest: held.manifest };
    return 'time' in wanted
      ? timeline.refuseTime(wanted.time)
      : timeline.refuse(wanted.revision, await wasCommitted(this.env.DB, org, wanted.revision));
  }

  /**
   * Compiles and publishes what changed. Calls that come while one runs share the next run, which sees all that they had written. What takes longer than
   * one invocation is gone on with by alarms: then the report says `compiling`, and nothing changed yet.
   * Rejects when D1 can't be read: then nothing changed.
   */
  async publish(options: PublishOptions): Promise<PublishReport> {
    if (this.#organization === undefined) {
      prepareTables(this.#sql);
      writeState(this.#sql, 'organization', options.org);
      this.#organization = options.org;
    }
    if (this.#organization !== options.org) throw new Error('this Publisher belongs to another organization');
    const full = options.full === true;
    if (this.#running === undefined) return this.#turn(() => this.#publish(options.org, full));
    if (this.#queued === undefined) {
      const queued: { run: Promise<PublishReport>; full: boolean } = {
        full,
        run: this.#turn(() => {
          this.#queued = undefined;
          return this.#publish(options.org, queued.full);
        }),
      };
      this.#queued = queued;
    } else if (full) {
      this.#queued.full = true;
    }
    return this.#queued.run;
  }

  /** Whatever publishes, or goes on with a compile, does so alone. */
  async #turn<T>(work: () => Promise<T>): Promise<T> {
    while (this.#running !== undefined) await this.#running.catch(() => undefined);
    const run = work()
      .catch((error: unknown) => {
        // Wherever it broke, what is stored counts.
        this.#pointer = this.#storedPointer();
        this.#current = undefined;
        this.#draft = undefined;
        throw error;
      })
      .finally(() => {
        if (this.#running === run) this.#running = undefined;
      });
    this.#running = run;
    return run;
  }

  #store(org: string, budget?: Budget): PieceStore {
    return new PieceStore(this.ctx.storage, this.env.KV, org, () => this.now(), budget?.spend);
  }

  #publish(org: string, full: boolean): Promise<PublishReport> {
    const budget = this.budget();
    return this.#publishBy(org, budget, async (compiler, store) => {
      const before = this.#open(store);
      const little = before === null || full ? 'much' : await compiler.little(before);
      if (little !== 'much') return { compiled: little, ended: false };
      if (this.#underWay() !== null) {
        await this.#wake(this.now());
        return null;
      }
      return this.#advance(compiler, await compiler.begin(before, full), () => budget.allowsStep);
    });
  }

  /** Goes on with the compile under way, until it is done, the budget is spent, or somebody waits. */
  #goOn(org: string, budget: Budget): Promise<PublishReport> {
    return this.#publishBy(org, budget, async (compiler) => {
      const draft = this.#underWay();
      return draft === null ? null : this.#advance(compiler, draft, () => budget.allowsStep && this.#queued === undefined);
    });
  }

  /** @param compile null: it is not done yet, and kept as a draft */
  async #publishBy(
    org: string,
    budget: Budget,
    compile: (compiler: RevisionCompiler, store: PieceStore) => Promise<Ended | null>,
  ): Promise<PublishReport> {
    const started = this.now();
    await this.#sweeping?.catch(() => undefined);
    const store = this.#store(org, budget);
    budget.spend(FRAME_STATEMENTS);
    if (!(await isThere(this.env.DB, org))) return this.#end(org, store, started);
    const floor = await this.#floor(org);
    if (floor > 0) await ensureRevisionAbove(this.env.DB, org, floor, started);
    const compiler = new RevisionCompiler(org, d1RowReader(this.env.DB, org, budget.spend), store, tools);
    let done: Ended | null;
    try {
      done = await compile(compiler, store);
    } catch (error) {
      // What was brought forward in memory is of no use any more.
      this.#draft = undefined;
      if (!(error instanceof Unpublishable)) throw error;
      return this.#stuck(org, store, error.problems, started);
    }
    if (done === null) return this.#report(store, false, this.#underWay()?.full ?? false, started);
    const moved = this.#commit(store, done);
    // Before the note: until that is made the sweep calls again, and whatever breaks after it is left to this alarm.
    await this.#wakeToCollect();
    // Each write to the object's storage holds up what is sent after it, so both are sent behind one of them.
    await Promise.all([this.#copySome(store), this.#note(org)]);
    return this.#report(store, moved, done.compiled?.full ?? false, started);
  }

  /** What the revision must not lie below; 0: this is the first of all. */
  async #floor(org: string): Promise<number> {
    const known = Math.max(this.#pointer?.revision ?? 0, readState<number>(this.#sql, 'floor') ?? 0);
    if (known > 0) return known;
    // Only D1 knows of a revision: this object's storage was lost. Isolates were told since that there is none, and take nothing but what is newer.
    const noted = await notedRevision(this.env.DB, org);
    return noted === 0 ? 0 : noted + 1;
  }

  #underWay(): Draft | null {
    this.#draft ??= this.#organization === undefined ? null : readDraft(this.#sql);
    return this.#draft;
  }

  async #advance(compiler: RevisionCompiler, draft: Draft, mayGoOn: () => boolean): Promise<Ended | null> {
    const compiled = await compiler.advance(draft, mayGoOn);
    if (compiled !== null) return { compiled, ended: true };
    this.ctx.storage.transactionSync(() => writeDraft(this.#sql, draft));
    this.#draft = draft;
    await this.#wake(this.now());
    return null;
  }

  /** Some steps of the compile under way; what fails is tried again, and in the end begun anew by whoever publishes next. */
  async #compileOn(org: string, budget: Budget): Promise<void> {
    try {
      while (this.#underWay() !== null && budget.allowsStep) {
        await this.#turn(() => this.#goOn(org, budget));
        this.#sql.exec("DELETE FROM state WHERE name = 'compile_failures'");
      }
      if (this.#underWay() !== null) await this.#wake(this.now());
    } catch (error) {
      const failures = (readState<number>(this.#sql, 'compile_failures') ?? 0) + 1;
      log('error', 'compile_failed', { organization: org, failures, message: messageOf(error) });
      writeState(this.#sql, 'compile_failures', failures % COMPILE_TRIES);
      if (failures === COMPILE_TRIES) this.#abandon();
      await this.#wake(this.now() + COMPILE_AGAIN_MS);
    }
  }

  #abandon(): void {
    writeDraft(this.#sql, null);
    this.#draft = null;
  }

  /** There is no such organization any more: nothing is served, and nothing kept but the revision that the next of this name lies above. */
  async #end(org: string, store: PieceStore, started: number): Promise<PublishReport> {
    const pointer = this.#pointer;
    if (pointer !== null) {
      this.ctx.storage.transactionSync(() => {
        store.forget();
        forgetState(this.#sql);
        writeState(this.#sql, 'organization', org);
        writeState(this.#sql, 'floor', pointer.revision);
        writeState(this.#sql, 'clear_until', started + KV_SETTLES_MS);
      });
      this.#pointer = null;
      this.#current = undefined;
      this.#draft = null;
      // The alarm takes it out again, if that fails, with all the rest.
      await this.env.KV.delete(pointerKey(org)).catch(() => undefined);
    }
    await this.#wakeForRest(store);
    const revision = await d1RowReader(this.env.DB, org).revision();
    await this.#noteRevision(org, revision);
    return { ...this.#report(store, pointer !== null, false, started), revision };
  }

  /** Takes from KV what the strong copy doesn't have, until it lists nothing of the kind any more. */
  async #clearKv(store: PieceStore): Promise<void> {
    const until = readState<number>(this.#sql, 'clear_until');
    if (until === undefined) return;
    const all = await store.clearKv(() => this.#pointer !== null).catch(() => false);
    if (all && this.now() >= until) this.#sql.exec("DELETE FROM state WHERE name = 'clear_until'");
    else await this.#wake(all ? until : this.now() + POINTER_COPY_MS);
  }

  /** Leaf keys with rows that were left out; one more than are read again, at most. */
  #skipped(): LeafPlace[] {
    const sql = "SELECT DISTINCT area, key FROM problems WHERE area <> 'catalog' LIMIT ?";
    // Written by `#keepProblems` alone.
    return this.#sql.exec(sql, MAX_SKIPPED + 1).toArray() as unknown as LeafPlace[];
  }

  /** What is published, opened; null when nothing is, or when its pieces can't be read any more: then everything is compiled. */
  #open(store: PieceStore): Before | null {
    if (this.#pointer === null) return null;
    try {
      if (this.#current?.manifest.revision !== this.#pointer.revision) {
        const manifest = new Manifest(store.read(this.#pointer.manifest) ?? new Uint8Array());
        this.#current = { manifest, catalog: new Catalog(store.read(manifest.catalogHash) ?? new Uint8Array()) };
      }
      return { ...this.#current, skipped: this.#skipped() };
    } catch (error) {
      log('error', 'published_unreadable', {
        message: 'the published pieces can not be read: compiling everything',
        organization: this.#organization,
        error: messageOf(error),
      });
      return null;
    }
  }

  /** Record and pointer in one transaction. True when the pointer moved to a newer revision. */
  #commit(store: PieceStore, { compiled, ended }: Ended): boolean {
    const before = this.#pointer;
    if (compiled === null) {
      if (before !== null && before.behindSince !== null) this.#setPointer({ ...before, behindSince: null });
      return false;
    }
    if (before !== null && compiled.revision < before.revision)
      throw new Error(`revision ${compiled.revision} is older than the published ${before.revision}`);
    const pointer: Pointer = { revision: compiled.revision, manifest: compiled.manifest, behindSince: null };
    const now = this.now();
    this.ctx.storage.transactionSync(() => {
      // Published again, in other bytes: the time that counts is the first.
      this.#sql.exec(
        'INSERT INTO revisions (revision, manifest, at) VALUES (?, ?, ?) ON CONFLICT (revision) DO UPDATE SET manifest = excluded.manifest',
        pointer.revision,
        pointer.manifest,
        now,
      );
      noteReplaced(this.#sql, before?.revision ?? 0, pointer.revision, now);
      this.#keepProblems(compiled);
      writeState(this.#sql, 'pointer', pointer);
      const change = this.#pieceChange(before, compiled);
      openSpans(this.#sql, before?.revision ?? null, pointer.revision, change);
      if (ended) writeDraft(this.#sql, null);
      store.retire(change, now);
      if (hasMoved(before, pointer)) this.#planCollection(COLLECT_EVERY_MS);
    });
    this.#pointer = pointer;
    this.#current = compiled.opened;
    if (ended) this.#draft = null;
    return hasMoved(before, pointer);
  }

  /** Of small changes only what differs is looked at, whatever the organization's size. */
  #pieceChange(before: Pointer | null, { manifest, opened }: CompiledRevision): PieceChange {
    const pieces = [manifest, ...opened.manifest.pieces()];
    if (before === null || this.#current?.manifest.revision !== before.revision) return { added: pieces, gone: null };
    const old = [before.manifest, ...this.#current.manifest.pieces()];
    const [now, then] = [new Set(pieces), new Set(old)];
    return { added: pieces.filter((hash) => !then.has(hash)), gone: old.filter((hash) => !now.has(hash)) };
  }

  #setPointer(pointer: Pointer): void {
    writeState(this.#sql, 'pointer', pointer);
    this.#pointer = pointer;
  }

  #keepProblems({ read, problems }: CompiledRevision): void {
    if (read === null) this.#sql.exec('DELETE FROM problems');
    else this.#sql.exec("DELETE FROM problems WHERE area || ':' || key IN (SELECT value FROM json_each(?))", JSON.stringify([...read]));
    for (const placed of problems) {
      this.#sql.exec(
        'INSERT OR REPLACE INTO problems (area, key, problems) VALUES (?, ?, ?)',
        placed.area,
        placed.key,
        JSON.stringify(placed.problems),
      );
    }
  }

  /** Rows that may carry a deny can't be read: says so to everybody who asks for the pointer, so that age counts from then on. */
  async #stuck(org: string, store: PieceStore, problems: readonly Problem[], started: number): Promise<PublishReport> {
    const since = (await behind(this.env.DB)).find((item) => item.org === org)?.since ?? started;
    log('error', 'publish_stopped', {
      message: 'publish stopped: rows that may carry a deny can not be read',
      organization: org,
      problems: problems.slice(0, 10),
    });
    if (this.#pointer !== null && this.#pointer.behindSince === null) this.#setPointer({ ...this.#pointer, behindSince: since });
    await this.#copyPointer(store);
    this.#abandon();
    return { ...this.#report(store, false, false, started), behind: { since, problems: problems.slice(0, LISTED_PROBLEMS) } };
  }

  #report(store: PieceStore, changed: boolean, full: boolean, started: number): PublishReport {
    const draft = this.#underWay();
    const problems = this.#sql
      .exec<{ problems: string }>('SELECT problems FROM problems')
      .toArray()
      // Written by `#keepProblems` alone.
      .flatMap((row) => JSON.parse(row.problems) as Problem[]);
    return {
      revision: this.#pointer?.revision ?? 0,
      changed,
      full,
      blobs_written: store.written,
      bytes_written: store.writtenBytes,
      ms: this.now() - started,
      problems: sortProblems(problems).slice(0, LISTED_PROBLEMS),
      problem_count: problems.length,
      ...(draft === null ? {} : { compiling: progressOf(draft) }),
    };
  }

  /** Gives KV the pieces of the published revision, some of a large one, and the pointer if it has all. The alarm sees to the rest, and to what is abandoned. */
  async #copySome(store: PieceStore): Promise<void> {
    const all = await store.copyRest(COPIED_AT_ONCE);
    if (store.hasLeft()) await this.#wake(this.now() + (all ? 0 : POINTER_COPY_MS));
    await this.#copyPointer(store);
  }

  /** Tells the sweep how far the organization is. If that fails the sweep calls again, and nothing is left to do. */
  async #note(org: string): Promise<void> {
    if (this.#pointer !== null) await this.#noteRevision(org, this.#pointer.revision);
  }

  async #noteRevision(org: string, revision: number): Promise<void> {
    try {
      await markPublished(this.env.DB, org, revision, this.now());
    } catch (error) {
      log('warn', 'publish_not_noted', { organization: org, message: 'could not note the published revision', error: messageOf(error) });
    }
  }

  /**
   * Gives KV the pointer, once a second at most, and not before it has all pieces: whoever has KV alone must be able to open it. What can't be given
   * now is given by the alarm, the last one always.
   */
  async #copyPointer(store: PieceStore): Promise<void> {
    const copied = readState<Copied>(this.#sql, 'copied') ?? { pointer: null, at: 0 };
    const pointer = this.#pointer;
    if (pointer === null || JSON.stringify(copied.pointer) === JSON.stringify(pointer)) return;
    if (!store.allInKv()) return this.#wake(this.now() + POINTER_COPY_MS);
    const now = this.now();
    const due = copied.at + POINTER_COPY_MS;
    if (now < due) {
      await this.#wake(due);
      return;
    }
    try {
      writeState(this.#sql, 'copied', { pointer: copied.pointer, at: now } satisfies Copied);
      await this.env.KV.put(pointerKey(this.#organization!), JSON.stringify(pointer));
      writeState(this.#sql, 'copied', { pointer, at: now } satisfies Copied);
    } catch (error) {
      log('warn', 'pointer_not_copied', {
        message: 'KV did not take the pointer: it will be given again',
        organization: this.#organization,
        error: messageOf(error),
      });
    }
    if (JSON.stringify(readState<Copied>(this.#sql, 'copied')?.pointer) !== JSON.stringify(this.#pointer)) {
      await this.#wake(this.now() + POINTER_COPY_MS);
    }
  }

  /** Goes on with a long compile; else finishes what KV did not take, and collects what is old. As much as one invocation may. */
  override async alarm(): Promise<void> {
    const org = this.#organization;
    if (org === undefined) return;
    const budget = this.budget();
    await this.#compileOn(org, budget);
    const store = this.#store(org, budget);
    if (this.#underWay() !== null) return this.#copyPointer(store);
    const all = await store.copyRest(Math.max(0, budget.left - FRAME_STATEMENTS));
    await this.#copyPointer(store);
    if (budget.left >= CLEAR_OPERATIONS) await this.#clearKv(store);
    while (this.#running === undefined && this.#underWay() === null && store.dropAbandoned()) await tools.pause();
    if (!all) await this.#wake(this.now() + POINTER_COPY_MS);
    else if (!store.allInKv() || budget.left < CLEAR_OPERATIONS) await this.#wake(this.now());
    const due = readState<number>(this.#sql, 'collect_at');
    if (due !== undefined && due <= this.now()) await this.#collect(org, store, budget);
    await this.#wakeToCollect();
  }

  /** Goes on where the last one stopped. What fails is tried again. */
  async #collect(org: string, store: PieceStore, budget: Budget): Promise<void> {
    const next = await this.#collector.collect(this.env.DB, org, store, {
      now: this.now(),
      budget,
      pause: tools.pause,
      publishing: () => this.#running !== undefined || this.#underWay() !== null,
      during: (slice) => {
        this.#sweeping = slice;
      },
    });
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec("DELETE FROM state WHERE name = 'collect_at'");
      if (next !== null) this.#planCollection(next);
    });
  }

  /** At the latest in so many ms. Belongs into the transaction that makes it needed. */
  #planCollection(ms: number): void {
    const planned = readState<number>(this.#sql, 'collect_at') ?? Number.POSITIVE_INFINITY;
    writeState(this.#sql, 'collect_at', Math.min(planned, this.now() + ms));
  }

  /**
   * The alarm comes for what is still to be done, also where a run broke before it said so: pieces that KV has not got yet, those of long compiles that
   * nothing names, what an organization left that ended.
   */
  async #wakeForRest(store: PieceStore): Promise<void> {
    if (store.hasLeft() || readState(this.#sql, 'clear_until') !== undefined) await this.#wake(this.now());
    await this.#wakeToCollect();
  }

  async #wakeToCollect(): Promise<void> {
    const due = readState<number>(this.#sql, 'collect_at');
    if (due !== undefined) await this.#wake(due);
  }

  /** There is one alarm: the earliest is what counts, and it sees to the rest. */
  async #wake(at: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }
}

function hasMoved(before: Pointer | null, { revision, manifest }: Pointer): boolean {
  return before === null || before.revision !== revision || before.manifest !== manifest;
}

const tools: PublishTools = {
  sha256: sha256Hex,
  pause: () => new Promise((resolve) => setTimeout(resolve, 0)),
};
