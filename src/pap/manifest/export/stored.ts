/** Reads the JSON columns of stored rows, which somebody may have typed by hand. What cannot be read is told, never guessed. */
import { compareCodePoints } from '../../../core/sets/compare.ts';
import type { JsonObject } from '../../../core/terms/json.ts';
import { BitgateError, type Problem, sortProblems } from '../../../core/terms/problem.ts';

export class StoredJson {
  readonly #problems: Problem[] = [];

  /** A set of texts, sorted; undefined when it is empty, as a document leaves it out. */
  texts(json: string, path: string): string[] | undefined {
    const value = parse(json);
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) {
      this.unreadable(path, 'expected a JSON list of texts');
      return undefined;
    }
    return value.length === 0 ? undefined : [...new Set(value)].sort(compareCodePoints);
  }

  /** Undefined when it is empty. */
  object(json: string, path: string): JsonObject | undefined {
    const value = parse(json);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.unreadable(path, 'expected a JSON object');
      return undefined;
    }
    return Object.keys(value).length === 0 ? undefined : (value as JsonObject); // parsed from JSON
  }

  unreadable(path: string, message: string): void {
    this.#problems.push({ code: 'unreadable_row', path, message });
  }

  /** @throws BitgateError `unreadable_rows` (409) with `details.problems`, each path a table, a key and a column */
  throwIfUnreadable(): void {
    const first = sortProblems(this.#problems)[0];
    if (first === undefined) return;
    const count = `${this.#problems.length} stored values cannot be read`;
    const message = `${count}, the first being \`${first.path}\`: ${first.message}`;
    throw new BitgateError('unreadable_rows', 409, message, { problems: this.#problems });
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
