/**
 * What proxies that don't run here send to bitgate, as their documentation and sources have it: Traefik 3 (`pkg/middlewares/auth/forward.go`), Envoy's
 * ext_authz behind the second listener of the recipe, haproxy-auth-request (`auth-request.lua`), and ingress-nginx (`nginx.tmpl`).
 */
import type { Family } from './world.ts';

/** The original request, as a proxy has read it. */
export interface Read {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  /** all but `Host`, in order */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface Convention {
  readonly name: string;
  readonly family: Family;
  /** does the proxy hand on such a request at all? */
  takes(read: Read): boolean;
  /** all bytes of what it sends */
  asks(read: Read, key: string): string;
}

const PATH = '/orgs/acme/forward-auth';
const BITGATE = 'bitgate.example.com';
const HOP_BY_HOP = /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-connection)$/i;
/** Methods that HTTP servers know: Envoy asks with the client's own. */
const KNOWN = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|PROPFIND|MKCOL|PURGE)$/;

const lines = (...all: readonly string[]): string => [...all, 'Connection: close', '', ''].join('\r\n');
const without = ({ headers }: Read, names: RegExp): string[] =>
  headers.filter(([name]) => !names.test(name)).map(([name, value]) => `${name}: ${value}`);
const named = ({ headers }: Read, names: RegExp): string[] =>
  headers.filter(([name]) => names.test(name)).map(([name, value]) => `${name}: ${value}`);

const traefik: Convention = {
  name: 'Traefik',
  family: 'forwarded',
  takes: () => true,
  asks: (read, key) =>
    lines(
      `GET ${PATH} HTTP/1.1`,
      `Host: ${BITGATE}`,
      // Without `authRequestHeaders` it sends all, but what its entry point and the middleware before it took away or set.
      ...without(read, /^(?:x-forwarded-.*|x-real-ip|x-bitgate-(?:key|subject|identity)|content-length)$/i).filter(
        (line) => !HOP_BY_HOP.test(line.split(':', 1)[0] ?? ''),
      ),
      `X-Bitgate-Key: ${key}`,
      'X-Forwarded-For: 192.0.2.1',
      `X-Forwarded-Host: ${read.host}`,
      `X-Forwarded-Method: ${read.method}`,
      'X-Forwarded-Port: 80',
      'X-Forwarded-Proto: http',
      `X-Forwarded-Uri: ${read.target}`,
      'Accept-Encoding: gzip',
    ),
};

const envoy: Convention = {
  name: 'Envoy',
  family: 'envoy',
  takes: ({ method }) => KNOWN.test(method),
  asks: (read, key) =>
    lines(
      `${read.method} ${PATH} HTTP/1.1`,
      `host: ${BITGATE}`,
      'content-length: 0',
      ...named(read, /^(?:authorization|cookie|accept)$/i).map((line) => line.replace(/^[^:]*/, (name) => name.toLowerCase())),
      'x-envoy-internal: true',
      'x-forwarded-for: 127.0.0.1',
      'x-forwarded-proto: http',
      'x-envoy-expected-rq-timeout-ms: 5000',
      `x-bitgate-key: ${key}`,
      `x-bitgate-original-method: ${read.method}`,
      `x-bitgate-original-host: ${read.host}`,
      `x-bitgate-original-path: ${read.target}`,
    ),
};

/** It joins the values of a name with commas, and sends those it was told to. */
function joined(read: Read, names: RegExp): string[] {
  const values = new Map<string, string>();
  for (const [name, value] of read.headers.filter(([each]) => names.test(each))) {
    const before = values.get(name.toLowerCase());
    values.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return [...values].map(([name, value]) => `${name}: ${value}`);
}

const haproxy: Convention = {
  name: 'HAProxy',
  family: 'forwarded',
  takes: () => true,
  asks: (read, key) =>
    lines(
      `HEAD ${PATH} HTTP/1.1`,
      `host: ${BITGATE}`,
      ...joined(read, /^(?:authorization|cookie)$/i),
      `x-bitgate-key: ${key}`,
      `x-forwarded-method: ${read.method}`,
      `x-forwarded-host: ${read.host}`,
      `x-forwarded-uri: ${read.target}`,
    ),
};

const ingressNginx: Convention = {
  name: 'ingress-nginx',
  family: 'nginx',
  takes: ({ method }) => /^[A-Z_-]+$/.test(method),
  asks: (read, key) =>
    lines(
      `GET ${PATH} HTTP/1.1`,
      `Host: ${BITGATE}`,
      `X-Original-URL: http://${read.host}${read.target}`,
      `X-Original-Method: ${read.method}`,
      'X-Sent-From: nginx-ingress-controller',
      'X-Real-IP: 192.0.2.1',
      'X-Forwarded-For: 192.0.2.1',
      `X-Auth-Request-Redirect: ${read.target}`,
      'X-Request-ID: 2f1b8c9d0e3a4f5b6c7d8e9f0a1b2c3d',
      `X-Bitgate-Key: ${key}`,
      // Names with anything but letters, digits and dashes are dropped; what is set above replaces the client's own.
      ...without(
        read,
        /^(?:.*[^a-z0-9-].*|x-original-(?:url|method)|x-sent-from|x-real-ip|x-forwarded-(?:for|proto)|x-auth-request-redirect|x-bitgate-key|content-length|expect)$/i,
      ).filter((line) => !HOP_BY_HOP.test(line.split(':', 1)[0] ?? '')),
    ),
};

export const CONVENTIONS: readonly Convention[] = [traefik, envoy, haproxy, ingressNginx];

/** longer is refused by each of these proxies */
const HEAD_CHARS = 16_000;

/** @returns null when no proxy would read the bytes as one request: it refuses them, and asks nobody */
export function readRequest(bytes: string): Read | null {
  const end = bytes.indexOf('\r\n\r\n');
  const [line = '', ...rest] = bytes.slice(0, end).split('\r\n');
  const [, method = '', target = ''] = /^([^ ]+) ([^ \t]+) HTTP\/1\.1$/.exec(line) ?? [];
  const headers = rest.map((each): [string, string] => [each.slice(0, each.indexOf(':')), each.slice(each.indexOf(':') + 1).trim()]);
  const hosts = headers.filter(([name]) => name.toLowerCase() === 'host');
  const [[, host] = ['', '']] = hosts;
  const isPlain = ![line, ...rest].some((each) => /(?!\t)\p{Cc}/u.test(each)) && /^[!-~]+$/.test(method);
  const areNamed = headers.every(([name]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name));
  if (end < 0 || end > HEAD_CHARS || target === '' || hosts.length !== 1 || host === '' || !isPlain || !areNamed) return null;
  return { method, target, host, headers: headers.filter(([name]) => name.toLowerCase() !== 'host') };
}
