/**
 * Retention and garbage collection of one organization: drops revisions, deletes the pieces that no kept one has, prunes the log.
 * Every slice is bounded and leaves a whole state behind, so that the next alarm goes on wherever this one stopped. Only the sweep must never
 * run beside a publish: a policy that is toggled twice has its old hashes back.
 */
import type { HeldRevision, PublishedRevision } from '../../pap/history/ports.ts';
import { droppable, HOUR_MS, retentionOf } from '../../pap/history/retention.ts';
import { pruneChanges, retentionRows } from '../d1/history.ts';
import type { Budget } from './budget.ts';
import type { PieceStore } from './piece-store.ts';
import { dropRevision } from './spans.ts';

/** whoever opens an old revision has so long to read it */
const HOLD_MS = 10 * 60 * 1000;
/** so much less at most, for whoever opens it while it is held already: not every question needs a write */
const HOLD_SLACK_MS = 60 * 1000;
/** revisions dropped between two pauses: a slice must stay below 20 ms */
const DROP_SLICE = 50;
/** pieces deleted at once: a publish waits for one such slice */
const SWEEP_SLICE = 25;
/** rows of the log pruned with one statement, and how many such statements one invocation runs */
const PRUNE_SLICE = 5_000;
const PRUNE_SLICES = 40;

/** what reading the settings of retention runs */
const RETENTION_STATEMENTS = 2;

/** how often old revisions are looked for; an organization with one revision has none */
export const COLLECT_EVERY_MS = 3_600_000;
/** what failed is tried again */
const COLLECT_AGAIN_MS = 60_000;
const NEXT_INVOCATION_MS = 1_000;

/** What a collection must know of the publishes that it runs between. */
export interface Surroundings {
  /** ms since 1970 */
  readonly now: number;
  /** what D1 and KV may still be asked in this invocation */
  readonly budget: Budget;
  pause(): Promise<void>;
  publishing(): boolean;
  /** publishes wait for it */
  during(slice: Promise<unknown> | undefined): void;
}

export class Collector {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  /** Kept revisions, in ascending order. */
  revisions(): PublishedRevision[] {
    return this.#sql.exec<{ revision: number; at: number }>('SELECT revision, at FROM revisions ORDER BY revision').toArray();
  }

  /** Keeps a revision for some minutes; null when it was dropped, or never published. */
  hold(revision: number, now: number): HeldRevision | null {
    const [found] = this.#sql
      .exec<{ revision: number; at: number; manifest: string }>('SELECT revision, at, manifest FROM revisions WHERE revision = ?', revision)
      .toArray();
    if (found === undefined) return null;
    const until = now + HOLD_MS;
    this.#sql.exec(
      'INSERT INTO held (revision, until) VALUES (?, ?) ON CONFLICT (revision) DO UPDATE SET until = excluded.until WHERE until < ?',
      revision,
      until,
      until - HOLD_SLACK_MS,
    );
    return found;
  }

  /**
   * One invocation's worth of everything.
   * @returns in how many ms there may be more to do; null: nothing, until the next publish
   */
  async collect(db: D1Database, org: string, store: PieceStore, surroundings: Surroundings): Promise<number | null> {
    try {
      await this.#drop(db, org, surroundings);
      store.dropReplaced(surroundings.now);
      await this.#sweepBetween(store, surroundings);
    } catch (error) {
      console.warn({ message: 'the collection of old revisions stopped: it goes on later', organization: org, error: String(error) });
      return COLLECT_AGAIN_MS;
    }
    const some = (sql: string): boolean => this.#sql.exec(sql).toArray().length > 0;
    if (some('SELECT 1 FROM garbage LIMIT 1')) return NEXT_INVOCATION_MS;
    return some('SELECT 1 FROM revisions LIMIT 1 OFFSET 1') ? COLLECT_EVERY_MS : null;
  }

  async #sweepBetween(store: PieceStore, { budget, publishing, during }: Surroundings): Promise<void> {
    while (budget.left > 0 && !publishing()) {
      const slice = this.#sweep(store, budget.left);
      during(slice);
      const gone = await slice.finally(() => during(undefined));
      if (gone === 0) return;
    }
  }

  /** Drops the revisions that retention lets go, and prunes the log behind the oldest one that stays. Rejects when D1 can't be read. */
  async #drop(db: D1Database, org: string, { now, budget, pause }: Surroundings): Promise<void> {
    budget.spend(RETENTION_STATEMENTS);
    const { tagged, settings } = await retentionRows(db, org);
    const retention = retentionOf(settings);
    this.#sql.exec('DELETE FROM held WHERE until < ?', now);
    // Whoever is about to tag or read a revision holds it first: nothing is awaited between this look and the drop of a slice.
    const wanted = (): Set<number> =>
      new Set([
        ...tagged,
        ...this.#sql
          .exec<{ revision: number }>('SELECT revision FROM held')
          .toArray()
          .map(({ revision }) => revision),
      ]);
    const going = droppable(this.revisions(), wanted(), now, retention);
    for (let start = 0; start < going.length; start += DROP_SLICE) {
      const held = wanted();
      this.#storage.transactionSync(() => {
        for (const revision of going.slice(start, start + DROP_SLICE)) if (!held.has(revision)) dropRevision(this.#sql, revision);
      });
      await pause();
    }
    const oldest = Math.min(...tagged, ...this.revisions().map(({ revision }) => revision));
    const before = now - retention.all_hours * HOUR_MS;
    for (let slice = 0; slice < PRUNE_SLICES && budget.left > 0; slice++) {
      budget.spend(1);
      if (!(await pruneChanges(db, org, oldest, before, PRUNE_SLICE))) return;
      await pause();
    }
  }

  /**
   * Deletes some pieces that no kept revision has. Never beside a publish.
   * @param limit at most so many
   * @returns how many are gone; rejects when KV doesn't delete one, which is tried again
   */
  async #sweep(store: PieceStore, limit: number): Promise<number> {
    const slice = this.#sql
      .exec<{ hash: string }>('SELECT hash FROM garbage LIMIT ?', Math.min(limit, SWEEP_SLICE))
      .toArray()
      .map(({ hash }) => hash);
    const needed = (hash: string): boolean => this.#sql.exec('SELECT 1 FROM spans WHERE hash = ? LIMIT 1', hash).toArray().length > 0;
    const done = await Promise.allSettled(
      slice.map(async (hash) => {
        if (!needed(hash)) await store.delete(hash);
        this.#sql.exec('DELETE FROM garbage WHERE hash = ?', hash);
      }),
    );
    // Not before all have ended: the next publish may put what one of them still deletes.
    const failed = done.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return slice.length;
  }
}
