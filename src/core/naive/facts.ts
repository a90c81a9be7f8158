/** The rows of one organization with their JSON parsed, in plain Maps by id. Nothing is decided or closed here but what a group or role is made of. */
import type { JsonObject } from '../terms/json.ts';
import type { ApiKeyRow, AssignmentRow, OrganizationRows, PolicyRow, RoleRow } from '../terms/rows.ts';

/** One catalog entry; two entries may share a name. */
export interface Entry {
  readonly name: string;
  readonly org: boolean;
  readonly project: boolean;
  readonly types: readonly string[];
  readonly implies: readonly string[];
  readonly impliesAll: boolean;
}

export interface StoredSubject {
  readonly suspended: boolean;
  readonly properties: JsonObject;
}

export interface StoredResource {
  readonly restricted: boolean;
  readonly properties: JsonObject;
  readonly parents: readonly string[];
  readonly owners: readonly { readonly owner: string; readonly kind: string }[];
}

export interface Facts {
  readonly entries: ReadonlyMap<string, readonly Entry[]>;
  readonly policies: ReadonlyMap<string, PolicyRow>;
  readonly roles: ReadonlyMap<string, RoleRow>;
  /** role → ids of its policies */
  readonly policiesOf: ReadonlyMap<string, readonly string[]>;
  /** role → ids of the roles it inherits */
  readonly inheritsOf: ReadonlyMap<string, readonly string[]>;
  /** ids of the groups that have a row */
  readonly groups: ReadonlySet<string>;
  /** subject or `group:<id>` → `group:<id>` of the groups that have it as a direct member */
  readonly groupsOf: ReadonlyMap<string, readonly string[]>;
  readonly subjects: ReadonlyMap<string, StoredSubject>;
  readonly keys: ReadonlyMap<string, ApiKeyRow>;
  readonly resources: ReadonlyMap<string, StoredResource>;
  readonly assignmentsOf: ReadonlyMap<string, readonly AssignmentRow[]>;
  readonly defaultRole: string | null;
  readonly closedTypes: readonly string[];
}

export function readFacts(rows: OrganizationRows): Facts {
  const settings = object(rows.settings[0]?.settings ?? '{}');
  const entries = rows.privileges.map(
    (row): Entry => ({
      name: row.name,
      org: row.levels !== 'project',
      project: row.levels !== 'org',
      types: names(row.resource_types),
      implies: names(row.implies),
      impliesAll: row.implies_all === 'project',
    }),
  );
  const parentsOf = collect(
    rows.resource_parents,
    (row) => row.resource,
    (row) => row.parent,
  );
  const ownersOf = collect(
    rows.resource_owners,
    (row) => row.resource,
    (row) => ({ owner: row.owner, kind: row.kind }),
  );
  return {
    entries: collect(
      entries,
      (entry) => entry.name,
      (entry) => entry,
    ),
    policies: new Map(rows.policies.map((row) => [row.id, row])),
    roles: new Map(rows.roles.map((row) => [row.id, row])),
    policiesOf: collect(
      rows.role_policies,
      (row) => row.role,
      (row) => row.policy,
    ),
    inheritsOf: collect(
      rows.role_inherits,
      (row) => row.role,
      (row) => row.parent,
    ),
    groups: new Set(rows.groups.map((row) => row.id)),
    groupsOf: collect(
      [...rows.group_nesting, ...rows.memberships],
      (row) => row.member,
      (row) => `group:${row.group_id}`,
    ),
    subjects: new Map(
      rows.subjects.map((row) => [row.subject, { suspended: row.status === 'suspended', properties: object(row.properties) }]),
    ),
    keys: new Map(rows.api_keys.map((row) => [row.id, row])),
    resources: new Map(
      rows.resources.map((row) => [
        row.resource,
        {
          restricted: row.access === 'restricted',
          properties: object(row.properties),
          parents: parentsOf.get(row.resource) ?? [],
          owners: ownersOf.get(row.resource) ?? [],
        },
      ]),
    ),
    assignmentsOf: collect(
      rows.assignments,
      (row) => row.principal,
      (row) => row,
    ),
    defaultRole: typeof settings.default_role === 'string' ? settings.default_role : null,
    closedTypes: names(JSON.stringify(settings.closed_types ?? [])),
  };
}

/** What somebody typed into a column is not what the column is for: the rule says nothing about such rows. */
export class UnreadableRow extends Error {}

/**
 * A JSON array of names, as columns hold it.
 * @throws UnreadableRow
 */
export function names(text: string): readonly string[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw new UnreadableRow('not a list of names');
  return value;
}

function object(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UnreadableRow('not an object');
  // `as`: an object of JSON
  return value as JsonObject;
}

function collect<Row, Value>(rows: readonly Row[], toKey: (row: Row) => string, toValue: (row: Row) => Value): Map<string, Value[]> {
  const result = new Map<string, Value[]>();
  for (const row of rows) {
    const list = result.get(toKey(row));
    if (list) list.push(toValue(row));
    else result.set(toKey(row), [toValue(row)]);
  }
  return result;
}
