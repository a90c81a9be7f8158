/**
 * The Publisher: one object per organization, the only writer of its pointer, and its holder.
 * Order of a publish: the strong copy of the pieces, then in one transaction the record and the pointer, then KV's copies: the pieces, and the pointer last.
 * Stopped between any two steps it leaves the old revision serving, whole, and the next run finishes. The pointer's revision never falls.
 */

import { DurableObject } from 'cloudflare:workers';
import type { Problem } from '../../core/terms/problem.ts';
import type { Env } from '../../env.ts';
import { log, messageOf } from '../../log.ts';
import type { HeldRevision, PublishedRevision } from '../../pap/history/ports.ts';
import { RevisionCompiler } from '../../pap/publish/compile-revision.ts';
import { progressOf } from '../../pap/publish/draft.ts';
import { type PublishTools, Unpublishable } from '../../pap/publish/ports.ts';
import type { KeptRefusal, KeptRevision, ToldPointer, WantedRevision } from '../../pdp/ports.ts';
import { wasCommitted } from '../d1/history.ts';
import { isThere } from '../d1/organizations.ts';
import { d1RowReader } from '../d1/row-reader.ts';
import { sha256Hex } from '../sha256.ts';
import { Alarm } from './alarm.ts';
import { Budget } from './budget.ts';
import { Collector } from './collector.ts';
import type { Host } from './host.ts';
import { PieceStore } from './piece-store.ts';
import { LISTED_PROBLEMS, listedProblems } from './problems.ts';
import { Published } from './published.ts';
import { Records } from './records.ts';
import type { PublishOptions, PublishReport } from './report.ts';
import { hasTables, prepareTables, readState, writeState } from './schema.ts';
import { Timeline } from './timeline.ts';
import { Turns } from './turns.ts';
import { type Ended, UnderWay } from './under-way.ts';
import { POINTER_COPY_MS, WideCopy } from './wide-copy.ts';

/** a compile that fails is tried again after so long */
const COMPILE_AGAIN_MS = 5_000;
/** clearing KV may take so many operations */
const CLEAR_OPERATIONS = 600;
/** What a publish asks beside compiling: is the organization there, does its revision lie above the published one, the records at the end. */
const FRAME_STATEMENTS = 10;

