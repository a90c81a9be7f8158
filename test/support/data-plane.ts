/** A world for the data plane in memory: stores that are slow, fail, go stale or lie on command, and a clock that the test moves. */

import type { Decision } from '../../src/core/terms/decision.ts';
import type { CheckRequest } from '../../src/core/terms/request.ts';
import type { FreshnessBounds } from '../../src/pdp/bounds.ts';
import { Pdp, type Session, type Want } from '../../src/pdp/pdp.ts';
import type { KeptRefusal, KeptRevision, OrganizationPorts, Pointer, RequestLife, WantedRevision } from '../../src/pdp/ports.ts';
import { type BuiltSnapshot, buildSnapshot, type SnapshotParts, sha256, subject } from './snapshot.ts';
import { VirtualClock } from './virtual-clock.ts';

export const ORG = 'acme';
export const ALICE_READS: CheckRequest = { subject: { type: 'user', id: 'alice' }, action: { name: 'read' } };

/** `hang`: never answers; a number: answers after so many ms */
export type Health = 'up' | 'down' | 'hang' | number;

export class World {
  readonly clock = new VirtualClock();
  readonly metrics: Pdp['metrics'];
  readonly pdp: Pdp;
  publisher: Health = 'up';
  kv: Health = 'up';
  /** sends the manifest with the pointer to who asks for the whole */
  tellsWhole = false;
  /** as workers.dev: what is put is not found again */
  locationWorks = false;
  random = 0;

  publisherPointer: Pointer | null = null;
  kvPointer: Pointer | null = null;
  readonly publisherBlobs = new Map<string, Uint8Array>();
  readonly kvBlobs = new Map<string, Uint8Array>();
  /** of other organizations than `acme`, at the Publisher */
  readonly others = new Map<string, Pointer>();
  /** revisions of `acme` that the Publisher keeps, oldest first; when they were published and, but for the newest, when the next one was (ms) */
  readonly kept: (KeptRevision & { readonly at: number; until: number | null })[] = [];
  /** what the Publisher was asked to hold, in order */
  readonly holds: number[] = [];
  /** committed and never published by itself, or dropped */
  readonly committed = new Set<number>();
  #bornAt = Number.POSITIVE_INFINITY;
  locationHangs = false;
  location: { pointer: Pointer; confirmedAt: number; putAt: number } | null = null;
  readonly asked = { publisherPointer: 0, publisherBlob: 0, publisherKept: 0, kvPointer: 0, kvBlob: 0, location: 0 };
  /** hashes in the order in which any store was asked for them */
  readonly blobsAsked: string[] = [];
  readonly background: Promise<unknown>[] = [];
  readonly life: RequestLife = { waitUntil: (promise) => void this.background.push(promise) };

  constructor(bounds: Partial<FreshnessBounds> = {}, cacheBytes?: number) {
    this.pdp = this.isolate(bounds, cacheBytes);
    this.metrics = this.pdp.metrics;
  }

  /** One more isolate over the same stores. */
  isolate(bounds: Partial<FreshnessBounds> = {}, cacheBytes?: number, pastBytes?: number): Pdp {
    const { clock } = this;
    const surroundings = {
      now: () => clock.now(),
      random: () => this.random,
      sleep: (ms: number) => clock.sleep(ms),
      sha256: (bytes: ArrayBuffer) => clock.outside(sha256(bytes)),
    };
    return new Pdp((organization) => this.#ports(organization), surroundings, bounds, cacheBytes, pastBytes);
  }

  #ports(organization: string): OrganizationPorts {
    return {
      publisher: {
        pointer: (whole) => {
          this.asked.publisherPointer++;
          return answering(this.clock, this.publisher, () => {
            const pointer = organization === ORG ? this.publisherPointer : (this.others.get(organization) ?? null);
            if (pointer === null || !whole || !this.tellsWhole) return pointer;
            return { ...pointer, piece: copyOf(this.publisherBlobs.get(pointer.manifest)) };
          });
        },
        blob: (hash) => {
          this.asked.publisherBlob++;
          this.blobsAsked.push(hash);
          return answering(this.clock, this.publisher, () => copyOf(this.publisherBlobs.get(hash)));
        },
        kept: (wanted) => {
          this.asked.publisherKept++;
          return answering(this.clock, this.publisher, () =>
            organization === ORG && this.publisherPointer !== null ? this.#find(wanted) : null,
          );
        },
      },
      blobs: {
        pointer: () => {
          this.asked.kvPointer++;
          return answering(this.clock, this.kv, () => (organization === ORG ? this.kvPointer : null));
        },
        blob: (hash) => {
          this.asked.kvBlob++;
          this.blobsAsked.push(hash);
          return answering(this.clock, this.kv, () => copyOf(this.kvBlobs.get(hash)));
        },
      },
      location: {
        get: async () => {
          this.asked.location++;
          if (this.locationHangs) return new Promise(() => undefined);
          return this.location !== null && this.clock.now() - this.location.putAt < 1_000 ? this.location : null;
        },
        put: async (pointer, confirmedAt) => {
          if (this.locationWorks) this.location = { pointer, confirmedAt, putAt: this.clock.now() };
        },
      },
    };
  }

