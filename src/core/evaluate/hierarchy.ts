/**
 * Where a check looks: the resource, what lies above it, and `org`; and from which of these an allow reaches the resource (RULE.md §2, §6).
 * Reused from check to check, so that the ordinary one allocates nothing.
 */
import { type Chain, NO_CHAIN } from '../snapshot/chain.ts';
import type { LeafRef, ResidentResources, Snapshot } from '../snapshot/snapshot.ts';
import { SoughtRef } from '../snapshot/sought-ref.ts';
import type { JsonObject } from '../terms/json.ts';
import { PROJECT_TYPE } from '../terms/ref.ts';
import type { Entity } from '../terms/request.ts';
import { chainAbove, parentsOf } from './chain.ts';

/** is no scope of any grant */
const NOTHING: Entity = { type: '', id: '' };

/** scopes of a snapshot that open questions were about */
const MAX_KEPT = 1_000;

export class Hierarchy {
  /** there is a resource, and its own scope */
  present = false;
  type = '';
  id = '';
  /** the resource, as it is looked up */
  readonly ref = new SoughtRef();
  above: Chain = NO_CHAIN;
  /** the resource is restricted: only what is granted on itself reaches it */
  cut = false;
  /** the check's level */
  project = false;
  /** place of the resource's own entry when it is registered */
  leaf: ResidentResources | undefined;
  entry = -1;
  readonly #aboveChildren = new WeakMap<Snapshot, Map<string, Chain>>();

  get registered(): boolean {
    return this.leaf !== undefined;
  }

  /** Does an allow granted at `org` reach the resource? */
  get orgReaches(): boolean {
    return !this.cut && this.above.orgReaches;
  }

  /** No resource: `org` alone. */
  clear(): void {
    this.present = false;
    this.above = NO_CHAIN;
    this.cut = false;
    this.project = false;
    this.leaf = undefined;
    this.entry = -1;
  }

  /**
   * Something unregistered below the resource (absent: below `org`), which is all that is known of it; or the resource itself, as if it were that.
   * @param below its level, and whether it is restricted itself
   */
  openBelow(
    snapshot: Snapshot,
    resource: Entity | undefined,
    below: { readonly project: boolean; readonly restricted: boolean; readonly itself?: boolean | undefined },
    missing: LeafRef[],
  ): void {
    this.clear();
    this.present = true;
    const { type, id } = below.itself && resource !== undefined ? resource : NOTHING;
    this.type = type;
    this.id = id;
    this.ref.set(type, id);
    if (resource !== undefined && !below.itself)
      this.above = this.#aboveChild(snapshot, `${resource.type}:${resource.id}`, missing) ?? NO_CHAIN;
    this.cut = below.restricted;
    this.project = below.project || this.above.project;
  }

  /** What lies above the children of a resource: kept, since many questions are about few scopes, and leaves share it. */
  #aboveChild(snapshot: Snapshot, key: string, missing: LeafRef[]): Chain | undefined {
    let chains = this.#aboveChildren.get(snapshot);
    if (chains === undefined) {
      chains = new Map();
      this.#aboveChildren.set(snapshot, chains);
    }
    const known = chains.get(key);
    if (known !== undefined) return known;
    const chain = chainAbove(snapshot, '', [key], missing);
    if (chain === undefined) return undefined;
    if (chains.size >= MAX_KEPT) chains.clear();
    chains.set(key, chain);
    return chain;
  }

  /** Reads all that lies above the resource. Leaves that are not at hand are added to `missing`: then nothing here counts. */
  open(snapshot: Snapshot, resource: Entity, missing: LeafRef[]): void {
    const { type, id } = resource;
    this.clear();
    this.present = true;
    this.type = type;
    this.id = id;
    this.ref.set(type, id);
    const before = missing.length;
    if (this.#find(snapshot, missing)) this.#openStored(snapshot, missing);
    else if (missing.length === before)
      this.above = chainAbove(snapshot, `${type}:${id}`, claimedParents(resource.properties), missing) ?? NO_CHAIN;
    this.project = type === PROJECT_TYPE || this.above.project;
  }

  #find(snapshot: Snapshot, missing: LeafRef[]): boolean {
    const index = snapshot.manifest.directories.resources.findRef(this.ref);
    if (index < 0) return false;
    const leaf = snapshot.resources[index];
    if (leaf === undefined) {
      missing.push({ kind: 'resources', leaf: index });
      return false;
    }
    const entry = leaf.leaf.keys.find(this.ref);
    if (entry < 0) return false;
    this.leaf = leaf;
    this.entry = entry;
    return true;
  }

  #openStored(snapshot: Snapshot, missing: LeafRef[]): void {
    const resident = this.leaf!;
    const { leaf } = resident;
    this.cut = leaf.restricted(this.entry);
    if (!leaf.hasParents(this.entry)) return;
    const known = resident.chain(this.entry, snapshot);
    if (known !== undefined) {
      this.above = known;
      return;
    }
    // A chain that is shared leaves nobody out: in a cycle typed by hand it may hold the resource itself, which then is a scope twice.
    const only = leaf.onlyParent(this.entry);
    const chain =
      only < 0
        ? chainAbove(snapshot, `${this.type}:${this.id}`, parentsOf(resident, this.entry), missing)
        : this.#aboveChild(snapshot, leaf.parents.get(only), missing);
    if (chain === undefined) return;
    resident.keepChain(this.entry, snapshot, chain);
    this.above = chain;
  }
}

/** The parents that a request claims for an unregistered resource. */
export function claimedParents(properties: JsonObject | undefined): string[] {
  const claimed: string[] = [];
  if (properties === undefined) return claimed;
  const parents = Object.hasOwn(properties, 'parents') ? properties.parents : undefined;
  if (Array.isArray(parents)) {
    for (const parent of parents) {
      if (typeof parent !== 'string') continue;
      const colon = parent.indexOf(':');
      if (colon > 0 && colon < parent.length - 1) claimed.push(parent);
    }
  }
  const project = Object.hasOwn(properties, 'project') ? properties.project : undefined;
  if (typeof project === 'string' && project !== '') claimed.push(`${PROJECT_TYPE}:${project}`);
  return claimed;
}
