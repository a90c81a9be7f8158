/** One page as it comes to be: members are taken until it is full, and counted as far as they were not before. */
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { ListFrom, ListPage } from './question.ts';

export class Tally {
  readonly #limit: number;
  readonly #items: string[] = [];
  #after: string | null;
  #given: number;
  #total: number | null;
  #counted: number;
  #upTo: string | null;
  /** members up to here were counted before; null: counted from here on */
  #counter: string | null;
  #ended = false;

  constructor(from: ListFrom, limit: number) {
    this.#limit = limit;
    this.#after = from.after;
    this.#given = from.given;
    this.#total = from.total;
    this.#counted = from.counted;
    this.#upTo = from.upTo;
    this.#counter = from.upTo;
  }

  /** Behind which the walk begins, or goes on after `take` said no; undefined: there is nothing to look for. */
  get start(): string | null | undefined {
    if (!this.#full) return this.#after;
    return this.#total === null ? this.#upTo : undefined;
  }

  get #full(): boolean {
    return this.#items.length >= this.#limit;
  }

  /** @returns false when what lies behind is not looked at, or was counted already */
  take(key: string, member: boolean): boolean {
    if (!this.#full) {
      this.#after = key;
      if (member) {
        this.#items.push(key);
        this.#given++;
      }
    }
    return this.#count(key, member) || !this.#full;
  }

  /** @returns false when the next one was counted too */
  #count(key: string, member: boolean): boolean {
    if (this.#total !== null) return false;
    const ahead = this.#counter === null ? 1 : compareCodePoints(key, this.#counter);
    if (ahead <= 0) return ahead === 0;
    this.#counter = null;
    this.#upTo = key;
    if (member) this.#counted++;
    return true;
  }

  /** All candidates were looked at. */
  end(): void {
    this.#total ??= this.#counted;
    this.#ended = !this.#full;
  }

  page(): ListPage {
    const [total, given] = [this.#total, this.#given];
    // A page with room left at the end is the last one, even if more were counted at another time.
    const over = this.#ended || (total !== null && (this.#limit === 0 || given >= total));
    const next: ListFrom = {
      after: this.#after,
      given,
      total,
      counted: total === null ? this.#counted : 0,
      upTo: total === null ? this.#upTo : null,
    };
    return { items: this.#items, total, next: over ? null : next };
  }
}
