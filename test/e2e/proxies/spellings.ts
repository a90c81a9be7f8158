/**
 * Requests that must not reach an upstream. Each comes from a user who may do one thing, `GET /reports/q1`, and not what the request might
 * be taken for; or asks for that one thing in a spelling that two servers could read in two ways; or with credentials that aren't.
 */
import { COOKIE, HOST } from './world.ts';

/** What a request is made of, apart from what its case says. */
export interface Parties {
  /** of a user who may `GET /reports/q1` */
  readonly token: string;
  /** of a user who may do everything */
  readonly adminToken: string;
  /** of the same user as `token`, and over */
  readonly expiredToken: string;
  /** the secret of the proxy's key */
  readonly proxyKey: string;
}

export interface Spelling {
  readonly name: string;
  /** all bytes of the request, a character each */
  bytes(parties: Parties): string;
  /** what a proxy may answer by itself, without asking; absent: 400, 404 and 405 */
  readonly own?: readonly number[];
}

const REFUSALS = [400, 404, 405];
const ALLOWED = '/reports/q1';
const DENIED = '/admin/users';

interface Written {
  readonly method?: string;
  /** of `Host`; null: none */
  readonly host?: string | null;
  /** the value of `Authorization`; null: none */
  readonly authorization?: string | null;
  /** lines, without their ends */
  readonly headers?: readonly string[];
  readonly body?: string;
}

