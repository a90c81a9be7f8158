/** What names in the lines of one import mean: looked up once, and again when the catalog has changed. */
import { Problems } from '../manifest/problems.ts';
import { addLevels } from '../manifest/resolve/catalog.ts';
import { type Resolution, startResolution } from '../manifest/resolve/context.ts';
import { emptyTables } from '../manifest/tables.ts';
import type { TableRows } from '../ports.ts';
import type { Names } from './ports.ts';

export class KnownNames {
  readonly tables: TableRows;
  /** that the names are known to be of; the import's own chunks move it on */
  revision: number;
  readonly #indexed: Resolution;
  #denying: ReadonlySet<string> | null = null;

  constructor({ revision, tables }: Names) {
    this.revision = revision;
    this.tables = tables;
    this.#indexed = indexed(tables);
  }

  /** For lines that change none of it. */
  resolution(newId: () => string, problems: Problems): Resolution {
    return { ...this.#indexed, newId, problems, tables: emptyTables(), named: new Set(), parents: new Map() };
  }

  /** Ids of roles and policies by which something could be denied, whatever their state. */
  get denying(): ReadonlySet<string> {
    this.#denying ??= denyingIn(this.tables);
    return this.#denying;
  }
}

/** Memberships are judged apart, since those of subjects are not here. */
export function emptyResolution(tables: TableRows, newId: () => string, problems: Problems): Resolution {
  return startResolution({ present: { ...tables, group_members: [] }, newId }, problems);
}

function indexed(tables: TableRows): Resolution {
  const resolution = emptyResolution(tables, () => '', new Problems());
  for (const row of tables.privileges) addLevels(row, resolution.privileges);
  for (const row of tables.policies) if (row.system === 0) resolution.policies.add(row);
  for (const row of tables.roles) if (row.system === 0) resolution.roles.add(row);
  for (const row of tables.groups) resolution.groups.add({ ...row, project: '' });
  for (const { id } of tables.projects) resolution.projects.add(id);
  return resolution;
}

function denyingIn({ policies, role_policies, role_inherits }: TableRows): ReadonlySet<string> {
  const found = new Set(policies.filter(({ effect }) => effect === 'deny').map(({ id }) => id));
  for (const { role, policy } of role_policies) if (found.has(policy)) found.add(role);
  const heirs = Map.groupBy(role_inherits, ({ parent }) => parent);
  // What is added is visited, too.
  for (const id of found) for (const { role } of heirs.get(id) ?? []) found.add(role);
  return found;
}
