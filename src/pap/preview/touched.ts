/**
 * Which parts of a snapshot the rows of a change are compiled into. Says what the triggers of the log say of the same rows
 * (`src/storage/d1/migrations/0008` to `0013`): a publish reads that log, a preview has none yet.
 */
import { compareCodePoints } from '../../core/sets/compare.ts';
import { GROUP_TYPE } from '../../core/terms/ref.ts';
import type { StoredRows, TableName } from '../../core/terms/rows.ts';
import { KEY_SUBJECT_PREFIX, TABLE_NAMES } from '../manifest/tables.ts';
import type { RowChanges, TableChange } from '../ports.ts';
import type { LeafKeys } from './ports.ts';

export interface Touched extends LeafKeys {
  /** anything that the catalog is made of */
  readonly catalog: boolean;
}

type Area = { readonly catalog: true } | { readonly principal: string } | { readonly resource: string } | { readonly key: string } | null;

const CATALOG: Area = { catalog: true };

/** Where the rows of each table go; null: into no piece. */
const AREA: { readonly [T in TableName]: (row: StoredRows[T]) => Area } = {
  projects: () => null,
  privileges: () => CATALOG,
  policies: () => CATALOG,
  roles: () => CATALOG,
  role_policies: () => CATALOG,
  role_inherits: () => CATALOG,
  groups: () => CATALOG,
  routes: () => CATALOG,
  settings: () => CATALOG,
  group_members: ({ member }) => (isGroup(member) ? CATALOG : { principal: member }),
  subjects: ({ subject }) => ({ principal: subject }),
  assignments: ({ principal }) => ({ principal }),
  api_keys: ({ id }) => ({ key: id }),
  resources: ({ resource }) => ({ resource }),
  resource_parents: ({ resource }) => ({ resource }),
  resource_owners: ({ resource }) => ({ resource }),
};

export function isGroup(member: string): boolean {
  return member.startsWith(`${GROUP_TYPE}:`);
}

export function touchedBy(changes: RowChanges): Touched {
  let catalog = false;
  const principals = new Set<string>();
  const resources = new Set<string>();
  const keys = new Set<string>();
  const note = (area: Area): void => {
    if (area === null) return;
    if ('catalog' in area) catalog = true;
    else if ('principal' in area) principals.add(area.principal);
    else if ('resource' in area) resources.add(area.resource);
    else {
      keys.add(area.key);
      // A key is a subject too: disabling the one suspends the other.
      principals.add(`${KEY_SUBJECT_PREFIX}${area.key}`);
    }
  };
  const each = <T extends TableName>(table: T): void => {
    // `as`: a table's own change, which TypeScript forgets when the table is one of many.
    const change = changes[table] as TableChange<StoredRows[T]> | undefined;
    if (change === undefined) return;
    for (const row of [...change.insert, ...change.delete]) note(AREA[table](row));
    for (const { before, after } of change.update) {
      if (JSON.stringify(cellsOf(before)) === JSON.stringify(cellsOf(after))) continue;
      note(AREA[table](before));
      note(AREA[table](after));
    }
  };
  for (const table of TABLE_NAMES) each(table);
  const sorted = (texts: ReadonlySet<string>): string[] => [...texts].sort(compareCodePoints);
  return { catalog, principals: sorted(principals), resources: sorted(resources), keys: sorted(keys) };
}

/** A row's cells, whatever the order of its columns. */
function cellsOf(row: object): (readonly [string, unknown])[] {
  return Object.entries(row).sort(([a], [b]) => compareCodePoints(a, b));
}
