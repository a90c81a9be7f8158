/**
 * A snapshot as far as it is at hand: manifest and catalog whole, leaves as they were needed. Values of one revision only.
 * Resident leaves may be shared between the snapshots of several revisions: what they cache is bound to a catalog or a manifest and bound anew
 * when that differs.
 */
import { GROUP_ANYONE, GROUP_EVERYONE, GROUP_TYPE } from '../terms/ref.ts';
import type { Catalog } from './catalog.ts';
import type { Chain } from './chain.ts';
import type { KeyLeaf } from './key-leaf.ts';
import type { LeafKind, Manifest } from './manifest.ts';
import type { PrincipalLeaf } from './principal-leaf.ts';
import type { ResourceLeaf } from './resource-leaf.ts';
import { SoughtRef } from './sought-ref.ts';

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
  /** each grant in one number: a tag of its scope above TARGET_BITS, below them its target, or NO_TARGET */
  grants: Int32Array | undefined;
  #boundTo: Catalog | undefined;

  constructor(leaf: PrincipalLeaf) {
    this.leaf = leaf;
  }

  bind(catalog: Catalog): void {
    if (this.#boundTo !== catalog) this.#bind(catalog);
  }

  #bind(catalog: Catalog): void {
    const { targets, groups, grantTargets } = this.leaf;
    this.targets = Int32Array.from({ length: targets.count }, (_, i) => catalog.target(targets.get(i)));
    this.groups = Int32Array.from({ length: groups.count }, (_, i) => catalog.groups.indexOf(groups.get(i)));
    const grants = this.grants ?? this.#tags();
    for (let g = 0; g < grants.length; g++) grants[g] = (grants[g]! & ~NO_TARGET) | (this.targets[grantTargets[g]!]! & NO_TARGET);
    this.grants = grants;
    this.#boundTo = catalog;
  }

  #tags(): Int32Array {
    const { scopes, orgScope, grantScopes } = this.leaf;
    const tags = Int32Array.from(
      { length: scopes.count },
      (_, i) => (i === orgScope ? ORG_TAG : scopeTag(scopes.hashAt(i))) << TARGET_BITS,
    );
    return Int32Array.from(grantScopes, (scope) => tags[scope]!);
  }
}

/** a catalog has at most 65,535 roles and as many policies */
export const TARGET_BITS = 17;
export const NO_TARGET = (1 << TARGET_BITS) - 1;
export const ORG_TAG = 0;

/** What tells most scopes apart, by `hashText`: 1 to 16,384, so that it fits above a target. Equality is decided by the scope itself. */
export function scopeTag(hash: number): number {
  return (hash & 0x3fff) + 1;
}

const UNKNOWN = -2;
const sought = new SoughtRef();

/** A resource leaf at hand, with what lies above its entries as far as that was looked up. */
export class ResidentResources {
  readonly leaf: ResourceLeaf;
  /** the revision: a fact of it, whichever leaves a snapshot has at hand */
  #boundTo: Manifest | undefined;
  /** above those whose only parent is parent i: shared by all of them */
  #ofParent: (Chain | undefined)[] = [];
  /** above entry i, which has several parents */
  #ofEntry = new Map<number, Chain>();

  constructor(leaf: ResourceLeaf) {
    this.leaf = leaf;
  }

  /** What lies above an entry; undefined until `keepChain`. */
  chain(entry: number, snapshot: Snapshot): Chain | undefined {
    if (this.#boundTo !== snapshot.manifest) return undefined;
    const parent = this.leaf.onlyParent(entry);
    return parent < 0 ? this.#ofEntry.get(entry) : this.#ofParent[parent];
  }

  keepChain(entry: number, snapshot: Snapshot, chain: Chain): void {
    if (this.#boundTo !== snapshot.manifest) {
      this.#ofParent = new Array(this.leaf.parents.count);
      this.#ofEntry = new Map();
      this.#boundTo = snapshot.manifest;
    }
    const parent = this.leaf.onlyParent(entry);
    if (parent < 0) this.#ofEntry.set(entry, chain);
    else this.#ofParent[parent] = chain;
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
      leaf = this.manifest.directories.principals.findRef(sought.set(GROUP_TYPE, this.catalog.groups.get(group)));
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
