/** Puts leaves at hand. One request loads a leaf, the others look for it; none depends on a promise of another request. */
import type { LeafRef, Snapshot } from '../core/snapshot/snapshot.ts';
import type { FreshnessBounds } from './bounds.ts';
import type { Metrics } from './metrics.ts';
import { isRecent, type Organization, type Work } from './organization.ts';
import { loadPiece, type PieceSource, PieceUnavailable } from './pieces.ts';
import type { OrganizationPorts, Surroundings } from './ports.ts';
import { isAtHand, openLeaf, placeLeaf } from './resident-leaf.ts';
import type { SnapshotCache } from './snapshot-cache.ts';
import { inParallel, Pauses } from './waiting.ts';

/** an invocation has 6 connections at once */
const AT_ONCE = 6;

export class LeafLoader {
  readonly #portsOf: (organization: string) => OrganizationPorts;
  readonly #cache: SnapshotCache;
  readonly surroundings: Surroundings;
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
    this.surroundings = surroundings;
    this.#bounds = bounds;
    this.#metrics = metrics;
  }

  /**
   * Afterwards all `refs` are at hand in `snapshot`.
   * @throws PieceUnavailable
   */
  async load(organization: Organization, snapshot: Snapshot, refs: readonly LeafRef[]): Promise<void> {
    const source: PieceSource = {
      organization: organization.id,
      ports: this.#portsOf(organization.id),
      surroundings: this.surroundings,
      bounds: this.#bounds,
      metrics: this.#metrics,
    };
    const each = new Map(refs.map((ref) => [`${ref.kind} ${ref.leaf}`, ref]));
    await inParallel([...each.values()], AT_ONCE, (ref) => this.#one(organization, snapshot, ref, source));
  }

  async #one(organization: Organization, snapshot: Snapshot, ref: LeafRef, source: PieceSource): Promise<void> {
    const hash = snapshot.manifest.directories[ref.kind].hash(ref.leaf);
    const work = await this.#claim(organization, snapshot, ref, hash);
    if (work === undefined) return;
    try {
      const leaf = await loadPiece(source, hash, (bytes) => openLeaf(ref.kind, bytes));
      this.#cache.addLeaf(organization, snapshot, ref, hash, leaf);
    } catch (error) {
      work.failed = true;
      throw error;
    } finally {
      if (organization.loading.get(hash) === work) organization.loading.delete(hash);
    }
  }

  /**
   * Undefined when the leaf is at hand, waiting for it while another request loads it and shows that it lives. Else the caller must load
   * it, and the others see that it does: nothing is awaited between looking and claiming.
   * @throws PieceUnavailable when the other one failed
   */
  async #claim(organization: Organization, snapshot: Snapshot, ref: LeafRef, hash: string): Promise<Work | undefined> {
    const start = this.surroundings.now();
    const pauses = new Pauses(this.surroundings);
    let seen: Work | undefined;
    for (let now = start; isRecent(start, now, this.#bounds.coldWaitMs); now = this.surroundings.now()) {
      if (isAtHand(snapshot, ref)) return undefined;
      const cached = organization.leaves.get(hash);
      if (cached !== undefined) {
        placeLeaf(snapshot, ref.leaf, cached.leaf);
        return undefined;
      }
      if (seen?.failed) throw new PieceUnavailable(`piece \`${hash}\` can't be loaded`);
      seen = organization.loading.get(hash);
      if (seen === undefined || !isRecent(seen.since, now, this.#bounds.loaderPatienceMs)) {
        const work: Work = { since: now, failed: false };
        organization.loading.set(hash, work);
        return work;
      }
      await pauses.pause(this.#bounds.loaderPatienceMs);
    }
    throw new PieceUnavailable(`piece \`${hash}\` is not there in time`);
  }
}
