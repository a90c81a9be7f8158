/** What became of an import's lines, by kind. */
import type { StoredRows, TableName } from '../../core/terms/rows.ts';
import { rowKey } from '../manifest/tables.ts';
import type { RowChanges } from '../ports.ts';
import { changeOf } from '../write/complete.ts';
import { KINDS, type Kind } from './items.ts';

export interface Count {
  readonly created: number;
  readonly updated: number;
  /** it was so already, or a later line of the same chunk says otherwise */
  readonly unchanged: number;
}

/** Kinds without lines are absent. */
export type Counts = { readonly [K in Kind]?: Count };

/** By table the thing that a row belongs to, null if it is of another kind. The first one is its own table: the others are links. */
type Owners = { readonly [T in TableName]?: (row: StoredRows[T]) => string | null };

const PROJECT_PREFIX = 'project:';
const ofProject = (resource: string): string | null => (resource.startsWith(PROJECT_PREFIX) ? resource : null);
const ofOther = (resource: string): string | null => (resource.startsWith(PROJECT_PREFIX) ? null : resource);

const OWNERS: { readonly [K in Kind]: Owners } = {
  privilege: { privileges: (row) => rowKey('privileges', row) },
  policy: { policies: ({ id }) => id },
  role: { roles: ({ id }) => id, role_policies: ({ role }) => role, role_inherits: ({ role }) => role },
  group: { groups: ({ id }) => id },
  membership: { group_members: (row) => rowKey('group_members', row) },
  project: {
    projects: ({ id }) => PROJECT_PREFIX + id,
    resources: ({ resource }) => ofProject(resource),
    resource_parents: ({ resource }) => ofProject(resource),
    resource_owners: ({ resource }) => ofProject(resource),
  },
  resource: {
    resources: ({ resource }) => ofOther(resource),
    resource_parents: ({ resource }) => ofOther(resource),
    resource_owners: ({ resource }) => ofOther(resource),
  },
  subject: { subjects: ({ subject }) => subject },
  assignment: { assignments: ({ id }) => id },
  route: { routes: ({ position }) => String(position) },
  settings: { settings: () => 'settings' },
};

/** @param linesOf how many lines of the kind there are */
export function countsOf(changes: RowChanges, linesOf: (kind: Kind) => number): Counts {
  const counts = KINDS.flatMap((kind) => {
    const lines = linesOf(kind);
    if (lines === 0) return [];
    const { created, changed } = touched(changes, OWNERS[kind]);
    const updated = [...changed].filter((thing) => !created.has(thing)).length;
    return [[kind, { created: created.size, updated, unchanged: Math.max(0, lines - created.size - updated) }]];
  });
  return Object.fromEntries(counts);
}

export function addCounts(a: Counts, b: Counts): Counts {
  const sums = KINDS.flatMap((kind) => {
    const [one, other] = [a[kind] ?? NONE, b[kind] ?? NONE];
    if (a[kind] === undefined && b[kind] === undefined) return [];
    return [
      [
        kind,
        {
          created: one.created + other.created,
          updated: one.updated + other.updated,
          unchanged: one.unchanged + other.unchanged,
        },
      ],
    ];
  });
  return Object.fromEntries(sums);
}

const NONE: Count = { created: 0, updated: 0, unchanged: 0 };

function touched(changes: RowChanges, owners: Owners): { readonly created: Set<string>; readonly changed: Set<string> } {
  const created = new Set<string>();
  const changed = new Set<string>();
  // `as`: a table and its function go together, which TypeScript cannot follow through a name that is one of many.
  for (const [i, [table, ownerOf]] of (Object.entries(owners) as [TableName, (row: object) => string | null][]).entries()) {
    const { insert, update, delete: gone } = changeOf(changes, table);
    const add = (to: Set<string>, rows: readonly object[]): void => {
      for (const row of rows) {
        const owner = ownerOf(row);
        if (owner !== null) to.add(owner);
      }
    };
    add(i === 0 ? created : changed, insert);
    add(
      changed,
      update.map(({ after }) => after),
    );
    // A privilege of one level that is of both now was updated, so to speak: its line is counted by what it made.
    if (i > 0) add(changed, gone);
  }
  return { created, changed };
}
