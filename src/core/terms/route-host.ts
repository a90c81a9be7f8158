/** Hosts of routes: a name, `*.` and a name (everything below it, however deep, and not itself), or `*` (any). Names are lower case, without port. */

const ANY_HOST = '*';
/** RFC 1123 §2.1 */
const LABELS = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
/** to some readers what ends like this is an address, whatever is before it (WHATWG URL, "ends in a number") */
const NUMBER_LAST = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;
/** RFC 3986 §3.2.2 `IPv4address`; of IPv6 the literal in brackets */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const IPV6 = /^\[([0-9a-f:]{2,39})\]$/;
const GROUP = /^(?:0|[1-9a-f][0-9a-f]{0,3})$/;

/** Is it one host, as routes and requests write it? */
export function isHost(text: string): boolean {
  return isName(text) || IPV4.test(text) || isIpv6(text);
}

/** In the one form that requests are brought to (RFC 5952 §4, without dots): in another one it would never match. */
function isIpv6(text: string): boolean {
  const [, inside = ''] = IPV6.exec(text) ?? [];
  const [head = [], tail, ...more] = inside.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? 0 : Math.max(8 - head.length - tail.length, 0);
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...(tail ?? [])];
  return more.length === 0 && groups.length === 8 && groups.every((group) => GROUP.test(group)) && compressed(groups) === inside;
}

/** The longest run of zeros is left out, the first of several; one alone stays. */
function compressed(groups: readonly string[]): string {
  let [start, length] = [0, 1];
  for (let i = 0; i < groups.length; i++) {
    const after = groups.findIndex((group, j) => j >= i && group !== '0');
    const run = (after < 0 ? groups.length : after) - i;
    if (run > length) [start, length] = [i, run];
  }
  return length === 1 ? groups.join(':') : `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

export function isHostPattern(text: string): boolean {
  return text === ANY_HOST || (text.startsWith('*.') ? isName(text.slice(2)) : isHost(text));
}

function isName(text: string): boolean {
  return LABELS.test(text) && !NUMBER_LAST.test(text);
}

/** The patterns that hold every host that this one does: itself, those of the names above it, and any. */
export function hostPatternsOver(host: string): string[] {
  const patterns = [host];
  for (let dot = host.indexOf('.', host.startsWith('*.') ? 2 : 0); dot >= 0; dot = host.indexOf('.', dot + 1))
    patterns.push(`*${host.slice(dot)}`);
  if (host !== ANY_HOST) patterns.push(ANY_HOST);
  return patterns;
}
