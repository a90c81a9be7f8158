/** Directed graphs given as lists of edges: cycles and the length of the longest path. No domain words, no recursion. */

export interface Edge {
  readonly from: string;
  readonly to: string;
}

export interface Cycle<E extends Edge> {
  /** the edge that closes it */
  readonly edge: E;
  /** from a node back to itself: the first is also the last */
  readonly nodes: readonly string[];
}

export interface GraphReport<E extends Edge> {
  readonly cycles: readonly Cycle<E>[];
  /** edges at whose start the longest path first exceeds the limit; empty when there are cycles */
  readonly tooLong: readonly E[];
}

/** each cycle is a walk over up to all nodes, and somebody has to read them */
const MAX_CYCLES = 20;

/** @param maxLength how many edges a path may have */
export function inspectGraph<E extends Edge>(edges: readonly E[], maxLength: number): GraphReport<E> {
  const out = new Map<string, E[]>();
  for (const edge of edges) {
    const list = out.get(edge.from);
    if (list === undefined) out.set(edge.from, [edge]);
    else list.push(edge);
  }
  const cycles: Cycle<E>[] = [];
  const tooLong: E[] = [];
  /** longest path from a node, known once everything below it was seen; -1 while it is on the stack */
  const length = new Map<string, number>();
  for (const start of out.keys()) {
    if (!length.has(start)) walk(start, out, length, cycles, tooLong, maxLength);
    if (cycles.length >= MAX_CYCLES) break;
  }
  return { cycles, tooLong: cycles.length > 0 ? [] : tooLong };
}

interface Frame {
  readonly node: string;
  next: number;
  longest: number;
}

function walk<E extends Edge>(
  start: string,
  out: ReadonlyMap<string, readonly E[]>,
  length: Map<string, number>,
  cycles: Cycle<E>[],
  tooLong: E[],
  maxLength: number,
): void {
  const stack: Frame[] = [{ node: start, next: 0, longest: 0 }];
  length.set(start, -1);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const edges = out.get(frame.node) ?? [];
    const edge = edges[frame.next];
    if (edge === undefined) {
      stack.pop();
      length.set(frame.node, frame.longest);
      const first = edges[0];
      if (frame.longest === maxLength + 1 && first !== undefined) tooLong.push(first);
      const above = stack.at(-1);
      if (above !== undefined) above.longest = Math.max(above.longest, frame.longest + 1);
      continue;
    }
    frame.next++;
    const known = length.get(edge.to);
    if (known === undefined) {
      length.set(edge.to, -1);
      stack.push({ node: edge.to, next: 0, longest: 0 });
    } else if (known >= 0) {
      frame.longest = Math.max(frame.longest, known + 1);
    } else if (cycles.length < MAX_CYCLES) {
      const from = stack.findIndex((each) => each.node === edge.to);
      cycles.push({ edge, nodes: [...stack.slice(from).map((each) => each.node), edge.to] });
    }
  }
}
