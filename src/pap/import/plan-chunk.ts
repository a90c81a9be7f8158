/** One chunk, decided at one revision: the rows that it changes, or everything that is wrong with its lines. */
import { LIMITS } from '../../core/terms/limits.ts';
import type { AssignmentRow, StoredRows, TableName } from '../../core/terms/rows.ts';
import { newId } from '../assignments/new-id.ts';
import type { ControlTools } from '../control-ports.ts';
import { diffTables } from '../manifest/plan.ts';
import { Problems } from '../manifest/problems.ts';
import type { Resolution } from '../manifest/resolve/context.ts';
import { checkAncestors, type ParentEdge } from '../manifest/resolve/resources.ts';
import { resolveSettings } from '../manifest/resolve/settings.ts';
import { emptyTables, isKeySubject, type MutableTables, rowKey } from '../manifest/tables.ts';
import type { RowChanges } from '../ports.ts';
import { revisionMoved } from '../write/moment.ts';
import {
  keysNamed,
  placesNamed,
  type WantedResource,
  wantedAssignments,
  wantedMembers,
  wantedResources,
  wantedRoutes,
  wantedSubjects,
} from './chunk-rows.ts';
import type { Chunk } from './chunks.ts';
import { type Counts, countsOf } from './counts.ts';
import type { Kind, LineProblem } from './items.ts';
import { emptyResolution, type KnownNames } from './names.ts';
import type { Things } from './ports.ts';
import { ChunkFaults } from './refusal.ts';
import { type Places, resolveSections } from './sections.ts';
import { type ChunkLines, sortLines } from './sorted.ts';

export interface ChunkPlan {
  /** null: everything is so already */
  readonly changes: RowChanges | null;
  readonly counts: Counts;
  /** resources with other parents than before */
  readonly moved: readonly string[];
}

/** Tables of the catalog that lines change as a document does. */
const SECTIONS = ['privileges', 'policies', 'roles', 'role_policies', 'role_inherits', 'groups'] as const;

/**
 * @throws ChunkFaults with everything that is wrong; BitgateError `revision_moved` (409) when what was read is not of the names' revision
 */
export async function planChunk(tools: ControlTools, chunk: Chunk, names: KnownNames): Promise<ChunkPlan> {
  const { lines, overtaken } = sortLines(chunk.lines);
  const problems = new Problems();
  const fresh = (): string => newId('asg_', tools);
  const sections = lines.privilege.size + lines.policy.size + lines.role.size + lines.group.size + lines.project.size > 0;
  const known = names.resolution(fresh, problems);
  const things = await thingsOf(tools, lines, known, names);
  const resolution: Resolution = {
    ...(sections ? emptyResolution(names.tables, fresh, problems) : known),
    keys: new Set(things.subjects.map(({ subject }) => subject).filter(isKeySubject)),
  };
  const places: Places = sections ? resolveSections(lines, names.tables, resolution) : new Map();
  for (const line of lines.settings.keys()) places.set('settings', line);
  const rows = new ChunkTables(names, things, lines, resolution);
  const moved = rows.addResources(wantedResources(lines, resolution));
  rows.addSubjects(wantedSubjects(lines, resolution));
  if (sections) for (const table of SECTIONS) rows.take(table, resolution);
  await checkMoved(tools, moved, things, problems);
  const members = wantedMembers(lines, names.tables.group_members, resolution);
  const assignments = [...wantedAssignments(lines, resolution).values()];
  rows.addConfiguration();
  if (problems.any) throw new ChunkFaults(linesOf(problems, places, chunk), problems.count);
  await addLinks(tools, names, rows, members, assignments);
  return rows.plan(moved, overtaken);
}

async function thingsOf(tools: ControlTools, lines: ChunkLines, known: Resolution, names: KnownNames): Promise<Things> {
  const wanted = {
    subjects: [...[...lines.subject.values()].map(({ type, id }) => `${type}:${id}`), ...keysNamed(lines)],
    resources: [
      ...[...lines.resource.values()].map(({ type, id }) => `${type}:${id}`),
      ...[...lines.project.values()].map(({ id }) => `project:${id}`),
    ],
    above: placesNamed(lines, known.roles, known.policies),
  };
  if (Object.values(wanted).every((keys) => keys.length === 0)) {
    return { revision: names.revision, subjects: [], resources: [], parents: [], owners: [], above: [] };
  }
  const things = await tools.imports.things(wanted);
  if (things.revision !== names.revision) throw revisionMoved();
  return things;
}

/** Cycles, and ancestors that get too deep: above what moves, and above all that lies below it. */
async function checkMoved({ imports }: ControlTools, moved: readonly WantedResource[], things: Things, problems: Problems): Promise<void> {
  const edges = moved.flatMap(({ parents }) => parents);
  if (edges.length === 0) return;
  const own = new Set(moved.map(({ row }) => row.resource));
  const stored = things.above
    .filter(({ resource }) => !own.has(resource))
    .map(({ resource, parent }): ParentEdge => ({ from: resource, to: parent, path: '' }));
  // The deepest of all that moves together: who is refused for another one's depth is some thirty levels deep as well.
  checkAncestors([...edges, ...stored], { problems }, await imports.depthBelow([...own], LIMITS.ancestorDepth));
}

async function addLinks(
  { imports }: ControlTools,
  names: KnownNames,
  rows: ChunkTables,
  members: ReadonlyMap<number, StoredRows['group_members']>,
  assignments: readonly Omit<AssignmentRow, 'id'>[],
): Promise<void> {
  if (members.size + assignments.length === 0) return;
  const given = [...members.values()];
  const found = await imports.links({ members: given, assignments });
  if (found.revision !== names.revision) throw revisionMoved();
  rows.addLinks(given, new Set(found.members), assignments, new Set(found.assignments));
}