  #find(wanted: WantedRevision): KeptRevision | KeptRefusal {
    const isMeant = ({ revision, at, until }: (typeof this.kept)[number]): boolean =>
      'revision' in wanted ? revision === wanted.revision : at <= wanted.time && (until === null || wanted.time < until);
    const found = this.kept.find(isMeant);
    if (found !== undefined) {
      this.holds.push(found.revision);
      return { revision: found.revision, manifest: found.manifest };
    }
    const next =
      this.kept.find(({ revision, at }) => ('revision' in wanted ? revision > wanted.revision : at > wanted.time))?.revision ?? null;
    const known = 'revision' in wanted ? this.committed.has(wanted.revision) : wanted.time >= this.#bornAt;
    return { refused: known ? (next === null ? 'unpublished' : 'dropped') : 'unknown', nearest: next, next };
  }

  /** The Publisher lets a revision go. */
  drop(revision: number): void {
    const place = this.kept.findIndex((each) => each.revision === revision);
    this.kept.splice(place, 1);
    this.committed.add(revision);
  }

  /** Publishes to the Publisher and, unless told otherwise, to KV. */
  async publish(parts: Partial<SnapshotParts> & { readonly revision: number }, toKv = true): Promise<BuiltSnapshot> {
    const built = await buildSnapshot({ organization: ORG, principals: [subject('user:alice', true)], ...parts });
    for (const [hash, bytes] of built.blobs) {
      this.publisherBlobs.set(hash, bytes);
      if (toKv) this.kvBlobs.set(hash, bytes);
    }
    const { organization = ORG } = parts;
    if (organization !== ORG) this.others.set(organization, built.pointer);
    else {
      this.publisherPointer = built.pointer;
      this.#bornAt = Math.min(this.#bornAt, this.clock.now());
      const before = this.kept.at(-1);
      if (before !== undefined) before.until = this.clock.now();
      this.kept.push({ ...built.pointer, at: this.clock.now(), until: null });
      if (toKv) this.kvPointer = built.pointer;
    }
    return built;
  }

  open(want: Want = {}, pdp: Pdp = this.pdp): Promise<Session> {
    return this.clock.settle(pdp.open(ORG, want, this.life));
  }

  decide(session: Session, request: CheckRequest = ALICE_READS): Promise<Decision> {
    return this.clock.settle(session.decide(request, this.clock.now()));
  }

  /** Lets the work behind the answers end. */
  async finishBackground(): Promise<void> {
    while (this.background.length > 0) await this.clock.settle(this.background.shift()!);
  }
}

/** What a store says over such a line. */
export async function answering<T>(clock: VirtualClock, health: Health, value: () => T): Promise<T> {
  if (health === 'hang') return new Promise(() => undefined);
  if (health === 'down') throw new Error('down');
  if (health !== 'up') await clock.sleep(health);
  return value();
}

export function copyOf(bytes: Uint8Array | undefined): ArrayBuffer | null {
  return bytes === undefined ? null : (bytes.slice().buffer as ArrayBuffer); // `slice` copies into a buffer of its own, never a shared one
}

/** The bytes with one bit turned. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

/** One that has answered once: what it published is at hand. */
export async function warmWorld(): Promise<World> {
  const world = new World();
  await world.publish({ revision: 7 });
  await world.open();
  await world.finishBackground();
  return world;
}