export function request(target: string, { token }: Pick<Parties, 'token'>, written: Written = {}): string {
  const { method = 'GET', host = HOST, authorization = `Bearer ${token}`, headers = [], body = '' } = written;
  return [
    `${method} ${target} HTTP/1.1`,
    ...(host === null ? [] : [`Host: ${host}`]),
    ...(authorization === null ? [] : [`Authorization: ${authorization}`]),
    ...headers,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

/** Control characters and bytes above ASCII shown as escapes: names of tests. */
const shown = (text: string): string => {
  const plain = [...text]
    .map((char) => (/[\x20-\x7e]/.test(char) ? char : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`))
    .join('');
  return plain.length > 90 ? `${plain.slice(0, 60)}… (${plain.length})` : plain;
};

const TARGETS = [
  // empty and dotted segments
  '//reports/q1',
  '///reports/q1',
  '/reports//q1',
  '/reports/q1/',
  '/reports/q1//',
  '/./reports/q1',
  '/reports/./q1',
  '/reports/q1/.',
  '/welcome/../reports/q1',
  '/reports/../admin/users',
  '/reports/q1/../../admin/users',
  '/welcome/..//admin/users',
  '/reports/..',
  '/reports/q1/..',
  '/..',
  '/../reports/q1',
  '/reports/.../q1',
  '/reports/q1/../../welcome',
  // the same, encoded
  '/reports/%2e%2e/admin/users',
  '/reports/%2E%2E/admin/users',
  '/reports/.%2e/admin/users',
  '/reports/%2e./admin/users',
  '/reports/q1/%2e',
  '/%2e/reports/q1',
  '/reports%2fq1',
  '/reports%2Fq1',
  '/reports/..%2fadmin%2fusers',
  '/reports/q1%2f..%2f..%2fadmin%2fusers',
  '/%2freports/q1',
  '/reports/%71%31',
  '/reports/%51%31',
  '/%72eports/q1',
  // backslashes
  '/reports\\q1',
  '/reports/..\\admin\\users',
  '/reports/%5cq1',
  '/reports/..%5c..%5cadmin%5cusers',
  '\\reports\\q1',
  '/\\reports/q1',
  // encoded twice, or wrongly
  '/reports/q%2531',
  '/reports/%252e%252e/admin/users',
  '/reports/%25252e%25252e/admin/users',
  '/reports/%25%32%65',
  '/reports/q1%25',
  '/reports/q1%',
  '/reports/q1%7',
  '/reports/%zz',
  '/reports/%u0071',
  '/reports/%u002e%u002e/admin/users',
  // bytes that are no text, and text in more than its bytes
  '/reports/q1%00',
  '/reports/q1%00.png',
  '/reports/q1\0',
  '/reports/%ff',
  '/reports/\xff',
  '/reports/%c0%af',
  '/reports/%c0%ae%c0%ae/admin/users',
  '/reports/%e0%80%af',
  '/reports/%f8%80%80%80%af',
  '/reports/%ed%a0%80',
  '/reports/%ef%bf%bd',
  '/reports/q1%c2%85',
  '/reports/q1%e2%80%ae',
  // control characters and spaces
  '/reports/q1%0a',
  '/reports/q1%0d%0aX-Bitgate-Subject:%20user:root',
  '/reports/q1%09',
  '/reports/q1%20',
  '/reports/q1%7f',
  '/reports/q1\t',
  '/reports/q1 /x',
  ' /admin/users',
  '/reports/q1\x7f',
  '/reports/q1\x01',
  // parameters of a segment, fragments, queries
  '/reports/q1;',
  '/reports/q1;a=b',
  '/reports;/q1',
  '/reports/..;/admin/users',
  '/reports;/../admin/users',
  '/reports/q1%3b',
  '/reports/q1#',
  '/reports/q1#/../../admin/users',
  '/admin/users#/reports/q1',
  '/reports/q1%23',
  '/reports/q1%3f',
  '/admin/users?/../../reports/q1',
  '/admin/users?path=/reports/q1',
  '/admin/users%3f/../reports/q1',
  '?/reports/q1',
  '/?/reports/q1',
  // case, endings, what nobody named
  '/Reports/q1',
  '/REPORTS/q1',
  '/reports/Q1',
  '/reports/q1.json',
  '/reports/q1,',
  '/reports/q2',
  '/reports',
  '/reports/',
  '/',
  '/admin/users',
  '/admin/users/',
  '/ADMIN/users',
  '/admin//users',
  '/admin/%75sers',
  '/admin/users/q1',
  '/unknown',
  '/.well-known/jwks.json',
  '/orgs/acme/forward-auth',
  // no path at all
  '*',
  'reports/q1',
  'app.example.com:80',
  // absolute form
  `http://${HOST}${DENIED}`,
  `http://${HOST}//reports/q1`,
  `http://${HOST}/reports/../admin/users`,
  `http://evil.example.com${ALLOWED}`,
  `http://user@evil.example.com${ALLOWED}`,
  `http://${HOST}:x${ALLOWED}`,
  `http:/${ALLOWED}`,
  `http://${DENIED}`,
  `http:${DENIED}`,
  `http://${HOST}@evil.example.com${ALLOWED}`,
  `http://${HOST}`,
  `http://${HOST}\\@evil.example.com${ALLOWED}`,
] as const;

const targets: Spelling[] = TARGETS.map((target) => ({
  name: `GET ${shown(target)}`,
  bytes: (parties) => request(target, parties),
  // Caddy can't send all of these on, not even to bitgate.
  own: target.startsWith('/') ? REFUSALS : [...REFUSALS, 502],
}));

const long: Spelling[] = [
  { name: 'a path of 7,000 bytes', bytes: (parties) => request(`/reports/${'a'.repeat(7000)}`, parties), own: [414] },
  {
    name: 'a path of 70,000 bytes',
    bytes: (parties) => request(`/reports/${'a'.repeat(70_000)}`, parties),
    own: [400, 413, 414, 431, 502],
  },
  { name: 'a path of 2,000 times `/..`', bytes: (parties) => request(`${'/..'.repeat(2000)}${ALLOWED}`, parties) },
  {
    name: 'a header of 900,000 bytes',
    bytes: (parties) => request(DENIED, parties, { headers: [`X-A: ${'a'.repeat(900_000)}`] }),
    own: [400, 413, 431, 502],
  },
];

const METHODS = [
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'MKCOL',
  'DEBUG',
  'PURGE',
  'FOO',
  'get',
  'Get',
  'GETX',
  'GET\t',
  'G',
  'M-SEARCH',
  'X'.repeat(60),
  'GET\0',
  'GÉT',
] as const;

const methods: Spelling[] = [
  ...METHODS.map((method) => ({ name: `${shown(method)} ${ALLOWED}`, bytes: (parties: Parties) => request(ALLOWED, parties, { method }) })),
  ...['HEAD', 'OPTIONS', 'TRACE', 'POST', 'get'].map((method) => ({
    name: `${method} ${DENIED}`,
    bytes: (parties: Parties) => request(DENIED, parties, { method }),
  })),
  ...[
    'X-HTTP-Method-Override',
    'X-HTTP-Method',
    'X-Method-Override',
    'X-Original-Method',
    'X-Forwarded-Method',
    'X-Bitgate-Original-Method',
  ].map((header) => ({
    name: `POST ${ALLOWED} with \`${header}: GET\``,
    bytes: (parties: Parties) => request(ALLOWED, parties, { method: 'POST', headers: [`${header}: GET`] }),
  })),
];

/** Beside a request that is denied: none of them may change that. */
const PERSUASIONS: readonly (readonly string[])[] = [
  ['X-Original-URL: http://app.example.com/reports/q1'],
  ['X-Original-URI: /reports/q1'],
  ['X-Original-Host: app.example.com', 'X-Original-URI: /reports/q1'],
  ['X-Original-URL: http://app.example.com/reports/q1', 'X-Original-URL: http://app.example.com/reports/q1'],
  ['x-original-url: http://app.example.com/reports/q1'],
  ['X_Original_URL: http://app.example.com/reports/q1'],
  ['X-Original_URL: http://app.example.com/reports/q1'],
  ['X-Forwarded-Uri: /reports/q1'],
  ['X-Forwarded-Uri: /reports/q1', 'X-Forwarded-Uri: /reports/q1'],
  ['X_Forwarded_Uri: /reports/q1'],
  ['X-FORWARDED-URI: /reports/q1', 'X-Forwarded-Method: GET', 'X-Forwarded-Host: app.example.com'],
  ['X-Forwarded-Prefix: /reports/q1'],
  ['X-Forwarded-Path: /reports/q1'],
  ['X-Rewrite-URL: /reports/q1'],
  ['X-Auth-Request-Redirect: /reports/q1'],
  ['Forwarded: for=127.0.0.1;host=app.example.com'],
  ['X-Bitgate-Original-Path: /reports/q1', 'X-Bitgate-Original-Method: GET', 'X-Bitgate-Original-Host: app.example.com'],
  ['X-Bitgate-Subject: user:root'],
  ['X-Bitgate-Decision: allow'],
  ['X-Bitgate-Identity: eyJhbGciOiJub25lIn0.e30.'],
  ['X_Bitgate_Subject: user:root'],
  ['X-Envoy-Original-Path: /reports/q1'],
  ['X-Forwarded-For: 127.0.0.1'],
  ['X-Real-IP: 127.0.0.1'],
  ['CF-Connecting-IP: 127.0.0.1'],
  ['X-Sent-From: nginx-ingress-controller'],
  ['User-Agent: GoogleHC/1.0'],
  ['User-Agent: kube-probe/1.30'],
  ['User-Agent: ELB-HealthChecker/2.0'],
  ['User-Agent:'],
  ['Access-Control-Request-Method: GET', 'Origin: https://app.example.com'],
  ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
  ['Connection: X-Bitgate-Key'],
  ['Connection: X-Original-URL, X-Original-Method'],
  ['Connection: X-Forwarded-Uri, X-Forwarded-Method'],
  ['Expect: 100-continue'],
  ['Range: bytes=0-1'],
  ['If-None-Match: *'],
  ['Accept: application/json'],
  ['Cache-Control: only-if-cached'],
  ['X-A: b\r\rX-Original-URL: http://app.example.com/reports/q1'],
  ['X-A: b\nX-Forwarded-Uri: /reports/q1'],
  ['X-A: b\r\n X-Forwarded-Uri: /reports/q1'],
  ['X-Forwarded-Uri : /reports/q1'],
  ['X-Original-URL\0: http://app.example.com/reports/q1'],
  ['X-A\x0b: b'],
  ['no colon'],
  [': no name'],
];

const persuasions: Spelling[] = [
  ...PERSUASIONS.map((headers) => ({
    name: `GET ${DENIED} with ${headers.map((line) => `\`${shown(line)}\``).join(' and ')}`,
    bytes: (parties: Parties) => request(DENIED, parties, { headers }),
    own: [...REFUSALS, 412, 417],
  })),
  {
    name: `GET ${DENIED} with the proxy's own key`,
    bytes: (parties) => request(DENIED, parties, { headers: [`X-Bitgate-Key: ${parties.proxyKey}`] }),
  },
  {
    name: `GET ${DENIED} as the proxy's own key`,
    bytes: (parties) => request(DENIED, parties, { authorization: `Bearer ${parties.proxyKey}` }),
  },
];

type Authorize = (parties: Parties) => { readonly authorization: string | null; readonly headers?: readonly string[] };

const CREDENTIALS: Readonly<Record<string, Authorize>> = {
  'no credential': () => ({ authorization: null }),
  'an empty one': () => ({ authorization: '' }),
  'a scheme without token': () => ({ authorization: 'Bearer' }),
  'a scheme and a space': () => ({ authorization: 'Bearer ' }),
  'two spaces': ({ token }) => ({ authorization: `Bearer  ${token}` }),
  'a tab': ({ token }) => ({ authorization: `Bearer\t${token}` }),
  'another scheme': ({ token }) => ({ authorization: `Token ${token}` }),
  'the token alone': ({ token }) => ({ authorization: token }),
  'a list of it twice': ({ token }) => ({ authorization: `Bearer ${token}, Bearer ${token}` }),
  'a list of two tokens': ({ token, adminToken }) => ({ authorization: `Bearer ${token},${adminToken}` }),
  'two headers': ({ token, adminToken }) => ({ authorization: `Bearer ${token}`, headers: [`Authorization: Bearer ${adminToken}`] }),
  'two headers, the first invalid': ({ token }) => ({ authorization: 'Bearer x', headers: [`Authorization: Bearer ${token}`] }),
  'two equal headers': ({ token }) => ({ authorization: `Bearer ${token}`, headers: [`Authorization: Bearer ${token}`] }),
  'a space before the colon': ({ token }) => ({ authorization: null, headers: [`Authorization : Bearer ${token}`] }),
  'an underscore for a name': ({ token }) => ({ authorization: null, headers: [`X_Authorization: Bearer ${token}`] }),
  'proxy authorization': ({ token }) => ({ authorization: null, headers: [`Proxy-Authorization: Bearer ${token}`] }),
  'a token that is over': ({ expiredToken }) => ({ authorization: `Bearer ${expiredToken}` }),
  'a token without signature': ({ token }) => ({ authorization: `Bearer ${token.slice(0, token.lastIndexOf('.') + 1)}` }),
  'a token of `alg: none`': ({ token }) => ({ authorization: `Bearer eyJhbGciOiJub25lIn0.${token.split('.')[1]}.` }),
  'a token cut short': ({ token }) => ({ authorization: `Bearer ${token.slice(0, -2)}` }),
  'a token in the query alone': () => ({ authorization: null }),
  'an invalid one beside a valid cookie': ({ token }) => ({ authorization: 'Bearer x', headers: [`Cookie: ${COOKIE}=${token}`] }),
  'a cookie that is over': ({ expiredToken }) => ({ authorization: null, headers: [`Cookie: ${COOKIE}=${expiredToken}`] }),
  'a cookie that came twice': ({ token, adminToken }) => ({
    authorization: null,
    headers: [`Cookie: ${COOKIE}=${token}; ${COOKIE}=${adminToken}`],
  }),
  'two cookie headers': ({ token }) => ({ authorization: null, headers: [`Cookie: ${COOKIE}=x`, `Cookie: ${COOKIE}=${token}`] }),
  'a cookie of another name': ({ token }) => ({ authorization: null, headers: [`Cookie: x${COOKIE}=${token}`] }),
};

const credentials: Spelling[] = Object.entries(CREDENTIALS).map(([name, authorize]) => ({
  name: `GET ${ALLOWED} with ${name}`,
  bytes: (parties) => request(name.includes('query') ? `${ALLOWED}?access_token=${parties.token}` : ALLOWED, parties, authorize(parties)),
}));

const HOSTS = [
  null,
  '',
  'evil.example.com',
  `${HOST}.evil.example.com`,
  `evil.${HOST}`,
  `${HOST}, evil.example.com`,
  `${HOST}@evil.example.com`,
  `evil.example.com@${HOST}`,
  `${HOST}/x`,
  `${HOST}..`,
  `.${HOST}`,
  'app..example.com',
  `${HOST}#`,
  `${HOST}?`,
  `${HOST}\\`,
  `${HOST}%00`,
  `${HOST}\0`,
  'app_example.com',
  '127.0.0.1',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::1',
  '2130706433',
  '0x7f000001',
  'localhost',
  '\xe4pp.example.com',
  'xn--pp-xia.example.com',
  `${HOST} evil.example.com`,
] as const;

const hosts: Spelling[] = [
  ...HOSTS.map((host) => ({
    name: `GET ${ALLOWED} with ${host === null ? 'no `Host`' : `\`Host: ${shown(host)}\``}`,
    bytes: (parties: Parties) => request(ALLOWED, parties, { host }),
    own: [...REFUSALS, 421],
  })),
  { name: 'two `Host`', bytes: (parties) => request(ALLOWED, parties, { headers: ['Host: evil.example.com'] }) },
  { name: 'two equal `Host`', bytes: (parties) => request(ALLOWED, parties, { headers: [`Host: ${HOST}`] }) },
  {
    name: '`X-Forwarded-Host` of the app',
    bytes: (parties) => request(ALLOWED, parties, { host: 'evil.example.com', headers: [`X-Forwarded-Host: ${HOST}`] }),
  },
];

const INNER = `GET ${ALLOWED} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
const FRAMED = [...REFUSALS, 411, 413, 501, 505];

const framing: Spelling[] = [
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

export const SPELLINGS: readonly Spelling[] = [...targets, ...long, ...methods, ...persuasions, ...credentials, ...hosts, ...framing];

/** What the client may see: what bitgate says, or what the proxy refuses without asking. */
export const acceptable = ({ own = REFUSALS }: Spelling): readonly number[] => [401, 403, ...own];
