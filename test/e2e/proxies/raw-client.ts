/** A client that sends any bytes, and tells what came back: every status line of the stream, and the headers of the first answer. */
import { connect } from 'node:net';

export interface RawAnswer {
  /** of each answer, in order; none: the connection was closed, or nothing that is HTTP came */
  readonly statuses: readonly number[];
  /** of the first answer, by lower-case name; a name that came twice has both values with `, ` between */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** A server that keeps the connection open has answered when nothing more has come for so long. */
const QUIET_MS = 400;
/** longer than any time limit of a recipe */
const PATIENCE_MS = 20_000;

/** @param bytes a string of which each character is one byte */
export function sendRaw(port: number, bytes: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      socket.setTimeout(QUIET_MS);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') reject(error);
    });
    socket.on('close', () => resolve(answerIn(text)));
  });
}

function answerIn(text: string): RawAnswer {
  const statuses = [...text.matchAll(/^HTTP\/1\.[01] (\d{3})[ \r]/gm)]
    .map(([, status]) => Number(status))
    .filter((status) => status >= 200);
  const head = text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n').slice(1);
  const headers = new Map<string, string>();
  for (const line of head) {
    const [name = '', value = ''] = [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()];
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { statuses, headers, text };
}
