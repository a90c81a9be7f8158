/**
 * One refresh of one organization: asks who is newest and moves there. Never to an older revision, whoever offers it; the age falls only
 * when the Publisher has answered. What fails leaves the last good snapshot as it was.
 */
import type { FreshnessBounds } from './bounds.ts';
import { loadSnapshot } from './load-snapshot.ts';
import type { Metrics } from './metrics.ts';
import { askNewest } from './newest.ts';
import type { Organization, Work } from './organization.ts';
import { PieceUnavailable } from './pieces.ts';
import type { OrganizationPorts, Pointer, RequestLife, Surroundings, ToldPointer } from './ports.ts';
import type { SnapshotCache } from './snapshot-cache.ts';
import { LATE, within } from './waiting.ts';

export interface RefreshOptions {
  /** what the location cache holds is used when it is younger than this, ms; 0: the source itself must be asked */
  readonly locationAgeMs: number;
  /** wait a random while first */
  readonly jitter: boolean;
  /** id of the key that whoever waits claims to have: its leaf comes along where nothing is held yet */
  readonly key?: string | undefined;
}

export class Refresher {
  readonly #portsOf: (organization: string) => OrganizationPorts;
  readonly #cache: SnapshotCache;
  readonly #surroundings: Surroundings;
  readonly #bounds: FreshnessBounds;
  readonly #metrics: Metrics;

  constructor(
    portsOf: (organization: string) => OrganizationPorts,
    cache: SnapshotCache,
    surroundings: Surroundings,
    bounds: FreshnessBounds,
    metrics: Metrics,
  ) {
    this.#portsOf = portsOf;
    this.#cache = cache;
    this.#surroundings = surroundings;
    this.#bounds = bounds;
    this.#metrics = metrics;
  }

