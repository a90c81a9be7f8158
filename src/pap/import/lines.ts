/** Bytes of any chunking → lines of text, with their numbers: strict UTF-8, bounded, the memory of one line and one piece of the body. */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';

export interface TextLine {
  /** from 1 on */
  readonly line: number;
  /** without its end; a carriage return may stay, which is space in JSON */
  readonly text: string;
}

const NEWLINE = 0x0a;
const MARK = '\ufeff';
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** pieces that are held apart: a body may come byte by byte, and each has a price of its own */
const PIECES = 4_096;

/**
 * @param first number of the body's first line. A byte order mark before it is left out
 * @throws BitgateError `malformed_line` (422) with `details.line`: no UTF-8, or longer than `LIMITS.importLineBytes`
 */
export async function* linesOf(body: AsyncIterable<Uint8Array>, first: number): AsyncGenerator<readonly TextLine[]> {
  /** of a line whose end has not come: joined once, when it comes */
  let open: Uint8Array[] = [];
  let held = 0;
  let line = first;
  let begun = false;
  const decoded = function* (block: Uint8Array): Generator<readonly TextLine[]> {
    const texts = textsOf(block, line);
    if (!begun && texts[0]?.startsWith(MARK)) texts[0] = texts[0].slice(1);
    begun = true;
    yield texts.map((text, i) => ({ line: line + i, text }));
    line += texts.length;
  };
  for await (const piece of body) {
    const end = piece.lastIndexOf(NEWLINE);
    if (end >= 0) {
      yield* decoded(joined([...open, piece.subarray(0, end)]));
      open = [];
      held = 0;
    }
    const rest = end < 0 ? piece : piece.slice(end + 1);
    open.push(rest);
    held += rest.length;
    if (open.length === PIECES) open = [joined(open)];
    if (held > LIMITS.importLineBytes) throw malformed(line, `a line must not be longer than ${LIMITS.importLineBytes} bytes`);
  }
  if (held > 0) yield* decoded(joined(open));
}

/** Lines of a block, which ends where a line ends. Decoded at once, which is fast; line by line only to find which one has a fault. */
function textsOf(block: Uint8Array, first: number): string[] {
  try {
    return STRICT_UTF8.decode(block).split('\n');
  } catch {
    for (let line = first, start = 0; start <= block.length; line++) {
      const end = block.indexOf(NEWLINE, start);
      const bytes = block.subarray(start, end < 0 ? undefined : end);
      if (!isUtf8(bytes)) throw malformed(line, 'the line is not UTF-8');
      start += bytes.length + 1;
    }
    throw malformed(first, 'the lines are not UTF-8');
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    STRICT_UTF8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function malformed(line: number, message: string): BitgateError {
  return new BitgateError('malformed_line', 422, message, { line });
}
