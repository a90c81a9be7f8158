/**
 * What one isolate holds of all organizations, within a limit of bytes. The least recently used piece goes first, each leaf by itself;
 * manifest and catalog of an organization go when none of its leaves is left. Values only: no promise is ever kept here.
 */
import type { LeafRef, Snapshot } from '../core/snapshot/snapshot.ts';
import type { FreshnessBounds } from './bounds.ts';
import { boundsOf } from './bounds.ts';
import type { Metrics } from './metrics.ts';
import { Organization } from './organization.ts';
import { clearLeaf, firstKeyOf, heldBytes, placeLeaf, type ResidentLeaf } from './resident-leaf.ts';

/** An isolate has 128 MB for everything; what a publish or a request needs beside it must fit too. */
export const CACHE_LIMIT_BYTES = 48 * 1024 * 1024;

/** names only: what an isolate remembers of organizations that it holds nothing of */
const MAX_ORGANIZATIONS = 10_000;
/** organizations that were asked for and never held: mostly names that somebody made up */
const MAX_STRANGERS = 1_000;

/** bytes held for each byte of a manifest (first keys as strings) and of a catalog (hash slots) */
const HELD_MANIFEST = 3;
const HELD_CATALOG = 2;
/** the objects themselves; bounds the number of small organizations */
const FIXED_BYTES = 8_192;

export interface CachedPiece {
  readonly organization: Organization;
  readonly bytes: number;
}

export interface CachedLeaf extends CachedPiece {
  readonly hash: string;
  readonly leaf: ResidentLeaf;
  readonly firstKey: string;
  /** its place in the organization's snapshot */
  index: number;
}

export class SnapshotCache {
  readonly #limit: number;
  readonly #defaults: FreshnessBounds;
  readonly #metrics: Metrics;
  readonly #organizations = new Map<string, Organization>();
  readonly #strangers = new Set<string>();
  /** least recently used first */
  readonly #order = new Set<CachedPiece>();
  readonly #byResident = new Map<ResidentLeaf['resident'], CachedLeaf>();
  #bytes = 0;

  constructor(defaults: FreshnessBounds, metrics: Metrics, limit: number = CACHE_LIMIT_BYTES) {
    this.#defaults = defaults;
    this.#metrics = metrics;
    this.#limit = limit;
  }

  /** bytes held, as they are counted */
  get bytes(): number {
    return this.#bytes;
  }

  /** more than half full: from here on it is worth the time to note what is used */
  get crowded(): boolean {
    return this.#bytes * 2 > this.#limit;
  }

  find(id: string): Organization | undefined {
    return this.#organizations.get(id);
  }

  /** The organization's record, made when there is none. */
  record(id: string): Organization {
    const found = this.#organizations.get(id);
    if (found !== undefined) return found;
    const made = new Organization(id, this.#defaults);
    this.#organizations.set(id, made);
    this.#strangers.add(id);
    if (this.#strangers.size > MAX_STRANGERS) {
      const [oldest] = this.#strangers;
      this.#strangers.delete(oldest!);
      this.#organizations.delete(oldest!);
    }
    return made;
  }

