/**
 * Lines of a chunk laid over what the catalog has: one document, in which each thing that a line names stands as the line says. So what is judged
 * of a whole manifest (names, ids, cycles, levels) is judged of lines by the same code.
 */
import { exportManifest } from '../manifest/export/export.ts';
import { foldName } from '../manifest/name-index.ts';
import { quote } from '../manifest/problems.ts';
import { resolveBundles } from '../manifest/resolve/bundles.ts';
import { resolveCatalog } from '../manifest/resolve/catalog.ts';
import type { Resolution } from '../manifest/resolve/context.ts';
import { resolveGroups } from '../manifest/resolve/groups.ts';
import { resolveProjects } from '../manifest/resolve/resources.ts';
import type { GroupItem, ManifestDocument, PolicyItem, PrivilegeItem, ProjectItem, RoleItem } from '../manifest/schema.ts';
import type { TableRows } from '../ports.ts';
import type { ItemOf } from './items.ts';
import type { ChunkLines } from './sorted.ts';

/** Numbers of lines by the path of what they say in the document: `roles[3]`. */
export type Places = Map<string, number>;

/** @returns where in the document each line stands */
export function resolveSections(lines: ChunkLines, tables: TableRows, resolution: Resolution): Places {
  const places: Places = new Map();
  const document = overlaid(exportManifest(tables), lines, tables, places);
  resolveCatalog(document, resolution);
  resolveProjects(document, resolution);
  refuseUnknownProjects(lines, resolution);
  refuseForeignIds(lines, tables, resolution);
  resolveBundles(document, resolution);
  resolveGroups(document, resolution);
  return places;
}

function overlaid(present: ManifestDocument, lines: ChunkLines, tables: TableRows, places: Places): ManifestDocument {
  const put = <Item>(path: string, stay: readonly Item[], own: ReadonlyMap<number, Item>): Item[] => {
    for (const [i, line] of [...own.keys()].entries()) places.set(`${path}[${stay.length + i}]`, line);
    return [...stay, ...own.values()];
  };
  const privileges = itemsOf(lines.privilege);
  const levels = [...privileges.values()];
  const stays = (item: PrivilegeItem): boolean => !levels.some((each) => each.name === item.name && within(item, each));
  const groups = itemsOf(lines.group);
  const projects = itemsOf(lines.project);
  const named = new Set([...projects.values()].map(({ id }) => id));
  const all = [
    ...(present.projects ?? []).filter(({ id }) => !named.has(id)).map((item) => [undefined, item] as const),
    ...[...projects].map(([line, item]) => [line, { ...present.projects?.find(({ id }) => id === item.id), ...item }] as const),
  ];
  const bundles = <K extends 'policies' | 'roles'>(
    section: K,
    path: string,
    project: string,
    items: readonly BundleOf<K>[] | undefined,
  ) => {
    // `as`: a section and its items go together, which TypeScript cannot follow through a name that is one of two.
    const mine = (section === 'policies' ? lines.policy : lines.role) as ReadonlyMap<number, ItemOf<'policy' | 'role'>>;
    const own = itemsOf(new Map([...mine].filter(([, item]) => (item.project ?? '') === project))) as ReadonlyMap<number, BundleOf<K>>;
    const rows = tables[section].filter((row) => row.project === project && row.system === 0);
    return put(path, notReplaced(items ?? [], rows, [...own.values()]), own);
  };
  return {
    bitgate: 1,
    catalog: { privileges: put('catalog.privileges', (present.catalog?.privileges ?? []).filter(stays), privileges) },
    policies: bundles('policies', 'policies', '', present.policies),
    roles: bundles('roles', 'roles', '', present.roles),
    projects: all.map(([line, item], i): ProjectItem => {
      if (line !== undefined) places.set(`projects[${i}]`, line);
      const { id, nickname, policies, roles } = item;
      const path = `projects[${i}]`;
      return {
        id,
        nickname,
        policies: bundles('policies', `${path}.policies`, id, policies),
        roles: bundles('roles', `${path}.roles`, id, roles),
      };
    }),
    groups: put('groups', notReplaced(present.groups ?? [], tables.groups, [...groups.values()]), groups),
  };
}

type BundleOf<K extends 'policies' | 'roles'> = K extends 'policies' ? PolicyItem : RoleItem;

/** Without what only lines say. */
function itemsOf<Item extends { readonly kind: string }>(lines: ReadonlyMap<number, Item>): Map<number, Omit<Item, 'kind' | 'project'>> {
  return new Map(
    [...lines].map(([line, item]) => {
      const { kind: _kind, project: _project, ...rest } = item as Item & { readonly project?: unknown }; // of some kinds
      return [line, rest];
    }),
  );
}

/** Is every level of `a` one of `b`? */
function within(a: PrivilegeItem, b: PrivilegeItem): boolean {
  const levels = b.levels ?? ['org', 'project'];
  return (a.levels ?? ['org', 'project']).every((level) => levels.includes(level));
}

type NamedItem = PolicyItem | RoleItem | GroupItem;

/** Those that no line speaks of: a line names one by id, or, where it gives no other id, by name. */
function notReplaced<Item extends NamedItem>(
  present: readonly Item[],
  rows: readonly { readonly id: string; readonly name: string }[],
  lines: readonly NamedItem[],
): Item[] {
  const idOf = new Map(rows.map(({ id, name }) => [name, id]));
  const ids = new Set(lines.flatMap(({ id }) => id ?? []));
  const names = new Set(lines.flatMap(({ id, name }) => (id === undefined ? foldName(name) : [])));
  return present.filter(({ name }) => !ids.has(idOf.get(name) ?? '') && !names.has(foldName(name)));
}

function refuseUnknownProjects(lines: ChunkLines, { projects, problems }: Resolution): void {
  for (const kind of ['policy', 'role'] as const) {
    for (const [line, { project }] of lines[kind]) {
      if (project === undefined || projects.has(project)) continue;
      problems.add('unknown_project', `#${line}.project`, `there is no project \`${project.slice(0, 80)}\``);
    }
  }
}

/** What holds a role of another level would hold this one; and that one, which no line names, would be a new one that nobody holds. */
function refuseForeignIds(lines: ChunkLines, tables: TableRows, { problems }: Resolution): void {
  for (const [kind, table] of [
    ['policy', 'policies'],
    ['role', 'roles'],
  ] as const) {
    const given = [...lines[kind]].filter(([, { id }]) => id !== undefined);
    if (given.length === 0) continue;
    const rows = new Map(tables[table].map((row) => [row.id, row] as const));
    for (const [line, { id = '', project = '' }] of given) {
      const row = rows.get(id);
      if (row === undefined || row.system === 1 || row.project === project) continue;
      problems.add('duplicate_id', `#${line}.id`, `${quote(id)} is the id of a ${kind} of another level`);
    }
  }
}
