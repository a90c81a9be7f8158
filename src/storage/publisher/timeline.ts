/**
 * Which revision was the published one when. Retention drops revisions out of the middle: that the newest kept one before a time was still the
 * published one then has to be known, not guessed. Without a note of when it was replaced (it is older than the notes), nothing is claimed.
 */
import type { KeptRefusal, Pointer } from '../../pdp/ports.ts';

/** Belongs into the transaction that moves the pointer. @param previous 0: there was none */
export function noteReplaced(sql: SqlStorage, previous: number, revision: number, now: number): void {
  if (previous !== revision) sql.exec('INSERT OR IGNORE INTO replaced (revision, at) VALUES (?, ?)', previous, now);
}

export class Timeline {
  readonly #sql: SqlStorage;
  readonly #newest: number;

  constructor(sql: SqlStorage, { revision }: Pointer) {
    this.#sql = sql;
    this.#newest = revision;
  }

  /** The revision that was the newest published one at a time (ms); null when it isn't kept, or there was none yet. */
  at(time: number): number | null {
    const revision = this.#keptBy(time);
    if (revision === 0) return null;
    return revision === this.#newest || time < this.#replaced(revision) ? revision : null;
  }

  refuseTime(time: number): KeptRefusal {
    const before = this.#keptBy(time);
    const next = this.#after(before);
    if (before === 0)
      return { refused: time < this.#replaced(0) ? 'unknown' : 'dropped', nearest: next?.revision ?? null, next: next?.revision ?? null };
    const nearer = next === null || time - Math.min(time, this.#replaced(before)) <= next.at - time ? before : next.revision;
    return { refused: 'dropped', nearest: nearer, next: next?.revision ?? null };
  }

  /** @param committed there was such a revision */
  refuse(revision: number, committed: boolean): KeptRefusal {
    if (!committed) return { refused: 'unknown', nearest: null, next: null };
    const next = this.#after(revision)?.revision ?? null;
    if (next === null) return { refused: 'unpublished', nearest: this.#newest, next };
    const before = this.#one('SELECT revision, at FROM revisions WHERE revision < ? ORDER BY revision DESC LIMIT 1', revision);
    const nearest = before === null || next - revision <= revision - before.revision ? next : before.revision;
    return { refused: 'dropped', nearest, next };
  }

  /** The newest kept revision that was published at or before a time; 0: none. */
  #keptBy(time: number): number {
    return this.#one('SELECT revision, at FROM revisions WHERE at <= ? ORDER BY revision DESC LIMIT 1', time)?.revision ?? 0;
  }

  #after(revision: number): { readonly revision: number; readonly at: number } | null {
    return this.#one('SELECT revision, at FROM revisions WHERE revision > ? ORDER BY revision LIMIT 1', revision);
  }

  /** When the next revision was published, ms; as if long ago when nobody noted it. */
  #replaced(revision: number): number {
    return this.#one('SELECT revision, at FROM replaced WHERE revision = ?', revision)?.at ?? Number.NEGATIVE_INFINITY;
  }

  #one(sql: string, value: number): { readonly revision: number; readonly at: number } | null {
    return this.#sql.exec<{ revision: number; at: number }>(sql, value).toArray()[0] ?? null;
  }
}
