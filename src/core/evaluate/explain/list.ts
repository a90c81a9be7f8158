/** Grants as they are listed: those that apply first, denies before allows; of the others those that came nearest first. Never more than a limit. */
import { type ExplainedGrant, OUTCOMES } from '../../terms/explanation.ts';

export class GrantList {
  readonly #limit: number;
  #grants: ExplainedGrant[] = [];
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(grant: ExplainedGrant): void {
    this.#count++;
    // Held is never more than twice what can be listed.
    if (this.#grants.push(grant) > 2 * this.#limit) this.#grants = this.#first();
  }

  listed(): readonly ExplainedGrant[] {
    return this.#grants.length > 1 ? this.#first() : this.#grants.slice(0, this.#limit);
  }

  /** How many there are beyond the limit. */
  get beyond(): number {
    return Math.max(0, this.#count - this.#limit);
  }

  #first(): ExplainedGrant[] {
    return this.#grants.sort((a, b) => rank(a) - rank(b)).slice(0, this.#limit);
  }
}

function rank({ effect, outcome }: ExplainedGrant): number {
  return OUTCOMES.indexOf(outcome) * 2 + Number(effect === 'allow');
}
