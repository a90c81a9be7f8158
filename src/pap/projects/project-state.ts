/** A project as a caller wants it → its rows, and the way from one state to the other. Every wrong field is told. */
import type { ResourceOwnerRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { sameRow } from '../manifest/fields.ts';
import { Problems } from '../manifest/problems.ts';
import { checkNameText } from '../manifest/resolve/names.ts';
import { resolveProperties } from '../manifest/resolve/properties.ts';
import type { ProjectItem } from '../manifest/schema.ts';
import type { RowChanges, TableChange } from '../ports.ts';
import type { NamedOwner, PlacedResource, StoredProject } from './ports.ts';
import { refuseLeaving, resolveOwners, resolveParents } from './project-place.ts';

/** Undefined: stays as it is. */
export type ProjectChange = {
  readonly [Key in 'nickname' | 'parents' | 'access' | 'owners' | 'properties']?: ProjectItem[Key] | undefined;
};

/** What a body leaves out has when it replaces everything. */
export const PROJECT_DEFAULTS: ProjectChange = { nickname: '', parents: [], access: 'inherit', owners: [], properties: {} };

/**
 * Only what is named is judged: the rest may be as somebody typed it.
 * @throws BitgateError `invalid_project` (422), `outside_project` (409)
 */
export async function changedProject(tools: ControlTools, before: StoredProject, change: ProjectChange): Promise<StoredProject> {
  const problems = new Problems();
  const { nickname, access, properties } = change;
  if (nickname !== undefined && nickname !== '') checkNameText(nickname, 'nickname', problems);
  const after: StoredProject = {
    row: { id: before.row.id, nickname: nickname ?? before.row.nickname },
    resource: {
      ...before.resource,
      access: access ?? before.resource.access,
      properties: properties === undefined ? before.resource.properties : resolveProperties(properties, 'properties', problems),
    },
    parents: change.parents === undefined ? before.parents : await resolveParents(tools, before, change.parents, problems),
    owners: change.owners === undefined ? before.owners : await resolveOwners(tools, change.owners, problems),
  };
  problems.throwIfAny('invalid_project', 'the project');
  if (after.parents !== before.parents) await refuseLeaving(tools, before, after.parents);
  return after;
}

/** Null when both are the same. @param present what is there already of the resource of a new project; of an old one it is the project */
export function projectChanges(before: StoredProject | null, present: PlacedResource, after: StoredProject): RowChanges | null {
  const { resource } = after.resource;
  const parents = partChange(present.parents, after.parents, (parent) => ({ resource, parent }));
  const owners = partChange(present.owners.map(ownerKey), after.owners.map(ownerKey), (key) => ownerRow(resource, key));
  const changes: RowChanges = {
    ...(before === null
      ? { projects: insertion(after.row) }
      : sameRow(before.row, after.row)
        ? {}
        : { projects: update(before.row, after.row) }),
    ...(present.resource === null
      ? { resources: insertion(after.resource) }
      : sameRow(present.resource, after.resource)
        ? {}
        : { resources: update(present.resource, after.resource) }),
    ...(parents === null ? {} : { resource_parents: parents }),
    ...(owners === null ? {} : { resource_owners: owners }),
  };
  return Object.keys(changes).length === 0 ? null : changes;
}

function ownerKey({ owner, kind }: NamedOwner): string {
  return JSON.stringify([owner, kind]);
}

function ownerRow(resource: string, key: string): ResourceOwnerRow {
  const [owner, kind]: [string, string] = JSON.parse(key);
  return { resource, owner, kind };
}

function insertion<Row>(row: Row): TableChange<Row> {
  return { insert: [row], update: [], delete: [] };
}

function update<Row>(before: Row, after: Row): TableChange<Row> {
  return { insert: [], update: [{ before, after }], delete: [] };
}

function partChange<Row>(before: readonly string[], after: readonly string[], row: (key: string) => Row): TableChange<Row> | null {
  const insert = after.filter((key) => !before.includes(key)).map(row);
  const gone = before.filter((key) => !after.includes(key)).map(row);
  return insert.length === 0 && gone.length === 0 ? null : { insert, update: [], delete: gone };
}

/** For the audit. */
export function projectAudit({ row, resource, parents, owners }: StoredProject): object {
  const { access, properties } = resource;
  return { ...row, access, properties, parents, owners: owners.map(({ owner, kind }) => ({ owner, kind })) };
}
