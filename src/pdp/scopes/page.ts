/** One page as it comes to be: scopes and rows are taken until it is full. */
import type { Outcomes } from '../../client/scopes.ts';
import type { ScopesFrom, Surveyed } from './question.ts';

export class Page {
  readonly scopes: ({ readonly scope: string } & Outcomes)[] = [];
  readonly rows: ({ readonly id: string } & Outcomes)[] = [];
  readonly exceptions: { readonly allow: string[]; readonly deny: string[] } = { allow: [], deny: [] };
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    const { allow, deny } = this.exceptions;
    return this.scopes.length + this.rows.length + allow.length + deny.length >= this.#limit;
  }

  surveyed(type: string, others: Outcomes, next: ScopesFrom | null): Surveyed {
    return { type, default: others, scopes: this.scopes, rows: this.rows, exceptions: this.exceptions, next };
  }
}
