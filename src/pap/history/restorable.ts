/**
 * What of the rows of a past revision may come back. A rollback undoes data, never the withdrawal of trust: keys and the status of subjects
 * stay as they are, and whoever was removed stays removed, with all that was theirs. Pure.
 */
import type { ApiKeyRow, StoredRows, SubjectRow } from '../../core/terms/rows.ts';
import { sameRow } from '../manifest/fields.ts';
import { KINDS, labelsOf } from '../manifest/labels.ts';
import { emptyTables, isKeySubject, KEY_SUBJECT_PREFIX, type MutableTables, RESERVED_PREFIX, rowKey } from '../manifest/tables.ts';
import type { TableRows } from '../ports.ts';

export type NotRestoredReason =
  /** a key that was deleted since: it stays so */
  | 'key_deleted'
  /** its secret, status, name or end changed since: they stay as they are */
  | 'key_changed'
  /** a key that was made since: it stays, with the roles that it had then, none */
  | 'key_made_since'
  /** belongs to a key that was deleted or disabled since */
  | 'of_withdrawn_key'
  /** a subject that was removed since, or something that was theirs */
  | 'member_removed'
  /** suspended since, or the suspension was lifted: it stays as it is */
  | 'status_kept'
  /** privileges of bitgate itself are not data of the organization */
  | 'reserved';

export interface NotRestored {
  readonly kind: string;
  /** names, not ids */
  readonly name: string;
  readonly reason: NotRestoredReason;
}

/** What the audit and the log say happened since. */
export interface Withdrawn {
  /** subjects that were deleted by other means than a rollback, though they may be registered again */
  readonly subjects: ReadonlySet<string>;
  /** row keys of assignments and ownerships that went with a member of a project */
  readonly rows: ReadonlySet<string>;
}

export const withdrawnKey = (table: 'assignments' | 'resource_owners', key: string): string => `${table} ${key}`;

/**
 * @param present rows as they are, of all that differ
 * @param past the same rows as they were
 * @returns the rows as they shall be
 */
export function restorable(
  present: TableRows,
  past: TableRows,
  withdrawn: Withdrawn,
): { readonly desired: TableRows; readonly notRestored: readonly NotRestored[] } {
  const restoring = new Restoring(present, past, withdrawn);
  return { desired: restoring.rows(), notRestored: restoring.notRestored };
}

class Restoring {
  readonly notRestored: NotRestored[] = [];
  readonly #present: TableRows;
  readonly #past: TableRows;
  readonly #withdrawn: Withdrawn;
  readonly #labels: ReturnType<typeof labelsOf>;
  /** keys of which nothing comes back */
  readonly #withdrawnKeys = new Set<string>();

  constructor(present: TableRows, past: TableRows, withdrawn: Withdrawn) {
    this.#present = present;
    this.#past = past;
    this.#withdrawn = withdrawn;
    this.#labels = labelsOf(present, past);
  }

