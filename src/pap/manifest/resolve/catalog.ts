/** `catalog.privileges` → rows of `privileges`. */
import { LIMITS } from '../../../core/terms/limits.ts';
import type { PrivilegeRow } from '../../../core/terms/rows.ts';
import { quote } from '../problems.ts';
import type { ManifestDocument, PrivilegeItem } from '../schema.ts';
import { RESERVED_PREFIX } from '../tables.ts';
import { canonicalSet } from '../text-set.ts';
import type { Resolution } from './context.ts';
import { checkNameText } from './names.ts';
import { checkPrivileges } from './references.ts';
import { checkTypes } from './types.ts';

const PATH = 'catalog.privileges';

export function resolveCatalog(document: ManifestDocument, resolution: Resolution): void {
  const { problems, privileges, tables } = resolution;
  for (const row of resolution.kept.privileges) addLevels(row, privileges);
  const items = document.catalog?.privileges ?? [];
  for (const [i, item] of items.entries()) {
    const path = `${PATH}[${i}]`;
    const row = privilegeRow(item);
    const named = checkNameText(item.name, `${path}.name`, problems);
    if (!resolution.system && item.name.startsWith(RESERVED_PREFIX)) {
      problems.add('reserved_name', `${path}.name`, `${quote(item.name)}: names that begin with \`${RESERVED_PREFIX}\` are reserved`);
    } else if (named && !addLevels(row, privileges)) {
      problems.add('duplicate_name', `${path}.name`, `${quote(item.name)} is in the catalog twice at the same level`);
    }
    checkTypes(item.resource_types ?? [], `${path}.resource_types`, problems);
    checkTypes(item.applies_to ?? [], `${path}.applies_to`, problems);
    tables.privileges.push(row);
  }
  for (const [i, item] of items.entries()) checkPrivileges(item.implies ?? [], `${PATH}[${i}].implies`, '', resolution);
  if (tables.privileges.length > LIMITS.privileges) {
    problems.add('too_many', PATH, `an organization must not have more than ${LIMITS.privileges} privileges, the reserved ones included`);
  }
}

/** False when the name already has an entry at one of the levels: two entries may share a name if each has one level, a different one. */
export function addLevels(row: Pick<PrivilegeRow, 'name' | 'levels'>, privileges: Resolution['privileges']): boolean {
  const org = row.levels !== 'project';
  const project = row.levels !== 'org';
  const known = privileges.get(row.name);
  if (known === undefined) {
    privileges.set(row.name, { org, project });
    return true;
  }
  const free = !(known.org && org) && !(known.project && project);
  known.org ||= org;
  known.project ||= project;
  return free;
}

function privilegeRow(item: PrivilegeItem): PrivilegeRow {
  const levels = new Set(item.levels ?? ['org', 'project']);
  return {
    name: item.name,
    levels: levels.size === 2 ? 'both' : levels.has('org') ? 'org' : 'project',
    resource_types: canonicalSet(item.resource_types ?? []),
    implies: canonicalSet(item.implies ?? []),
    implies_all: item.implies_all ?? '',
    title: item.title ?? '',
    description: item.description ?? '',
    applies_to: canonicalSet(item.applies_to ?? []),
  };
}
