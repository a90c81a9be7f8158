/** What the data plane needs of the world, as interfaces of one organization. `storage/` implements them; tests do so in memory. */

/** The one thing of an organization that changes: which manifest is the newest published one. */
export interface Pointer {
  readonly revision: number;
  /** hash of the manifest piece */
  readonly manifest: string;
  /** the Publisher knows of committed changes that it couldn't publish, since then (ms); null: none that it knows of */
  readonly behindSince: number | null;
}

/** The pointer as the Publisher tells it: with the piece that it names, where that was asked for and is there. */
export interface ToldPointer extends Pointer {
  readonly piece?: ArrayBuffer | null;
}

/** A published revision that is kept, and the hash of its manifest piece. */
export interface KeptRevision {
  readonly revision: number;
  readonly manifest: string;
}

/** One by its number, or the newest one that was published at or before a time (ms since 1970). */
export type WantedRevision = { readonly revision: number } | { readonly time: number };

/** Why a revision of the past can't be read. */
export interface KeptRefusal {
  /**
   * `unknown`: it never was, or there was none yet. `dropped`: it is not kept, or was never published by itself.
   * `unpublished`: it is committed and will be published
   */
  readonly refused: 'unknown' | 'dropped' | 'unpublished';
  /** the kept revision that lies nearest, by number or by time; null: none is near */
  readonly nearest: number | null;
  /** the first kept revision after it: what an unpublished one was published with, unless that was dropped since */
  readonly next: number | null;
}

/** The Publisher: strong, one round trip. Methods reject when it can't be reached. */
export interface PublisherPort {
  /**
   * null: the organization was never published, or is deleted
   * @param whole for who holds nothing yet: with the manifest, which it would have to ask for next
   */
  pointer(whole?: boolean): Promise<ToldPointer | null>;
  /** a piece by the hash of its bytes, from the strong copy; null: it has none of that name */
  blob(hash: string): Promise<ArrayBuffer | null>;
  /** Keeps a revision of the past for some minutes, whatever retention says; null: as for `pointer` */
  kept(wanted: WantedRevision): Promise<KeptRevision | KeptRefusal | null>;
}

/** The wide copy (KV): may lag behind by a minute and more, may miss what is there. Methods reject when it can't be reached. */
export interface BlobStore {
  pointer(): Promise<Pointer | null>;
  blob(hash: string): Promise<ArrayBuffer | null>;
}

/** Shares the Publisher's answers among the isolates of one location for a second. Never rejects: what it can't do it leaves. */
export interface LocationCache {
  /** the answer and when it was confirmed by the Publisher (ms by the clock of the isolate that asked) */
  get(): Promise<{ readonly pointer: Pointer; readonly confirmedAt: number } | null>;
  put(pointer: Pointer, confirmedAt: number): Promise<void>;
}

export interface OrganizationPorts {
  readonly publisher: PublisherPort;
  readonly blobs: BlobStore;
  readonly location: LocationCache;
}

/** The clock and the like, as arguments. */
export interface Surroundings {
  /** ms since 1970 */
  now(): number;
  /** in [0, 1) */
  random(): number;
  sleep(ms: number): Promise<void>;
  sha256(bytes: ArrayBuffer): Promise<string>;
}

/** Of one request: work that may outlive its answer. Promises are never shared between requests. */
export interface RequestLife {
  waitUntil(promise: Promise<unknown>): void;
}
