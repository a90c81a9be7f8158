/** What a proxy may meet where bitgate should be. None of it is bitgate's yes. */
import type { Socket } from 'node:net';
import type { Stand } from './servers.ts';

/** longer than the 5 s that the recipes wait for an answer */
const LATE_MS = 7_000;

/** Answers when a request has come whole, so that a proxy has no other reason to give up. */
const answering =
  (bytes: string): Stand =>
  (socket) =>
    socket.once('data', () => socket.end(bytes, 'latin1'));

function dripping(socket: Socket): void {
  const timer = setInterval(() => socket.write('X-A: b\r\n'), 500);
  socket.on('close', () => clearInterval(timer));
  socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n'));
}

const late: Stand = (socket) => {
  const timer = setTimeout(() => socket.end('HTTP/1.1 200 OK\r\nX-Bitgate-Decision: allow\r\nContent-Length: 0\r\n\r\n'), LATE_MS);
  socket.on('close', () => clearTimeout(timer));
  socket.resume();
};

const head = (status: string, ...headers: string[]): string => [`HTTP/1.1 ${status}`, ...headers, 'Connection: close', '', ''].join('\r\n');

export const FAILURES: Readonly<Record<string, Stand>> = {
  'never answers': (socket) => socket.resume(),
  'hangs up': (socket) => socket.once('data', () => socket.destroy()),
  'hangs up at once': (socket) => socket.destroy(),
  'answers after the time limit': late,
  'answers a header every half second': dripping,
  'answers bytes that are no HTTP': answering('\x00\xff\x15garbage\r\n\r\nmore'),
  'answers text without a status line': answering('allow\r\n\r\nallow'),
  'answers nothing but line ends': answering('\r\n\r\n\r\n\r\n'),
  'answers a status line and hangs up': answering('HTTP/1.1 200 OK\r\n'),
  'answers a head that is cut': answering('HTTP/1.1 200 OK\r\nX-Bitgate-Dec'),
  'answers a status that is no number': answering('HTTP/1.1 2OO OK\r\n\r\n'),
  'answers a status of four digits': answering('HTTP/1.1 2000 OK\r\n\r\n'),
  'answers a header without colon': answering('HTTP/1.1 200 OK\r\nX-Bitgate-Decision allow\r\n\r\n'),
  'answers a header of 100,000 bytes': answering(head('200 OK', `X-A: ${'a'.repeat(100_000)}`)),
  'answers only 100': answering('HTTP/1.1 100 Continue\r\n\r\n'),
  'answers 101': answering(head('101 Switching Protocols', 'Upgrade: websocket')),
  'answers 200, like a server that knows nothing of this': answering(`${head('200 OK', 'Content-Length: 2')}ok`),
  'answers 200 with the decision false of another face': answering(`${head('200 OK', 'Content-Length: 18')}{"decision": false}`),
  'answers 200 and deny': answering(head('200 OK', 'X-Bitgate-Decision: deny', 'Content-Length: 0')),
  'answers 204': answering(head('204 No Content')),
  'answers 206': answering(head('206 Partial Content', 'Content-Length: 0')),
  'answers 302': answering(head('302 Found', 'Location: https://evil.example.com/', 'Content-Length: 0')),
  'answers 304': answering(head('304 Not Modified')),
  'answers 404': answering(head('404 Not Found', 'Content-Length: 0')),
  'answers 429': answering(head('429 Too Many Requests', 'Retry-After: 1', 'Content-Length: 0')),
  'answers 500': answering(head('500 Internal Server Error', 'Content-Length: 0')),
  'answers 503 and allow': answering(head('503 Service Unavailable', 'X-Bitgate-Decision: allow', 'Content-Length: 0')),
};
