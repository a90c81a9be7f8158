/**
 * A snapshot as far as it is at hand: manifest and catalog whole, leaves as they were needed. Values of one revision only.
 * Resident leaves may be shared between the snapshots of several revisions: what they cache is bound to a catalog or manifest and bound anew when that differs.
 */
import type { Catalog } from './catalog.ts';
import type { KeyLeaf } from './key-leaf.ts';
import type { LeafKind, Manifest } from './manifest.ts';
import type { PrincipalLeaf } from './principal-leaf.ts';
import type { ResourceLeaf } from './resource-leaf.ts';
import { hash32 } from '../sets/hash.ts';
import { GROUP_ANYONE, GROUP_EVERYONE } from '../terms/ref.ts';

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

const UNRESOLVED = -2;

/** A resource leaf at hand, with the places of its parents as far as they were looked up. */
export class ResidentResources {
  readonly leaf: ResourceLeaf;
  /** text and hash of parent i, made when first needed */
  readonly parentKeys: (string | undefined)[];
  readonly parentHashes: Uint32Array;
  #boundTo: Manifest | undefined;
  #parentLeaves: Int32Array = new Int32Array(0);

  constructor(leaf: ResourceLeaf) {
    this.leaf = leaf;
    this.parentKeys = new Array(leaf.parents.count);
    this.parentHashes = new Uint32Array(leaf.parents.count);
  }

  parentKey(parent: number): string {
    const known = this.parentKeys[parent];
    if (known !== undefined) return known;
    const key = this.leaf.parents.get(parent);
    this.parentKeys[parent] = key;
    this.parentHashes[parent] = hash32(key);
    return key;
  }

  /** The leaf that would hold the parent's own entry, -1 if none does. */
  parentLeaf(parent: number, manifest: Manifest): number {
    if (this.#boundTo !== manifest) {
      this.#parentLeaves = new Int32Array(this.leaf.parents.count).fill(UNRESOLVED);
      this.#boundTo = manifest;
    }
    let leaf = this.#parentLeaves[parent]!;
    if (leaf === UNRESOLVED) {
      leaf = manifest.directories.resources.find(this.parentKey(parent));
      this.#parentLeaves[parent] = leaf;
    }
    return leaf;
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

  constructor(manifest: Manifest, catalog: Catalog) {
    this.manifest = manifest;
    this.catalog = catalog;
    this.principals = new Array(manifest.directories.principals.count);
    this.resources = new Array(manifest.directories.resources.count);
    this.keys = new Array(manifest.directories.keys.count);
    this.everyoneHolds = manifest.reserved.includes(GROUP_EVERYONE);
    this.anyoneHolds = manifest.reserved.includes(GROUP_ANYONE);
    this.ownerGroups = manifest.reserved.filter((group) => group !== GROUP_EVERYONE && group !== GROUP_ANYONE);
  }

  get revision(): number {
    return this.manifest.revision;
  }
}
