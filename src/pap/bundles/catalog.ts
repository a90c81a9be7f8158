/** The catalog's rows as one policy or role is judged against them: what it may name, and which names are taken. */
import { BitgateError } from '../../core/terms/problem.ts';
import type { CatalogRows, PolicyRow, RoleRow } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import { foldName, NameIndex } from '../manifest/name-index.ts';
import type { Problems } from '../manifest/problems.ts';
import type { BundleContext } from '../manifest/resolve/bundle.ts';
import { addLevels } from '../manifest/resolve/catalog.ts';
import { checkNameText, checkReservedName, freeId, systemNameMessage } from '../manifest/resolve/names.ts';
import { type Moment, revisionMoved } from '../write/moment.ts';

export type Bundle = PolicyRow | RoleRow;

/** What tells policies and roles apart. */
export interface Kind<Row extends Bundle> {
  readonly word: 'policy' | 'role';
  readonly prefix: 'pol' | 'rol';
  readonly rowsOf: (rows: CatalogRows) => readonly Row[];
}

export const POLICY: Kind<PolicyRow> = { word: 'policy', prefix: 'pol', rowsOf: ({ policies }) => policies };
export const ROLE: Kind<RoleRow> = { word: 'role', prefix: 'rol', rowsOf: ({ roles }) => roles };

/** @throws BitgateError `revision_moved` (409) when it isn't of the moment's revision any more */
export async function readCatalog({ reader }: ControlTools, moment: Moment): Promise<CatalogRows> {
  const { revision, rows } = await reader.catalog();
  if (revision !== moment.revision) throw revisionMoved();
  return rows;
}

/** @param home the project where names are written, `''` for the organization */
export function contextOf(rows: CatalogRows, home: string, problems: Problems): BundleContext {
  const privileges: BundleContext['privileges'] = new Map();
  for (const row of rows.privileges) addLevels(row, privileges);
  return { problems, privileges, policies: indexOf(rows.policies), roles: indexOf(rows.roles), projects: projectsOf(rows, home) };
}

export function indexOf<Row extends Bundle>(rows: readonly Row[]): NameIndex<Row> {
  const index = new NameIndex<Row>();
  for (const row of rows) index.add(row);
  return index;
}

function projectsOf({ policies, roles }: CatalogRows, home: string): Set<string> {
  return new Set([home, ...policies.map(({ project }) => project), ...roles.map(({ project }) => project)]);
}

/**
 * By id, else by name, at that level alone.
 * @throws BitgateError `unknown_policy`, `unknown_role` (404)
 */
export function findAt<Row extends Bundle>(kind: Kind<Row>, rows: CatalogRows, project: string, reference: string): Row {
  const here = kind.rowsOf(rows).filter((row) => row.project === project);
  const found = here.find(({ id }) => id === reference) ?? here.find(({ name }) => name === reference);
  if (found === undefined) throw unknownBundle(kind.word, reference, project);
  return found;
}

export function unknownBundle(word: 'policy' | 'role', reference: string, project: string): BitgateError {
  const where = project === '' ? 'the organization' : `the project \`${project.slice(0, 80)}\``;
  return new BitgateError(`unknown_${word}`, 404, `${where} has no ${word} \`${reference.slice(0, 80)}\``);
}

/** @throws BitgateError `system_policy`, `system_role` (409) */
export function refuseSystem<Row extends Bundle>({ word }: Kind<Row>, { id, name, system }: Row): void {
  if (system !== 1) return;
  throw new BitgateError(`system_${word}`, 409, `\`${name}\` is a system ${word}: it can't be changed or deleted`, { id, name });
}

/** The row of that level which already has the name, whatever the letter case. */
export function sameName<Row extends Bundle>(kind: Kind<Row>, rows: CatalogRows, project: string, name: string): Row | undefined {
  const folded = foldName(name);
  return kind.rowsOf(rows).find((row) => row.project === project && foldName(row.name) === folded);
}

/** Length, characters, and what is reserved. */
export function checkName<Row extends Bundle>({ prefix }: Kind<Row>, name: string, problems: Problems): void {
  if (checkNameText(name, 'name', problems)) checkReservedName(prefix, name, 'name', problems);
}

/**
 * A name must be free at its level, and no system one may be shadowed, at whatever level it stands.
 * @param own id of the thing itself, when it is renamed
 * @throws BitgateError `system_name`, `policy_exists`, `role_exists` (409)
 */
export function refuseTakenName<Row extends Bundle>(
  kind: Kind<Row>,
  rows: CatalogRows,
  { id: own, project, name }: Pick<Bundle, 'id' | 'project' | 'name'>,
): void {
  const folded = foldName(name);
  const system = kind.rowsOf(rows).find((row) => row.system === 1 && foldName(row.name) === folded);
  if (system !== undefined) {
    throw new BitgateError('system_name', 409, systemNameMessage(kind.prefix, name), { id: system.id, name: system.name });
  }
  const taken = sameName(kind, rows, project, name);
  if (taken === undefined || taken.id === own) return;
  const message = `there is a ${kind.word} \`${taken.name}\` already: names are unique whatever the letter case`;
  throw new BitgateError(`${kind.word}_exists`, 409, message, { id: taken.id, name: taken.name });
}

/** Derived from the name, so that an export made again gives equal ids. */
export function newIdFor<Row extends Bundle>(kind: Kind<Row>, rows: CatalogRows, project: string, name: string): string {
  return freeId(kind.prefix, project, name, new Set(kind.rowsOf(rows).map(({ id }) => id)));
}

/** @throws BitgateError `too_many_policies`, `too_many_roles` (422) */
export function refuseTooMany<Row extends Bundle>({ word, rowsOf }: Kind<Row>, rows: CatalogRows, limit: number): void {
  if (rowsOf(rows).length < limit) return;
  const plural = word === 'role' ? 'roles' : 'policies';
  throw new BitgateError(`too_many_${plural}`, 422, `an organization must not have more than ${limit} ${plural}`, { limit });
}
