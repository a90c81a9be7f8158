/** Errors of CEL-js and of our own checks → a message in our words and a place in the source. */
import { TypeError as CelTypeError, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import { Refused } from './syntax.ts';

export interface CelFault {
  readonly message: string;
  /** UTF-16 units from 0 */
  readonly offset: number;
}

export interface Position {
  readonly offset: number;
  /** from 1 */
  readonly line: number;
  /** from 1, in UTF-16 units */
  readonly column: number;
}

export function faultOf(error: unknown, source: string): CelFault {
  if (error instanceof Refused) return { message: error.message, offset: error.node.range.start };
  if (error instanceof ParseError || error instanceof CelTypeError || error instanceof EvaluationError) {
    const message = error.code === 'no_such_key' ? missingKey(error, source) : lowerFirst(error.summary);
    return { message, offset: error.range?.start ?? 0 };
  }
  // the parser and the checker recurse; nothing else is thrown by them
  if (error instanceof RangeError) return { message: 'nested too deep', offset: 0 };
  return { message: error instanceof Error ? lowerFirst(error.message) : String(error), offset: 0 };
}

export function positionIn(source: string, offset: number): Position {
  const before = source.slice(0, offset);
  return { offset, line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function missingKey(error: CelTypeError | EvaluationError | ParseError, source: string): string {
  const message = lowerFirst(error.summary).replace(/: (.*)$/s, ': `$1`');
  const node = error.node;
  const access = node?.op === '.' ? source.slice(node.start, node.end) : '';
  return access === '' ? message : `${message}; ask \`has(${access})\` first`;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
