/** Rows of registered resources → leaf entries. */
import { compareCodePoints } from '../sets/compare.ts';
import type { OwnerModel, ResourceEntry } from '../snapshot/model.ts';
import type { ResourceOwnerRow, ResourceParentRow, ResourceRow, ResourceRows } from '../terms/rows.ts';
import type { Entries } from './entry-list.ts';
import { groupBy } from './group-by.ts';
import { readProperties } from './read.ts';
import { isRef } from './refs.ts';
import { quote, Report } from './report.ts';

/**
 * @param keys resources, each once
 * @param rows all rows of these resources, in any order; rows of others have no influence
 */
export function resourceEntries(keys: readonly string[], rows: ResourceRows): Entries<ResourceEntry> {
  const report = new Report();
  const resources = new Map(rows.resources.map((row) => [row.resource, row]));
  const parents = groupBy(rows.resource_parents, (row) => row.resource);
  const owners = groupBy(rows.resource_owners, (row) => row.resource);
  const entries = keys.map((key) => compileResource(key, resources.get(key), parents.get(key) ?? [], owners.get(key) ?? [], report));
  return { entries, problems: report.problems, fatal: report.fatals };
}

function compileResource(
  key: string,
  row: ResourceRow | undefined,
  parents: readonly ResourceParentRow[],
  owners: readonly ResourceOwnerRow[],
  report: Report,
): ResourceEntry | null {
  const facts = { parents: compileParents(key, parents, report), owners: compileOwners(key, owners, report) };
  if (row === undefined) {
    // by the rule an unregistered resource has neither; foreign keys prevent this
    if (parents.length + owners.length > 0)
      report.problem('unregistered_resource', `resources/${key}`, 'it has parents or owners but no row');
    return null;
  }
  return { key, ...facts, ...readFacts(row, report) };
}

/** Unreadable is restricted. */
function readFacts(row: ResourceRow, report: Report): { restricted: boolean; properties: string } {
  const path = `resources/${row.resource}`;
  const properties = readProperties(row.properties);
  const knownAccess = row.access === 'inherit' || row.access === 'restricted';
  const named = isRef(row.resource);
  if (properties === undefined)
    report.problem('unreadable_json', `${path}/properties`, 'expected a JSON object: the resource counts as restricted');
  if (!knownAccess)
    report.problem('unknown_access', `${path}/access`, `${quote(row.access)} is unknown: the resource counts as restricted`);
  if (!named) report.problem('malformed_resource', path, `${quote(row.resource)} is not \`type:id\``);
  return { restricted: row.access !== 'inherit' || properties === undefined || !named, properties: properties ?? '' };
}

/** Denies flow down over parents: one that can't be read is fatal. */
function compileParents(key: string, rows: readonly ResourceParentRow[], report: Report): string[] {
  for (const { parent } of rows) {
    const path = `resource_parents/${key}/${parent}`;
    if (!isRef(parent)) report.fatal('malformed_parent', path, `${quote(parent)} is not \`type:id\``);
    else if (parent === key) report.fatal('cycle', path, `these lead back to themselves: \`${key} → ${key}\``);
  }
  return [...new Set(rows.map((row) => row.parent))].sort(compareCodePoints);
}

/** An owner that names nobody can own nothing. */
function compileOwners(key: string, rows: readonly ResourceOwnerRow[], report: Report): OwnerModel[] {
  const owners = rows
    .filter(({ owner }) => {
      if (isRef(owner)) return true;
      report.problem('malformed_owner', `resource_owners/${key}/${owner}`, `${quote(owner)} is neither a subject nor a group`);
      return false;
    })
    .map((row): OwnerModel => ({ principal: row.owner, kind: row.kind }))
    .sort(compareOwners);
  return owners.filter((owner, i) => i === 0 || compareOwners(owner, owners[i - 1]!) !== 0);
}

function compareOwners(a: OwnerModel, b: OwnerModel): number {
  return compareCodePoints(a.principal, b.principal) || compareCodePoints(a.kind, b.kind);
}
