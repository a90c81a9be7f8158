/**
 * What one isolate holds of one organization. Plain values, shared by all requests: no promise, no port, nothing that belongs to a request.
 * Invariant: `floor` never falls, and `snapshot`, if any, has the revision `floor`.
 */
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import type { FreshnessBounds } from './bounds.ts';
import type { CachedLeaf, CachedPiece } from './snapshot-cache.ts';

/** A request is busy with something; others look at this value. */
export interface Work {
  /** when it last showed progress, ms */
  since: number;
  failed: boolean;
}

export class Organization {
  readonly id: string;
  bounds: FreshnessBounds;

  snapshot: Snapshot | undefined;
  manifestHash = '';
  /** no revision below this is ever taken, whoever offers it */
  floor = 0;
  /** some revision was held once */
  known = false;
  /** the Publisher said that it is deleted */
  gone = false;
  /** the question that the Publisher answered with this revision left at this time, ms */
  confirmedAt = Number.NEGATIVE_INFINITY;
  /** the Publisher could not publish what was committed since then, ms */
  behindSince: number | null = null;
  /** when the Publisher said that there is no such organization, ms */
  unknownAt = Number.NEGATIVE_INFINITY;

  /** the refresh that is under way */
  refreshing: Work | undefined;
  /** refreshes begun; each is known by its number */
  begun = 0;
  /** number of the newest refresh that the Publisher itself answered */
  answered = 0;
  /** refreshes that confirmed nothing */
  failures = 0;
  /** when the last refresh failed, if none succeeded since, ms */
  failedAt = Number.NEGATIVE_INFINITY;

  /** the Publisher lacked this revision, at `refusedAt` (ms) */
  refusedFrom = Number.POSITIVE_INFINITY;
  refusedAt = Number.NEGATIVE_INFINITY;

  /** leaves that are being loaded, by hash */
  readonly loading = new Map<string, Work>();
  /** leaves at hand, by hash; all of them in `snapshot` */
  readonly leaves = new Map<string, CachedLeaf>();
  /** manifest and catalog, as the cache counts them */
  base: CachedPiece | undefined;

  constructor(id: string, bounds: FreshnessBounds) {
    this.id = id;
    this.bounds = bounds;
  }

  /** ms since the Publisher was last asked with success: what decides when it is asked again */
  sinceConfirmed(now: number): number {
    return now - this.confirmedAt;
  }

  /** Age of the knowledge that this revision is the newest, ms. While the Publisher is behind it counts from there. */
  age(now: number): number {
    const from = this.behindSince === null ? this.confirmedAt : Math.min(this.confirmedAt, this.behindSince);
    return Math.max(0, now - from);
  }

  /** Is a refresh under way that showed progress within `patience` ms? */
  busy(now: number, patience: number): boolean {
    return this.refreshing !== undefined && isRecent(this.refreshing.since, now, patience);
  }
}

/** Less than `ms` ago. A clock that was put back makes nothing recent for ever. */
export function isRecent(time: number, now: number, ms: number): boolean {
  return Math.abs(now - time) < ms;
}
