/** A RowReader over rows in memory: what the compiler reads in tests that need no database. Revisions are those the test gives. */
import { compareCodePoints } from '../../src/core/sets/compare.ts';
import type { ApiKeyRow, CatalogRows, OrganizationRows, PrincipalRows, ResourceRows } from '../../src/core/terms/rows.ts';
import type { ChangePart, ChangeSet, LeafPlace, RowPage, RowReader } from '../../src/pap/ports.ts';
import type { Touched } from '../properties/touched.ts';

export function catalogRowsOf(rows: OrganizationRows): CatalogRows {
  const { privileges, policies, roles, role_policies, role_inherits, groups, group_nesting, routes, settings } = rows;
  return { privileges, policies, roles, role_policies, role_inherits, groups, group_nesting, routes, settings };
}

export function principalKeys(rows: OrganizationRows): string[] {
  return sortedDistinct([...rows.subjects.map((row) => row.subject), ...rows.assignments.map((row) => row.principal)]);
}

function sortedDistinct(keys: readonly string[]): string[] {
  return [...new Set(keys)].sort(compareCodePoints);
}

export class MemoryReader implements RowReader {
  rows: OrganizationRows;
  #revision = 1;
  #log: { revision: number; touched: Touched }[] = [];
  /** called at the start of every read, with its name: a test may commit something there */
  onRead: (name: string) => void = () => {};

  constructor(rows: OrganizationRows) {
    this.rows = rows;
  }

  /** Commits new rows as the next revision. */
  commit(rows: OrganizationRows, touched: Touched): void {
    this.rows = rows;
    this.#revision++;
    this.#log.push({ revision: this.#revision, touched });
  }

  async revision(): Promise<number> {
    this.onRead('revision');
    return this.#revision;
  }

  async catalog(): Promise<{ revision: number; rows: CatalogRows }> {
    this.onRead('catalog');
    return { revision: this.#revision, rows: catalogRowsOf(this.rows) };
  }

  async principalPage(after: string, limit: number): Promise<RowPage<PrincipalRows>> {
    this.onRead('principals');
    return this.#page(principalKeys(this.rows), after, limit, (keys) => this.#principals(keys));
  }

  async resourcePage(after: string, limit: number): Promise<RowPage<ResourceRows>> {
    this.onRead('resources');
    return this.#page(sortedDistinct(this.rows.resources.map((row) => row.resource)), after, limit, (keys) => this.#resources(keys));
  }

  async keyPage(after: string, limit: number): Promise<RowPage<readonly ApiKeyRow[]>> {
    this.onRead('keys');
    return this.#page(sortedDistinct(this.rows.api_keys.map((row) => row.id)), after, limit, (keys) =>
      this.rows.api_keys.filter((row) => keys.has(row.id)),
    );
  }

  async changedSince(after: number, maxTouched: number, part?: ChangePart): Promise<ChangeSet | null> {
    this.onRead('changes');
    const log = this.#log.filter((line) => line.revision > after);
    const read = log.slice(0, part?.changes ?? log.length);
    const catalog = log.some((line) => line.touched.catalog);
    const also = (area: LeafPlace['area']): string[] =>
      catalog ? (part?.also ?? []).filter((place) => place.area === area).map(({ key }) => key) : [];
    const all = (area: LeafPlace['area']): string[] => sortedDistinct(log.flatMap((line) => line.touched[area]));
    if (all('principals').length + all('resources').length + all('keys').length > maxTouched) return null;
    const keysOf = (area: LeafPlace['area']): string[] => sortedDistinct([...read.flatMap((line) => line.touched[area]), ...also(area)]);
    const keys = keysOf('keys');
    const keySet = new Set(keys);
    return {
      revision: this.#revision,
      ...(read.length < log.length ? { upTo: read.at(-1)!.revision } : {}),
      catalog: catalog ? catalogRowsOf(this.rows) : null,
      principals: { keys: keysOf('principals'), rows: this.#principals(new Set(keysOf('principals'))) },
      resources: { keys: keysOf('resources'), rows: this.#resources(new Set(keysOf('resources'))) },
      keys: { keys, rows: this.rows.api_keys.filter((row) => keySet.has(row.id)) },
      changes: read.length,
    };
  }

  #page<Rows>(keys: readonly string[], after: string, limit: number, rowsOf: (keys: ReadonlySet<string>) => Rows): RowPage<Rows> {
    const rest = keys.filter((key) => after === '' || compareCodePoints(key, after) > 0);
    const page = rest.slice(0, limit);
    return { revision: this.#revision, keys: page, rows: rowsOf(new Set(page)), last: rest.length > limit ? page.at(-1)! : null };
  }

  #principals(keys: ReadonlySet<string>): PrincipalRows {
    const { subjects, memberships, assignments, api_keys } = this.rows;
    return {
      subjects: subjects.filter((row) => keys.has(row.subject)),
      memberships: memberships.filter((row) => keys.has(row.member)),
      assignments: assignments.filter((row) => keys.has(row.principal)),
      api_keys: api_keys.filter((row) => keys.has(`api_key:${row.id}`)),
    };
  }

  #resources(keys: ReadonlySet<string>): ResourceRows {
    const { resources, resource_parents, resource_owners } = this.rows;
    return {
      resources: resources.filter((row) => keys.has(row.resource)),
      resource_parents: resource_parents.filter((row) => keys.has(row.resource)),
      resource_owners: resource_owners.filter((row) => keys.has(row.resource)),
    };
  }
}
