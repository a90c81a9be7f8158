/**
 * What arrives over RPC → the JSON that a body would have carried. RPC carries much more than JSON: functions, stubs, maps, dates, cycles,
 * lone surrogates. None of it is read as something else, or as nothing: it is refused, with its place. Only a member that is `undefined`
 * counts as absent, as in JSON. Nothing of the value is called.
 */
import type { Json } from '../core/terms/json.ts';
import { LIMITS } from '../core/terms/limits.ts';
import { BitgateError } from '../core/terms/problem.ts';
import { isWellFormed, utf8Length } from '../core/terms/ref.ts';

/** quotes */
const MARKS = 2;
const SHOWN_CHARS = 80;

/**
 * @param limit bytes of UTF-8 that the value may take as JSON text without spaces, escapes counted as the characters that they stand for
 * @returns a copy; undefined for undefined
 * @throws BitgateError `malformed_body` (400), `body_too_large` (413), as a body would be refused
 */
export function readValue(value: unknown, limit: number): Json | undefined {
  return value === undefined ? undefined : new Reader(limit).read(value, 1);
}

class Reader {
  readonly #limit: number;
  readonly #path: (string | number)[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param depth of `value`, if it is a list or an object */
  read(value: unknown, depth: number): Json {
    if (typeof value === 'string') return this.#text(value);
    if (value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
      this.#take(String(value).length);
      return value;
    }
    if (typeof value !== 'object')
      throw this.#malformed(typeof value === 'number' ? 'a number that JSON has not' : `a value of type ${typeof value}`);
    // Cycles end here; what is merely held twice ends at the size.
    if (depth > LIMITS.jsonDepth) throw this.#malformed(`more than ${LIMITS.jsonDepth} levels`);
    if (Array.isArray(value)) return this.#list(value, depth);
    if (!isPlain(value)) throw this.#malformed('an object of a kind that JSON has not');
    return this.#object(value, depth);
  }

  #list(list: readonly unknown[], depth: number): Json {
    this.#open(list.length);
    const read: Json[] = [];
    // Not `map`: it passes over holes, and a list of holes may be as long as it likes.
    for (let i = 0; i < list.length; i++) read.push(this.#member(i, list[i], depth));
    return read;
  }

  #object(object: object, depth: number): Json {
    const members = Object.entries(object).filter(([, value]) => value !== undefined);
    this.#open(members.length);
    // Also of `__proto__` a member like any other.
    return Object.fromEntries(members.map(([key, value]) => [this.#text(key), this.#member(key, value, depth)]));
  }

  /** Two brackets; each member brings a comma, and the last has none. */
  #open(members: number): void {
    this.#take(members === 0 ? 2 : 1);
  }

  #member(key: string | number, value: unknown, depth: number): Json {
    this.#path.push(key);
    this.#take(typeof key === 'number' ? 1 : 2);
    const read = this.read(value, depth + 1);
    this.#path.pop();
    return read;
  }

  #text(text: string): string {
    // Before it is looked through: it may be as long as RPC carries.
    this.#take(text.length + MARKS);
    if (!isWellFormed(text)) throw this.#malformed('a lone surrogate, which is no character');
    this.#take(utf8Length(text) - text.length);
    return text;
  }

  #take(bytes: number): void {
    this.#size += bytes;
    if (this.#size > this.#limit) {
      const limit = this.#limit;
      throw new BitgateError('body_too_large', 413, `the argument must not be larger than ${limit} bytes here, as JSON`, {
        limit_bytes: limit,
      });
    }
  }

  #malformed(what: string): BitgateError {
    const place = this.#path.map((key) => String(key).slice(0, SHOWN_CHARS).toWellFormed()).join('.');
    return new BitgateError('malformed_body', 400, `the argument holds ${what}${place === '' ? '' : `, at \`${place}\``}`);
  }
}

/** Neither a map, a date or an error, nor a stub: those have prototypes of their own. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