  rows(): TableRows {
    const desired: MutableTables = { ...emptyTables(), ...copy(this.#past) };
    desired.api_keys = this.#keys();
    desired.subjects = this.#subjects();
    desired.assignments = this.#ofPrincipals('assignments', ({ principal }) => principal);
    desired.group_members = this.#ofPrincipals('group_members', ({ member }) => member);
    desired.resource_owners = this.#ofPrincipals('resource_owners', ({ owner }) => owner);
    desired.privileges = this.#privileges();
    return desired;
  }

  #keys(): ApiKeyRow[] {
    const past = new Map(this.#past.api_keys.map((row) => [row.id, row]));
    for (const row of this.#present.api_keys) {
      const before = past.get(row.id);
      past.delete(row.id);
      if (before === undefined) this.#keep('api_keys', row, 'key_made_since');
      else if (!sameRow(before, row)) this.#keep('api_keys', row, 'key_changed');
      if (before?.status === 'active' && row.status === 'disabled') this.#withdrawnKeys.add(`${KEY_SUBJECT_PREFIX}${row.id}`);
    }
    for (const row of past.values()) {
      this.#withdrawnKeys.add(`${KEY_SUBJECT_PREFIX}${row.id}`);
      this.#keep('api_keys', row, 'key_deleted');
    }
    return [...this.#present.api_keys];
  }

  #subjects(): SubjectRow[] {
    const present = new Map(this.#present.subjects.map((row) => [row.subject, row]));
    const rows: SubjectRow[] = [];
    for (const row of this.#past.subjects) {
      const now = present.get(row.subject);
      present.delete(row.subject);
      if (now === undefined) {
        if (!isKeySubject(row.subject) && !this.#withdrawn.subjects.has(row.subject)) rows.push(row);
        // That of a key is told with the key.
        else if (!isKeySubject(row.subject)) this.#keep('subjects', row, 'member_removed');
      } else if (this.#withdrawn.subjects.has(row.subject)) {
        // Registered anew: what it was before its removal is nobody's business any more.
        if (!sameRow(row, now)) this.#keep('subjects', row, 'member_removed');
        rows.push(now);
      } else {
        if (now.status !== row.status) this.#keep('subjects', row, 'status_kept');
        rows.push({ ...row, status: now.status });
      }
    }
    for (const row of present.values()) {
      if (row.status === 'suspended' && !isKeySubject(row.subject)) this.#keep('subjects', row, 'status_kept');
      if (row.status === 'suspended' || isKeySubject(row.subject)) rows.push(row);
    }
    return rows;
  }

  /** Rows that are there stay if they were there; those that are not come back unless what they belong to was withdrawn. */
  #ofPrincipals<T extends 'assignments' | 'group_members' | 'resource_owners'>(
    table: T,
    principalOf: (row: StoredRows[T]) => string,
  ): StoredRows[T][] {
    const rows: readonly StoredRows[T][] = this.#past[table];
    const present = this.#byKey(table);
    return rows.filter((row) => {
      const now = present.get(rowKey(table, row));
      // Given again since: then it stays.
      if (now !== undefined && sameRow(row, now)) return true;
      const reason = this.#withdrawnReason(table, row, principalOf(row));
      if (reason !== null) this.#keep(table, row, reason);
      return reason === null;
    });
  }

  #withdrawnReason<T extends 'assignments' | 'group_members' | 'resource_owners'>(
    table: T,
    row: StoredRows[T],
    principal: string,
  ): NotRestoredReason | null {
    if (this.#withdrawnKeys.has(principal) || (isKeySubject(principal) && this.#withdrawn.subjects.has(principal))) {
      return 'of_withdrawn_key';
    }
    if (this.#withdrawn.subjects.has(principal)) return 'member_removed';
    if (table === 'group_members') return null;
    return this.#withdrawn.rows.has(withdrawnKey(table, rowKey(table, row))) ? 'member_removed' : null;
  }

  #privileges(): StoredRows['privileges'][] {
    const reserved = (row: StoredRows['privileges']): boolean => row.name.startsWith(RESERVED_PREFIX);
    const present = this.#byKey('privileges');
    for (const row of this.#past.privileges.filter(reserved)) {
      const now = present.get(rowKey('privileges', row));
      if (now === undefined || !sameRow(row, now)) this.#keep('privileges', row, 'reserved');
    }
    return [...this.#past.privileges.filter((row) => !reserved(row)), ...this.#present.privileges.filter(reserved)];
  }

  #byKey<T extends keyof StoredRows>(table: T): ReadonlyMap<string, StoredRows[T]> {
    const rows: readonly StoredRows[T][] = this.#present[table];
    return new Map(rows.map((row) => [rowKey(table, row), row]));
  }

  #keep<T extends keyof StoredRows>(table: T, row: StoredRows[T], reason: NotRestoredReason): void {
    // A table's rows and its label go together, which TypeScript can't follow through a name that is one of many.
    const label = this.#labels[table] as (row: StoredRows[T]) => string;
    this.notRestored.push({ kind: KINDS[table], name: label(row), reason });
  }
}

function copy(tables: TableRows): MutableTables {
  return Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, [...rows]])) as unknown as MutableTables; // table by table
}
