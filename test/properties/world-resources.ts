/** Resources of a random world: a DAG with diamonds, restricted nodes at any depth, and owners. */
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { Random } from './random.ts';
import { IDS, OWNER_KINDS, RESOURCE_TYPES, randomProperties } from './vocabulary.ts';

export function addResources(random: Random, rows: OrganizationRows): void {
  for (const id of random.sample(IDS, random.between(1, 2))) addResource(random, rows, `project:${id}`);
  for (let i = random.between(6, 9); i > 0; i--) addResource(random, rows, `${random.pick(RESOURCE_TYPES)}:${random.pick(IDS)}`);
}

/** A new resource below some that were there before: so parents can't become a cycle. Does nothing if it is there already. */
export function addResource(random: Random, rows: OrganizationRows, resource: string): void {
  if (rows.resources.some((row) => row.resource === resource)) return;
  const parents = random.sample(rows.resources, random.pick([0, 1, 1, 1, 2, 2, 3]));
  for (const parent of parents) rows.resource_parents.push({ resource, parent: parent.resource });
  rows.resources.push({
    resource,
    access: random.chance(0.2) ? 'restricted' : 'inherit',
    properties: JSON.stringify(random.chance(0.2) ? {} : randomProperties(random)),
  });
  for (let i = random.pick([0, 1, 1, 2, 2]); i > 0; i--) addOwner(random, rows, resource);
}

/** Does nothing if the row is there already. */
export function addOwner(random: Random, rows: OrganizationRows, resource: string): void {
  const groups = rows.groups.map((group) => `group:${group.id}`);
  const owner = random.pick(random.chance(0.6) && groups.length > 0 ? groups : rows.subjects.map((row) => row.subject));
  const kind = random.pick(OWNER_KINDS);
  if (rows.resource_owners.some((row) => row.resource === resource && row.owner === owner && row.kind === kind)) return;
  rows.resource_owners.push({ resource, owner, kind });
}
