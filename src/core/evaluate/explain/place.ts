/** Where a question looks, with the ways there (RULE.md §2, §6): what lies above the resource, over which path, and what cuts an allow off. */
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
  const ways = new Ways(snapshot, self, parents, missing);
  if (missing.length > 0) return [];
  const placeOf = above.keys.length < FEW ? null : new Map(above.keys.map((key, i) => [key, i]));
  const scopes = [own];
  for (const { key, registered, restricted } of ways.nodes.values()) {
    const at = placeOf === null ? above.keys.indexOf(key) : (placeOf.get(key) ?? -1);
    if (at < 0) continue;
    const path = ways.path(key);
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
  const toRoot = ways.toRoot();
  const orgReaches = above.orgReaches && !cut;
  scopes.sort((a, b) => a.path.length - b.path.length);
  scopes.push(orgScope(toRoot, orgReaches, orgReaches ? undefined : cut ? self : ways.restrictedOn(toRoot.slice(1))));
  return scopes;
}

function orgScope(path: readonly string[], reaches: boolean, cutAt: string | undefined): ExplainedScope {
  return { scope: ORG_SCOPE, path: [...path, ORG_SCOPE], reaches, ...(cutAt === undefined ? {} : { cut_at: cutAt }) };
}

/** All that is reached over parents, each with the one below it on a shortest path; past nothing restricted if there is such a path. */
class Ways {
  /** nearest first */
  readonly nodes = new Map<string, Node>();
  readonly #snapshot: Snapshot;
  readonly #self: string;
  readonly #missing: LeafRef[];
  readonly #below = new Map<string, string>();
  #stopped = false;

  constructor(snapshot: Snapshot, self: string, parents: readonly string[], missing: LeafRef[]) {
    this.#snapshot = snapshot;
    this.#self = self;
    this.#missing = missing;
    this.#walk(parents, true);
    // What is behind something restricted comes after what is reached.
    if (this.#stopped) this.#walk(parents, false);
  }

  #node(key: string): Node {
    let node = this.nodes.get(key);
    if (node === undefined) {
      node = readNode(this.#snapshot, key, this.#missing);
      this.nodes.set(key, node);
    }
    return node;
  }

  /** @param open goes past nothing restricted */
  #walk(parents: readonly string[], open: boolean): void {
    const seen = new Set<string>([this.#self]);
    const queue = parents.map((key) => [key, this.#self] as const);
    for (let i = 0; i < queue.length; i++) {
      const [key, below] = queue[i]!;
      if (seen.has(key)) continue;
      seen.add(key);
      if (!this.#below.has(key)) this.#below.set(key, below);
      const { restricted, parents: next } = this.#node(key);
      if (open && restricted && next.length > 0) {
        this.#stopped = true;
        continue;
      }
      for (const parent of next) queue.push([parent, key]);
    }
  }

  /** From the resource up to `key`, both included. */
  path(key: string): string[] {
    const path = [key];
    for (let below = this.#below.get(key); below !== undefined; below = this.#below.get(below)) path.push(below);
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
    return first ?? [this.#self];
  }

  /** The first that is restricted. */
  restrictedOn(path: readonly string[]): string | undefined {
    return path.find((key) => this.nodes.get(key)?.restricted);
  }
}
