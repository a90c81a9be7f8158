/**
 * The rows of an organization → one document, such that resolving it again gives equal rows (ids of assignments apart). Names stand for ids;
 * defaults, empty sections and what lies outside a manifest (system, `bitgate:*`, keys) are left out; equal rows in any order give equal documents.
 */
import type { TableRows } from '../../ports.ts';
import type { ManifestDocument } from '../schema.ts';
import { exportCatalog, exportGroups, exportPolicies, exportRoles } from './bundles.ts';
import { orNothing, startExport } from './context.ts';
import { exportRoutes, exportSettings } from './settings.ts';
import { exportAssignments, exportProjects, exportResources, exportSubjects } from './world.ts';

/**
 * @param options `everySubject`: those too that would be registered again anyway, since something else names them
 * @throws BitgateError `unreadable_rows` (409) when a row typed by hand holds what no document could say
 */
export function exportManifest(tables: TableRows, options: { readonly everySubject?: boolean } = {}): ManifestDocument {
  const from = startExport(tables);
  const privileges = exportCatalog(from);
  const policies = exportPolicies(from);
  const roles = exportRoles(from);
  const document: ManifestDocument = {
    bitgate: 1,
    catalog: privileges.length === 0 ? undefined : { privileges },
    policies: policies.get(''),
    roles: roles.get(''),
    projects: orNothing(exportProjects(policies, roles, from)),
    subjects: orNothing(exportSubjects(from, options.everySubject ?? false)),
    groups: orNothing(exportGroups(from)),
    resources: orNothing(exportResources(from)),
    assignments: orNothing(exportAssignments(from)),
    routes: orNothing(exportRoutes(from)),
    settings: exportSettings(from),
  };
  from.stored.throwIfUnreadable();
  return withoutUndefined(document);
}

/** A plain object: what is undefined would be a key in YAML. */
function withoutUndefined<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutUndefined) as T; // items keep their type
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutUndefined(each)])) as T; // as above
}
