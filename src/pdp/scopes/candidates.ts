/** Everything registered, and with it, in one order, what only grants name. A page ends between two of them. */
import { compareCodePoints } from '../../core/sets/compare.ts';
import { type Visitor, walkLeaves } from '../list/walk.ts';
import type { Scan } from '../scan.ts';
import type { Page } from './page.ts';

/** What there is to look at, and what is done with it. */
export interface Candidates {
  /** of resources; undefined: every type */
  readonly type: string | undefined;
  /** what grants name, ascending; registered or not */
  readonly named: readonly string[];
  registered(key: string): void | Promise<void>;
  unregistered(key: string): Promise<void>;
}

/**
 * @param after exclusive; null: from the first
 * @returns up to where everything was looked at; undefined when that was all
 */
export async function walkCandidates(
  scan: Scan,
  candidates: Candidates,
  after: string | null,
  page: Page,
): Promise<string | null | undefined> {
  const walk = new CandidateWalk(scan, candidates, after, page);
  const walked = await walkLeaves(scan, 'resources', candidates.type, after, walk);
  if (walked !== 'stopped' && (await walk.finish(walked === 'end'))) return undefined;
  return walk.after;
}

class CandidateWalk implements Visitor {
  after: string | null;
  readonly #scan: Scan;
  readonly #candidates: Candidates;
  readonly #page: Page;
  /** place of the first that is named and was not met yet */
  #next: number;
  #passed: string | null = null;
  /** a page goes on by one at least, whatever was done before it */
  #advanced = false;

  constructor(scan: Scan, candidates: Candidates, after: string | null, page: Page) {
    const { named } = candidates;
    const next = after === null ? 0 : named.findIndex((key) => compareCodePoints(key, after) > 0);
    this.after = after;
    this.#scan = scan;
    this.#candidates = candidates;
    this.#page = page;
    this.#next = next < 0 ? named.length : next;
  }

  visit(key: string): boolean | Promise<boolean> {
    const named = this.#candidates.named[this.#next];
    if (named !== undefined && compareCodePoints(named, key) <= 0) return this.#visitNamedFirst(key);
    return !this.#page.full && this.#take(key);
  }

  pass(key: string): boolean {
    this.#passed = key;
    return !this.#page.full;
  }

  /** @param end there is nothing registered any more; @returns true when there is nothing at all */
  async finish(end: boolean): Promise<boolean> {
    const upTo = end ? undefined : this.#passed;
    if (upTo === null || !(await this.#takeNamed(upTo))) return false;
    if (upTo !== undefined && (this.after === null || compareCodePoints(upTo, this.after) > 0)) this.after = upTo;
    return end;
  }

  async #visitNamedFirst(key: string): Promise<boolean> {
    if (!(await this.#takeNamed(key)) || this.#page.full) return false;
    if (this.#candidates.named[this.#next] === key) this.#next++;
    return this.#take(key);
  }

  /** Takes what nothing but grants names. @param before exclusive; undefined: all. @returns false when the page is full before that, or the request has done its share */
  async #takeNamed(before: string | undefined): Promise<boolean> {
    const { named } = this.#candidates;
    for (let key = named[this.#next]; key !== undefined; key = named[this.#next]) {
      if (before !== undefined && compareCodePoints(key, before) >= 0) return true;
      if (this.#page.full || (this.#advanced && this.#scan.spent)) return false;
      await this.#candidates.unregistered(key);
      this.after = key;
      this.#advanced = true;
      this.#next++;
      if (this.#scan.due) await this.#scan.pause();
    }
    return true;
  }

  #take(key: string): boolean | Promise<boolean> {
    const taken = this.#candidates.registered(key);
    this.after = key;
    return taken === undefined || taken.then(() => true);
  }
}
