/** Where a question looks, with the ways there (RULE.md §2, §6): what lies above the resource, over which path, and what cuts an allow off. */
import type { Chain } from '../../snapshot/chain.ts';
import type { LeafRef, Snapshot } from '../../snapshot/snapshot.ts';
import type { ExplainedScope } from '../../terms/explanation.ts';
import { ORG_SCOPE } from '../../terms/ref.ts';
import type { Entity } from '../../terms/request.ts';
import { type Node, parentsOf, readNode } from '../chain.ts';
import { claimedParents, type Hierarchy } from '../hierarchy.ts';

/** so many are looked through faster than they are put into a map */
const FEW = 16;

const ONLY_ORG: readonly ExplainedScope[] = [{ scope: ORG_SCOPE, path: [ORG_SCOPE], reaches: true }];

/**
 * The check's scopes: the resource, what lies above it, nearest first, and `org`.
 * @param hierarchy opened for the resource
 */
export function scopesOf(
  snapshot: Snapshot,
  hierarchy: Hierarchy,
  resource: Entity | undefined,
  missing: LeafRef[],
): readonly ExplainedScope[] {
  if (resource === undefined) return ONLY_ORG;
  const self = `${resource.type}:${resource.id}`;
  const { leaf, entry, cut, above } = hierarchy;
  const parents = (leaf === undefined ? claimedParents(resource.properties) : parentsOf(leaf, entry)).filter((parent) => parent !== self);
  const own: ExplainedScope = {
    scope: self,
    path: [self],
    reaches: true,
    ...(cut ? { restricted: true } : {}),
    ...(leaf === undefined ? { unregistered: true } : {}),
  };
  if (parents.length === 0) return [own, orgScope([self], above.orgReaches && !cut, cut ? self : undefined)];
  const ways = waysAbove(snapshot, leaf === undefined ? null : above, parents, missing);
  if (missing.length > 0) return [];
  const placeOf = above.keys.length < FEW ? null : new Map(above.keys.map((key, i) => [key, i]));
  const scopes = [own];
  for (const { key, registered, restricted } of ways.nodes.values()) {
    const at = placeOf === null ? above.keys.indexOf(key) : (placeOf.get(key) ?? -1);
    if (at < 0 || key === self) continue;
    const path = [self, ...ways.path(key)];
    const reaches = above.reaches[at]! && !cut;
    const cutAt = reaches ? undefined : cut ? self : ways.restrictedOn(path.slice(1, -1));
    scopes.push({
      scope: key,
      path,
      reaches,
      ...(cutAt === undefined ? {} : { cut_at: cutAt }),
      ...(restricted ? { restricted: true } : {}),
      ...(registered ? {} : { unregistered: true }),
    });
  }
  const toRoot = [self, ...ways.toRoot()];
  const orgReaches = above.orgReaches && !cut;
  scopes.sort((a, b) => a.path.length - b.path.length);
  scopes.push(orgScope(toRoot, orgReaches, orgReaches ? undefined : cut ? self : ways.restrictedOn(toRoot.slice(1))));
  return scopes;
}

function orgScope(path: readonly string[], reaches: boolean, cutAt: string | undefined): ExplainedScope {
  return { scope: ORG_SCOPE, path: [...path, ORG_SCOPE], reaches, ...(cutAt === undefined ? {} : { cut_at: cutAt }) };
}

/** Of what lies above stored resources, as long as that is kept. */
const waysOfChain = new WeakMap<Chain, Ways>();

function waysAbove(snapshot: Snapshot, chain: Chain | null, parents: readonly string[], missing: LeafRef[]): Ways {
  const known = chain === null ? undefined : waysOfChain.get(chain);
  if (known !== undefined) return known;
  const ways = new Ways(snapshot, parents, missing);
  if (chain !== null && missing.length === 0) waysOfChain.set(chain, ways);
  return ways;
}

/** All that is reached over parents, each with the one below it on a shortest path; past nothing restricted if there is such a path. */
class Ways {
  /** nearest first */
  readonly nodes = new Map<string, Node>();
  readonly #below = new Map<string, string | null>();
  #stopped = false;

  constructor(snapshot: Snapshot, parents: readonly string[], missing: LeafRef[]) {
    // Nothing here holds on to the snapshot: this may be kept for longer.
    const read = (key: string): Node => readNode(snapshot, key, missing);
    this.#walk(parents, true, read);
    // What is behind something restricted comes after what is reached.
    if (this.#stopped) this.#walk(parents, false, read);
  }

  /** @param open goes past nothing restricted */
  #walk(parents: readonly string[], open: boolean, read: (key: string) => Node): void {
    const seen = new Set<string>();
    const queue: [key: string, below: string | null][] = parents.map((key) => [key, null]);
    for (let i = 0; i < queue.length; i++) {
      const [key, below] = queue[i]!;
      if (seen.has(key)) continue;
      seen.add(key);
      if (!this.#below.has(key)) this.#below.set(key, below);
      const node = this.nodes.get(key) ?? read(key);
      this.nodes.set(key, node);
      const { restricted, parents: next } = node;
      if (open && restricted && next.length > 0) {
        this.#stopped = true;
        continue;
      }
      for (const parent of next) queue.push([parent, key]);
    }
  }

  /** From a parent of the resource up to `key`, both included. */
  path(key: string): string[] {
    const path: string[] = [];
    for (let at: string | null | undefined = key; typeof at === 'string'; at = this.#below.get(at)) path.push(at);
    return path.reverse();
  }

  /** To the nearest that has no parents: one that `org` reaches through, if there is any. */
  toRoot(): string[] {
    let first: string[] | undefined;
    for (const { key, parents } of this.nodes.values()) {
      if (parents.length > 0) continue;
      const path = this.path(key);
      if (this.restrictedOn(path) === undefined) return path;
      first ??= path;
    }
    return first ?? [];
  }

  /** The first that is restricted. */
  restrictedOn(path: readonly string[]): string | undefined {
    return path.find((key) => this.nodes.get(key)?.restricted);
  }
}
