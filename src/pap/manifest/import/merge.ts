/**
 * An import laid over the organization as it is: what it names is replaced, what it doesn't name stays. The principals of a policy are part of
 * what is imported, so the assignments of a policy that is replaced are too.
 */
import { foldName } from '../name-index.ts';
import type { AssignmentItem, GroupItem, ManifestDocument, ProjectItem, ResourceItem } from '../schema.ts';

export function merged(present: ManifestDocument, imported: ManifestDocument): ManifestDocument {
  const replaced = replacedPolicies(imported);
  const stays = ({ policy }: AssignmentItem): boolean => policy === undefined || !replaced.has(foldName(policy));
  return {
    ...present,
    catalog: { privileges: [...(imported.catalog?.privileges ?? []), ...(present.catalog?.privileges ?? [])] },
    policies: byName(imported.policies, present.policies),
    roles: byName(imported.roles, present.roles),
    projects: overlaid(imported.projects, present.projects, ({ id }) => id, mergedProject),
    subjects: overlaid(imported.subjects, present.subjects, keyOf, (_, known) => known),
    groups: overlaid(imported.groups, present.groups, ({ name }) => foldName(name), mergedGroup),
    resources: overlaid(imported.resources, present.resources, keyOf, mergedResource),
    assignments: [...(imported.assignments ?? []), ...(present.assignments ?? []).filter(stays)],
  };
}

function replacedPolicies({ policies = [], projects = [] }: ManifestDocument): Set<string> {
  const own = projects.flatMap(({ id, policies: some = [] }) => some.map(({ name }) => `${id}/${name}`));
  return new Set([...policies.map(({ name }) => name), ...own].map(foldName));
}

/** JSON, so that no two things share a key. */
function keyOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return JSON.stringify([type, id]);
}

function byName<Item extends { readonly name: string; readonly id?: string | undefined }>(
  imported: readonly Item[] = [],
  present: readonly Item[] = [],
): Item[] {
  const key = ({ name }: Item): string => foldName(name);
  return overlaid(imported, present, key, (item, known) => (known.id === undefined ? item : { ...item, id: known.id }));
}

/** Those of the import first, so that their places are those that a refusal names. */
function overlaid<Item>(
  imported: readonly Item[] = [],
  present: readonly Item[] = [],
  key: (item: Item) => string,
  both: (imported: Item, present: Item) => Item,
): Item[] {
  const known = new Map(present.map((item) => [key(item), item]));
  const named = new Set(imported.map(key));
  const over = imported.map((item) => {
    const there = known.get(key(item));
    return there === undefined ? item : both(item, there);
  });
  return [...over, ...present.filter((item) => !named.has(key(item)))];
}

function mergedProject(imported: ProjectItem, present: ProjectItem): ProjectItem {
  return {
    ...present,
    ...(imported.nickname === undefined ? {} : { nickname: imported.nickname }),
    policies: byName(imported.policies, present.policies),
    roles: byName(imported.roles, present.roles),
  };
}

function mergedGroup(imported: GroupItem, present: GroupItem): GroupItem {
  return { ...present, members: [...(imported.members ?? []), ...(present.members ?? [])] };
}

function mergedResource(imported: ResourceItem, present: ResourceItem): ResourceItem {
  return {
    ...present,
    ...(imported.access === undefined ? {} : { access: imported.access }),
    parents: [...(imported.parents ?? []), ...(present.parents ?? [])],
  };
}
