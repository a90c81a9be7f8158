/**
 * Random small changes to a random world, as an administrator or SQL typed by hand would make them. The rows stay valid: what
 * refers to something deleted goes with it, and groups, roles and resources stay acyclic.
 */
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import { CATALOG_CHANGES } from './mutate-catalog.ts';
import { PEOPLE_CHANGES } from './mutate-people.ts';
import { RESOURCE_CHANGES } from './mutate-resources.ts';
import type { Random } from './random.ts';
import type { Touched } from './touched.ts';
import { touchedBetween } from './touched.ts';
import type { World } from './world.ts';
import { entityOf } from './world.ts';

/** Changes the rows where they lie; does nothing when there is nothing of its kind. */
export type Change = (random: Random, rows: OrganizationRows) => void;

export interface Mutation {
  readonly rows: OrganizationRows;
  /** the world with these rows; what was deleted is still asked about, what is new is asked about too */
  readonly world: World;
  readonly touched: Touched;
  /** names of the changes made, in order: for the message of a test that fails */
  readonly done: readonly string[];
}

const CHANGES: readonly (readonly [string, Change])[] = Object.entries({ ...PEOPLE_CHANGES, ...RESOURCE_CHANGES, ...CATALOG_CHANGES });

/** Between one and `most` changes. The given world is left as it is. */
export function mutateWorld(random: Random, world: World, most = 4): Mutation {
  const rows = structuredClone(world.rows);
  const done: string[] = [];
  for (let i = random.between(1, most); i > 0; i--) {
    const [name, change] = random.pick(CHANGES);
    change(random, rows);
    done.push(name);
  }
  return { rows, world: { ...world, rows, ...asked(world, rows) }, touched: touchedBetween(world.rows, rows), done };
}

function asked(world: World, rows: OrganizationRows): Pick<World, 'subjects' | 'resources'> {
  const before = new Set([...world.subjects, ...world.resources].map((entity) => (entity ? `${entity.type}:${entity.id}` : '')));
  const known = new Set([...world.rows.subjects.map((row) => row.subject), ...world.rows.resources.map((row) => row.resource)]);
  const isNew = (ref: string): boolean => !before.has(ref) && !known.has(ref);
  const subjects = rows.subjects.map((row) => row.subject).filter(isNew);
  const resources = rows.resources.map((row) => row.resource).filter(isNew);
  return {
    subjects: [...world.subjects, ...subjects.map((ref) => entityOf(ref))],
    resources: [...world.resources, ...resources.map((ref) => entityOf(ref))],
  };
}
