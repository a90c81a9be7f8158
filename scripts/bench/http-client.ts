/** A keep-alive HTTP/1.1 client over one bare socket, one request at a time: cheap enough not to be what is measured. */
import { connect, type Socket } from 'node:net';
import type { Exchange } from './target.ts';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** bytes of the input that it took */
  readonly length: number;
}

/** The bytes of a request. */
export function encodeRequest(exchange: Exchange, host: string): Buffer {
  const body = Buffer.from(exchange.body);
  const headers = { host, ...exchange.headers, ...(body.length > 0 ? { 'content-length': String(body.length) } : {}) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${exchange.method} ${exchange.path} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
}

/** Reads one answer off the start of the input; null while it isn't whole. */
export function decodeAnswer(input: Buffer): Answer | null {
  const headEnd = input.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = input.toString('latin1', 0, headEnd);
  const status = Number(head.slice(9, 12));
  const start = headEnd + 4;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined)
    return /\r\ntransfer-encoding: *chunked/i.test(head)
      ? decodeChunks(input, start, status)
      : { status, body: Buffer.alloc(0), length: start };
  const end = start + Number(length);
  return input.length < end ? null : { status, body: input.subarray(start, end), length: end };
}

function decodeChunks(input: Buffer, start: number, status: number): Answer | null {
  const pieces: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = input.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(input.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (input.length < next) return null;
    if (size === 0) return { status, body: Buffer.concat(pieces), length: next };
    pieces.push(input.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}

/**
 * Asks over one connection until told to stop.
 * @param next the request to send now, with its expected text, or null to end
 * @param done called for each right answer
 * @throws Error on the first wrong answer, or when the connection breaks
 */
export function converse(port: number, next: () => PreparedExchange | null, done: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let pending = Buffer.alloc(0);
    let current: PreparedExchange | null = null;
    const send = (): void => {
      current = next();
      if (current) socket.write(current.request);
      else socket.end(resolve);
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const answer = decodeAnswer(pending);
      if (!answer || !current) return;
      const whole = pending.subarray(0, answer.length);
      pending = pending.subarray(answer.length);
      if (answer.status !== current.status || !(answer.body.includes(current.expect) || holdsHeader(whole, current.expect)))
        return fail(socket, reject, wrongAnswer(current, answer));
      done();
      send();
    });
    socket.on('error', (error) => fail(socket, reject, error));
    socket.on('close', () => reject(new Error('the server closed the connection')));
  });
}

export interface PreparedExchange {
  readonly request: Buffer;
  readonly expect: Buffer;
  readonly status: number;
}

/** @param answer with head and body: it begins with the status line */
function holdsHeader(answer: Buffer, line: Buffer): boolean {
  const at = answer.indexOf(line);
  return at > 0 && at < answer.indexOf('\r\n\r\n');
}

function fail(socket: Socket, reject: (error: Error) => void, error: Error): void {
  reject(error);
  socket.destroy();
}

function wrongAnswer(asked: PreparedExchange, answer: Answer): Error {
  return new Error(
    `wrong answer: ${answer.status} ${answer.body.toString()}, expected ${asked.status} \`${asked.expect.toString()}\`, asked:\n${asked.request.toString()}`,
  );
}
