/**
 * What is checked on the text of a JSON body before it is parsed, in one pass without recursion: depth, and surrogates that stand alone.
 * Works on any text; whether it is JSON at all is for the parser to say.
 */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** An escape of one surrogate that is not half of a pair. */
const LONE_ESCAPE = /\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}/;

/** @throws BitgateError `malformed_body` (400) */
export function checkJsonText(text: string): void {
  if (nestedBeyond(text, LIMITS.jsonDepth)) {
    throw new BitgateError('malformed_body', 400, `the body is nested deeper than ${LIMITS.jsonDepth} levels`);
  }
  // Text decoded from UTF-8 is well-formed, so a lone surrogate can only be written as an escape.
  if (text.includes('\\u') && LONE_ESCAPE.test(withoutEscapedBackslashes(text))) {
    throw new BitgateError('malformed_body', 400, 'the body holds a lone surrogate, which is no character');
  }
}

/** `\\ud800` is a backslash and five letters. */
function withoutEscapedBackslashes(text: string): string {
  return text.replaceAll('\\\\', '--');
}

function nestedBeyond(text: string, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) i = endOfString(text, i);
    else if (unit === OPEN_OBJECT || unit === OPEN_LIST) {
      if (++depth > limit) return true;
    } else if (unit === CLOSE_OBJECT || unit === CLOSE_LIST) depth--;
  }
  return false;
}

/** Position of the closing quote, or the text's end. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