export class Publisher extends DurableObject<Env> {
  /** ms since 1970; a field, so that a test can set it */
  now: () => number = () => Date.now();
  /** of one invocation; likewise */
  budget: () => Budget = () => new Budget();
  readonly #sql: SqlStorage;
  readonly #collector: Collector;
  readonly #alarm: Alarm;
  readonly #published: Published;
  readonly #records: Records;
  readonly #wide: WideCopy;
  readonly #underWay: UnderWay;
  readonly #turns = new Turns<PublishReport>(() => {
    // Wherever it broke, what is stored counts.
    this.#published.reload();
    this.#underWay.reload();
  });
  #organization: string | undefined;
  /** a slice of the garbage collection: publishes wait for its end */
  #sweeping: Promise<unknown> | undefined;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    const { storage } = state;
    this.#sql = storage.sql;
    if (hasTables(this.#sql)) {
      prepareTables(this.#sql);
      this.#organization = readState<string>(this.#sql, 'organization');
    }
    const host: Host = { storage, env: () => this.env, now: () => this.now() };
    this.#collector = new Collector(storage);
    this.#alarm = new Alarm(host);
    this.#published = new Published(host, this.#alarm);
    this.#records = new Records(host, this.#published);
    this.#wide = new WideCopy(host, this.#alarm, this.#published);
    this.#underWay = new UnderWay(storage, this.#alarm);
  }

  /** The newest published revision; null when there never was one. @param whole with its manifest */
  pointer(whole = false): ToldPointer | null {
    const { pointer } = this.#published;
    return whole && pointer !== null ? { ...pointer, piece: this.blob(pointer.manifest) } : pointer;
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
    const [org, pointer] = [this.#organization, this.#published.pointer];
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
    return this.#turns.share(options.full === true, (full) => this.#publish(options.org, full));
  }

  #store(org: string, budget?: Budget): PieceStore {
    return new PieceStore(this.ctx.storage, this.env.KV, org, () => this.now(), budget?.spend);
  }

  #publish(org: string, full: boolean, budget = this.budget()): Promise<PublishReport> {
    return this.#publishBy(org, budget, async (compiler, store) => {
      const before = this.#published.open(store);
      const little = before === null || full ? 'much' : await compiler.little(before);
      if (little !== 'much') return { compiled: little, ended: false };
      const { draft } = this.#underWay;
      // One of changes alone is no answer to who wants everything, or has nothing to start from.
      if (draft !== null && (draft.full || (before !== null && !full))) {
        await this.#alarm.wakeIn(0);
        return null;
      }
      return this.#underWay.advance(compiler, await compiler.begin(before, full), () => budget.allowsStep);
    });
  }

  /** Goes on with the compile under way, until it is done, the budget is spent, or somebody waits. */
  #goOn(org: string, budget: Budget): Promise<PublishReport> {
    return this.#publishBy(org, budget, async (compiler) => {
      this.#underWay.mustEndAbove(this.#published.pointer?.revision ?? 0);
      const { draft } = this.#underWay;
      return draft === null ? null : this.#underWay.advance(compiler, draft, () => budget.allowsStep && !this.#turns.awaited);
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
    await this.#records.raise(org);
    const compiler = new RevisionCompiler(org, d1RowReader(this.env.DB, org, budget.spend), store, tools);
    let done: Ended | null;
    try {
      done = await compile(compiler, store);
    } catch (error) {
      this.#underWay.reload();
      if (!(error instanceof Unpublishable)) throw error;
      return this.#stuck(org, store, error.problems, started);
    }
    if (done === null) return this.#report(store, false, this.#underWay.draft?.full ?? false, started);
    const moved = this.#commit(store, done);
    // Before the note: until that is made the sweep calls again, and whatever breaks after it is left to this alarm.
    await this.#alarm.wakeToCollect();
    // Each write to the object's storage holds up what is sent after it, so both are sent behind one of them.
    await Promise.all([this.#wide.copySome(store), this.#records.note(org)]);
    return this.#report(store, moved, done.compiled?.full ?? false, started);
  }

  /** Some steps of the compile under way; what fails is tried again, and in the end begun anew by whoever publishes next. */
  async #compileOn(org: string, budget: Budget): Promise<void> {
    const { draft } = this.#underWay;
    try {
      while (this.#underWay.draft !== null && budget.allowsStep) {
        await this.#turns.take(() => this.#goOn(org, budget));
        this.#underWay.succeeded();
      }
      if (this.#underWay.draft !== null) await this.#alarm.wakeIn(0);
      // What was written behind its end is left, and whoever wrote it was told that it waits for this compile.
      else if (draft?.cut !== undefined && budget.allowsStep) await this.#turns.take(() => this.#publish(org, false, budget));
    } catch (error) {
      log('error', 'compile_failed', { organization: org, failures: this.#underWay.failed(), message: messageOf(error) });
      await this.#alarm.wakeIn(COMPILE_AGAIN_MS);
    }
  }

  /** There is no such organization any more: nothing is served, and nothing kept but the revision that the next of this name lies above. */
  async #end(org: string, store: PieceStore, started: number): Promise<PublishReport> {
    const served = await this.#wide.end(store, org, started);
    // Also where nothing was ever published: else the alarm would go on with it for ever.
    this.#underWay.abandon();
    await this.#wakeForRest(store);
    const revision = await this.#records.noteEnd(org);
    return { ...this.#report(store, served, false, started), revision };
  }

  #commit(store: PieceStore, { compiled, ended }: Ended): boolean {
    if (compiled === null) {
      this.#published.setBehind(null);
      return false;
    }
    return this.#published.commit(store, compiled, () => {
      if (ended) this.#underWay.abandon();
    });
  }

  /** Rows that may carry a deny can't be read: says so to everybody who asks for the pointer, so that age counts from then on. */
  async #stuck(org: string, store: PieceStore, problems: readonly Problem[], started: number): Promise<PublishReport> {
    const since = (await this.#records.behindSince(org)) ?? started;
    log('error', 'publish_stopped', {
      message: 'publish stopped: rows that may carry a deny can not be read',
      organization: org,
      problems: problems.slice(0, 10),
    });
    this.#published.setBehind(since);
    await this.#wide.copyPointer(store);
    this.#underWay.abandon();
    return { ...this.#report(store, false, false, started), behind: { since, problems: problems.slice(0, LISTED_PROBLEMS) } };
  }

  #report(store: PieceStore, changed: boolean, full: boolean, started: number): PublishReport {
    const { draft } = this.#underWay;
    return {
      revision: this.#published.pointer?.revision ?? 0,
      changed,
      full,
      blobs_written: store.written,
      bytes_written: store.writtenBytes,
      ms: this.now() - started,
      ...listedProblems(this.#sql),
      ...(draft === null ? {} : { compiling: progressOf(draft) }),
    };
  }

  /** Goes on with a long compile; else finishes what KV did not take, and collects what is old. As much as one invocation may. */
  override async alarm(): Promise<void> {
    const org = this.#organization;
    if (org === undefined) return;
    const budget = this.budget();
    await this.#compileOn(org, budget);
    const store = this.#store(org, budget);
    if (this.#underWay.draft !== null) return this.#wide.copyPointer(store);
    const all = await store.copyRest(Math.max(0, budget.left - FRAME_STATEMENTS));
    await this.#wide.copyPointer(store);
    if (budget.left >= CLEAR_OPERATIONS) await this.#wide.clear(store);
    while (!this.#turns.running && this.#underWay.draft === null && store.dropAbandoned()) await tools.pause();
    if (!all) await this.#alarm.wakeIn(POINTER_COPY_MS);
    else if (!store.allInKv() || budget.left < CLEAR_OPERATIONS) await this.#alarm.wakeIn(0);
    if (this.#alarm.collectionIsDue()) await this.#collect(org, store, budget);
    await this.#alarm.wakeToCollect();
  }

  /** Goes on where the last one stopped. What fails is tried again. */
  async #collect(org: string, store: PieceStore, budget: Budget): Promise<void> {
    const next = await this.#collector.collect(this.env.DB, org, store, {
      now: this.now(),
      budget,
      pause: tools.pause,
      publishing: () => this.#turns.running || this.#underWay.draft !== null,
      during: (slice) => {
        this.#sweeping = slice;
      },
    });
    this.#alarm.collected(next);
  }

  /**
   * The alarm comes for what is still to be done, also where a run broke before it said so: pieces that KV has not got yet, those of long compiles that
   * nothing names, what an organization left that ended.
   */
  async #wakeForRest(store: PieceStore): Promise<void> {
    if (store.hasLeft() || this.#wide.isClearing()) await this.#alarm.wakeIn(0);
    await this.#alarm.wakeToCollect();
  }
}

const tools: PublishTools = {
  sha256: sha256Hex,
  pause: () => new Promise((resolve) => setTimeout(resolve, 0)),
};