/** The line and the path within it, of faults told by their place in the document. */
function linesOf(problems: Problems, places: Places, { from }: Chunk): LineProblem[] {
  return problems.items.map(({ path, ...problem }) => {
    const [whole, line = '', place = ''] = /^(?:#(\d+)|(settings|(?:projects\[\d+\]\.)?[a-z.]+\[\d+\]))\.?/.exec(path) ?? [''];
    if (line !== '') return { ...problem, line: Number(line), path: path.slice(whole.length) };
    const found = places.get(place) ?? places.get(place.replace(/\..*$/s, ''));
    // What is there already, in the way of what a line wants: its place is that of the chunk.
    return { ...problem, line: found ?? from, path: found === undefined ? path : path.slice(whole.length) };
  });
}

/** The rows that lines speak of, as they are and as they shall be. */
class ChunkTables {
  readonly #present: MutableTables = emptyTables();
  readonly #desired: MutableTables = emptyTables();
  readonly #names: KnownNames;
  readonly #things: Things;
  readonly #lines: ChunkLines;
  readonly #resolution: Resolution;

  constructor(names: KnownNames, things: Things, lines: ChunkLines, resolution: Resolution) {
    this.#names = names;
    this.#things = things;
    this.#lines = lines;
    this.#resolution = resolution;
  }

  /** A whole table, as the resolution has it. */
  take(table: (typeof SECTIONS)[number], { tables }: Resolution): void {
    put(this.#present, table, this.#names.tables[table]);
    put(this.#desired, table, tables[table]);
  }

  addSubjects(wanted: ReadonlyMap<number, StoredRows['subjects']>): void {
    const subjects = new Set([...wanted.values()].map(({ subject }) => subject));
    put(
      this.#present,
      'subjects',
      this.#things.subjects.filter(({ subject }) => subjects.has(subject)),
    );
    put(this.#desired, 'subjects', [...wanted.values()]);
  }

  /** @returns those that lie elsewhere than before. What is held below them is judged by where they lie now */
  addResources(wanted: readonly WantedResource[]): WantedResource[] {
    const { resources, parents, owners, above } = this.#things;
    put(this.#present, 'resources', resources);
    put(this.#present, 'resource_parents', parents);
    put(this.#present, 'resource_owners', owners);
    const before = Map.groupBy([...parents, ...above], ({ resource }) => resource);
    for (const [resource, rows] of before)
      this.#resolution.parents.set(
        resource,
        rows.map(({ parent }) => parent),
      );
    const own = Map.groupBy(parents, ({ resource }) => resource);
    const projects = new Set(wanted.flatMap(({ project }) => project?.id ?? []));
    put(
      this.#present,
      'projects',
      this.#names.tables.projects.filter(({ id }) => projects.has(id)),
    );
    for (const { row, parents: edges, owners: rows, project } of wanted) {
      put(this.#desired, 'resources', [row]);
      put(
        this.#desired,
        'resource_parents',
        edges.map(({ from, to }) => ({ resource: from, parent: to })),
      );
      put(this.#desired, 'resource_owners', rows);
      if (project !== null) put(this.#desired, 'projects', [project]);
      this.#resolution.parents.set(
        row.resource,
        edges.map(({ to }) => to),
      );
    }
    // What keys own lies outside.
    const listed = new Set(this.#desired.resource_owners.map((row) => rowKey('resource_owners', row)));
    put(
      this.#desired,
      'resource_owners',
      owners.filter((row) => isKeySubject(row.owner) && !listed.has(rowKey('resource_owners', row))),
    );
    const same = (edges: readonly ParentEdge[], rows: readonly { readonly parent: string }[]): boolean =>
      edges.length === rows.length && edges.every(({ to }) => rows.some(({ parent }) => parent === to));
    return wanted.filter(({ row, parents: edges }) => !same(edges, own.get(row.resource) ?? []));
  }

  /** Settings and routes. */
  addConfiguration(): void {
    const { settings, routes } = this.#names.tables;
    const [line] = this.#lines.settings;
    if (line !== undefined) {
      const { kind: _kind, ...item } = line[1];
      resolveSettings({ bitgate: 1, settings: item }, this.#resolution);
      put(this.#present, 'settings', settings);
      put(this.#desired, 'settings', this.#resolution.tables.settings);
    }
    const wanted = wantedRoutes(this.#lines, routes, this.#resolution);
    if (wanted === null) return;
    put(this.#present, 'routes', routes);
    put(this.#desired, 'routes', wanted);
  }

  addLinks(
    members: readonly StoredRows['group_members'][],
    presentMembers: ReadonlySet<number>,
    assignments: readonly Omit<AssignmentRow, 'id'>[],
    presentAssignments: ReadonlySet<number>,
  ): void {
    put(
      this.#desired,
      'group_members',
      members.filter((_, i) => !presentMembers.has(i)),
    );
    put(
      this.#desired,
      'assignments',
      assignments.filter((_, i) => !presentAssignments.has(i)).map((row) => ({ id: this.#resolution.newId(), ...row })),
    );
  }

  plan(moved: readonly WantedResource[], overtaken: ReadonlyMap<Kind, number>): ChunkPlan {
    const changes = diffTables(this.#present, this.#desired);
    const counts = countsOf(changes, (kind) => this.#lines[kind].size + (overtaken.get(kind) ?? 0));
    const changed = Object.keys(changes).length > 0;
    return { changes: changed ? changes : null, counts, moved: moved.map(({ row }) => row.resource) };
  }
}

function put<T extends TableName>(tables: MutableTables, table: T, rows: readonly StoredRows[T][]): void {
  const all: StoredRows[T][] = tables[table];
  for (const row of rows) all.push(row);
}
