/**
 * Judges JSON text (RFC 8259) in one pass, without recursion and without building values: grammar, depth, duplicate keys, numbers beyond a
 * double. `JSON.parse` alone would let the last of two equal keys win, and tells places differently on each engine.
 */
import { malformed, placeOf, tooDeep, tooMany } from './document-error.ts';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const ESCAPED = '"\\/bfnrt';

/** What may come next. */
type State = 'value' | 'value or end' | 'key' | 'key or end' | 'separator' | 'end of text';

/** The keys of an object that is open, or null for an array. */
type Container = Set<string> | null;

/**
 * @param maxValues in lists and objects, those that open one not counted
 * @throws BitgateError `malformed_document` (400), `document_too_deep`, `too_many` (422), each with line and column
 */
export function scanJson(text: string, maxDepth: number, maxValues = Number.POSITIVE_INFINITY): void {
  let values = 0;
  const open: Container[] = [];
  let state: State = 'value';
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const character = text[at] ?? '';
    const container = open.at(-1);
    if (state === 'end of text') throw malformed('expected the end of the document', placeOf(text, at));
    if (state === 'separator') {
      if (character === ',') {
        if (++values > maxValues) throw tooMany(maxValues, placeOf(text, at));
        state = container === null ? 'value' : 'key';
      } else if (character === (container === null ? ']' : '}')) state = close(open);
      else throw malformed(`expected a comma or the end of the ${container === null ? 'list' : 'object'}`, placeOf(text, at));
      at++;
    } else if ((state === 'key or end' && character === '}') || (state === 'value or end' && character === ']')) {
      state = close(open);
      at++;
    } else if (state === 'key' || state === 'key or end') {
      at = readKey(text, at, container ?? new Set());
      state = 'value';
    } else if (character === '{' || character === '[') {
      if (open.length >= maxDepth) throw tooDeep(placeOf(text, at));
      open.push(character === '{' ? new Set() : null);
      state = character === '{' ? 'key or end' : 'value or end';
      at++;
    } else {
      at = readScalar(text, at);
      state = open.length === 0 ? 'end of text' : 'separator';
    }
    at = skipSpace(text, at);
  }
  if (state !== 'end of text') throw malformed('the document ends too early', placeOf(text, text.length));
}

function close(open: Container[]): State {
  open.pop();
  return open.length === 0 ? 'end of text' : 'separator';
}

/** Returns the position behind the colon. */
function readKey(text: string, start: number, keys: Set<string>): number {
  if (text[start] !== '"') throw malformed('expected a key in double quotes', placeOf(text, start));
  const end = readString(text, start);
  const raw = text.slice(start, end);
  const key: string = raw.includes('\\') ? JSON.parse(raw) : raw.slice(1, -1);
  if (keys.has(key)) throw malformed(`duplicate key \`${key.slice(0, 80)}\``, placeOf(text, start));
  keys.add(key);
  const colon = skipSpace(text, end);
  if (text[colon] !== ':') throw malformed('expected a colon', placeOf(text, colon));
  return colon + 1;
}

function readScalar(text: string, start: number): number {
  if (text[start] === '"') return readString(text, start);
  WORD.lastIndex = start;
  if (WORD.test(text)) return WORD.lastIndex;
  NUMBER.lastIndex = start;
  if (!NUMBER.test(text)) throw malformed('expected a value', placeOf(text, start));
  const end = NUMBER.lastIndex;
  if (!Number.isFinite(Number(text.slice(start, end)))) throw malformed('a number is too large', placeOf(text, start));
  return end;
}

/** Returns the position behind the closing quote. */
function readString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) return at + 1;
    if (unit < 0x20) throw malformed('a control character must be written as an escape', placeOf(text, at));
    if (unit !== 0x5c) continue;
    at++;
    if (text[at] === 'u' && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 1, at + 5))) at += 4;
    else if (at < text.length && !ESCAPED.includes(text[at] ?? '')) throw malformed('an unknown escape', placeOf(text, at - 1));
  }
  throw malformed('a string has no end', placeOf(text, start));
}

function skipSpace(text: string, start: number): number {
  let at = start;
  for (let unit = text.charCodeAt(at); unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09; unit = text.charCodeAt(at)) at++;
  return at;
}
