/** Grants as they are listed: those that apply first, denies before allows; of the others those that came nearest first. Never more than a limit. */
import { type ExplainedGrant, OUTCOMES } from '../../terms/explanation.ts';

/** the classes of the order: denies that apply, then every outcome in the order of `OUTCOMES` */
const CLASSES = OUTCOMES.length + 1;

export class GrantList {
  readonly #limit: number;
  readonly #byClass: readonly ExplainedGrant[][] = Array.from({ length: CLASSES }, () => []);
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(grant: ExplainedGrant): void {
    this.#count++;
    const place = grant.outcome === 'applies' ? Number(grant.effect === 'allow') : OUTCOMES.indexOf(grant.outcome) + 1;
    const list = this.#byClass[place]!;
    // Of each class no more than could be listed.
    if (list.length < this.#limit) list.push(grant);
  }

  listed(): readonly ExplainedGrant[] {
    return this.#byClass.flat().slice(0, this.#limit);
  }

  /** How many there are beyond the limit. */
  get beyond(): number {
    return Math.max(0, this.#count - this.#limit);
  }
}
