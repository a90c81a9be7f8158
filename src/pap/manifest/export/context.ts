/** What the parts of the export share: the rows, and the names that stand for their ids. */
import { derivedId } from '../../../core/terms/ids.ts';
import type { PolicyRow, RoleRow } from '../../../core/terms/rows.ts';
import type { TableRows } from '../../ports.ts';
import { type Named, NameIndex } from '../name-index.ts';
import { StoredJson } from './stored.ts';

const GROUP_PREFIX = 'group:';

export interface Export {
  readonly tables: TableRows;
  readonly stored: StoredJson;
  readonly policies: NameIndex<PolicyRow>;
  readonly roles: NameIndex<RoleRow>;
  readonly groups: NameIndex<Named>;
}

export function startExport(tables: TableRows): Export {
  const all: Export = { tables, stored: new StoredJson(), policies: new NameIndex(), roles: new NameIndex(), groups: new NameIndex() };
  for (const row of tables.policies) all.policies.add(row);
  for (const row of tables.roles) all.roles.add(row);
  for (const row of tables.groups) all.groups.add({ ...row, project: '' });
  return all;
}

/** The name that means it where `project` is at home; `''` for what is not there, which is told. */
export function nameOf<T extends Named>(index: NameIndex<T>, id: string, project: string, path: string, { stored }: Export): string {
  const item = index.byId(id);
  if (item === undefined) stored.unreadable(path, `\`${id}\` does not exist`);
  return item === undefined ? '' : index.referenceTo(item, project);
}

/** `group:<id>` as `group:<name>`; subjects and reserved groups as they are. */
export function principalName(principal: string, { groups }: Export): string {
  const group = principal.startsWith(GROUP_PREFIX) ? groups.byId(principal.slice(GROUP_PREFIX.length)) : undefined;
  return group === undefined ? principal : `${GROUP_PREFIX}${groups.referenceTo(group, '')}`;
}

/** The id, where it is not what the name alone would give. */
export function ownId(kind: 'rol' | 'pol' | 'grp', row: Named): string | undefined {
  return row.id === derivedId(kind, row.project, row.name) ? undefined : row.id;
}

export function groupBy<Row>(rows: readonly Row[], key: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
}

/** Undefined for an empty list, as a document leaves it out. */
export function orNothing<Item>(items: Item[]): Item[] | undefined {
  return items.length === 0 ? undefined : items;
}
