/**
 * Revisions of the past, in a small memory of their own: what is asked about then never pushes out what is asked about now, and never moves it.
 * A past snapshot is a value that can't change; the Publisher is asked whether it is kept, and holds it for some minutes.
 */
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import { BitgateError } from '../core/terms/problem.ts';
import type { FreshnessBounds } from './bounds.ts';
import { stale, unknownOrganization } from './freshness.ts';
import { LeafLoader } from './leaves.ts';
import { loadSnapshot } from './load-snapshot.ts';
import type { Metrics } from './metrics.ts';
import { isRecent } from './organization.ts';
import { PieceUnavailable } from './pieces.ts';
import type { KeptRefusal, KeptRevision, OrganizationPorts, Surroundings, WantedRevision } from './ports.ts';
import { OpenSession, type Session } from './session.ts';
import { baseBytes, CACHE_LIMIT_BYTES, SnapshotCache } from './snapshot-cache.ts';
import { LATE, within } from './waiting.ts';

/** beside what is held of the present; half of it is for leaves, so that those of any one check find room */
export const PAST_LIMIT_BYTES = 16 * 1024 * 1024;
/** the Publisher holds what it was asked for some ten minutes */
const HOLD_AGAIN_MS = 60_000;
/** organizations of which it is remembered what the Publisher was asked for last */
const MAX_FOUND = 1_000;
/** no id of an organization has it */
const MARK = '@';

/** Snapshots, each a record of its own by organization and manifest, within a limit of bytes. */
interface Memory {
  readonly cache: SnapshotCache;
  readonly leaves: LeafLoader;
}

export class PastRevisions {
  readonly #portsOf: (organization: string) => OrganizationPorts;
  readonly #surroundings: Surroundings;
  readonly #bounds: FreshnessBounds;
  readonly #metrics: Metrics;
  readonly #limit: number;
  readonly #memory: Memory;
  /** the revision of each organization that the Publisher was last asked to hold, and when (ms) */
  readonly #found = new Map<string, { readonly kept: KeptRevision; readonly at: number }>();

  constructor(
    portsOf: (organization: string) => OrganizationPorts,
    surroundings: Surroundings,
    bounds: FreshnessBounds,
    metrics: Metrics,
    limit: number,
  ) {
    this.#portsOf = portsOf;
    this.#surroundings = surroundings;
    this.#bounds = bounds;
    this.#metrics = metrics;
    this.#limit = limit;
    this.#memory = this.#remember(limit);
  }

  #remember(limit: number): Memory {
    const cache = new SnapshotCache(this.#bounds, this.#metrics, limit);
    const portsOfRecord = (id: string): OrganizationPorts => this.#portsOf(id.slice(0, id.indexOf(MARK)));
    return { cache, leaves: new LeafLoader(portsOfRecord, cache, this.#surroundings, this.#bounds, this.#metrics) };
  }

  /** bytes held, as they are counted */
  get bytes(): number {
    return this.#memory.cache.bytes;
  }

  /**
   * Which revision is meant, held for some minutes.
   * @throws BitgateError `unknown_organization`, `unknown_revision` (404), `revision_dropped` (410), `stale` (503)
   */
  async find(organization: string, wanted: WantedRevision): Promise<KeptRevision> {
    // Held for minutes when it was found: what may have changed since is that the organization is deleted, and that is known as late of the present.
    const found = 'revision' in wanted ? this.#foundSince(organization, wanted.revision, this.#bounds.maxAgeMs) : undefined;
    if (found !== undefined) return found;
    const sentAt = this.#surroundings.now();
    const kept = await this.#ask(organization, wanted);
    if (kept === null) throw unknownOrganization(organization);
    if ('refused' in kept) throw refusal(wanted, kept);
    if (this.#found.size >= MAX_FOUND) this.#found.clear();
    this.#found.set(organization, { kept, at: sentAt });
    return kept;
  }

  /** Has a revision kept for some minutes, for whoever comes back to it. Never rejects: what isn't kept is refused when it is asked for. */
  async keep(organization: string, revision: number): Promise<void> {
    if (this.#foundSince(organization, revision, HOLD_AGAIN_MS) === undefined)
      await this.find(organization, { revision }).catch(() => undefined);
  }

  #foundSince(organization: string, revision: number, ms: number): KeptRevision | undefined {
    const found = this.#found.get(organization);
    return found?.kept.revision === revision && isRecent(found.at, this.#surroundings.now(), ms) ? found.kept : undefined;
  }

  /**
   * @param at see `Session.at`
   * @throws BitgateError `stale` (503) when its pieces can't be had
   */
  async open(organization: string, kept: KeptRevision, at: number | null): Promise<Session> {
    const id = `${organization}${MARK}${kept.manifest}`;
    const held = this.#memory.cache.record(id);
    const snapshot = held.snapshot ?? (await this.#load(organization, kept));
    if (snapshot.revision !== kept.revision) throw stale(`the manifest is not of revision ${kept.revision}`);
    // One that would leave no room for leaves is remembered by this request alone.
    const { cache, leaves } = baseBytes(snapshot) * 2 > this.#limit ? this.#remember(CACHE_LIMIT_BYTES) : this.#memory;
    const record = cache.record(id);
    // Another request may have been faster: then its leaves are shared.
    if (record.snapshot === undefined) cache.install(record, snapshot, kept.manifest);
    // What was true then doesn't age.
    return new OpenSession(record, record.snapshot ?? snapshot, 0, cache, leaves, at);
  }

  async #load(organization: string, kept: KeptRevision): Promise<Snapshot> {
    const [surroundings, bounds, metrics] = [this.#surroundings, this.#bounds, this.#metrics];
    const source = { organization, ports: this.#portsOf(organization), surroundings, bounds, metrics };
    try {
      const loaded = await loadSnapshot(source, { ...kept, behindSince: null }, undefined, undefined, () => undefined);
      return loaded.snapshot;
    } catch (error) {
      throw error instanceof PieceUnavailable ? stale(`revision ${kept.revision} can't be read: ${error.message}`) : error;
    }
  }

  async #ask(organization: string, wanted: WantedRevision): Promise<KeptRevision | KeptRefusal | null> {
    try {
      const answer = await within(this.#portsOf(organization).publisher.kept(wanted), this.#bounds.coldWaitMs, this.#surroundings);
      if (answer !== LATE) return answer;
    } catch {
      // as when it doesn't answer
    }
    throw stale('the Publisher can not be asked for revisions of the past');
  }
}

function refusal(wanted: WantedRevision, { refused, nearest, next }: KeptRefusal): BitgateError {
  const named = 'revision' in wanted ? { revision: wanted.revision } : { at_time: new Date(wanted.time).toISOString() };
  const details = { ...named, ...(nearest === null ? {} : { nearest }), ...(next === null ? {} : { next }) };
  const what = 'revision' in wanted ? `revision ${wanted.revision}` : `the revision of \`${named.at_time}\``;
  switch (refused) {
    case 'unknown':
      return new BitgateError(
        'unknown_revision',
        404,
        'revision' in wanted ? `there is no ${what}` : `nothing was published by \`${named.at_time}\``,
        details,
      );
    case 'dropped':
      return new BitgateError(
        'revision_dropped',
        410,
        `${what} is not kept, or was never published by itself: the nearest that is kept is ${nearest}`,
        details,
      );
    case 'unpublished':
      return stale(`${what} is not published yet`, details);
  }
}
