/**
 * A snapshot as far as it is at hand: manifest and catalog whole, leaves as they were needed. Values of one revision only.
 * Resident leaves may be shared between the snapshots of several revisions: what they cache is bound to a catalog or a snapshot and bound anew
 * when that differs.
 */
import { hash32 } from '../sets/hash.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, GROUP_TYPE } from '../terms/ref.ts';
import type { Catalog } from './catalog.ts';
import type { KeyLeaf } from './key-leaf.ts';
import type { LeafKind, Manifest } from './manifest.ts';
import type { PrincipalLeaf } from './principal-leaf.ts';
import type { ResourceLeaf } from './resource-leaf.ts';

/** A leaf that an evaluation needed and did not find at hand. */
export interface LeafRef {
  readonly kind: LeafKind;
  readonly leaf: number;
}

/** A principal leaf at hand, its roles, policies and groups resolved against a catalog. */
export class ResidentPrincipals {
  readonly leaf: PrincipalLeaf;
  /** target index (role, or roleCount + policy) by the leaf's own target index */
  targets: Int32Array = new Int32Array(0);
  /** group index by the leaf's own group index */
  groups: Int32Array = new Int32Array(0);
  #boundTo: Catalog | undefined;

  constructor(leaf: PrincipalLeaf) {
    this.leaf = leaf;
  }

  bind(catalog: Catalog): void {
    if (this.#boundTo === catalog) return;
    const { targets, groups } = this.leaf;
    this.targets = Int32Array.from({ length: targets.count }, (_, i) => catalog.target(targets.get(i)));
    this.groups = Int32Array.from({ length: groups.count }, (_, i) => catalog.groups.indexOf(groups.get(i)));
    this.#boundTo = catalog;
  }
}

const UNKNOWN = -2;

/** A resource leaf at hand, with the texts and places of its parents as far as they were looked up. */
export class ResidentResources {
  readonly leaf: ResourceLeaf;
  /** hash of parent i, valid once `parentKey(i)` was called */
  readonly parentHashes: Uint32Array;
  readonly #parentKeys: (string | undefined)[];
  #boundTo: Snapshot | undefined;
  #parentLeaves = new Int32Array(0);
  #parentEntries = new Int32Array(0);

  constructor(leaf: ResourceLeaf) {
    this.leaf = leaf;
    this.#parentKeys = new Array(leaf.parents.count);
    this.parentHashes = new Uint32Array(leaf.parents.count);
  }

  /** The text of parent i, always the same string. */
  parentKey(parent: number): string {
    const known = this.#parentKeys[parent];
    if (known !== undefined) return known;
    const key = this.leaf.parents.get(parent);
    this.#parentKeys[parent] = key;
    this.parentHashes[parent] = hash32(key);
    return key;
  }

  /** The leaf that would hold the parent's own entry, -1 if none does. */
  parentLeaf(parent: number, snapshot: Snapshot): number {
    if (this.#boundTo !== snapshot) {
      this.#parentLeaves = new Int32Array(this.leaf.parents.count).fill(UNKNOWN);
      this.#parentEntries = new Int32Array(this.leaf.parents.count).fill(UNKNOWN);
      this.#boundTo = snapshot;
    }
    let leaf = this.#parentLeaves[parent]!;
    if (leaf === UNKNOWN) {
      leaf = snapshot.manifest.directories.resources.find(this.parentKey(parent));
      this.#parentLeaves[parent] = leaf;
    }
    return leaf;
  }

  /** The parent's own entry in `resident`, the leaf that `parentLeaf` gave; -1 if it has none. */
  parentEntry(parent: number, resident: ResidentResources): number {
    let entry = this.#parentEntries[parent]!;
    if (entry === UNKNOWN) {
      entry = resident.leaf.keys.indexOfHashed(this.parentKey(parent), this.parentHashes[parent]!);
      this.#parentEntries[parent] = entry;
    }
    return entry;
  }
}

export class Snapshot {
  readonly manifest: Manifest;
  readonly catalog: Catalog;
  readonly principals: (ResidentPrincipals | undefined)[];
  readonly resources: (ResidentResources | undefined)[];
  readonly keys: (KeyLeaf | undefined)[];
  readonly everyoneHolds: boolean;
  readonly anyoneHolds: boolean;
  /** reserved owner groups that hold anything */
  readonly ownerGroups: readonly string[];
  readonly #groupLeaves: Int32Array;
  readonly #groupEntries: Int32Array;

  constructor(manifest: Manifest, catalog: Catalog) {
    this.manifest = manifest;
    this.catalog = catalog;
    this.principals = new Array(manifest.directories.principals.count);
    this.resources = new Array(manifest.directories.resources.count);
    this.keys = new Array(manifest.directories.keys.count);
    this.everyoneHolds = manifest.reserved.includes(GROUP_EVERYONE);
    this.anyoneHolds = manifest.reserved.includes(GROUP_ANYONE);
    this.ownerGroups = manifest.reserved.filter((group) => group !== GROUP_EVERYONE && group !== GROUP_ANYONE);
    this.#groupLeaves = new Int32Array(catalog.groups.count).fill(UNKNOWN);
    this.#groupEntries = new Int32Array(catalog.groups.count).fill(UNKNOWN);
  }

  get revision(): number {
    return this.manifest.revision;
  }

  /** The leaf that would hold what a group (index in the catalog) holds, -1 if none does. */
  groupLeaf(group: number): number {
    let leaf = this.#groupLeaves[group]!;
    if (leaf === UNKNOWN) {
      leaf = this.manifest.directories.principals.findRef(GROUP_TYPE, this.catalog.groups.get(group));
      this.#groupLeaves[group] = leaf;
    }
    return leaf;
  }

  /** The group's entry in `resident`, the leaf that `groupLeaf` gave; -1 if it holds nothing. */
  groupEntry(group: number, resident: ResidentPrincipals): number {
    let entry = this.#groupEntries[group]!;
    if (entry === UNKNOWN) {
      entry = resident.leaf.keys.indexOf(`${GROUP_TYPE}:${this.catalog.groups.get(group)}`);
      this.#groupEntries[group] = entry;
    }
    return entry;
  }
}
