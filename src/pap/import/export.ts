/**
 * An organization → the lines of its import, in an order in which each names only what lies above it. Keys, invitations and what belongs to the system
 * lie outside, as they do for a manifest. All lines are of one revision: when somebody writes in between, the export breaks off without its last line.
 */
import { LIMITS } from '../../core/terms/limits.ts';
import type { PrincipalRows, ResourceRows } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { type Export, principalName, startExport } from '../manifest/export/context.ts';
import { exportManifest } from '../manifest/export/export.ts';
import { exportRoutes, exportSettings } from '../manifest/export/settings.ts';
import { exportAssignments, exportResources, exportSubjects } from '../manifest/export/world.ts';
import { emptyTables, isKeySubject } from '../manifest/tables.ts';
import type { TableRows } from '../ports.ts';
import { revisionMoved } from '../write/moment.ts';
import type { Budget } from './budget.ts';
import { catalogItems } from './export-catalog.ts';
import type { Item } from './items.ts';

/** keys of a page; what each has is read with it */
const PAGE = 2_000;

/** Where an export goes on. */
export interface ExportPlace {
  readonly revision: number;
  readonly section: 'resources' | 'principals';
  /** the last key that was written */
  readonly after: string;
}

export interface ExportPart {
  readonly revision: number;
  readonly text: string;
}

/**
 * @param from null: from the beginning
 * @param cursorOf of the place at which a request that has done its share stops
 * @returns at least one part. The last line of the last one has the kind `end`
 * @throws BitgateError `revision_moved` (409), `unreadable_rows` (409)
 */
export async function* exportLines(
  tools: ControlTools,
  from: ExportPlace | null,
  budget: Budget,
  cursorOf: (place: ExportPlace) => Promise<string>,
): AsyncGenerator<ExportPart> {
  const { revision, tables } = await tools.imports.names();
  if (from !== null && from.revision !== revision) throw revisionMoved();
  const base = startExport(tables);
  const part = (items: readonly Item[]): ExportPart => {
    base.stored.throwIfUnreadable();
    return { revision, text: items.map((item) => `${JSON.stringify(item)}\n`).join('') };
  };
  const end = (next: string | null): ExportPart => part([{ kind: 'end', revision, next }]);
  if (from === null) yield part(await everythingNamed(tools, revision, tables));
  if (from?.section !== 'principals') {
    for await (const { rows, after } of pages((at) => tools.reader.resourcePage(at, PAGE), revision, from?.after ?? '')) {
      yield part(resourceItems(rows, base));
      if (after !== null && spent(budget)) return yield end(await cursorOf({ revision, section: 'resources', after }));
    }
    yield part(configurationItems(base));
  }
  const first = from?.section === 'principals' ? from.after : '';
  for await (const { rows, after } of pages((at) => tools.reader.principalPage(at, PAGE), revision, first)) {
    yield part(principalItems(rows, base));
    if (after !== null && spent(budget)) return yield end(await cursorOf({ revision, section: 'principals', after }));
  }
  yield end(null);
}

function spent(budget: Budget): boolean {
  budget.note();
  return budget.isSpent;
}

interface Page<Rows> {
  readonly revision: number;
  readonly rows: Rows;
  readonly last: string | null;
}

async function* pages<Rows>(
  load: (after: string) => Promise<Page<Rows>>,
  revision: number,
  first: string,
): AsyncGenerator<{ readonly rows: Rows; readonly after: string | null }> {
  for (let after: string | null = first; after !== null; ) {
    const page: Page<Rows> = await load(after);
    if (page.revision !== revision) throw revisionMoved();
    after = page.last;
    yield { rows: page.rows, after };
  }
}

async function everythingNamed({ imports }: ControlTools, revision: number, tables: TableRows): Promise<Item[]> {
  const projects = [...tables.projects.map(({ id }) => `project:${id}`), ...tables.resources.map(({ resource }) => resource)];
  const things = await imports.things({ subjects: [], resources: [...new Set(projects)], above: [] });
  if (things.revision !== revision) throw revisionMoved();
  const placed = { resources: things.resources, resource_parents: things.parents, resource_owners: things.owners };
  return catalogItems(exportManifest({ ...tables, ...placed, settings: [], routes: [] }));
}

/** A page of rows, with the names of the whole. */
function paged(base: Export, rows: Partial<TableRows>): Export {
  return { ...base, tables: { ...emptyTables(), ...rows } };
}

/** Projects were written before. */
function resourceItems({ resources, resource_parents, resource_owners }: ResourceRows, base: Export): Item[] {
  return exportResources(paged(base, { resources, resource_parents, resource_owners })).map((item) => ({ kind: 'resource', ...item }));
}

function configurationItems(base: Export): Item[] {
  const settings = exportSettings(base);
  return [
    ...(settings === undefined ? [] : [{ kind: 'settings', ...settings } as const]),
    ...exportRoutes(base)
      .slice(0, LIMITS.routes)
      .map((item, position) => ({ kind: 'route', position, ...item }) as const),
  ];
}

function principalItems({ subjects, memberships, assignments }: PrincipalRows, base: Export): Item[] {
  const from = paged(base, { subjects, assignments });
  return [
    ...exportSubjects(from, true).map((item) => ({ kind: 'subject', ...item }) as const),
    ...memberships
      .filter(({ member }) => !isKeySubject(member))
      .map(({ group_id, member }) => {
        const group = principalName(`group:${group_id}`, base).slice('group:'.length);
        return { kind: 'membership', group, member } as const;
      }),
    ...exportAssignments(from).map((item) => ({ kind: 'assignment', ...item }) as const),
  ];
}
