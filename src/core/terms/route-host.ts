/** Hosts of routes: a name, `*.` and a name (everything below it, however deep, and not itself), or `*` (any). Names are lower case, without port. */

const ANY_HOST = '*';
/** RFC 1123 §2.1, with `_` as names inside networks have it; of IPv6 the literal in brackets (RFC 3986 §3.2.2) */
const NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const IPV6 = /^\[[0-9a-f:.]{2,45}\]$/;

/** Is it the name of one host, as routes and requests write it? */
export function isHost(text: string): boolean {
  return NAME.test(text) || IPV6.test(text);
}

export function isHostPattern(text: string): boolean {
  return text === ANY_HOST || (text.startsWith('*.') ? NAME.test(text.slice(2)) : isHost(text));
}

/** The patterns that hold every host that this one does: itself, those of the names above it, and any. */
export function hostPatternsOver(host: string): string[] {
  const patterns = [host];
  for (let dot = host.indexOf('.', host.startsWith('*.') ? 2 : 0); dot >= 0; dot = host.indexOf('.', dot + 1))
    patterns.push(`*${host.slice(dot)}`);
  if (host !== ANY_HOST) patterns.push(ANY_HOST);
  return patterns;
}
