/** A role with its links, as use cases read and change it, and the way from one state to the other. */
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { CatalogRows, RoleRow } from '../../core/terms/rows.ts';
import { sameRow } from '../manifest/fields.ts';
import type { RowChanges, TableChange } from '../ports.ts';
import { type Bundle, indexOf } from './catalog.ts';
import type { Linked } from './ports.ts';

export interface RoleState {
  readonly row: RoleRow;
  /** ids */
  readonly policies: readonly string[];
  readonly inherits: readonly string[];
}

/** A role as it is shown. */
export interface ShownRole {
  readonly row: RoleRow;
  readonly policies: readonly Linked[];
  readonly inherits: readonly Linked[];
}

export function stateOf(rows: CatalogRows, row: RoleRow): RoleState {
  return {
    row,
    policies: rows.role_policies.filter(({ role }) => role === row.id).map(({ policy }) => policy),
    inherits: rows.role_inherits.filter(({ role }) => role === row.id).map(({ parent }) => parent),
  };
}

export function shownRole(rows: CatalogRows, { row, policies, inherits }: RoleState): ShownRole {
  return { row, policies: linkedOf(rows.policies, policies, row.project), inherits: linkedOf(rows.roles, inherits, row.project) };
}

/** In the order of names. What belongs to another project was typed by hand: it has no name here. */
function linkedOf(all: readonly Bundle[], ids: readonly string[], home: string): Linked[] {
  const index = indexOf(all);
  const linked = ids.map((id): Linked => {
    const item = index.byId(id);
    const foreign = item === undefined || (item.project !== '' && item.project !== home);
    return { id, name: foreign ? id : index.referenceTo(item, home) };
  });
  return linked.sort((a, b) => compareCodePoints(a.name, b.name) || compareCodePoints(a.id, b.id));
}

/** Null when both are the same. @param before null: the role is new */
export function roleChanges(before: RoleState | null, after: RoleState): RowChanges | null {
  const role = after.row.id;
  const policies = linkChange(before?.policies ?? [], after.policies, (policy) => ({ role, policy }));
  const inherits = linkChange(before?.inherits ?? [], after.inherits, (parent) => ({ role, parent }));
  const changes: RowChanges = {
    ...rowChange(before?.row ?? null, after.row),
    ...(policies === null ? {} : { role_policies: policies }),
    ...(inherits === null ? {} : { role_inherits: inherits }),
  };
  return Object.keys(changes).length === 0 ? null : changes;
}

function rowChange(before: RoleRow | null, after: RoleRow): RowChanges {
  if (before === null) return { roles: { insert: [after], update: [], delete: [] } };
  return sameRow(before, after) ? {} : { roles: { insert: [], update: [{ before, after }], delete: [] } };
}

function linkChange<Row>(before: readonly string[], after: readonly string[], row: (id: string) => Row): TableChange<Row> | null {
  const insert = after.filter((id) => !before.includes(id)).map(row);
  const gone = before.filter((id) => !after.includes(id)).map(row);
  return insert.length === 0 && gone.length === 0 ? null : { insert, update: [], delete: gone };
}

/** For the audit: the row with the ids of what it bundles. */
export function roleAudit({ row, policies, inherits }: RoleState): object {
  return { ...row, policies, inherits };
}
