/**
 * IP addresses and networks as conditions compare them: by value, never by text (RULE.md §8). Addresses are written as in RFC 4291 §2.2, networks as
 * `<address>/<length>`; nothing else is one: no leading zeros, no zone, no port. What is mapped into IPv6 (`::ffff:a.b.c.d`) is IPv4.
 */

/** 4 or 16 bytes */
type Bytes = readonly number[];

export interface Network {
  readonly bytes: Bytes;
  /** leading bits that an address in it shares with it */
  readonly length: number;
}

/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255` */
const MAX_CHARS = 45;
const MAPPED_BITS = 96;
const DECIMAL = /^(?:0|[1-9][0-9]{0,2})$/;
const GROUP = /^[0-9a-fA-F]{1,4}$/;

/** Null: it is none. */
export function parseAddress(text: string): Bytes | null {
  const bytes = parseBytes(text);
  return bytes !== null && isMapped(bytes) ? bytes.slice(12) : bytes;
}

/** Bits of the address behind the length may be set: they say nothing. Null: it is none. */
export function parseNetwork(text: string): Network | null {
  const [address = '', prefix = '', ...more] = text.split('/', 3);
  const bytes = parseBytes(address);
  const length = DECIMAL.test(prefix) ? Number(prefix) : Number.POSITIVE_INFINITY;
  if (bytes === null || more.length > 0 || length > bytes.length * 8) return null;
  return isMapped(bytes) && length >= MAPPED_BITS ? { bytes: bytes.slice(12), length: length - MAPPED_BITS } : { bytes, length };
}

/**
 * Is the address in the network? IPv4 is never in a network of IPv6, however large.
 * @throws Error when one of the texts is none
 */
export function inCidr(text: string, cidr: string): boolean {
  const address = parseAddress(text);
  const network = parseNetwork(cidr);
  if (address === null) throw new Error(`\`${text.slice(0, MAX_CHARS)}\` is not an IP address`);
  if (network === null) throw new Error(notNetwork(cidr));
  const { bytes, length } = network;
  return (
    address.length === bytes.length && bytes.every((byte, i) => (byte ^ address[i]!) >> Math.min(8, Math.max(0, 8 - length + i * 8)) === 0)
  );
}

export function notNetwork(text: string): string {
  return `\`${text.slice(0, MAX_CHARS)}\` is not a network: expected one such as \`10.0.0.0/8\` or \`2001:db8::/32\``;
}

function isMapped(bytes: Bytes): boolean {
  return bytes.length === 16 && bytes.every((byte, i) => i >= 12 || byte === (i < 10 ? 0 : 0xff));
}

function parseBytes(text: string): Bytes | null {
  if (text.length > MAX_CHARS) return null;
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): Bytes | null {
  const parts = text.split('.');
  const bytes = parts.map((part) => (DECIMAL.test(part) ? Number(part) : 256));
  return bytes.length === 4 && bytes.every((byte) => byte < 256) ? bytes : null;
}

/** `::` stands for one group of zeros at least. */
function parseV6(text: string): Bytes | null {
  const parts = text.split('::');
  const [head, tail] = parts.map((part, i) => parseGroups(part, i === parts.length - 1));
  if (parts.length > 2 || head == null || tail === null) return null;
  if (tail === undefined) return head.length === 16 ? head : null;
  const zeros = 16 - head.length - tail.length;
  return zeros >= 2 ? [...head, ...new Array<number>(zeros).fill(0), ...tail] : null;
}

/** @param last the last group may be an IPv4 address */
function parseGroups(text: string, last: boolean): Bytes | null {
  const bytes: number[] = [];
  if (text === '') return bytes;
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    const v4 = last && i === groups.length - 1 ? parseV4(group) : null;
    if (v4 !== null) bytes.push(...v4);
    else if (GROUP.test(group)) bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
    else return null;
  }
  return bytes;
}
