/**
 * Reachability in a directed graph of the nodes 0 … count-1, cyclic or not. Nothing here recurses: a chain of 65,000 nodes is fine.
 * Results depend on the graph alone if every list of successors is ascending.
 */
import { IndexUnion } from './index-union.ts';

export type Successors = (node: number) => readonly number[];

/**
 * Strongly connected components (Tarjan), each behind all components that it reaches: so walking them in order meets successors first.
 * A graph is acyclic iff every component is one node without an edge to itself.
 */
export function components(count: number, successors: Successors): number[][] {
  const found: number[][] = [];
  // order of discovery, from 1; 0 is not met yet
  const index = new Uint32Array(count);
  const low = new Uint32Array(count);
  const open = new Uint8Array(count);
  const nextEdge = new Uint32Array(count);
  const path: number[] = [];
  const stack: number[] = [];
  let met = 0;

  const enter = (node: number): void => {
    met++;
    index[node] = met;
    low[node] = met;
    open[node] = 1;
    stack.push(node);
    path.push(node);
  };

  for (let root = 0; root < count; root++) {
    if (index[root] !== 0) continue;
    enter(root);
    while (path.length > 0) {
      const node = path[path.length - 1]!;
      const next = successors(node)[nextEdge[node]!++];
      if (next !== undefined) {
        if (index[next] === 0) enter(next);
        else if (open[next] === 1) low[node] = Math.min(low[node]!, index[next]!);
        continue;
      }
      path.pop();
      const above = path[path.length - 1];
      if (above !== undefined) low[above] = Math.min(low[above]!, low[node]!);
      if (low[node] !== index[node]) continue;
      const component = stack.splice(stack.lastIndexOf(node));
      for (const member of component) open[member] = 0;
      found.push(component.sort((a, b) => a - b));
    }
  }
  return found;
}

/** For every cyclic component the shortest cycle through its smallest node, as a path that ends where it starts: `[0, 2, 1, 0]`. Sorted by start. */
export function cycles(parts: readonly (readonly number[])[], successors: Successors): number[][] {
  const found: number[][] = [];
  for (const part of parts) {
    const cycle = shortestCycle(part, successors);
    if (cycle !== null) found.push(cycle);
  }
  return found.sort((a, b) => a[0]! - b[0]!);
}

function shortestCycle(part: readonly number[], successors: Successors): number[] | null {
  const start = part[0]!;
  if (part.length === 1) return successors(start).includes(start) ? [start, start] : null;
  const inside = new Set(part);
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const next of successors(node)) {
      if (next === start) return [...pathTo(node, start, cameFrom), start];
      if (!inside.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return null;
}

function pathTo(node: number, start: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const path = [node];
  for (let at = node; at !== start; ) {
    at = cameFrom.get(at)!;
    path.push(at);
  }
  return path.reverse();
}

/**
 * For every node the nodes that it reaches, ascending. A node is in its own list iff it lies on a cycle. Nodes of one component share one list.
 * @param parts the graph's `components`, in their order
 */
export function closure(count: number, parts: readonly (readonly number[])[], successors: Successors): (readonly number[])[] {
  const reached: (readonly number[])[] = new Array(count).fill([]);
  const union = new IndexUnion(count);
  for (const part of parts) {
    for (const node of part) {
      for (const next of successors(node)) {
        union.add(next);
        union.addAll(reached[next]!);
      }
    }
    const list = union.take();
    for (const node of part) reached[node] = list;
  }
  return reached;
}

/** For every node the number of edges on the longest path from it; only for an acyclic graph. `order` has successors first. */
export function heights(count: number, order: readonly number[], successors: Successors): Uint32Array {
  const height = new Uint32Array(count);
  for (const node of order) for (const next of successors(node)) height[node] = Math.max(height[node]!, height[next]! + 1);
  return height;
}
