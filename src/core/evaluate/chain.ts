/** Follows parents upwards (RULE.md §2) and finds from where an allow reaches past restricted things (§6). */
import { hashText } from '../sets/hash.ts';
import { type Chain, NO_CHAIN } from '../snapshot/chain.ts';
import type { LeafRef, ResidentResources, Snapshot } from '../snapshot/snapshot.ts';
import { PROJECT_TYPE } from '../terms/ref.ts';

const PROJECT_PREFIX = `${PROJECT_TYPE}:`;

export interface Node {
  readonly key: string;
  readonly registered: boolean;
  readonly restricted: boolean;
  readonly parents: readonly string[];
}

/**
 * What lies above a resource with the given parents. Terminates on cycles too, which only rows typed by hand can hold.
 * @param self the resource's own key: never above itself
 * @returns undefined when leaves are not at hand; they are added to `missing`
 */
export function chainAbove(snapshot: Snapshot, self: string, given: readonly string[], missing: LeafRef[]): Chain | undefined {
  const parents = given.filter((parent) => parent !== self);
  if (parents.length === 0) return NO_CHAIN;
  const nodes = new Map<string, Node>();
  const before = missing.length;
  const open = [...parents];
  // In the order in which they are reached, parents first.
  for (let i = 0; i < open.length; i++) {
    const key = open[i]!;
    if (key === self || nodes.has(key)) continue;
    const node = readNode(snapshot, key, missing);
    nodes.set(key, node);
    open.push(...node.parents);
  }
  if (missing.length > before) return undefined;
  const reached = reach(nodes, parents);
  const keys = [...nodes.keys()];
  return {
    keys,
    hashes: keys.map(hashText),
    reaches: keys.map((key) => reached.keys.has(key)),
    orgReaches: reached.org,
    project: keys.some((key) => key.startsWith(PROJECT_PREFIX)),
  };
}

/** A stored resource, or one that is not registered: open, and with nothing above it. */
export function readNode(snapshot: Snapshot, key: string, missing: LeafRef[]): Node {
  const index = snapshot.manifest.directories.resources.find(key);
  const resident = index < 0 ? undefined : snapshot.resources[index];
  if (index >= 0 && resident === undefined) missing.push({ kind: 'resources', leaf: index });
  const entry = resident === undefined ? -1 : resident.leaf.keys.indexOf(key);
  if (resident === undefined || entry < 0) return { key, registered: false, restricted: false, parents: [] };
  return { key, registered: true, restricted: resident.leaf.restricted(entry), parents: parentsOf(resident, entry) };
}

export function parentsOf({ leaf }: ResidentResources, entry: number): string[] {
  const parents: string[] = [];
  for (let p = leaf.parentStarts[entry]!; p < leaf.parentStarts[entry + 1]!; p++) parents.push(leaf.parents.get(leaf.parentItems[p]!));
  return parents;
}

/**
 * What reaches the resource: its parents, and every parent of an unrestricted thing that is reached. `org` does if an unrestricted thing
 * without parents is reached: it lies directly above those only.
 */
function reach(nodes: ReadonlyMap<string, Node>, parents: readonly string[]): { keys: ReadonlySet<string>; org: boolean } {
  const keys = new Set<string>();
  let org = false;
  const open = [...parents];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const node = nodes.get(key);
    if (node === undefined || keys.has(key)) continue;
    keys.add(key);
    if (node.restricted) continue;
    if (node.parents.length === 0) org = true;
    open.push(...node.parents);
  }
  return { keys, org };
}
