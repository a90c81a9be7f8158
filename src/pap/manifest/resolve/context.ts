/** What the parts of the resolver share: what is there, what comes out, what is wrong. */
import type { GroupRow, PolicyRow, RoleRow } from '../../../core/terms/rows.ts';
import type { TableRows } from '../../ports.ts';
import { NameIndex } from '../name-index.ts';
import type { Problems } from '../problems.ts';
import { KEY_SUBJECT_PREFIX, keptTables, type MutableTables } from '../tables.ts';

export interface ResolveOptions {
  /** every row that the organization has now */
  readonly present: TableRows;
  /** makes the ids of new assignments */
  readonly newId: () => string;
  /** the document defines reserved parts: names may begin with `bitgate:`, policies and roles get `system = 1` */
  readonly system?: boolean | undefined;
}

export interface IndexedGroup extends GroupRow {
  /** groups have no level */
  readonly project: '';
}

export interface Resolution {
  readonly problems: Problems;
  readonly present: TableRows;
  readonly system: boolean;
  readonly newId: () => string;
  /** rows that no manifest changes, as they were */
  readonly kept: MutableTables;
  /** what the organization shall have, `kept` included */
  readonly tables: MutableTables;
  readonly privileges: Map<string, PrivilegeLevels>;
  readonly policies: NameIndex<PolicyRow>;
  readonly roles: NameIndex<RoleRow>;
  readonly groups: NameIndex<IndexedGroup>;
  readonly projects: Set<string>;
  /** registered resources with their parents */
  readonly parents: Map<string, readonly string[]>;
  /** subjects that anything names */
  readonly named: Set<string>;
  /** subjects of the API keys that there are */
  readonly keys: ReadonlySet<string>;
}

/** What the name of a subject or group is looked up in. */
export type References = Pick<Resolution, 'problems' | 'groups' | 'projects' | 'named' | 'keys'>;

/** At which levels a name of the catalog can be asked. */
export interface PrivilegeLevels {
  org: boolean;
  project: boolean;
}

export function startResolution(options: ResolveOptions, problems: Problems): Resolution {
  const kept = keptTables(options.present);
  const resolution: Resolution = {
    problems,
    present: options.present,
    system: options.system ?? false,
    newId: options.newId,
    kept,
    tables: {
      ...keptTables(options.present),
      // Belongs to a group or resource that the document may leave out: added where that is resolved.
      group_members: [],
      resource_owners: [],
    },
    privileges: new Map(),
    policies: new NameIndex(),
    roles: new NameIndex(),
    groups: new NameIndex(),
    projects: new Set(),
    parents: new Map(),
    named: new Set(),
    keys: new Set([...kept.api_keys.map(({ id }) => `${KEY_SUBJECT_PREFIX}${id}`), ...kept.subjects.map(({ subject }) => subject)]),
  };
  for (const row of kept.policies) resolution.policies.add(row);
  for (const row of kept.roles) resolution.roles.add(row);
  return resolution;
}
