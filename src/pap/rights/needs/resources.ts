/** Where resources lie, who owns them, who is shut out of them, and what conditions may read of them. */
import { GROUP_OWNER, ORG_SCOPE, PROJECT_TYPE } from '../../../core/terms/ref.ts';
import type { ResourceParentRow } from '../../../core/terms/rows.ts';
import { changeOf } from '../../write/complete.ts';
import { conditionalAtoms, contentOf, reads } from '../content.ts';
import type { HeldTarget } from '../ports.ts';
import { MAX_GRANTS, type Needs } from './context.ts';
import { ownerNeeds } from './held.ts';
import { changedKeys } from './properties.ts';
import { mappedRoles } from './settings.ts';

const PROJECT_PREFIX = `${PROJECT_TYPE}:`;

/** Where resources lie, before and after the changes. */
interface Positions {
  /** registered by this very write, and nothing that is registered lies below: nobody had a right through it */
  isNew(resource: string): boolean;
  above(resource: string): Promise<{ readonly before: ReadonlySet<string>; readonly after: ReadonlySet<string> }>;
  /** where the rights at a resource are held: at itself, or of a new one at its parents */
  place(resource: string): readonly string[];
}

export async function resourceNeeds(needs: Needs): Promise<void> {
  const { changes } = needs;
  const parents = changeOf(changes, 'resource_parents');
  const owners = changeOf(changes, 'resource_owners');
  const resources = changeOf(changes, 'resources');
  const touched = new Set([
    ...[...parents.insert, ...parents.delete, ...owners.insert, ...owners.delete].map(({ resource }) => resource),
    ...[...resources.insert, ...resources.delete].map(({ resource }) => resource),
    ...resources.update.map(({ before }) => before.resource),
  ]);
  if (touched.size === 0) return;
  const positions = await positionsOf(needs, touched);
  const moved = new Set([...parents.insert, ...parents.delete].map(({ resource }) => resource));
  for (const resource of moved) if (!positions.isNew(resource)) await moveNeeds(needs, positions, resource);
  await ownerNeeds(
    needs,
    [...owners.insert, ...owners.delete].map(({ resource, kind }) => ({ kind, place: positions.place(resource) })),
  );
  for (const { before, after } of resources.update) {
    if (before.access !== after.access) await accessNeeds(needs, positions, after.resource);
    await propertyNeeds(needs, positions, after.resource, changedKeys(before.properties, after.properties));
  }
  for (const { resource, access, properties } of resources.insert) {
    // What lies below it already was open.
    if (access === 'restricted' && !positions.isNew(resource)) await accessNeeds(needs, positions, resource);
    await propertyNeeds(needs, positions, resource, changedKeys('{}', properties));
  }
  // Of what is not registered, nothing is restricted, and a request says the properties.
  for (const { resource, access, properties } of resources.delete) {
    if (access === 'restricted') await accessNeeds(needs, positions, resource);
    await propertyNeeds(needs, positions, resource, changedKeys(properties, '{}'));
  }
}

async function positionsOf({ lookup, changes }: Needs, touched: ReadonlySet<string>): Promise<Positions> {
  const { insert, delete: gone } = changeOf(changes, 'resource_parents');
  const inserted = Map.groupBy(insert, ({ resource }) => resource);
  const removed = Map.groupBy(gone, ({ resource }) => resource);
  const known = new Set(await lookup.known([...touched]));
  const closures = new Map<string, ReadonlySet<string>>();
  /** all stored ancestors, without the resource */
  async function stored(resource: string): Promise<ReadonlySet<string>> {
    let closure = closures.get(resource);
    if (closure === undefined) {
      closure = new Set((await lookup.withAncestors([resource])).filter((each) => each !== resource));
      closures.set(resource, closure);
    }
    return closure;
  }
  /** Level by level, with the changes applied. */
  async function after(resource: string): Promise<ReadonlySet<string>> {
    const seen = new Set<string>();
    for (let level = [resource]; level.length > 0; ) {
      const stored = (await lookup.parentsOf(level)).filter((row) => !isGoing(row));
      const parents = [...stored, ...level.flatMap((each) => inserted.get(each) ?? [])].map(({ parent }) => parent);
      level = [...new Set(parents)].filter((parent) => !seen.has(parent));
      for (const parent of level) seen.add(parent);
    }
    return seen;
  }
  function isGoing(row: ResourceParentRow): boolean {
    return removed.get(row.resource)?.some(({ parent }) => parent === row.parent) ?? false;
  }
  return {
    isNew: (resource) => !known.has(resource),
    above: async (resource) => ({ before: await stored(resource), after: await after(resource) }),
    place: (resource) => (known.has(resource) ? [resource] : (inserted.get(resource) ?? []).map(({ parent }) => parent)),
  };
}

/** What is held where it lies no more, or lies now. */
async function moveNeeds(needs: Needs, positions: Positions, resource: string): Promise<void> {
  const { before, after } = await positions.above(resource);
  const either = [...new Set([...before, ...after])];
  // Where something restricted lies in between, another path may reach what the one before did not.
  const cut = (await needs.lookup.restricted(either)).length > 0;
  const scopes = cut ? [...either, ORG_SCOPE] : either.filter((each) => before.has(each) !== after.has(each));
  // At another level other privileges are asked, also of those who hold something at the organization.
  if (!resource.startsWith(PROJECT_PREFIX) && inProject(before) !== inProject(after)) scopes.push(ORG_SCOPE);
  needs.targets(await givenAt(needs, scopes), positions.place(resource));
}

/** To whomever: by assignments and by claim mappings. */
async function givenAt(needs: Needs, scopes: readonly string[]): Promise<HeldTarget[]> {
  const assigned = await needs.lookup.assignedAt(scopes, needs.now, MAX_GRANTS + 1);
  return [...assigned, ...mappedRoles(needs).filter(({ scope }) => scopes.includes(scope))];
}

function inProject(above: ReadonlySet<string>): boolean {
  return [...above].some((each) => each.startsWith(PROJECT_PREFIX));
}

/** All that is held above, unless it reaches restricted resources anyway. Denies always do. */
async function accessNeeds(needs: Needs, positions: Positions, resource: string): Promise<void> {
  const { before } = await positions.above(resource);
  const held = await givenAt(needs, [...before, ORG_SCOPE]);
  if (held.length > MAX_GRANTS) return needs.beyond(`it concerns more than ${MAX_GRANTS} grants`, []);
  for (const grant of held) {
    const { atoms, reachesRestricted } = contentOf(needs.before, grant.target);
    if (reachesRestricted) continue;
    const allowed = [...atoms].filter(([key]) => key.startsWith('allow')).map(([, bit]) => bit);
    needs.bits(grant, allowed, { place: positions.place(resource) });
  }
}

/** What conditional policies could say otherwise. */
async function propertyNeeds(needs: Needs, positions: Positions, resource: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0 || needs.before.conditions.length === 0) return;
  const { before, after } = await positions.above(resource);
  const { lookup, now } = needs;
  const held = [
    ...(await givenAt(needs, [...new Set([resource, ...before, ...after, ORG_SCOPE])])),
    ...(await lookup.heldBy([GROUP_OWNER], now, MAX_GRANTS + 1)),
  ];
  if (held.length > MAX_GRANTS) return needs.beyond(`it concerns more than ${MAX_GRANTS} grants`, []);
  for (const grant of held) {
    const bits = conditionalAtoms(needs.before, grant.target)
      .filter(({ condition }) => reads(condition, 'resource', keys))
      .map(({ bit }) => bit);
    needs.bits(grant, bits, { place: positions.place(resource) });
  }
}
