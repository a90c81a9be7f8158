/**
 * YAML 1.2 (core schema) → a JSON value. The library parses; its events become a value here, so that each refusal has its place, and aliases are few:
 * a small text can't stand for a huge document.
 */
import {
  type AliasEvent,
  boolCoreTag,
  EVENT_ID,
  type Event,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  type MappingEvent,
  NOT_RESOLVED,
  nullCoreTag,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
  YAMLException,
} from 'js-yaml';
import { LIMITS } from '../../core/terms/limits.ts';
import type { BitgateError } from '../../core/terms/problem.ts';
import { malformed, placeOf, tooDeep } from './document-error.ts';

/** aliases, those within what they stand for counted again for each use */
const MAX_ALIASES = 100;

/** What a plain scalar may be; whatever is none of these is text. */
const SCALARS = [nullCoreTag, boolCoreTag, intCoreTag, floatCoreTag] as const;

/** begins as a number does */
const NUMERIC = /^[-+]?\.?\d/;

/** @throws BitgateError `malformed_document` (400), `document_too_deep` (422), each with line and column */
export function readYaml(text: string): unknown {
  const builder = new ValueBuilder(text);
  for (const event of eventsOf(text)) builder.take(event);
  return builder.value;
}

function eventsOf(text: string): readonly Event[] {
  try {
    return parseEvents(text, { maxDepth: LIMITS.jsonDepth + 1 });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw malformed('no YAML document', { line: 1, column: 1 });
    const place = placeOf(text, error.mark?.position ?? 0);
    throw error.reason.startsWith('nesting exceeded') ? tooDeep(place) : malformed(error.reason, place);
  }
}

/** A value that is ready, as an anchor names it. */
interface Anchored {
  readonly value: unknown;
  /** aliases that it is made of */
  readonly aliases: number;
  /** collections within one another, at most */
  readonly depth: number;
}

/** A collection that is being filled. */
interface Open {
  readonly value: unknown[] | Record<string, unknown>;
  readonly anchor: string | null;
  /** of a mapping: the key whose value comes next */
  key: string | null;
  /** aliases so far */
  aliases: number;
  /** of what it holds */
  depth: number;
}

class ValueBuilder {
  value: unknown = null;
  readonly #text: string;
  readonly #open: Open[] = [];
  readonly #anchors = new Map<string, Anchored>();
  #documents = 0;

  constructor(text: string) {
    this.#text = text;
  }

