/**
 * Which revisions are kept: every one that was the newest within the last hours, then the last of each hour, then the last of each day (UTC),
 * the newest, and those that somebody wants. A revision counts as old as the time since the next one took its place.
 */
import { retentionSchema } from '../manifest/settings-schema.ts';
import type { PublishedRevision } from './ports.ts';

export interface Retention {
  /** every revision is kept for so many hours */
  readonly all_hours: number;
  /** the last of each hour is kept for so many days */
  readonly hourly_days: number;
  /** the last of each day is kept for so many days */
  readonly daily_days: number;
}

export const RETENTION_DEFAULTS: Retention = { all_hours: 24, hourly_days: 30, daily_days: 400 };

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** @param settings JSON of the organization's settings. What can't be read counts as absent: the defaults keep more rather than less */
export function retentionOf(settings: string | null): Retention {
  try {
    const { retention } = JSON.parse(settings ?? '{}') as { readonly retention?: unknown }; // read by the schema below
    return { ...RETENTION_DEFAULTS, ...definedOnly(retentionSchema.parse(retention ?? {})) };
  } catch {
    return RETENTION_DEFAULTS;
  }
}

function definedOnly(given: { readonly [key in keyof Retention]?: number | undefined }): Partial<Retention> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/**
 * @param published in ascending order, without gaps but for those that were dropped before
 * @param wanted kept whatever their age
 * @param now ms since 1970
 * @returns the revisions that may be dropped, in ascending order
 */
export function droppable(
  published: readonly PublishedRevision[],
  wanted: ReadonlySet<number>,
  now: number,
  retention: Retention,
): number[] {
  return published.flatMap(({ revision, at }, i) => {
    const next = published[i + 1];
    if (next === undefined || wanted.has(revision)) return [];
    const age = now - next.at;
    const lastOf = (period: number): boolean => Math.floor(at / period) !== Math.floor(next.at / period);
    const kept =
      age < retention.all_hours * HOUR_MS ||
      (age < retention.hourly_days * DAY_MS && lastOf(HOUR_MS)) ||
      (age < retention.daily_days * DAY_MS && lastOf(DAY_MS));
    return kept ? [] : [revision];
  });
}
