/**
 * Stores behind the data plane's ports as the wide world has them, on a clock that the test moves: copies that lag, reads and misses that a
 * location remembers, lines that are slow, cut or hang, isolates whose clocks differ. It also keeps the truth: what was newest when.
 */
import type { FreshnessBounds } from '../../src/pdp/bounds.ts';
import { Pdp, type Session, type Want } from '../../src/pdp/pdp.ts';
import type { LocationCache, OrganizationPorts, Pointer, RequestLife } from '../../src/pdp/ports.ts';
import { answering, copyOf, type Health } from './data-plane.ts';
import { type BuiltSnapshot, buildSnapshot, type SnapshotParts, sha256, subject } from './snapshot.ts';
import { VirtualClock } from './virtual-clock.ts';

export const ORG = 'acme';
/** as KV and the Cache API keep what was read there, ms */
const POINTER_KEPT_MS = 30_000;
const BLOB_KEPT_MS = 600_000;
const SHARED_MS = 1_000;

/** One location: what its isolates read there they read again for a while, misses included. */
export class Location {
  readonly reads = new Map<string, { readonly value: unknown; readonly at: number }>();
  shared: { readonly pointer: Pointer; readonly confirmedAt: number; readonly at: number } | null = null;
  /** false: as on workers.dev, where nothing that is put is found again */
  readonly shares: boolean;

  constructor(shares: boolean) {
    this.shares = shares;
  }
}

export interface IsolateOptions {
  readonly location?: Location;
  /** what its clock shows beyond the true time, ms */
  readonly skewMs?: number;
  readonly bounds?: Partial<FreshnessBounds>;
  readonly cacheBytes?: number;
}

/** One isolate: its own memory, its own clock, its own lines. */
export class Isolate {
  readonly pdp: Pdp;
  readonly location: Location;
  readonly skewMs: number;
  /** null: the stores' own line */
  publisher: Health | null = null;
  kv: Health | null = null;
  /** when the last question left that the Publisher answered to it, by the true clock, ms */
  answeredAt = Number.NEGATIVE_INFINITY;
  /** it gave a session once */
  opened = false;
  readonly life: RequestLife = { waitUntil: () => undefined };

  constructor(pdpOf: (isolate: Isolate) => Pdp, location: Location, skewMs: number) {
    this.location = location;
    this.skewMs = skewMs;
    this.pdp = pdpOf(this);
  }

  async open(want: Want = {}): Promise<Session> {
    const session = await this.pdp.open(ORG, want, this.life);
    this.opened = true;
    return session;
  }
}

export class StaleStores {
  readonly clock = new VirtualClock();
  publisher: Health = 'up';
  kv: Health = 'up';
  /** what is written to KV is seen there this much later, ms */
  kvLagMs = 0;
  /** KV takes writes; what was not taken it never has */
  kvTakes = true;
  random = 0;
  behindSince: number | null = null;
  readonly published: { readonly pointer: Pointer; readonly at: number }[] = [];
  readonly asked = { pointer: 0, blob: 0, kvPointer: 0, kvBlob: 0, missed: 0 };
  readonly #strong = new Map<string, Uint8Array>();
  readonly #wide = new Map<string, { readonly value: Uint8Array | Pointer; readonly at: number }[]>();

  isolate({ location = new Location(false), skewMs = 0, bounds = {}, cacheBytes }: IsolateOptions = {}): Isolate {
    const { clock } = this;
    const surroundings = {
      now: () => clock.now() + skewMs,
      random: () => this.random,
      sleep: (ms: number) => clock.sleep(ms),
      sha256: (bytes: ArrayBuffer) => clock.outside(sha256(bytes)),
    };
    return new Isolate((isolate) => new Pdp(() => this.#ports(isolate), surroundings, bounds, cacheBytes), location, skewMs);
  }

  /** Publishes the next revision; alice reads, unless told otherwise. KV learns of it as late as its lag says. */
  async publish(parts: Partial<SnapshotParts> = {}): Promise<BuiltSnapshot> {
    const revision = (this.published.at(-1)?.pointer.revision ?? 0) + 1;
    const built = await buildSnapshot({ organization: ORG, revision, principals: [subject('user:alice', true)], ...parts });
    const at = this.clock.now();
    for (const [hash, bytes] of built.blobs) this.#strong.set(hash, bytes);
    if (this.kvTakes) {
      for (const [hash, bytes] of built.blobs) this.#write(hash, bytes);
      this.#write('pointer', built.pointer);
    }
    this.published.push({ pointer: built.pointer, at });
    return built;
  }

  get newest(): number {
    return this.published.at(-1)?.pointer.revision ?? 0;
  }

  /** For how long a newer one had been published at `now`, ms; 0: it was the newest. */
  outdatedFor(revision: number, now: number): number {
    const next = this.published.find(({ pointer }) => pointer.revision > revision);
    return next === undefined ? 0 : Math.max(0, now - next.at);
  }

  #write(key: string, value: Uint8Array | Pointer): void {
    const writes = this.#wide.get(key) ?? [];
    writes.push({ value, at: this.clock.now() });
    this.#wide.set(key, writes);
  }

  #ports(isolate: Isolate): OrganizationPorts {
    const strong = <T>(value: () => T): Promise<T> => answering(this.clock, isolate.publisher ?? this.publisher, value);
    const wide = (key: string, keptMs: number): Promise<unknown> =>
      answering(this.clock, isolate.kv ?? this.kv, () => this.#readWide(isolate.location, key, keptMs));
    return {
      publisher: {
        pointer: async () => {
          this.asked.pointer++;
          const sentAt = this.clock.now();
          const pointer = await strong(() => {
            const newest = this.published.at(-1)?.pointer ?? null;
            return newest && { ...newest, behindSince: this.behindSince };
          });
          isolate.answeredAt = Math.max(isolate.answeredAt, sentAt);
          return pointer;
        },
        blob: (hash) => {
          this.asked.blob++;
          return strong(() => copyOf(this.#strong.get(hash)));
        },
        kept: () => Promise.reject(new Error('nothing is asked about the past here')),
      },
      blobs: {
        pointer: async () => {
          this.asked.kvPointer++;
          // Under this key nothing but pointers is written.
          return (await wide('pointer', POINTER_KEPT_MS)) as Pointer | null;
        },
        blob: async (hash) => {
          this.asked.kvBlob++;
          const bytes = await wide(hash, BLOB_KEPT_MS);
          if (bytes === null) this.asked.missed++;
          return bytes instanceof Uint8Array ? copyOf(bytes) : null;
        },
      },
      location: this.#shared(isolate.location),
    };
  }

  #readWide(location: Location, key: string, keptMs: number): unknown {
    const now = this.clock.now();
    const kept = location.reads.get(key);
    if (kept !== undefined && now - kept.at < keptMs) return kept.value;
    const value = this.#wide.get(key)?.findLast(({ at }) => at + this.kvLagMs <= now)?.value ?? null;
    location.reads.set(key, { value, at: now });
    return value;
  }

  #shared(location: Location): LocationCache {
    return {
      get: async () => (location.shared !== null && this.clock.now() - location.shared.at < SHARED_MS ? location.shared : null),
      put: async (pointer, confirmedAt) => {
        if (location.shares) location.shared = { pointer, confirmedAt, at: this.clock.now() };
      },
    };
  }
}
