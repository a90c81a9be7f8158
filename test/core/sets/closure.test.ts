/** Reachability, against a naive search on random graphs and by hand on the shapes that are easily got wrong. */
import { describe, expect, it } from 'vitest';
import { closure, components, cycles, heights } from '../../../src/core/sets/closure.ts';

function close(edges: readonly (readonly number[])[]): (readonly number[])[] {
  const successors = (node: number): readonly number[] => edges[node]!;
  return closure(edges.length, components(edges.length, successors), successors);
}

function cyclesOf(edges: readonly (readonly number[])[]): number[][] {
  const successors = (node: number): readonly number[] => edges[node]!;
  return cycles(components(edges.length, successors), successors);
}

function naive(edges: readonly (readonly number[])[], from: number): number[] {
  const reached = new Set(edges[from]);
  for (const node of reached) for (const next of edges[node]!) reached.add(next);
  return [...reached].sort((a, b) => a - b);
}

/** Park and Miller's generator: enough to draw edges. */
function drawer(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

describe('closure', () => {
  it('is right for a diamond', () => {
    expect(close([[1, 2], [3], [3], []])).toEqual([[1, 2, 3], [3], [3], []]);
  });

  it('is right for a cycle of three with a tail on each side', () => {
    expect(close([[1], [2], [3], [1, 4], []])).toEqual([[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], []]);
  });

  it('has a node in its own list only if it lies on a cycle', () => {
    expect(close([[0, 1], []])).toEqual([[0, 1], []]);
  });

  it('equals a naive search on random graphs, cyclic and not', () => {
    const draw = drawer(20260615);
    for (let round = 0; round < 300; round++) {
      const count = 1 + draw(12);
      const edges = Array.from({ length: count }, () =>
        [...new Set(Array.from({ length: draw(4) }, () => draw(count)))].sort((a, b) => a - b),
      );
      expect(close(edges)).toEqual(edges.map((_, node) => naive(edges, node)));
    }
  });
});

describe('cycles', () => {
  it('gives the path of a cycle of three, starting and ending at its smallest node', () => {
    expect(cyclesOf([[], [3], [1], [2]])).toEqual([[1, 3, 2, 1]]);
  });

  it('gives one cycle for each knot, and none for a diamond', () => {
    expect(cyclesOf([[1, 2], [3], [3], []])).toEqual([]);
    expect(cyclesOf([[0], [2], [1], [1]])).toEqual([
      [0, 0],
      [1, 2, 1],
    ]);
  });
});

describe('long chains', () => {
  const count = 65_536;

  it('of 65,536 nodes are walked without recursion, successors first', () => {
    const successors = (node: number): number[] => (node + 1 < count ? [node + 1] : []);
    const parts = components(count, successors);
    expect(parts[0]).toEqual([count - 1]);
    expect(heights(count, parts.flat(), successors)[0]).toBe(count - 1);
  });

  it('that close into one cycle have one component, one path, one list', () => {
    const successors = (node: number): number[] => [(node + 1) % count];
    const parts = components(count, successors);
    expect(parts).toHaveLength(1);
    expect(cycles(parts, successors)[0]).toHaveLength(count + 1);
    expect(closure(count, parts, successors)[7]).toHaveLength(count);
  });
});
