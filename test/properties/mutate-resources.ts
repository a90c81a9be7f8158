/** Random changes to resources, their parents, owners and access. */
import type { Change } from './mutate.ts';
import { pickFrom, reachable, removeWhere } from './rows-edit.ts';
import { IDS, RESOURCE_TYPES, randomProperties } from './vocabulary.ts';
import { addOwner, addResource } from './world-resources.ts';

export const RESOURCE_CHANGES: Readonly<Record<string, Change>> = {
  'add a resource'(random, rows) {
    addResource(random, rows, `${random.pick([...RESOURCE_TYPES, 'project'])}:${random.pick(IDS)}`);
  },

  'remove a resource'(random, rows) {
    const gone = pickFrom(random, rows.resources);
    if (!gone || rows.resources.length < 3) return;
    if ([...rows.roles, ...rows.policies].some((row) => `project:${row.project}` === gone.resource)) return;
    removeWhere(rows.resources, (row) => row === gone);
    removeWhere(rows.resource_parents, (row) => row.resource === gone.resource || row.parent === gone.resource);
    removeWhere(rows.resource_owners, (row) => row.resource === gone.resource);
  },

  'add a parent'(random, rows) {
    const [child, above] = random.sample(rows.resources, 2);
    if (!child || !above) return;
    const edges = rows.resource_parents.map((row): [string, string] => [row.resource, row.parent]);
    if (reachable(edges, above.resource).has(child.resource)) return;
    if (rows.resource_parents.some((row) => row.resource === child.resource && row.parent === above.resource)) return;
    rows.resource_parents.push({ resource: child.resource, parent: above.resource });
  },

  'remove a parent'(random, rows) {
    const gone = pickFrom(random, rows.resource_parents);
    removeWhere(rows.resource_parents, (row) => row === gone);
  },

  'restrict or open a resource'(random, rows) {
    const row = pickFrom(random, rows.resources);
    if (row) row.access = row.access === 'inherit' ? 'restricted' : 'inherit';
  },

  'change the properties of a resource'(random, rows) {
    const row = pickFrom(random, rows.resources);
    if (row) row.properties = JSON.stringify(randomProperties(random));
  },

  'add an owner'(random, rows) {
    addOwner(random, rows, random.pick(rows.resources).resource);
  },

  'remove an owner'(random, rows) {
    const gone = pickFrom(random, rows.resource_owners);
    removeWhere(rows.resource_owners, (row) => row === gone);
  },
};
