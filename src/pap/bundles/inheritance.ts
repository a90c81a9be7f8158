/** A role must not inherit itself, over however many others. */
import type { CatalogRows } from '../../core/terms/rows.ts';
import { type Edge, inspectGraph } from '../manifest/graph.ts';
import type { Problems } from '../manifest/problems.ts';
import type { Link } from '../manifest/resolve/bundle.ts';
import { roleName } from '../manifest/resolve/bundles.ts';
import { describeCycle } from '../manifest/resolve/cycles.ts';
import { indexOf } from './catalog.ts';

/** Tells each cycle that the role would close, with its path. @param parents what it shall inherit, all of it */
export function checkInheritance(rows: CatalogRows, role: string, parents: readonly Link[], problems: Problems): void {
  const out = Map.groupBy(
    rows.role_inherits.filter((row) => row.role !== role),
    (row) => row.role,
  );
  const places = new Map(parents.map(({ id, path }) => [id, path]));
  const edges: Edge[] = parents.map(({ id }) => ({ from: role, to: id }));
  // A set that grows while it is walked: only what the role reaches counts, and each role once.
  const reached = new Set(places.keys());
  for (const from of reached) {
    if (from === role) continue;
    for (const { parent } of out.get(from) ?? []) {
      edges.push({ from, to: parent });
      reached.add(parent);
    }
  }
  const roles = indexOf(rows.roles);
  for (const { nodes } of inspectGraph(edges, Number.POSITIVE_INFINITY).cycles) {
    // Another one was there before, typed by hand: not this role's fault.
    if (nodes[0] !== role) continue;
    const path = describeCycle(nodes, (id) => roleName(id, { roles }));
    problems.add('cycle', places.get(nodes[1] ?? '') ?? 'inherits', `roles inherit in a cycle: ${path}`);
  }
}
