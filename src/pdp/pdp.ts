/**
 * The data plane's entry: opens an organization for a request, at one revision that is fresh enough. On the plain path (warm and young)
 * nothing is awaited and nothing is made but the session.
 */
import { DEFAULT_BOUNDS, type FreshnessBounds } from './bounds.ts';
import { Freshness, stale, type Want } from './freshness.ts';
import { LeafLoader } from './leaves.ts';
import { Metrics } from './metrics.ts';
import type { Organization } from './organization.ts';
import { PAST_LIMIT_BYTES, PastRevisions } from './past.ts';
import type { KeptRevision, OrganizationPorts, RequestLife, Surroundings } from './ports.ts';
import { Refresher } from './refresh.ts';
import { OpenSession, type Session } from './session.ts';
import { CACHE_LIMIT_BYTES, SnapshotCache } from './snapshot-cache.ts';

export type { Want } from './freshness.ts';
export type { Session } from './session.ts';

/** A revision of the past, by its number or by a time (ms since 1970) that it was the newest at. With a time, the session's decisions are of then. */
export type WantedPast = { readonly revision: number; readonly time?: number } | { readonly revision?: undefined; readonly time: number };

export class Pdp {
  readonly metrics = new Metrics();
  readonly #surroundings: Surroundings;
  readonly #bounds: FreshnessBounds;
  readonly #cache: SnapshotCache;
  readonly #freshness: Freshness;
  readonly #leaves: LeafLoader;
  readonly #past: PastRevisions;

  /**
   * @param portsOf called anew by every request that needs I/O: what it returns is never kept
   * @param cacheBytes limit over all organizations
   * @param pastBytes the same of revisions of the past
   */
  constructor(
    portsOf: (organization: string) => OrganizationPorts,
    surroundings: Surroundings,
    bounds: Partial<FreshnessBounds> = {},
    cacheBytes: number = CACHE_LIMIT_BYTES,
    pastBytes: number = PAST_LIMIT_BYTES,
  ) {
    const all = { ...DEFAULT_BOUNDS, ...bounds };
    this.#surroundings = surroundings;
    this.#bounds = all;
    this.#cache = new SnapshotCache(all, this.metrics, cacheBytes);
    this.#freshness = new Freshness(new Refresher(portsOf, this.#cache, surroundings, all, this.metrics), surroundings, all);
    this.#leaves = new LeafLoader(portsOf, this.#cache, surroundings, all, this.metrics);
    this.#past = new PastRevisions(portsOf, surroundings, all, this.metrics, pastBytes);
  }

  /** bytes held of the newest revisions of all organizations, as they are counted against the limit */
  get cachedBytes(): number {
    return this.#cache.bytes;
  }

  /** bytes held of revisions of the past */
  get pastBytes(): number {
    return this.#past.bytes;
  }

  /**
   * Opens an organization for one request. A session at once when it is at hand and young, else a promise of one.
   * @param key id of the key that whoever calls claims to have: what proves it comes along where nothing is at hand yet
   * @throws BitgateError `unknown_organization` (404); `stale` (503, details `{reason: 'stale'}`); by rejection
   */
  open(organization: string, want: Want, life: RequestLife, key?: string): Session | Promise<Session> {
    return this.openAtOnce(organization, want, life) ?? this.#openWaiting(organization, want, life, key);
  }

  /** The session if it is at hand and young enough at `now`, else null: then nothing was begun. */
  openAtOnce(organization: string, want: Want, life: RequestLife, now: number = this.#surroundings.now()): Session | null {
    const held = this.#cache.find(organization);
    if (held === undefined) return null;
    return this.#freshness.answersAtOnce(held, want, now, life) ? this.#session(held, now) : null;
  }

  /**
   * Opens a past revision that is kept, for reading: its decisions are those of then.
   * @throws BitgateError `stale` (503) when its pieces can't be had
   */
  openRevision(organization: string, kept: KeptRevision): Promise<Session> {
    return this.#past.open(organization, kept, null);
  }

  /**
   * Opens a revision that the Publisher keeps, for questions about then, and has it kept for some minutes more.
   * @throws BitgateError `unknown_organization`, `unknown_revision` (404); `revision_dropped` (410, details `{nearest, next}`: kept revisions);
   *   `stale` (503); by rejection
   */
  async openKept(organization: string, wanted: WantedPast): Promise<Session> {
    const at = wanted.time ?? null;
    const held = wanted.revision === undefined ? null : this.#atHand(organization, wanted.revision, at);
    if (held !== null) return held;
    const kept = await this.#past.find(organization, wanted.revision === undefined ? { time: wanted.time } : { revision: wanted.revision });
    return this.#atHand(organization, kept.revision, at) ?? this.#past.open(organization, kept, at);
  }

  /** Has the Publisher keep a revision for some minutes, behind the answer. */
  keep(organization: string, revision: number, life: RequestLife): void {
    life.waitUntil(this.#past.keep(organization, revision));
  }

  /** The present revision, when it is the one that is wanted and what is known of it is young enough to answer. */
  #atHand(id: string, revision: number, at: number | null): Session | null {
    const organization = this.#cache.find(id);
    if (organization?.snapshot?.revision !== revision) return null;
    const now = this.#surroundings.now();
    const { maxAgeMs, maxStaleMs } = organization.bounds;
    const since = organization.sinceConfirmed(now);
    if (!(since >= 0 && since < maxAgeMs) || organization.age(now) > maxStaleMs) return null;
    return new OpenSession(organization, organization.snapshot, 0, this.#cache, this.#leaves, at);
  }

  async #openWaiting(id: string, want: Want, life: RequestLife, key: string | undefined): Promise<Session> {
    const organization = this.#cache.record(id);
    await this.#freshness.prepare(organization, want, life, key);
    return this.#session(organization, this.#surroundings.now());
  }

  #session(organization: Organization, now: number): Session {
    const { snapshot } = organization;
    if (snapshot === undefined) throw stale('the snapshot was dropped to make room');
    return new OpenSession(organization, snapshot, organization.age(now), this.#cache, this.#leaves);
  }
}
