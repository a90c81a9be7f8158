/**
 * The original request's path, host and method in their one form, or a refusal. Nothing is ever normalized: what two servers could read in two ways
 * is refused, because the proxy's upstream gets the bytes as they were sent. Pure.
 * Invariant: equal results come from addresses that differ in the case of hexadecimal digits, in whether a sub-delimiter is encoded, in the query, in
 * the case of the host and in its port, and in nothing else.
 */

export type AddressRefusal = 'ambiguous_path' | 'ambiguous_host' | 'ambiguous_method' | 'path_too_long';

/** As it is matched, and what a person would have to be sent back to. */
export interface Target {
  /** percent-decoded, segment by segment; begins with `/` */
  readonly path: string;
  /** path and query as they were sent */
  readonly raw: string;
}

export type Result<Value> = { readonly value: Value } | { readonly refused: AddressRefusal };

/** of a path as it was sent */
const PATH_BYTES = 8_192;
const HOST_CHARS = 253;
const LABEL_CHARS = 63;
const PORT_MAX = 65_535;

/** RFC 3986 `pchar` and `/`, but `;`: servers disagree about what is behind it. */
const PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,=:@/]|%[0-9A-Fa-f]{2})*$/;
/** Empty, `.` and `..`: servers drop and resolve them. The last one may be empty. */
const ODD_SEGMENT = /\/(?:\/|\.{1,2}(?:\/|$))/;
/** `%00`–`%1f`, `"#"`, `%`, `/`, `;`, `?`, `\` and DEL, and what needs no encoding: letters, digits, `-`, `.`, `_`, `~`. */
const ODD_ESCAPE = /%(?:[01]|2[35def]|3[0-9bf]|4[1-9a-f]|5[0-9acf]|6[1-9a-f]|7[0-9aef])/i;
/** C1 controls, which two bytes of UTF-8 hold */
const CONTROL = /[\u0080-\u009f]/;
/** A second header of the same name arrives behind a comma. Commas within an address stay possible. */
const SEAM = /,(?:$|[\s/?]|https?:)/i;
/** visible, and of the query whatever is no ASCII */
const PLAIN = /^[\x21-\x7e\u0080-\ud7ff\ue000-\u{10ffff}]*$/u;

/** @param sent path and query as the client sent them */
export function canonicalTarget(sent: string): Result<Target> {
  if (sent.includes('#') || SEAM.test(sent) || !PLAIN.test(sent)) return { refused: 'ambiguous_path' };
  const end = sent.indexOf('?');
  const path = end < 0 ? sent : sent.slice(0, end);
  if (path.length > PATH_BYTES) return { refused: 'path_too_long' };
  if (!PATH.test(path) || ODD_SEGMENT.test(path)) return { refused: 'ambiguous_path' };
  if (!path.includes('%')) return { value: { path, raw: sent } };
  const decoded = ODD_ESCAPE.test(path) ? undefined : decode(path);
  return decoded === undefined || CONTROL.test(decoded) ? { refused: 'ambiguous_path' } : { value: { path: decoded, raw: sent } };
}

/** No escape stands for `/` any more, so that the whole is decoded as each segment would be. Overlong forms and surrogates are no UTF-8. */
function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** RFC 3986 `IPv4address`, each number without zeros before it */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const LEADING_ZERO = /(?:^|\.)0\d/;

/** Lower case and without port: routes know none. */
export function canonicalHost(sent: string): Result<string> {
  const parts = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::([1-9]\d{0,4}))?$/.exec(sent.toLowerCase());
  const [, name = '', port = '1'] = parts ?? [];
  if (parts === null || Number(port) > PORT_MAX) return { refused: 'ambiguous_host' };
  const host = name.startsWith('[') ? ipv6(name) : nameOrIpv4(name);
  return host === undefined ? { refused: 'ambiguous_host' } : { value: host };
}

function nameOrIpv4(name: string): string | undefined {
  const labels = name.split('.');
  if (name.length > HOST_CHARS || !labels.every((label) => label.length <= LABEL_CHARS && LABEL.test(label))) return undefined;
  // What ends in a number is an address to some (WHATWG URL, `ends in a number`): `127.1`, `0x7f.1`.
  if (!/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return name;
  return IPV4.test(name) && !LEADING_ZERO.test(name) ? name : undefined;
}

/** In the form of RFC 5952. */
function ipv6(literal: string): string | undefined {
  const url = `http://${literal}/`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

const METHOD = /^[A-Z][A-Z-]{0,31}$/;

/** As it was sent: methods are case-sensitive (RFC 9110 §9.1), and one that no route names leads nowhere. */
export function canonicalMethod(sent: string): Result<string> {
  return METHOD.test(sent) ? { value: sent } : { refused: 'ambiguous_method' };
}
