/**
 * Collects what is wrong with a manifest, or with one thing of it, so that one refusal names every place. Bounded: a hostile document cannot make a bigger
 * answer.
 */
import { BitgateError, type Problem, sortProblems } from '../../core/terms/problem.ts';

/** Where in a text, for problems inside a condition. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

export interface ManifestProblem extends Problem {
  /** within the text at `path`: set for conditions that do not parse */
  readonly position?: Position;
}

/** more than a person reads; the count of all is given beside */
const REPORTED = 1_000;

export class Problems {
  readonly #items: ManifestProblem[] = [];
  #count = 0;

  get any(): boolean {
    return this.#count > 0;
  }

  /** the first ones, as they were found */
  get items(): readonly ManifestProblem[] {
    return this.#items;
  }

  get count(): number {
    return this.#count;
  }

  add(code: string, path: string, message: string, position?: Position): void {
    this.#count++;
    if (this.#items.length >= REPORTED) return;
    this.#items.push(position === undefined ? { code, path, message } : { code, path, message, position });
  }

  /**
   * @param code of the refusal
   * @param what is refused: `the group` …
   * @param under what every path begins with and nobody wrote: `group.`
   * @throws BitgateError `code` (422) with `details.problems`, sorted by place, and `details.count`
   */
  throwIfAny(code = 'invalid_manifest', what = 'the manifest', under = ''): void {
    const problems = this.#items.map((each) => (each.path.startsWith(under) ? { ...each, path: each.path.slice(under.length) } : each));
    const first = sortProblems(problems)[0];
    if (first === undefined) return;
    const many = this.#count === 1 ? 'one problem' : `${this.#count} problems`;
    throw new BitgateError(code, 422, `${what} has ${many}: ${first.path === '' ? '' : `\`${first.path}\`: `}${first.message}`, {
      count: this.#count,
      problems,
    });
  }
}

/** Text of a user inside a message: in backticks, cut when it is long. */
export function quote(text: string): string {
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``;
}