  /** Never rejects; the outcome is in the organization's record. `refreshing` is set before this returns. */
  async refresh(organization: Organization, life: RequestLife, options: RefreshOptions): Promise<void> {
    const number = ++organization.begun;
    const began = this.#surroundings.now();
    const work: Work = { since: began, failed: false };
    organization.refreshing = work;
    this.#metrics.refreshes++;
    let confirmed = false;
    try {
      if (options.jitter) await this.#surroundings.sleep(this.#surroundings.random() * this.#bounds.jitterMs);
      const ports = this.#portsOf(organization.id);
      confirmed =
        (options.locationAgeMs > 0 && (await this.#fromLocation(organization, ports, work, options))) ||
        (await this.#fromSource(organization, ports, work, life, number, options.key));
    } catch (error) {
      this.#metrics.alarm(`refresh of \`${organization.id}\` failed: ${error instanceof Error ? error.message : 'unknown error'}`);
    } finally {
      if (organization.refreshing === work) organization.refreshing = undefined;
      if (confirmed) {
        organization.failedAt = Number.NEGATIVE_INFINITY;
      } else {
        organization.failures++;
        // What a newer refresh was told counts more.
        if (organization.confirmedAt < began) organization.failedAt = this.#surroundings.now();
        this.#metrics.refreshFailures++;
      }
    }
  }

  /** True when another isolate of this location asked the Publisher within `maxAge` ms, and later than this one did. */
  async #fromLocation(
    organization: Organization,
    ports: OrganizationPorts,
    work: Work,
    { locationAgeMs: maxAge, key }: RefreshOptions,
  ): Promise<boolean> {
    const shared = await within(ports.location.get(), this.#bounds.locationWaitMs, this.#surroundings);
    if (shared === LATE || shared === null) return false;
    const now = this.#surroundings.now();
    // Another isolate's clock may be ahead: nothing is confirmed in the future. What is far ahead was put there before this clock was set back: how old
    // it is can't be told.
    if (shared.confirmedAt - now >= this.#bounds.maxStaleMs) return false;
    const confirmedAt = Math.min(shared.confirmedAt, now);
    if (now - confirmedAt >= maxAge || confirmedAt <= organization.confirmedAt) return false;
    if (!(await this.#move(organization, ports, shared.pointer, work, key))) return false;
    confirm(organization, confirmedAt, shared.pointer.behindSince);
    return true;
  }

  /** True when the Publisher answered and its revision is at hand now. */
  async #fromSource(
    organization: Organization,
    ports: OrganizationPorts,
    work: Work,
    life: RequestLife,
    number: number,
    key: string | undefined,
  ): Promise<boolean> {
    const { floor } = organization;
    const newest = await askNewest(ports, this.#bounds, this.#surroundings, organization.snapshot === undefined);
    work.since = this.#surroundings.now();
    if (newest.from === 'nobody') return false;
    if (newest.from === 'kv') {
      await this.#raise(organization, ports, newest.pointer, work, key);
      return false;
    }
    const { pointer, sentAt } = newest;
    if (pointer === null) {
      this.#cache.remove(organization);
      organization.unknownAt = this.#surroundings.now();
      organization.answered = Math.max(organization.answered, number);
      return true;
    }
    if (pointer.revision < floor)
      this.#metrics.alarm(`the Publisher of \`${organization.id}\` went back from revision ${floor} to ${pointer.revision}`);
    const { piece: _, ...shared } = pointer;
    life.waitUntil(ports.location.put(shared, sentAt));
    if (!(await this.#move(organization, ports, pointer, work, key))) return false;
    organization.answered = Math.max(organization.answered, number);
    confirm(organization, sentAt, pointer.behindSince);
    return true;
  }

  /** KV's pointer may raise the revision. It never lowers the age; a cold isolate starts with an age that a read of KV may have. */
  async #raise(organization: Organization, ports: OrganizationPorts, pointer: Pointer, work: Work, key: string | undefined): Promise<void> {
    if (organization.snapshot !== undefined && pointer.revision <= organization.floor) return;
    if (!(await this.#move(organization, ports, pointer, work, key))) return;
    if (organization.confirmedAt === Number.NEGATIVE_INFINITY) {
      organization.confirmedAt = this.#surroundings.now() - this.#bounds.kvStartAgeMs;
    }
    if (pointer.behindSince !== null) {
      organization.behindSince = Math.min(pointer.behindSince, organization.behindSince ?? Number.POSITIVE_INFINITY);
    }
  }

  /** Makes the pointer's snapshot the organization's. False when it is older than what is held, or can't be loaded. */
  async #move(
    organization: Organization,
    ports: OrganizationPorts,
    pointer: ToldPointer,
    work: Work,
    key: string | undefined,
  ): Promise<boolean> {
    if (pointer.revision < organization.floor) return false;
    if (organization.snapshot !== undefined && pointer.manifest === organization.manifestHash && pointer.revision === organization.floor)
      return true;
    const source = {
      organization: organization.id,
      ports,
      surroundings: this.#surroundings,
      bounds: this.#bounds,
      metrics: this.#metrics,
    };
    try {
      const held = organization.snapshot;
      const { snapshot, keys } = await loadSnapshot(source, pointer, held, held === undefined ? key : undefined, () => {
        work.since = this.#surroundings.now();
      });
      // Another request may have moved on while this one loaded.
      if (snapshot.revision < organization.floor) return false;
      if (!this.#cache.install(organization, snapshot, pointer.manifest)) return false;
      if (keys !== undefined) this.#cache.addLeaf(organization, snapshot, keys.ref, keys.hash, keys.leaf);
      return true;
    } catch (error) {
      if (error instanceof PieceUnavailable) return false;
      throw error;
    }
  }
}

/** The newest confirmation counts, whichever refresh ends last. */
function confirm(organization: Organization, at: number, behindSince: number | null): void {
  if (at < organization.confirmedAt) return;
  organization.confirmedAt = at;
  organization.behindSince = behindSince;
  if (organization.floor >= organization.refusedFrom) organization.refusedFrom = Number.POSITIVE_INFINITY;
}