  take(event: Event): void {
    if (event.type === EVENT_ID.DOCUMENT) {
      if (++this.#documents > 1) throw malformed('more than one document', placeOf(this.#text, this.#secondDocument()));
    } else if (event.type === EVENT_ID.SCALAR) {
      this.#scalar(event);
    } else if (event.type === EVENT_ID.ALIAS) {
      this.#alias(event);
    } else if (event.type === EVENT_ID.POP) {
      this.#close();
    } else {
      this.#begin(event.type === EVENT_ID.MAPPING ? {} : [], event);
    }
  }

  #refuse(message: string, offset: number): BitgateError {
    return malformed(message, placeOf(this.#text, offset));
  }

  /** Where the marker of the second document is; it has no place of its own among the events. */
  #secondDocument(): number {
    return Math.max(0, this.#text.indexOf('\n---') + 1);
  }

  #begin(value: Open['value'], event: MappingEvent | SequenceEvent): void {
    if (event.tagStart >= 0) throw this.#unknownTag(event);
    if (this.#open.length >= LIMITS.jsonDepth) throw tooDeep(placeOf(this.#text, event.start));
    const top = this.#open.at(-1);
    if (top !== undefined && this.#awaitsKey(top)) throw this.#refuse('a key must be text: put it in quotes', event.start);
    this.#open.push({ value, anchor: this.#anchorOf(event), key: null, aliases: 0, depth: 0 });
  }

  #close(): void {
    const done = this.#open.pop();
    // The end of the document: nothing is open any more.
    if (done === undefined) return;
    this.#put({ value: done.value, aliases: done.aliases, depth: done.depth + 1 }, done.anchor);
  }

  #scalar(event: ScalarEvent): void {
    const start = event.valueStart < 0 ? Math.max(event.anchorEnd, 0) : event.valueStart;
    const source = event.valueStart < 0 ? '' : getScalarValue(this.#text, event);
    const plain = !this.#isText(event) && event.style === SCALAR_STYLE.PLAIN;
    const value = plain ? this.#plain(source, start) : source;
    const top = this.#open.at(-1);
    const made = { value, aliases: 0, depth: 0 };
    if (top === undefined || !this.#awaitsKey(top)) {
      this.#put(made, this.#anchorOf(event));
      return;
    }
    // What opens the text of a quoted key belongs to it.
    const place = event.style === SCALAR_STYLE.PLAIN ? start : start - 1;
    if (typeof value !== 'string') throw this.#refuse('a key must be text: put it in quotes', place);
    if (Object.hasOwn(top.value, value)) throw this.#refuse(`duplicate key \`${value.slice(0, 80)}\``, place);
    const anchor = this.#anchorOf(event);
    if (anchor !== null) this.#anchors.set(anchor, made);
    top.key = value;
  }

  /** Does its tag say that it is text, whatever it looks like? */
  #isText(event: ScalarEvent): boolean {
    if (event.tagStart < 0) return false;
    if (this.#text.slice(event.tagStart, event.tagEnd) === '!!str') return true;
    throw this.#unknownTag(event);
  }

  #unknownTag({ tagStart, tagEnd }: { readonly tagStart: number; readonly tagEnd: number }): BitgateError {
    return this.#refuse(`tag \`${this.#text.slice(tagStart, tagEnd).slice(0, 80)}\` is not known`, tagStart);
  }

  /** null, true, false, a number, or the text itself. */
  #plain(source: string, start: number): unknown {
    for (const tag of SCALARS) {
      const value = tag.resolve(source, false, tag.tagName);
      if (value === NOT_RESOLVED) continue;
      if (typeof value === 'number' && !Number.isFinite(value)) throw this.#refuse('a number is too large or none', start);
      return value;
    }
    if (NUMERIC.test(source) && Math.abs(Number(source)) === Number.POSITIVE_INFINITY)
      throw this.#refuse('a number is too large or none', start);
    return source;
  }

  #alias(event: AliasEvent): void {
    const place = event.anchorStart - 1;
    const top = this.#open.at(-1);
    if (top !== undefined && this.#awaitsKey(top)) throw this.#refuse('a key must be text: put it in quotes', place);
    const name = this.#text.slice(event.anchorStart, event.anchorEnd);
    const named = this.#anchors.get(name);
    if (named === undefined) throw this.#refuse(`no anchor \`${name.slice(0, 80)}\` before its alias`, place);
    const aliases = named.aliases + 1;
    if (this.#open.reduce((sum, open) => sum + open.aliases, aliases) > MAX_ALIASES)
      throw this.#refuse(`more than ${MAX_ALIASES} aliases`, place);
    if (this.#open.length + named.depth > LIMITS.jsonDepth) throw tooDeep(placeOf(this.#text, place));
    this.#put({ ...named, aliases }, null);
  }

  #put(made: Anchored, anchor: string | null): void {
    if (anchor !== null) this.#anchors.set(anchor, made);
    const top = this.#open.at(-1);
    if (top === undefined) {
      this.value = made.value;
      return;
    }
    top.aliases += made.aliases;
    top.depth = Math.max(top.depth, made.depth);
    if (Array.isArray(top.value)) {
      top.value.push(made.value);
    } else {
      // Also of a key like `__proto__`, which an assignment would not make.
      Object.defineProperty(top.value, top.key ?? '', { value: made.value, enumerable: true, configurable: true, writable: true });
      top.key = null;
    }
  }

  #awaitsKey(open: Open): boolean {
    return !Array.isArray(open.value) && open.key === null;
  }

  #anchorOf({ anchorStart, anchorEnd }: { readonly anchorStart: number; readonly anchorEnd: number }): string | null {
    return anchorStart < 0 ? null : this.#text.slice(anchorStart, anchorEnd);
  }
}
