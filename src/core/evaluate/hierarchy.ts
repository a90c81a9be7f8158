/**
 * Where a check looks: the resource, everything above it, and `org`; and from which of these an allow reaches the resource past
 * restricted ones (RULE.md §2, §6). Reused from check to check, so that the ordinary one allocates nothing.
 */
import { hash32, hashRef } from '../sets/hash.ts';
import type { LeafRef, ResidentResources, Snapshot } from '../snapshot/snapshot.ts';
import type { StringTable } from '../snapshot/string-table.ts';
import type { JsonObject } from '../terms/json.ts';
import { PROJECT_TYPE } from '../terms/ref.ts';
import type { Entity } from '../terms/request.ts';

const PROJECT_PREFIX = `${PROJECT_TYPE}:`;
/** up to here a repeated ancestor is found by looking through the list, beyond by a set */
const SMALL = 24;

export class Hierarchy {
  /** scopes above the resource, from position 1 on; position 0 is the resource, whose text is `type:id` and is not made here */
  readonly keys: string[] = [''];
  readonly hashes: number[] = [0];
  count = 0;
  type = '';
  id = '';
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
    this.#claimed = 0;
  }

  /** Reads all that lies above the resource. Leaves that are not at hand are added to `missing`: then nothing here counts. */
  open(snapshot: Snapshot, resource: Entity, missing: LeafRef[]): void {
    this.clear();
    this.#seen = undefined;
    this.#openResource(snapshot, resource, missing);
    let restricted = false;
    for (let i = 0; i < this.count; i++) {
      const leaf = this.#leaves[i];
      if (leaf === undefined) continue;
      const entry = this.#entries[i]!;
      if (leaf.leaf.restricted(entry)) restricted = true;
      const end = leaf.leaf.parentStarts[entry + 1]!;
      for (let p = leaf.leaf.parentStarts[entry]!; p < end; p++) this.#addParent(snapshot, leaf, leaf.leaf.parentItems[p]!, missing);
    }
    if (restricted) this.#reach();
    else for (let i = 0; i < this.count; i++) this.reaches[i] = true;
  }

  #openResource(snapshot: Snapshot, { type, id, properties }: Entity, missing: LeafRef[]): void {
    this.type = type;
    this.id = id;
    this.project = type === PROJECT_TYPE;
    this.count = 1;
    this.hashes[0] = hashRef(type, id);
    this.#leaves[0] = undefined;
    const leafIndex = snapshot.manifest.directories.resources.findRef(type, id);
    if (leafIndex >= 0) {
      const leaf = snapshot.resources[leafIndex];
      if (leaf === undefined) {
        missing.push({ kind: 'resources', leaf: leafIndex });
        return;
      }
      const entry = leaf.leaf.keys.indexOfRef(type, id, this.hashes[0]);
      if (entry >= 0) {
        this.registered = true;
        this.leaf = leaf;
        this.entry = entry;
        this.#leaves[0] = leaf;
        this.#entries[0] = entry;
        return;
      }
    }
    this.#claim(snapshot, properties, missing);
  }

  /** A parent that a stored entry names. */
  #addParent(snapshot: Snapshot, of: ResidentResources, parent: number, missing: LeafRef[]): void {
    const key = of.parentKey(parent);
    const i = this.#add(key, of.parentHashes[parent]!);
    if (i < 0) return;
    const leafIndex = of.parentLeaf(parent, snapshot);
    if (leafIndex < 0) return;
    const leaf = snapshot.resources[leafIndex];
    if (leaf === undefined) {
      missing.push({ kind: 'resources', leaf: leafIndex });
      return;
    }
    this.#place(i, leaf, of.parentEntry(parent, leaf));
  }

  /** A parent that the request claims. */
  #addClaimed(snapshot: Snapshot, key: string, missing: LeafRef[]): void {
    const i = this.#add(key, hash32(key));
    if (i < 0) return;
    const leafIndex = snapshot.manifest.directories.resources.find(key);
    if (leafIndex < 0) return;
    const leaf = snapshot.resources[leafIndex];
    if (leaf === undefined) missing.push({ kind: 'resources', leaf: leafIndex });
    else this.#place(i, leaf, leaf.leaf.keys.indexOfHashed(key, this.hashes[i]!));
  }

  /** Adds a scope; its position, or -1 if it is there already. */
  #add(key: string, hash: number): number {
    if (hash === this.hashes[0] && key === `${this.type}:${this.id}`) return -1;
    if (this.count < SMALL) {
      for (let i = 1; i < this.count; i++) if (this.hashes[i] === hash && this.keys[i] === key) return -1;
    } else {
      this.#seen ??= new Set(this.keys.slice(1, this.count));
      if (this.#seen.has(key)) return -1;
      this.#seen.add(key);
    }
    const i = this.count++;
    this.keys[i] = key;
    this.hashes[i] = hash;
    this.#leaves[i] = undefined;
    if (!this.project && key.startsWith(PROJECT_PREFIX)) this.project = true;
    return i;
  }

  #place(i: number, leaf: ResidentResources, entry: number): void {
    if (entry < 0) return;
    this.#leaves[i] = leaf;
    this.#entries[i] = entry;
  }

  /** Index of scope i in a leaf's table of scopes, or -1. */
  indexIn(scopes: StringTable, i: number): number {
    return i === 0 ? scopes.indexOfRef(this.type, this.id, this.hashes[0]!) : scopes.indexOfHashed(this.keys[i]!, this.hashes[i]!);
  }

  /** The parents that a request claims for an unregistered resource. */
  #claim(snapshot: Snapshot, properties: JsonObject | undefined, missing: LeafRef[]): void {
    if (properties === undefined) return;
    const parents = Object.hasOwn(properties, 'parents') ? properties['parents'] : undefined;
    if (Array.isArray(parents)) {
      for (const parent of parents) {
        if (typeof parent !== 'string') continue;
        const colon = parent.indexOf(':');
        if (colon > 0 && colon < parent.length - 1) this.#addClaimed(snapshot, parent, missing);
      }
    }
    const project = Object.hasOwn(properties, 'project') ? properties['project'] : undefined;
    if (typeof project === 'string' && project !== '') this.#addClaimed(snapshot, PROJECT_PREFIX + project, missing);
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

  /** Positions of the parents of an entry among the scopes; the resource itself, in a cycle typed by hand, is passed over. */
  #parentsOf(leaf: ResidentResources, entry: number): number[] {
    const positions: number[] = [];
    for (let p = leaf.leaf.parentStarts[entry]!; p < leaf.leaf.parentStarts[entry + 1]!; p++) {
      const at = this.keys.indexOf(leaf.parentKey(leaf.leaf.parentItems[p]!), 1);
      if (at >= 0 && at < this.count) positions.push(at);
    }
    return positions;
  }
}
