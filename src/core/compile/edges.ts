/** Link rows → edges between indices. A link to something that isn't there could have carried a deny: fatal. */
import { components, cycles } from '../sets/closure.ts';
import { quote, type Report } from './report.ts';

export interface Link {
  readonly from: string;
  readonly to: string;
  /** place of the row that it was read from */
  readonly path: string;
}

export interface Ends {
  readonly from: ReadonlyMap<string, number>;
  readonly to: ReadonlyMap<string, number>;
  /** what the ends are called in a message: `role`, `policy` */
  readonly fromWord: string;
  readonly toWord: string;
}

/** For every index of `from` the indices it links to, ascending, each once. */
export function readEdges(links: readonly Link[], ends: Ends, report: Report): number[][] {
  const edges: Set<number>[] = Array.from({ length: ends.from.size }, () => new Set());
  for (const link of links) {
    const from = ends.from.get(link.from);
    const to = ends.to.get(link.to);
    if (from === undefined) report.fatal(`unknown_${ends.fromWord}`, link.path, `there is no ${ends.fromWord} ${quote(link.from)}`);
    if (to === undefined) report.fatal(`unknown_${ends.toWord}`, link.path, `there is no ${ends.toWord} ${quote(link.to)}`);
    if (from !== undefined && to !== undefined) edges[from]!.add(to);
  }
  return edges.map((set) => [...set].sort((a, b) => a - b));
}

/**
 * Components of the graph, successors first; every cycle is fatal and given with its path.
 * @param place of the row that makes the edge between two ids
 */
export function checkAcyclic(
  edges: readonly (readonly number[])[],
  ids: readonly string[],
  place: (from: string, to: string) => string,
  report: Report,
): number[][] {
  const successors = (node: number): readonly number[] => edges[node]!;
  const parts = components(edges.length, successors);
  for (const cycle of cycles(parts, successors)) {
    const path = cycle.map((node) => ids[node]!);
    report.fatal('cycle', place(path[0]!, path[1]!), `these lead back to themselves: \`${path.join(' → ')}\``);
  }
  return parts;
}
