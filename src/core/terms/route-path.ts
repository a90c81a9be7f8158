/**
 * Path patterns of routes: segments, each matched whole against one decoded segment of a path. No regular expression takes part (SEC-40).
 * A pattern is `/` and segments between slashes: a literal, `:name` (one segment that isn't empty), or at the end `*` (all that follows, nothing too:
 * `/a/*` matches `/a`, `/a/` and `/a/b/c`). An empty last segment is a trailing slash, and means just that.
 */
import { LIMITS } from './limits.ts';
import { isWellFormed } from './ref.ts';

export const REST = '*';
const PARAMETER = /^:[A-Za-z_][A-Za-z0-9_]*$/;
/** proxies and upstreams read these differently, so no path that holds one, encoded or not, is worth guarding */
const AMBIGUOUS = /[\\%?#;\p{Cc}]/u;
/** stands for any segment that no pattern names */
const ANY = '\u0000';

export function segmentsOf(path: string): string[] {
  return path.slice(1).split('/');
}

export function isParameter(segment: string): boolean {
  return segment.startsWith(':');
}

/** Names of the parameters, in order. */
export function parametersOf(path: string): string[] {
  return segmentsOf(path).flatMap((segment) => (isParameter(segment) ? [segment.slice(1)] : []));
}

/** What is wrong with a pattern, undefined for nothing. */
export function pathFault(path: string): string | undefined {
  if (!path.startsWith('/')) return 'a path begins with `/`';
  if (path.length > LIMITS.routePathChars) return `a path has at most ${LIMITS.routePathChars} characters`;
  if (AMBIGUOUS.test(path) || !isWellFormed(path))
    return 'a path is written decoded, without `\\`, `%`, `?`, `#`, `;` and control characters';
  const segments = segmentsOf(path);
  if (segments.length > LIMITS.routeSegments) return `a path has at most ${LIMITS.routeSegments} segments`;
  const names = parametersOf(path);
  if (new Set(names).size < names.length) return 'each parameter of a path has a name of its own';
  for (const [i, segment] of segments.entries()) {
    const fault = segmentFault(segment, i === segments.length - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function segmentFault(segment: string, last: boolean): string | undefined {
  if (segment === '' && !last) return 'no segment is empty but the last: that is a trailing slash';
  if (segment === '.' || segment === '..') return 'no segment is `.` or `..`';
  if (isParameter(segment)) return PARAMETER.test(segment) ? undefined : 'a parameter is `:` and a name of letters, digits and `_`';
  if (segment === REST) return last ? undefined : '`*` is the last segment';
  return /[*{}]/.test(segment) ? 'a segment is a text, `:name`, or at the end `*`: it holds no `*`, `{` and `}`' : undefined;
}

export function matchesPath(pattern: readonly string[], segments: readonly string[]): boolean {
  let i = 0;
  for (const wanted of pattern) {
    if (wanted === REST) return true;
    const given = segments[i++];
    if (given === undefined || (isParameter(wanted) ? given === '' : given !== wanted)) return false;
  }
  return pattern.length === segments.length;
}

/** Is there a path that both patterns match? */
export function pathsOverlap(one: readonly string[], other: readonly string[]): boolean {
  for (let i = 0; ; i++) {
    const [a, b] = [one[i], other[i]];
    if (a === REST || b === REST || (a === undefined && b === undefined)) return true;
    if (a === undefined || b === undefined) return false;
    if (isParameter(a) ? b === '' : isParameter(b) ? a === '' : a !== b) return false;
  }
}

/**
 * Paths that a pattern matches, such that whatever patterns match all of them match all that it does: a text that no pattern names stands for every
 * segment, and `*` is tried with every length up to one that only another `*` can match. That one comes first.
 */
export function* samplesOf(pattern: readonly string[]): Generator<string[]> {
  const fixed = pattern.map((segment) => (isParameter(segment) ? ANY : segment));
  if (fixed.at(-1) !== REST) return yield fixed;
  fixed.pop();
  for (let more = LIMITS.routeSegments; more >= 0; more--) {
    const path = [...fixed, ...Array<string>(more).fill(ANY)];
    if (path.length > 0) yield path;
    yield [...path, ''];
  }
}