  /**
   * Makes `snapshot` the organization's. Leaves that both revisions have are carried over. The revision must not be below the floor.
   * @returns false, and nothing done, when this record was dropped meanwhile and another one took its place
   */
  install(organization: Organization, snapshot: Snapshot, manifestHash: string): boolean {
    const current = this.#organizations.get(organization.id);
    if (current !== organization && current?.known === true) return false;
    const { manifest, catalog } = snapshot;
    for (const cached of [...organization.leaves.values()]) {
      const directory = manifest.directories[cached.leaf.kind];
      const index = directory.find(cached.firstKey);
      if (index >= 0 && directory.hash(index) === cached.hash) {
        cached.index = index;
        placeLeaf(snapshot, index, cached.leaf);
      } else {
        this.#forgetLeaf(cached);
      }
    }
    organization.snapshot = snapshot;
    organization.manifestHash = manifestHash;
    organization.floor = snapshot.revision;
    organization.unknownAt = Number.NEGATIVE_INFINITY;
    organization.gone = false;
    organization.bounds = boundsOf(catalog.settings, this.#defaults);
    if (!organization.known) this.#acquaint(organization);
    if (organization.base !== undefined) this.#forget(organization.base);
    organization.base = { organization, bytes: baseBytes(snapshot) };
    this.#hold(organization.base);
    return true;
  }

  /** The organization is deleted: drops what is held; only a revision above the last one is ever taken again. */
  remove(organization: Organization): void {
    if (!organization.known || organization.gone) return;
    this.#dropSnapshot(organization);
    organization.gone = true;
    organization.floor++;
  }

  /** Puts a leaf at hand. It is kept for others if the snapshot is the organization's own. */
  addLeaf(organization: Organization, snapshot: Snapshot, ref: LeafRef, hash: string, leaf: ResidentLeaf): void {
    placeLeaf(snapshot, ref.leaf, leaf);
    if (organization.snapshot !== snapshot || organization.leaves.has(hash)) return;
    const cached: CachedLeaf = { organization, bytes: heldBytes(leaf), hash, leaf, firstKey: firstKeyOf(leaf), index: ref.leaf };
    organization.leaves.set(hash, cached);
    this.#byResident.set(leaf.resident, cached);
    this.#hold(cached);
  }

  /** Notes that a check used these leaves (-1: none) and their organization. For when the cache is crowded. */
  touch(organization: Organization, snapshot: Snapshot, principals: number, resources: number): void {
    this.touchLeaf(snapshot.principals[principals]);
    this.touchLeaf(snapshot.resources[resources]);
    const { base } = organization;
    if (base !== undefined && this.#order.delete(base)) this.#order.add(base);
  }

  touchLeaf(resident: ResidentLeaf['resident'] | undefined): void {
    const cached = resident && this.#byResident.get(resident);
    if (cached === undefined) return;
    this.#order.delete(cached);
    this.#order.add(cached);
  }

  #hold(piece: CachedPiece): void {
    this.#order.add(piece);
    this.#bytes += piece.bytes;
    // The second pass takes the bases whose leaves went in the first.
    for (let pass = 0; pass < 2 && this.#bytes > this.#limit; pass++) {
      for (const oldest of this.#order) {
        if (this.#bytes <= this.#limit) break;
        if (oldest !== piece) this.#evict(oldest);
      }
    }
  }

  #evict(piece: CachedPiece): void {
    const { organization } = piece;
    if (isLeaf(piece)) {
      if (organization.snapshot !== undefined) clearLeaf(organization.snapshot, { kind: piece.leaf.kind, leaf: piece.index });
      this.#forgetLeaf(piece);
    } else if (organization.leaves.size === 0) {
      this.#dropSnapshot(organization);
    } else {
      return;
    }
    this.#metrics.evictions++;
  }

  #dropSnapshot(organization: Organization): void {
    for (const cached of [...organization.leaves.values()]) this.#forgetLeaf(cached);
    if (organization.base !== undefined) this.#forget(organization.base);
    organization.base = undefined;
    organization.snapshot = undefined;
    organization.manifestHash = '';
  }

  #forgetLeaf(cached: CachedLeaf): void {
    cached.organization.leaves.delete(cached.hash);
    this.#byResident.delete(cached.leaf.resident);
    this.#forget(cached);
  }

  #forget(piece: CachedPiece): void {
    if (this.#order.delete(piece)) this.#bytes -= piece.bytes;
  }

  #acquaint(organization: Organization): void {
    organization.known = true;
    this.#strangers.delete(organization.id);
    this.#organizations.delete(organization.id);
    this.#organizations.set(organization.id, organization);
    if (this.#organizations.size - this.#strangers.size <= MAX_ORGANIZATIONS) return;
    for (const other of this.#organizations.values()) {
      if (!other.known || other === organization) continue;
      this.#dropSnapshot(other);
      this.#organizations.delete(other.id);
      return;
    }
  }
}

/** What a snapshot holds without leaves, as it is counted. */
export function baseBytes({ manifest, catalog }: Snapshot): number {
  // The names of privileges are held written out.
  const catalogBytes = catalog.byteLength * HELD_CATALOG + catalog.privileges.byteLength;
  return manifest.byteLength * HELD_MANIFEST + catalogBytes + FIXED_BYTES;
}

function isLeaf(piece: CachedPiece): piece is CachedLeaf {
  return 'leaf' in piece;
}
