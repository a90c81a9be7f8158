/** Where one request ends and the next begins, and what is no HTTP at all. */
import { HOST } from '../world.ts';
import { ALLOWED, DENIED, type Parties, REFUSALS, request, type Spelling, shown } from './request.ts';

const INNER = `GET ${ALLOWED} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
const FRAMED = [...REFUSALS, 411, 413, 501, 505];

export const FRAMING_SPELLINGS: readonly Spelling[] = [
  ...[
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked', 'Content-Length: 5'],
    ['Transfer-Encoding: xchunked'],
    ['Transfer-Encoding : chunked'],
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding:\x0bchunked'],
    ['Content-Length: 5', 'Content-Length: 6'],
    ['Content-Length: +5'],
    ['Content-Length: -1'],
    ['Content-Length: 0x5'],
    ['Content-Length: 5, 5'],
    ['Content-Length: 0'],
  ].map((headers) => ({
    name: `POST ${DENIED} with ${headers.map((line) => `\`${shown(line)}\``).join(' and ')} and a request in its body`,
    bytes: (parties: Parties) => request(DENIED, parties, { method: 'POST', headers, body: `0\r\n\r\n${INNER}` }),
    own: FRAMED,
  })),
  {
    name: 'two denied requests at once',
    bytes: (parties) => request(DENIED, parties).replace('Connection: close\r\n', '') + request(DENIED, parties),
  },
  { name: 'line ends without carriage return', bytes: (parties) => request(DENIED, parties).replaceAll('\r\n', '\n') },
  { name: 'a carriage return in the request line', bytes: (parties) => request(`${DENIED}\rX: y`, parties) },
  { name: 'lines before the request', bytes: (parties) => `\r\n\r\n${request(DENIED, parties)}` },
  {
    name: 'HTTP/1.0 without `Host`',
    bytes: (parties) => request(DENIED, parties, { host: null }).replace('HTTP/1.1', 'HTTP/1.0'),
    own: [...REFUSALS, 421],
  },
  { name: 'HTTP/0.9', bytes: () => `GET ${ALLOWED}\r\n`, own: FRAMED },
  { name: 'HTTP/2.0 in a line of HTTP/1', bytes: (parties) => request(ALLOWED, parties).replace('HTTP/1.1', 'HTTP/2.0'), own: FRAMED },
  { name: 'HTTP/1.9', bytes: (parties) => request(DENIED, parties).replace('HTTP/1.1', 'HTTP/1.9'), own: FRAMED },
  { name: 'http/1.1 in lower case', bytes: (parties) => request(ALLOWED, parties).replace('HTTP/1.1', 'http/1.1'), own: FRAMED },
  { name: 'bytes that are no HTTP', bytes: () => '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n', own: FRAMED },
];
