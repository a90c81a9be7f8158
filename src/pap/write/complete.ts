/**
 * Row changes, completed by what the database's triggers would register or delete along with them. So what reads the changes, the guards and
 * the preview, knows all that a write does; and the triggers find nothing left to do.
 */
import { GROUP_TYPE } from '../../core/terms/ref.ts';
import type { StoredRows, TableName } from '../../core/terms/rows.ts';
import { KEY_SUBJECT_PREFIX, rowKey } from '../manifest/tables.ts';
import type { RowChanges, TableChange } from '../ports.ts';
import type { Companions, Going, Hanging } from './ports.ts';

const GROUP_PREFIX = `${GROUP_TYPE}:`;
const NO_CHANGE = { insert: [], update: [], delete: [] };

export async function completeChanges(companions: Companions, given: RowChanges): Promise<RowChanges> {
  const going = goingOf(given);
  const hanging = Object.values(going).every((keys) => keys.length === 0) ? null : await companions.hangingOn(going);
  const changes = hanging === null ? given : withDeleted(given, hanging);
  return withRegistered(companions, changes);
}

/** The changes to one table; empty ones when there are none. */
export function changeOf<T extends TableName>(changes: RowChanges, table: T): TableChange<StoredRows[T]> {
  // `as`: TypeScript doesn't follow a name that is one of many to its row type.
  return (changes[table] ?? NO_CHANGE) as TableChange<StoredRows[T]>;
}

/** Does nothing of a table change? */
export function isUntouched(changes: RowChanges, table: TableName): boolean {
  const { insert, update, delete: gone } = changeOf(changes, table);
  return insert.length + update.length + gone.length === 0;
}

function goingOf(changes: RowChanges): Going {
  const subjects = changeOf(changes, 'subjects').delete.map(({ subject }) => subject);
  const keys = changeOf(changes, 'api_keys').delete.map(({ id }) => id);
  return {
    subjects: [...new Set([...subjects, ...keys.map((id) => KEY_SUBJECT_PREFIX + id)])],
    groups: changeOf(changes, 'groups').delete.map(({ id }) => id),
    roles: changeOf(changes, 'roles').delete.map(({ id }) => id),
    resources: changeOf(changes, 'resources').delete.map(({ resource }) => resource),
    apiKeys: subjects
      .filter((subject) => subject.startsWith(KEY_SUBJECT_PREFIX))
      .map((subject) => subject.slice(KEY_SUBJECT_PREFIX.length)),
  };
}

/** What moves elsewhere in the same change stays out: the writer takes care of it. */
function withDeleted(changes: RowChanges, hanging: Hanging): RowChanges {
  const all: Record<string, unknown> = { ...changes };
  // `as`: the keys of a literal that lists them.
  for (const table of Object.keys(hanging) as (keyof Hanging)[]) {
    const change = changeOf(changes, table);
    const known = new Set([...change.delete, ...change.update.map(({ before }) => before)].map((row) => rowKey(table, row)));
    const more = hanging[table].filter((row) => !known.has(rowKey(table, row)));
    if (more.length > 0) all[table] = { ...change, delete: [...change.delete, ...more] };
  }
  return all as RowChanges; // each table got rows of its own
}

async function withRegistered(companions: Companions, changes: RowChanges): Promise<RowChanges> {
  const { subjects, resources } = named(changes);
  for (const { subject } of changeOf(changes, 'subjects').insert) subjects.delete(subject);
  for (const { resource } of changeOf(changes, 'resources').insert) resources.delete(resource);
  if (subjects.size === 0 && resources.size === 0) return changes;
  const missing = await companions.unregistered([...subjects], [...resources]);
  return {
    ...changes,
    ...added(
      changes,
      'subjects',
      missing.subjects.map((subject) => ({ subject, status: 'active', properties: '{}' })),
    ),
    ...added(
      changes,
      'resources',
      missing.resources.map((resource) => ({ resource, access: 'inherit', properties: '{}' })),
    ),
  };
}

function added<T extends TableName>(changes: RowChanges, table: T, rows: readonly StoredRows[T][]): object {
  if (rows.length === 0) return {};
  const change = changeOf(changes, table);
  return { [table]: { ...change, insert: [...change.insert, ...rows] } };
}

/** Everybody and everything that new rows name. */
function named(changes: RowChanges): { subjects: Set<string>; resources: Set<string> } {
  const made = <T extends TableName>(table: T): StoredRows[T][] => {
    const { insert, update } = changeOf(changes, table);
    return [...insert, ...update.map(({ after }) => after)];
  };
  const principals = [
    ...made('assignments').map(({ principal }) => principal),
    ...made('group_members').map(({ member }) => member),
    ...made('resource_owners').map(({ owner }) => owner),
    ...changeOf(changes, 'api_keys').insert.map(({ id }) => KEY_SUBJECT_PREFIX + id),
  ];
  const resources = [
    ...made('resource_parents').map(({ resource }) => resource),
    ...made('resource_owners').map(({ resource }) => resource),
    ...changeOf(changes, 'projects').insert.map(({ id }) => `project:${id}`),
  ];
  return { subjects: new Set(principals.filter((principal) => !principal.startsWith(GROUP_PREFIX))), resources: new Set(resources) };
}
