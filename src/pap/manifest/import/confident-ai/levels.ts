/** A dump of Confident AI, level by level. What is listed at the top with a `projectId` belongs to that project. */
import type { ConfidentDump, ConfidentLevel } from './schema.ts';

interface Placed {
  readonly projectId: string | undefined;
}

export function levelsOf(dump: ConfidentDump): ConfidentLevel[] {
  const top = <Item extends Placed>(name: string, items: readonly Item[]) => items.map((item, i) => ({ item, path: `${name}[${i}]` }));
  const policies = top('policies', dump.policies);
  const roles = top('roles', dump.roles);
  const of = <Item extends Placed>(items: readonly { readonly item: Item; readonly path: string }[], project: string | undefined) =>
    items.filter(({ item }) => item.projectId === project);
  const organization = {
    project: '',
    path: '',
    permissions: dump.permissions,
    policies: of(policies, undefined),
    roles: of(roles, undefined),
    members: dump.members,
  };
  const listed = new Map(dump.projects.map((project, i) => [project.id, { project, path: `projects[${i}].` }]));
  const named = [...policies, ...roles].flatMap(({ item }) => item.projectId ?? []);
  const ids = new Set([...listed.keys(), ...named]);
  const projects = [...ids].map((id): ConfidentLevel => {
    const { project, path = '' } = listed.get(id) ?? {};
    const own = <Item>(name: string, items: readonly Item[] = []) => items.map((item, i) => ({ item, path: `${path}${name}[${i}]` }));
    return {
      project: id,
      path,
      permissions: [...dump.permissions, ...(project?.permissions ?? [])],
      policies: [...of(policies, id), ...own('policies', project?.policies)],
      roles: [...of(roles, id), ...own('roles', project?.roles)],
      members: project?.members ?? [],
    };
  });
  return [organization, ...projects];
}
