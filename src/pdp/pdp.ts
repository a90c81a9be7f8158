/**
 * The data plane's entry: opens an organization for a request, at one revision that is fresh enough. On the plain path (warm and young)
 * nothing is awaited and nothing is made but the session.
 */
import { DEFAULT_BOUNDS, type FreshnessBounds } from './bounds.ts';
import { Freshness, stale, type Want } from './freshness.ts';
import { LeafLoader } from './leaves.ts';
import { Metrics } from './metrics.ts';
import { type KeptRevision, openRevision } from './open-revision.ts';
import type { Organization } from './organization.ts';
import { PieceUnavailable } from './pieces.ts';
import type { OrganizationPorts, RequestLife, Surroundings } from './ports.ts';
import { Refresher } from './refresh.ts';
import { OpenSession, type Session } from './session.ts';
import { CACHE_LIMIT_BYTES, SnapshotCache } from './snapshot-cache.ts';

export type { Want } from './freshness.ts';
export type { Session } from './session.ts';

export class Pdp {
  readonly metrics = new Metrics();
  readonly #portsOf: (organization: string) => OrganizationPorts;
  readonly #surroundings: Surroundings;
  readonly #bounds: FreshnessBounds;
  readonly #cache: SnapshotCache;
  readonly #freshness: Freshness;
  readonly #leaves: LeafLoader;

  /**
   * @param portsOf called anew by every request that needs I/O: what it returns is never kept
   * @param cacheBytes limit over all organizations
   */
  constructor(
    portsOf: (organization: string) => OrganizationPorts,
    surroundings: Surroundings,
    bounds: Partial<FreshnessBounds> = {},
    cacheBytes: number = CACHE_LIMIT_BYTES,
  ) {
    const all = { ...DEFAULT_BOUNDS, ...bounds };
    this.#portsOf = portsOf;
    this.#surroundings = surroundings;
    this.#bounds = all;
    this.#cache = new SnapshotCache(all, this.metrics, cacheBytes);
    this.#freshness = new Freshness(new Refresher(portsOf, this.#cache, surroundings, all, this.metrics), surroundings, all);
    this.#leaves = new LeafLoader(portsOf, this.#cache, surroundings, all, this.metrics);
  }

  /** bytes held of all organizations, as they are counted against the limit */
  get cachedBytes(): number {
    return this.#cache.bytes;
  }

  /**
   * Opens an organization for one request. A session at once when it is at hand and young, else a promise of one.
   * @throws BitgateError `unknown_organization` (404); `stale` (503, details `{reason: 'stale'}`); by rejection
   */
  open(organization: string, want: Want, life: RequestLife): Session | Promise<Session> {
    return this.openAtOnce(organization, want, life) ?? this.#openWaiting(organization, want, life);
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
  async openRevision(organization: string, kept: KeptRevision): Promise<Session> {
    const [surroundings, bounds, metrics] = [this.#surroundings, this.#bounds, this.metrics];
    const source = { organization, ports: this.#portsOf(organization), surroundings, bounds, metrics };
    try {
      return await openRevision(source, kept, bounds, this.#cache, this.#leaves);
    } catch (error) {
      throw error instanceof PieceUnavailable ? stale(`revision ${kept.revision} can't be read: ${error.message}`) : error;
    }
  }

  async #openWaiting(id: string, want: Want, life: RequestLife): Promise<Session> {
    const organization = this.#cache.record(id);
    await this.#freshness.prepare(organization, want, life);
    return this.#session(organization, this.#surroundings.now());
  }

  #session(organization: Organization, now: number): Session {
    const { snapshot } = organization;
    if (snapshot === undefined) throw stale('the snapshot was dropped to make room');
    return new OpenSession(organization, snapshot, organization.age(now), this.#cache, this.#leaves);
  }
}
