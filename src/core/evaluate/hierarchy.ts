/**
 * Where a check looks: the resource, everything above it, and `org`; and from which of these an allow reaches the resource past
 * restricted ones (RULE.md §2, §6). Reused from check to check, so that the ordinary one allocates nothing.
 */
import type { LeafRef, ResidentResources, Snapshot } from '../snapshot/snapshot.ts';
import { hash32 } from '../sets/hash.ts';
import type { JsonObject } from '../terms/json.ts';
import { PROJECT_TYPE } from '../terms/ref.ts';
import type { Entity } from '../terms/request.ts';

const PROJECT_PREFIX = `${PROJECT_TYPE}:`;
/** up to here a repeated ancestor is found by looking through the list, beyond by a set */
const SMALL = 24;

export class Hierarchy {
  /** scopes but `org`: the resource first, then its ancestors */
  readonly keys: string[] = [];
  readonly hashes: number[] = [];
  count = 0;
  /** does an allow granted at scope i reach the resource? */
  readonly reaches: boolean[] = [];
  orgReaches = true;
  /** the check's level */
  project = false;
  registered = false;
  /** place of the resource's own entry when it is registered */
  leaf: ResidentResources | undefined;
  entry = -1;

  readonly #leaves: (ResidentResources | undefined)[] = [];
  readonly #entries: number[] = [];
  #seen: Set<string> | undefined;
  /** how many parents the request claimed: they follow the resource in the list */
  #claimed = 0;

  /** No resource: `org` alone. */
  clear(): void {
    this.count = 0;
    this.orgReaches = true;
    this.project = false;
    this.registered = false;
    this.leaf = undefined;
    this.entry = -1;
  }

  /** Reads all that lies above the resource. Leaves that are not at hand are added to `missing`: then nothing here counts. */
  open(snapshot: Snapshot, resource: Entity, key: string, missing: LeafRef[]): void {
    this.clear();
    this.#seen = undefined;
    this.#claimed = 0;
    const before = missing.length;
    this.#add(snapshot, key, hash32(key), snapshot.manifest.directories.resources.find(key), missing);
    this.registered = this.#entries[0]! >= 0;
    if (this.registered) {
      this.leaf = this.#leaves[0];
      this.entry = this.#entries[0]!;
    } else if (missing.length === before) {
      this.#claim(snapshot, resource.properties, missing);
    }
    let restricted = false;
    for (let i = 0; i < this.count; i++) {
      if (this.keys[i]!.startsWith(PROJECT_PREFIX)) this.project = true;
      const leaf = this.#leaves[i];
      if (leaf === undefined) continue;
      const entry = this.#entries[i]!;
      if (leaf.leaf.restricted(entry)) restricted = true;
      const end = leaf.leaf.parentStarts[entry + 1]!;
      for (let p = leaf.leaf.parentStarts[entry]!; p < end; p++) {
        const parent = leaf.leaf.parentItems[p]!;
        const parentKey = leaf.parentKey(parent);
        this.#add(snapshot, parentKey, leaf.parentHashes[parent]!, leaf.parentLeaf(parent, snapshot.manifest), missing);
      }
    }
    if (restricted) this.#reach();
    else for (let i = 0; i < this.count; i++) this.reaches[i] = true;
  }

  /** Adds a scope unless it is there, with the place of its entry if it has one. */
  #add(snapshot: Snapshot, key: string, hash: number, leafIndex: number, missing: LeafRef[]): void {
    if (this.count < SMALL) {
      for (let i = 0; i < this.count; i++) if (this.hashes[i] === hash && this.keys[i] === key) return;
    } else {
      this.#seen ??= new Set(this.keys.slice(0, this.count));
      if (this.#seen.has(key)) return;
      this.#seen.add(key);
    }
    const i = this.count++;
    this.keys[i] = key;
    this.hashes[i] = hash;
    this.#leaves[i] = undefined;
    this.#entries[i] = -1;
    if (leafIndex < 0) return;
    const leaf = snapshot.resources[leafIndex];
    if (leaf === undefined) {
      missing.push({ kind: 'resources', leaf: leafIndex });
      return;
    }
    const entry = leaf.leaf.keys.indexOfHashed(key, hash);
    if (entry < 0) return;
    this.#leaves[i] = leaf;
    this.#entries[i] = entry;
  }

  /** The parents that a request claims for an unregistered resource. */
  #claim(snapshot: Snapshot, properties: JsonObject | undefined, missing: LeafRef[]): void {
    if (properties === undefined) return;
    const directory = snapshot.manifest.directories.resources;
    const claim = (parent: string): void => this.#add(snapshot, parent, hash32(parent), directory.find(parent), missing);
    const parents = Object.hasOwn(properties, 'parents') ? properties['parents'] : undefined;
    if (Array.isArray(parents)) {
      for (const parent of parents) {
        if (typeof parent !== 'string') continue;
        const colon = parent.indexOf(':');
        if (colon > 0 && colon < parent.length - 1) claim(parent);
      }
    }
    const project = Object.hasOwn(properties, 'project') ? properties['project'] : undefined;
    if (typeof project === 'string' && project !== '') claim(PROJECT_PREFIX + project);
    this.#claimed = this.count - 1;
  }

  /**
   * Which scopes reach the resource: itself, and every parent of an unrestricted thing that is reached. `org` reaches it if an unrestricted
   * thing without parents is reached: it lies directly above those only.
   */
  #reach(): void {
    for (let i = 0; i < this.count; i++) this.reaches[i] = false;
    this.orgReaches = false;
    this.reaches[0] = true;
    const open = [0];
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      const leaf = this.#leaves[i];
      const entry = this.#entries[i]!;
      if (leaf?.leaf.restricted(entry)) continue;
      const parents = leaf === undefined ? (i === 0 ? this.#claimedParents() : []) : this.#parentsOf(leaf, entry);
      if (parents.length === 0) this.orgReaches = true;
      for (const parent of parents) {
        if (this.reaches[parent]) continue;
        this.reaches[parent] = true;
        open.push(parent);
      }
    }
  }

  #claimedParents(): number[] {
    return Array.from({ length: this.#claimed }, (_, i) => i + 1);
  }

  /** Positions of the parents of an entry among the scopes. */
  #parentsOf(leaf: ResidentResources, entry: number): number[] {
    const positions: number[] = [];
    for (let p = leaf.leaf.parentStarts[entry]!; p < leaf.leaf.parentStarts[entry + 1]!; p++) {
      const at = this.keys.indexOf(leaf.parentKey(leaf.leaf.parentItems[p]!));
      if (at >= 0 && at < this.count) positions.push(at);
    }
    return positions;
  }

}
