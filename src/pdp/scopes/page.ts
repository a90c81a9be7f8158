/** One page as it comes to be: scopes and rows are taken until it is full. */
import type { Outcomes } from '../../client/scopes.ts';
import type { ScopesFrom, ScopesQuestion, Surveyed } from './question.ts';

/** Conditions come with every scope where they are open, 2,048 characters each: an answer is held in memory, as text, several times. */
const MAX_CHARS = 2 * 1024 * 1024;

export class Page {
  readonly #scopes: ({ readonly scope: string } & Outcomes)[] = [];
  readonly #rows: ({ readonly id: string } & Outcomes)[] = [];
  readonly #exceptions: { readonly allow: string[]; readonly deny: string[] } = { allow: [], deny: [] };
  readonly #limit: number;
  #count = 0;
  #chars = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.#count >= this.#limit || this.#chars >= MAX_CHARS;
  }

  scope(scope: string, outcomes: Outcomes): void {
    this.#weigh(scope, outcomes);
    this.#scopes.push({ scope, ...outcomes });
  }

  row(id: string, outcomes: Outcomes): void {
    this.#weigh(id, outcomes);
    this.#rows.push({ id, ...outcomes });
  }

  exception(id: string, decided: 'allow' | 'deny'): void {
    this.#weigh(id, undefined);
    this.#exceptions[decided].push(id);
  }

  surveyed({ type, parent_types }: ScopesQuestion, others: Outcomes, next: ScopesFrom | null): Surveyed {
    const of = parent_types === undefined ? { type } : { type, parent_types };
    return { ...of, default: others, scopes: this.#scopes, rows: this.#rows, exceptions: this.#exceptions, next };
  }

  #weigh(name: string, outcomes: Outcomes | undefined): void {
    this.#count++;
    this.#chars += name.length + (outcomes === undefined ? 0 : JSON.stringify(outcomes).length);
  }
}
