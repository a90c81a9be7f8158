/** The rows of a random world as they are stored: tables instead of what the compiler reads. */
import type { OrganizationRows, ProjectRow } from '../../src/core/terms/rows.ts';
import type { TableRows } from '../../src/pap/ports.ts';

export function tablesOf(rows: OrganizationRows): TableRows {
  const { memberships, group_nesting, ...others } = rows;
  const projects: ProjectRow[] = rows.resources
    .map(({ resource }) => resource)
    .filter((resource) => resource.startsWith('project:'))
    .map((resource) => ({ id: resource.slice('project:'.length), nickname: '' }));
  // Worlds call groups by ids that differ in letter case alone; stored names may not.
  const groups = rows.groups.map((row) => ({ ...row, name: [...row.id].map((char) => char.codePointAt(0)?.toString(16)).join('-') }));
  return { ...others, groups, projects, group_members: [...memberships, ...group_nesting] };
}
