/**
 * When an organization is refreshed, and whether what is held may answer: the bounds of freshness, as decisions over plain values.
 * Younger than `freshMs`: answer. Up to `maxAgeMs`: answer, refresh in the background. Older: refresh first. Past `maxStaleMs`: 503.
 */
import { BitgateError } from '../core/terms/problem.ts';
import type { FreshnessBounds } from './bounds.ts';
import { isRecent, type Organization } from './organization.ts';
import type { RequestLife, Surroundings } from './ports.ts';
import type { Refresher } from './refresh.ts';
import { Pauses, within } from './waiting.ts';

export interface Want {
  /** never answered from an older revision */
  readonly minRevision?: number | undefined;
  /** the answer's age at most, ms; below 1,000: the source is asked now */
  readonly maxAgeMs?: number | undefined;
}

export class Freshness {
  readonly #refresher: Refresher;
  readonly #surroundings: Surroundings;
  readonly #bounds: FreshnessBounds;

  constructor(refresher: Refresher, surroundings: Surroundings, bounds: FreshnessBounds) {
    this.#refresher = refresher;
    this.#surroundings = surroundings;
    this.#bounds = bounds;
  }

  /** May what is held answer at once? Begins a refresh in the background where one is due. */
  answersAtOnce(organization: Organization, want: Want, now: number, life: RequestLife): boolean {
    if (organization.snapshot === undefined) return false;
    const since = organization.sinceConfirmed(now);
    const { bounds } = organization;
    if (!(since >= 0 && since < bounds.maxAgeMs)) return false;
    if (organization.age(now) > bounds.maxStaleMs || !this.#meets(organization, want, now)) return false;
    if (since >= bounds.freshMs) this.#refreshBehind(organization, now, life);
    return true;
  }

  /**
   * Waits until what is held may answer.
   * @param key as in `RefreshOptions`
   * @throws BitgateError `unknown_organization` (404); `stale` (503)
   */
  async prepare(organization: Organization, want: Want, life: RequestLife, key?: string): Promise<void> {
    const now = this.#surroundings.now();
    // The clock was put back: how old the knowledge is can't be told any more.
    if (organization.confirmedAt > now) organization.confirmedAt = now - this.#bounds.kvStartAgeMs;
    const { begun } = organization;
    // Who wants the source asked now is not answered from memory: the organization may have been made since.
    if (want.maxAgeMs !== undefined && want.maxAgeMs < this.#bounds.minimumMaxAgeMs) organization.unknownAt = Number.NEGATIVE_INFINITY;
    if (this.#isUnknown(organization, now)) throw unknownOrganization(organization.id);
    if (this.#remembersRefusal(organization, want, now)) throw this.#refusal(organization, want, now, begun)!;
    if (this.#mustAsk(organization, want, now) && !this.#sourceIsDown(organization, want, now))
      await this.#refreshFirst(organization, want, life, begun, key);
    const refusal = this.#refusal(organization, want, this.#surroundings.now(), begun);
    if (refusal !== undefined) throw refusal;
  }

  #isUnknown(organization: Organization, now: number): boolean {
    return isRecent(organization.unknownAt, now, this.#bounds.refusalMs);
  }

  /** Does the held snapshot give what the request itself asks for? */
  #meets(organization: Organization, want: Want, now: number): boolean {
    if (want.minRevision !== undefined && want.minRevision > organization.floor) return false;
    if (want.maxAgeMs === undefined) return true;
    return want.maxAgeMs >= this.#bounds.minimumMaxAgeMs && organization.age(now) <= want.maxAgeMs;
  }

  #mustAsk(organization: Organization, want: Want, now: number): boolean {
    if (organization.snapshot === undefined || !this.#meets(organization, want, now)) return true;
    const { bounds } = organization;
    const since = organization.sinceConfirmed(now);
    return since >= bounds.maxAgeMs || (since >= bounds.freshMs && organization.age(now) > bounds.maxStaleMs);
  }

  /** For a second after the Publisher said that it lacks a revision, that revision and later ones are refused without asking. */
  #remembersRefusal(organization: Organization, want: Want, now: number): boolean {
    const { minRevision } = want;
    if (minRevision === undefined || minRevision <= organization.floor) return false;
    return minRevision >= organization.refusedFrom && isRecent(organization.refusedAt, now, this.#bounds.refusalMs);
  }

  /**
   * The source didn't answer a moment ago: nobody waits for it for a second, and who wants more than is held is refused. Then one request
   * tries it again and waits; the others are answered from what is held meanwhile. Without a snapshot there is nothing to lose: it is asked.
   */
  #sourceIsDown(organization: Organization, want: Want, now: number): boolean {
    const { snapshot, failedAt, bounds } = organization;
    if (snapshot === undefined || !isRecent(failedAt, now, bounds.maxAgeMs)) return false;
    return (
      isRecent(failedAt, now, this.#bounds.refusalMs) ||
      (organization.busy(now, this.#bounds.refreshPatienceMs) && this.#meets(organization, want, now))
    );
  }

  #refreshBehind(organization: Organization, now: number, life: RequestLife): void {
    if (organization.busy(now, this.#bounds.refreshPatienceMs)) return;
    if (isRecent(organization.failedAt, now, this.#bounds.refusalMs)) return;
    life.waitUntil(this.#refresher.refresh(organization, life, { locationAgeMs: locationAge(organization.bounds, {}), jitter: true }));
  }

  /** One request refreshes; the others look for the outcome, and go on themselves when it shows no progress. */
  async #refreshFirst(organization: Organization, want: Want, life: RequestLife, begun: number, key: string | undefined): Promise<void> {
    const cold = organization.snapshot === undefined;
    const bounds = this.#bounds;
    const until = this.#surroundings.now() + (cold ? bounds.coldWaitMs : bounds.refreshWaitMs);
    const patience = cold ? bounds.loaderPatienceMs : bounds.refreshPatienceMs;
    const pauses = new Pauses(this.#surroundings);
    const { failures } = organization;
    for (let now = this.#surroundings.now(); now < until; now = this.#surroundings.now()) {
      if (organization.answered > begun || organization.failures !== failures || this.#isUnknown(organization, now)) return;
      if (!this.#mustAsk(organization, want, now)) return;
      if (!organization.busy(now, patience)) {
        const refresh = this.#refresher.refresh(organization, life, {
          locationAgeMs: locationAge(organization.bounds, want),
          jitter: false,
          key,
        });
        life.waitUntil(refresh);
        await within(refresh, until - now, this.#surroundings);
        return;
      }
      await pauses.pause(until - now);
    }
  }

  /** Why what is held may not answer, if so. `begun`: refreshes begun before the request came */
  #refusal(organization: Organization, want: Want, now: number, begun: number): BitgateError | undefined {
    const { snapshot, bounds } = organization;
    if (this.#isUnknown(organization, now)) return unknownOrganization(organization.id);
    if (snapshot === undefined) return stale('no snapshot of the organization can be loaded');
    const { revision } = snapshot;
    if (want.minRevision !== undefined && want.minRevision > revision) {
      if (organization.answered > begun) {
        const remembered = isRecent(organization.refusedAt, now, this.#bounds.refusalMs);
        organization.refusedFrom = remembered ? Math.min(organization.refusedFrom, want.minRevision) : want.minRevision;
        organization.refusedAt = now;
      }
      return stale(`revision ${want.minRevision} is not there: the newest one known is ${revision}`, { revision });
    }
    const age = organization.age(now);
    if (age > bounds.maxStaleMs)
      return stale(`what is known is ${age} ms old: ${bounds.maxStaleMs} ms are allowed`, { revision, age_ms: age });
    if (want.maxAgeMs === undefined || this.#youngEnough(organization, want.maxAgeMs, now, begun)) return undefined;
    return stale(`what is known is ${age} ms old and the source can't be asked: ${want.maxAgeMs} ms are wanted`, { revision, age_ms: age });
  }

  /** Asked now means: the question left after the request had come. How long the answer took doesn't count then. */
  #youngEnough(organization: Organization, maxAgeMs: number, now: number, begun: number): boolean {
    if (maxAgeMs >= this.#bounds.minimumMaxAgeMs) return organization.age(now) <= maxAgeMs;
    const { behindSince } = organization;
    return organization.answered > begun && (behindSince === null || now - behindSince <= maxAgeMs);
  }
}

/** How old an answer shared by the isolates of a location may be, ms. 0: the source itself is asked. */
function locationAge(bounds: FreshnessBounds, want: Want): number {
  if (want.minRevision !== undefined) return 0;
  if (want.maxAgeMs === undefined) return Math.max(bounds.freshMs, bounds.minimumMaxAgeMs);
  return want.maxAgeMs < bounds.minimumMaxAgeMs ? 0 : Math.min(want.maxAgeMs, Math.max(bounds.freshMs, bounds.minimumMaxAgeMs));
}

export function unknownOrganization(id: string): BitgateError {
  return new BitgateError('unknown_organization', 404, `there is no organization \`${id}\``, { reason: 'unknown_organization' });
}

/** @param details what the caller may know of it */
export function stale(message: string, details: Readonly<Record<string, unknown>> = {}): BitgateError {
  return new BitgateError('stale', 503, message, { ...details, reason: 'stale' });
}
