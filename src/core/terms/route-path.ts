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
 * What of a pattern's paths others match, as far as that can ever be all of them: a text that no pattern names stands for each segment. Of a pattern
 * without `*` that is everything (`from` is 0) or nothing. Of one that ends with `*` it depends on how many segments are in the place of that.
 */
export interface Taken {
  /** with so many, and all with more */
  readonly from: number;
  /** bit i: with i, and nothing behind them */
  readonly plain: number;
  /** bit i: with i, and a slash behind them */
  readonly slashed: number;
}

export const NOTHING: Taken = { from: Number.POSITIVE_INFINITY, plain: 0, slashed: 0 };

/** Of the first pattern's paths what the other matches. */
export function takenOf(pattern: readonly string[], other: readonly string[]): Taken {
  const all = { ...NOTHING, from: 0 };
  for (const [i, segment] of pattern.entries()) {
    const taker = other[i];
    if (taker === REST) return all;
    if (segment === REST) return takenOfRest(other.slice(i));
    if (taker === undefined || (isParameter(taker) ? segment === '' : taker !== segment)) return NOTHING;
  }
  return other.length === pattern.length || other[pattern.length] === REST ? all : NOTHING;
}

/** @param other what is in the place of `*` */
function takenOfRest(other: readonly string[]): Taken {
  const more = other.findIndex((segment) => !isParameter(segment));
  if (more < 0) return { ...NOTHING, plain: bit(other.length) };
  if (other[more] === REST) return { ...NOTHING, from: more };
  return other[more] === '' ? { ...NOTHING, slashed: bit(more) } : NOTHING;
}

/** As many as no `*` can begin with are of no account. */
function bit(count: number): number {
  return count < LIMITS.routeSegments ? 1 << count : 0;
}

export function joined(one: Taken, other: Taken): Taken {
  if (one.from <= other.from && (one.plain | other.plain) === one.plain && (one.slashed | other.slashed) === one.slashed) return one;
  return { from: Math.min(one.from, other.from), plain: one.plain | other.plain, slashed: one.slashed | other.slashed };
}

/** Is it all of the pattern's paths? Only another `*` takes those of every length. */
export function isWhole(pattern: readonly string[], { from, plain, slashed }: Taken): boolean {
  if (from === Number.POSITIVE_INFINITY) return false;
  const shorter = 2 ** from - 1;
  // Behind the first slash of all there is a segment, if an empty one.
  const none = pattern.length === 1 ? 1 : 0;
  return ((plain | none) & shorter) === shorter && (slashed & shorter) === shorter;
}
