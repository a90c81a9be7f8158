/** Rows as they would be: what is there, with a change applied in memory. */
import type { ApiKeyRow, CatalogRows, PrincipalRows, ResourceRows, StoredRows, TableName } from '../../core/terms/rows.ts';
import { KEY_SUBJECT_PREFIX, rowKey } from '../manifest/tables.ts';
import type { RowChanges, TableChange } from '../ports.ts';
import { isGroup } from './touched.ts';

export class Overlay {
  readonly #changes: RowChanges;
  /** keys of the rows that are not there any more, or not as they were, by table; made when first needed */
  readonly #gone = new Map<TableName, ReadonlySet<string>>();

  constructor(changes: RowChanges) {
    this.#changes = changes;
  }

  catalog(rows: CatalogRows): CatalogRows {
    return {
      privileges: this.#apply('privileges', rows.privileges),
      policies: this.#apply('policies', rows.policies),
      roles: this.#apply('roles', rows.roles),
      role_policies: this.#apply('role_policies', rows.role_policies),
      role_inherits: this.#apply('role_inherits', rows.role_inherits),
      groups: this.#apply('groups', rows.groups),
      group_nesting: this.#apply('group_members', rows.group_nesting, ({ member }) => isGroup(member)),
      routes: this.#apply('routes', rows.routes),
      settings: this.#apply('settings', rows.settings),
    };
  }

  /** @param rows of some keys @param whose of these keys, rows are added */
  principals(rows: PrincipalRows, whose: (key: string) => boolean): PrincipalRows {
    return {
      subjects: this.#apply('subjects', rows.subjects, ({ subject }) => whose(subject)),
      memberships: this.#apply('group_members', rows.memberships, ({ member }) => !isGroup(member) && whose(member)),
      assignments: this.#apply('assignments', rows.assignments, ({ principal }) => whose(principal)),
      api_keys: this.#apply('api_keys', rows.api_keys, ({ id }) => whose(`${KEY_SUBJECT_PREFIX}${id}`)),
    };
  }

  resources(rows: ResourceRows, whose: (key: string) => boolean): ResourceRows {
    return {
      resources: this.#apply('resources', rows.resources, ({ resource }) => whose(resource)),
      resource_parents: this.#apply('resource_parents', rows.resource_parents, ({ resource }) => whose(resource)),
      resource_owners: this.#apply('resource_owners', rows.resource_owners, ({ resource }) => whose(resource)),
    };
  }

  keys(rows: readonly ApiKeyRow[], whose: (key: string) => boolean): readonly ApiKeyRow[] {
    return this.#apply('api_keys', rows, ({ id }) => whose(id));
  }

  #apply<T extends TableName>(
    table: T,
    rows: readonly StoredRows[T][],
    wanted: (row: StoredRows[T]) => boolean = () => true,
  ): StoredRows[T][] {
    const change = this.#changeOf(table);
    if (change === undefined) return [...rows];
    const gone = this.#goneOf(table, change);
    const kept = rows.filter((row) => !gone.has(rowKey(table, row)));
    const made = [...change.update.map(({ after }) => after), ...change.insert].filter(wanted);
    return [...kept, ...made];
  }

  #changeOf<T extends TableName>(table: T): TableChange<StoredRows[T]> | undefined {
    // `as`: a table's own change, which TypeScript forgets when the table is a type parameter.
    return this.#changes[table] as TableChange<StoredRows[T]> | undefined;
  }

  #goneOf<T extends TableName>(table: T, change: TableChange<StoredRows[T]>): ReadonlySet<string> {
    let gone = this.#gone.get(table);
    if (gone === undefined) {
      gone = new Set([...change.delete, ...change.update.map(({ before }) => before)].map((row) => rowKey(table, row)));
      this.#gone.set(table, gone);
    }
    return gone;
  }
}
