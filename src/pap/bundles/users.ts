/** Who uses a policy or role: assignments, roles and settings that name it. In use it isn't deleted, unless all of that may go along. */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { CatalogRows } from '../../core/terms/rows.ts';
import type { AssignmentFilter, ControlTools, NamedAssignment } from '../control-ports.ts';
import type { RowChanges } from '../ports.ts';
import { settingsNaming, settingsWithout } from './settings-uses.ts';

/** users that a refusal names, of each kind */
const SHOWN = 100;
const PAGE = 1_000;

/** What goes with it, besides its own links. */
export interface Uses {
  readonly changes: RowChanges;
  /** as the audit keeps it */
  readonly audit: Readonly<Record<string, unknown>>;
}

interface Gone {
  readonly word: 'policy' | 'role';
  readonly id: string;
  readonly name: string;
}

/**
 * @param force true: what uses it is taken from it in the same write
 * @throws BitgateError `policy_in_use`, `role_in_use` (409) with `details.assignments`, `.roles` and `.settings`, the first of each and the
 *   total; `too_many_rows` (413)
 */
export async function usesOf(tools: ControlTools, rows: CatalogRows, gone: Gone, force: boolean): Promise<Uses> {
  const filter: AssignmentFilter = gone.word === 'role' ? { role: gone.id } : { policy: gone.id };
  const links = linksTo(rows, gone);
  const settings = gone.word === 'role' ? settingsNaming(rows.settings, new Set([gone.id])) : [];
  if (!force) {
    const { rows: shown, total } = await tools.lookup.assignments(filter, '', SHOWN);
    if (total > 0 || links.roles.length > 0 || settings.length > 0) throw inUse(rows, gone, { shown, total }, links.roles, settings);
    return { changes: {}, audit: {} };
  }
  const assignments = await allAssignments(tools, filter);
  const change = (deleted: readonly NamedAssignment[]): RowChanges =>
    deleted.length === 0 ? {} : { assignments: { insert: [], update: [], delete: deleted } };
  return {
    changes: {
      ...change(assignments),
      ...links.changes,
      ...(settings.length === 0 ? {} : settingsWithout(rows.settings, new Set([gone.id]))),
    },
    audit: { assignments, roles: links.roles, settings },
  };
}

interface Links {
  /** ids of the roles that name it */
  readonly roles: readonly string[];
  readonly changes: RowChanges;
}

function linksTo({ role_policies, role_inherits }: CatalogRows, { word, id }: Gone): Links {
  if (word === 'policy') {
    const gone = role_policies.filter(({ policy }) => policy === id);
    return { roles: gone.map(({ role }) => role), changes: gone.length === 0 ? {} : { role_policies: deletion(gone) } };
  }
  const gone = role_inherits.filter(({ parent }) => parent === id);
  return { roles: gone.map(({ role }) => role), changes: gone.length === 0 ? {} : { role_inherits: deletion(gone) } };
}

function deletion<Row>(rows: readonly Row[]): { insert: readonly Row[]; update: readonly never[]; delete: readonly Row[] } {
  return { insert: [], update: [], delete: rows };
}

/** @throws BitgateError `too_many_rows` (413) */
export async function allAssignments({ lookup }: ControlTools, filter: AssignmentFilter): Promise<NamedAssignment[]> {
  const all: NamedAssignment[] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await lookup.assignments(filter, after, PAGE);
    refuseTooManyRows(page.total);
    all.push(...page.rows);
    after = page.next?.[0];
  }
  return all;
}

/** @throws BitgateError `too_many_rows` (413) */
export function refuseTooManyRows(rows: number): void {
  if (rows <= LIMITS.rowsPerWrite) return;
  const message = `${rows} rows would go along, more than the ${LIMITS.rowsPerWrite} of one write: take them away in parts first`;
  throw new BitgateError('too_many_rows', 413, message, { rows, limit: LIMITS.rowsPerWrite });
}

function inUse(
  { roles }: CatalogRows,
  { word, id, name }: Gone,
  assignments: { readonly shown: readonly NamedAssignment[]; readonly total: number },
  naming: readonly string[],
  settings: readonly string[],
): BitgateError {
  const nameOf = new Map(roles.map((row) => [row.id, row.name]));
  const uses = [
    counted(assignments.total, 'assignment'),
    counted(naming.length, 'role'),
    settings.length === 0 ? '' : `the setting${settings.length === 1 ? '' : 's'} ${settings.map((each) => `\`${each}\``).join(', ')}`,
  ].filter((text) => text !== '');
  const message = `the ${word} \`${name}\` is in use by ${uses.join(' and ')}: take it from them first, or send \`?force=true\``;
  return new BitgateError(`${word}_in_use`, 409, message, {
    id,
    assignments: {
      total: assignments.total,
      items: assignments.shown.map((row) => ({ id: row.id, subject: row.subject, scope: row.scope })),
    },
    roles: { total: naming.length, items: naming.slice(0, SHOWN).map((role) => ({ id: role, name: nameOf.get(role) ?? role })) },
    settings: { total: settings.length, items: settings.slice(0, SHOWN) },
  });
}

function counted(count: number, word: string): string {
  return count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`;
}
