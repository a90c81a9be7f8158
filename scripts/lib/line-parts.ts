/** A file of lines → parts of whole lines, each small enough for one request. Holds one part. */

export interface LinePart {
  /** number of its first line, from 1 on */
  readonly from: number;
  /** of its last line */
  readonly to: number;
  readonly bytes: Buffer;
  /** of the file up to its end */
  readonly read: number;
  readonly last: boolean;
}

const NEWLINE = 0x0a;

/**
 * @param chunks the file's bytes
 * @param size of a part, unless one line alone is larger
 */
export async function* lineParts(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<LinePart> {
  let open: Buffer[] = [];
  let held = 0;
  let from = 1;
  let read = 0;
  const take = (bytes: Buffer, last: boolean): LinePart => {
    const lines = linesIn(bytes);
    read += bytes.length;
    const part = { from, to: from + lines - 1, bytes, read, last };
    from += lines;
    return part;
  };
  for await (const chunk of chunks) {
    open.push(chunk);
    held += chunk.length;
    if (held <= size) continue;
    const all = Buffer.concat(open);
    const end = all.lastIndexOf(NEWLINE) + 1;
    open = [all.subarray(end)];
    held = all.length - end;
    if (end > 0) yield take(all.subarray(0, end), false);
  }
  yield take(Buffer.concat(open), true);
}

/** A last line needs no end. */
function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines + (bytes.length > 0 && bytes.at(-1) !== NEWLINE ? 1 : 0);
}
