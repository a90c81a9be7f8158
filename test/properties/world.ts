/**
 * Random worlds: the rows of one small organization and what to ask about it. A world is a function of its seed alone.
 * The rows are valid (all references exist, groups, roles and resources are acyclic, whoever is named is registered), and shaped
 * so that over many worlds every sentence of RULE.md decides often enough: test/oracle/coverage.test.ts counts.
 */
import type { JsonObject } from '../../src/core/terms/json.ts';
import { NOBODY } from '../../src/core/terms/ref.ts';
import type { Action, CheckOptions, CheckRequest, Entity } from '../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { Random } from './random.ts';
import { randomFrom } from './random.ts';
import { IDS, NOW, RESOURCE_TYPES, randomContext, randomProperties, SHORT_NAME, UNKNOWN_NAMES } from './vocabulary.ts';
import { addAssignments, randomTokenRoles } from './world-assignments.ts';
import { addCatalog } from './world-catalog.ts';
import { addPeople } from './world-people.ts';
import { addResources } from './world-resources.ts';

export interface World {
  readonly rows: OrganizationRows;
  /** who asks: registered, suspended, unknown, of type `group`, and nobody */
  readonly subjects: readonly Entity[];
  /** names of actions, some of them of no privilege */
  readonly actions: readonly string[];
  /** undefined: asked about the organization itself */
  readonly resources: readonly (Entity | undefined)[];
  /** ms since 1970 */
  readonly now: number;
  /** the same for every question of this world */
  readonly context: JsonObject | undefined;
  readonly actionProperties: JsonObject | undefined;
  readonly options: CheckOptions;
}

export function worldFromSeed(seed: number): World {
  return randomWorld(randomFrom(seed));
}

export function randomWorld(random: Random): World {
  const rows = emptyRows();
  addPeople(random, rows);
  addResources(random, rows);
  addCatalog(random, rows);
  addAssignments(random, rows);
  return {
    rows,
    subjects: askedSubjects(random, rows),
    actions: askedActions(random, rows),
    resources: askedResources(random, rows),
    now: NOW,
    context: random.chance(0.1) ? undefined : randomContext(random),
    actionProperties: random.chance(0.5) ? { reason: random.pick(['audit', 'other']) } : undefined,
    options: {
      ...(random.chance(0.15) ? { assert: true } : {}),
      ...(random.chance(0.15) ? { groups: [...random.sample(rows.groups, 1).map((group) => group.id), 'grp_of_nobody'] } : {}),
      ...(random.chance(0.4) ? { roles: randomTokenRoles(random, rows) } : {}),
    },
  };
}

export function requestOf(world: World, subject: Entity, action: string, resource: Entity | undefined): CheckRequest {
  return {
    subject,
    action: actionOf(world, action),
    ...(resource === undefined ? {} : { resource }),
    ...(world.context === undefined ? {} : { context: world.context }),
  };
}

export function actionOf(world: World, name: string): Action {
  return world.actionProperties === undefined ? { name } : { name, properties: world.actionProperties };
}

export function emptyRows(): OrganizationRows {
  return {
    privileges: [],
    policies: [],
    roles: [],
    role_policies: [],
    role_inherits: [],
    groups: [],
    group_nesting: [],
    routes: [],
    settings: [],
    subjects: [],
    memberships: [],
    assignments: [],
    api_keys: [],
    resources: [],
    resource_parents: [],
    resource_owners: [],
  };
}

/** `type:id`, split at the first colon */
export function entityOf(ref: string, properties?: JsonObject): Entity {
  const colon = ref.indexOf(':');
  return { type: ref.slice(0, colon), id: ref.slice(colon + 1), ...(properties === undefined ? {} : { properties }) };
}

function askedSubjects(random: Random, rows: OrganizationRows): Entity[] {
  const subjects = rows.subjects.map((row) => entityOf(row.subject, random.chance(0.3) ? randomProperties(random) : undefined));
  const unregistered = random.sample(IDS, 3).find((id) => !rows.subjects.some((row) => row.subject === `user:${id}`));
  if (unregistered !== undefined) subjects.push({ type: 'user', id: unregistered, properties: randomProperties(random) });
  if (random.chance(0.4)) subjects.push({ type: 'group', id: random.pick([...rows.groups.map((group) => group.id), 'everyone', 'owner']) });
  if (random.chance(0.2)) subjects.push(NOBODY);
  return subjects;
}

function askedActions(random: Random, rows: OrganizationRows): string[] {
  const names = new Set(rows.privileges.map((row) => row.name));
  if ([...names].some((name) => name.endsWith(`:${SHORT_NAME}`))) names.add(SHORT_NAME);
  if (random.chance(0.3)) names.add(random.pick(UNKNOWN_NAMES));
  return [...names];
}

function askedResources(random: Random, rows: OrganizationRows): (Entity | undefined)[] {
  const known = rows.resources.map((row) => row.resource);
  const resources: (Entity | undefined)[] = random
    .sample(known, 8)
    .map((ref) => entityOf(ref, random.chance(0.3) ? { ...randomProperties(random), parents: random.sample(known, 1) } : undefined));
  if (random.chance(0.7)) resources.push(undefined);
  for (let i = random.between(1, 2); i > 0; i--) {
    const ref = `${random.pick([...RESOURCE_TYPES, 'project'])}:${random.pick(IDS)}`;
    if (!known.includes(ref)) resources.push(entityOf(ref, { ...randomProperties(random), ...claim(random, ref, known) }));
  }
  return resources;
}

/** Parents claimed by a request: good ones, unknown ones, and things that are none. */
function claim(random: Random, ref: string, known: readonly string[]): JsonObject {
  const parents = random.some([...random.sample(known, 2), `doc:${random.pick(IDS)}`, ref, 'nothing', ':', 'doc:', 7, null], 0.4);
  const projects = known.filter((item) => item.startsWith('project:')).map((item) => item.slice('project:'.length));
  return {
    ...(random.chance(0.6) ? { parents } : random.chance(0.2) ? { parents: 'doc:a' } : {}),
    ...(random.chance(0.4) ? { project: random.pick([...projects, 'a', 'unheard of']) } : {}),
  };
}
