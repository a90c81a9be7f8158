/** What an import tells: what has no counterpart, what was changed, what was left out; and what it refuses. */
import { BitgateError, type Problem, sortProblems } from '../../../core/terms/problem.ts';

/** more than a person reads; the count of all is given beside */
const REPORTED = 1_000;

export interface ImportReport {
  readonly items: readonly Problem[];
  readonly count: number;
}

export class Reporter {
  readonly #items: Problem[] = [];
  readonly #refused: Problem[] = [];
  readonly #seen = new Set<string>();

  /** Told once for each place. */
  tell(code: string, path: string, message: string): void {
    const key = JSON.stringify([code, path, message]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#items.push({ code, path, message });
  }

  refuse(code: string, path: string, message: string): void {
    this.#refused.push({ code, path, message });
  }

  /** @throws BitgateError `invalid_import` (422) with `details.problems` and `details.count` */
  throwIfRefused(): void {
    refuseImport(this.#refused);
  }

  report(): ImportReport {
    return { items: sortProblems([...this.#items]).slice(0, REPORTED), count: this.#items.length };
  }
}

/** @throws BitgateError `invalid_import` (422) if there is any problem */
export function refuseImport(problems: readonly Problem[]): void {
  const sorted = sortProblems([...problems]);
  const first = sorted[0];
  if (first === undefined) return;
  const where = first.path === '' ? '' : `\`${first.path}\`: `;
  const message = `what is imported has ${sorted.length === 1 ? 'one problem' : `${sorted.length} problems`}: ${where}${first.message}`;
  throw new BitgateError('invalid_import', 422, message, { problems: sorted.slice(0, REPORTED), count: sorted.length });
}
