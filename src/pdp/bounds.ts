/** The numbers of freshness, in one place. Units are in the names; all are milliseconds. */

export interface FreshnessBounds {
  /** knowledge younger than this is answered from, and nothing else happens */
  readonly freshMs: number;
  /** from `freshMs` up to here: answered, and refreshed in the background; from here on refreshed first */
  readonly maxAgeMs: number;
  /** past this age there is no answer but 503 `stale` */
  readonly maxStaleMs: number;
  /** how long an answer waits for a refresh; afterwards the last good snapshot answers */
  readonly refreshWaitMs: number;
  /** the Publisher's share of that wait; the rest is for KV's copy of the pointer */
  readonly publisherWaitMs: number;
  /** the location cache is near or useless */
  readonly locationWaitMs: number;
  /** age of what a cold isolate knows from KV alone: a read there may be that old */
  readonly kvStartAgeMs: number;
  /** a `max_age_ms` below this means: ask the source now. An organization's own `max_age_ms` is never below it */
  readonly minimumMaxAgeMs: number;
  /** KV has not answered by then: the Publisher is asked as well */
  readonly hedgeMs: number;
  /** no copy of a piece arrived by then: it can't be loaded */
  readonly pieceWaitMs: number;
  /** a request that loads and shows no progress for this long is taken for dead: another one loads */
  readonly loaderPatienceMs: number;
  /** the same for a refresh beside a snapshot that still answers */
  readonly refreshPatienceMs: number;
  /** how long a request without anything at hand looks for what others load, at most */
  readonly coldWaitMs: number;
  /** how long a refusal (unknown organization, revision not there, source unreachable) is remembered */
  readonly refusalMs: number;
  /** background refreshes are spread over this time, so that the isolates of a location find each other's answers */
  readonly jitterMs: number;
}

export const DEFAULT_BOUNDS: FreshnessBounds = {
  freshMs: 2_000,
  maxAgeMs: 10_000,
  maxStaleMs: 300_000,
  refreshWaitMs: 1_000,
  publisherWaitMs: 800,
  locationWaitMs: 50,
  kvStartAgeMs: 60_000,
  minimumMaxAgeMs: 1_000,
  hedgeMs: 500,
  pieceWaitMs: 5_000,
  loaderPatienceMs: 300,
  refreshPatienceMs: 1_500,
  coldWaitMs: 5_000,
  refusalMs: 1_000,
  jitterMs: 200,
};

/** What an organization may set itself, as its settings name it. */
interface FreshnessSettings {
  readonly refresh_after_ms?: unknown;
  readonly max_age_ms?: unknown;
  readonly max_stale_ms?: unknown;
}

/**
 * The bounds of one organization: its settings over the defaults, in order: fresh ≤ max age ≤ max stale.
 * @param settings the catalog's JSON; what can't be read there leaves the default
 */
export function boundsOf(settings: string, defaults: FreshnessBounds): FreshnessBounds {
  const own = freshnessSettings(settings);
  if (own === undefined) return defaults;
  const maxStaleMs = Math.max(duration(own.max_stale_ms) ?? defaults.maxStaleMs, defaults.minimumMaxAgeMs);
  const maxAgeMs = Math.min(Math.max(duration(own.max_age_ms) ?? defaults.maxAgeMs, defaults.minimumMaxAgeMs), maxStaleMs);
  const freshMs = Math.min(duration(own.refresh_after_ms) ?? defaults.freshMs, maxAgeMs);
  return { ...defaults, freshMs, maxAgeMs, maxStaleMs };
}

function freshnessSettings(settings: string): FreshnessSettings | undefined {
  if (!settings.includes('"freshness"')) return undefined;
  const parsed: unknown = JSON.parse(settings);
  if (typeof parsed !== 'object' || parsed === null || !('freshness' in parsed)) return undefined;
  const { freshness } = parsed;
  return typeof freshness === 'object' && freshness !== null ? freshness : undefined;
}

const MAX_DURATION_MS = 86_400_000;

function duration(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? Math.min(value, MAX_DURATION_MS) : undefined;
}
