/** Routes and settings as a document writes them: the stored JSON, with names for the ids of roles and groups. */
import type { Json, JsonObject } from '../../../core/terms/json.ts';
import type { TableRows } from '../../ports.ts';
import type { Named, NameIndex } from '../name-index.ts';
import { type RouteItem, routeSchema } from '../route-schema.ts';
import { type SettingsItem, settingsSchema } from '../settings-schema.ts';
import { formatPath } from '../shape.ts';
import type { Export } from './context.ts';
import type { StoredJson } from './stored.ts';

export function exportRoutes(from: Export): RouteItem[] {
  const routes: RouteItem[] = [];
  for (const row of [...from.tables.routes].sort((a, b) => a.position - b.position)) {
    const path = `routes/${row.position}`;
    const read = routeSchema.safeParse(from.stored.object(row.route, path));
    if (read.success) routes.push(read.data);
    else from.stored.unreadable(path, `not a route: \`${formatPath(read.error.issues[0]?.path ?? [])}\``);
  }
  return routes;
}

/** The stored row, and all that its ids and their names may mean. */
export interface SettingsExport {
  readonly tables: Pick<TableRows, 'settings'>;
  readonly stored: StoredJson;
  readonly roles: NameIndex<Named>;
  readonly groups: NameIndex<Named>;
}

/** Undefined when everything is as by default. A default role that is gone has no effect, so it is left out. */
export function exportSettings(from: SettingsExport): SettingsItem | undefined {
  const row = from.tables.settings[0];
  const value = row === undefined ? undefined : from.stored.object(row.settings, 'settings');
  if (value === undefined) return undefined;
  const { default_role, claim_mappings, ...rest } = value;
  const role = typeof default_role === 'string' ? from.roles.byId(default_role) : undefined;
  const named = {
    ...(role === undefined ? {} : { default_role: from.roles.referenceTo(role, '') }),
    ...rest,
    ...(Array.isArray(claim_mappings) ? { claim_mappings: claim_mappings.map((mapping) => withNames(mapping, from)) } : {}),
  };
  const read = settingsSchema.safeParse(named);
  if (read.success) return Object.keys(read.data).length === 0 ? undefined : read.data;
  from.stored.unreadable('settings', `not a setting: \`${formatPath(read.error.issues[0]?.path ?? [])}\``);
  return undefined;
}

function withNames(mapping: Json, from: SettingsExport): Json {
  if (typeof mapping !== 'object' || mapping === null || Array.isArray(mapping)) return mapping;
  const object = mapping as JsonObject; // Array.isArray does not narrow a readonly array away
  const role = typeof object.role === 'string' ? from.roles.byId(object.role) : undefined;
  const group = typeof object.group === 'string' ? from.groups.byId(object.group) : undefined;
  return {
    ...object,
    ...(role === undefined ? {} : { role: from.roles.referenceTo(role, '') }),
    ...(group === undefined ? {} : { group: from.groups.referenceTo(group, '') }),
  };
}
