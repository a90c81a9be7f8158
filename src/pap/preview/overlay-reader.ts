/**
 * The rows of an organization as they would be after a change, for the compiler. Whatever it reads must show the revision that the change
 * was decided on: then all of it belongs together, though it was read piece by piece.
 */
import { compareCodePoints } from '../../core/sets/compare.ts';
import type { CatalogRows, PrincipalRows, ResourceRows } from '../../core/terms/rows.ts';
import type { ChangeSet, RowChanges, RowPage, RowReader } from '../ports.ts';
import { revisionMoved } from '../write/moment.ts';
import { Overlay } from './overlay.ts';
import type { PreviewSource } from './ports.ts';
import { type Touched, touchedBy } from './touched.ts';

const NO_PRINCIPALS: PrincipalRows = { subjects: [], memberships: [], assignments: [], api_keys: [] };
const NO_RESOURCES: ResourceRows = { resources: [], resource_parents: [], resource_owners: [] };

export class OverlayReader implements RowReader {
  readonly touched: Touched;
  readonly #reader: RowReader;
  readonly #source: PreviewSource;
  readonly #decidedAt: number;
  readonly #overlay: Overlay;

  /** @param decidedAt the revision that the changes were decided on; the rows read show the next one, which nobody has committed */
  constructor(reader: RowReader, source: PreviewSource, decidedAt: number, changes: RowChanges) {
    this.#reader = reader;
    this.#source = source;
    this.#decidedAt = decidedAt;
    this.#overlay = new Overlay(changes);
    this.touched = touchedBy(changes);
  }

  async revision(): Promise<number> {
    return this.#decidedAt + 1;
  }

  async catalog(): Promise<{ readonly revision: number; readonly rows: CatalogRows }> {
    const { revision, rows } = await this.#reader.catalog();
    this.#mustShow(revision);
    return { revision: this.#decidedAt + 1, rows: this.#overlay.catalog(rows) };
  }

  async principalPage(after: string, limit: number): Promise<RowPage<PrincipalRows>> {
    const page = await this.#reader.principalPage(after, limit);
    return this.#page(page, after, this.touched.principals, (whose) => this.#overlay.principals(page.rows, whose));
  }

  async resourcePage(after: string, limit: number): Promise<RowPage<ResourceRows>> {
    const page = await this.#reader.resourcePage(after, limit);
    return this.#page(page, after, this.touched.resources, (whose) => this.#overlay.resources(page.rows, whose));
  }

  async keyPage(after: string, limit: number): ReturnType<RowReader['keyPage']> {
    const page = await this.#reader.keyPage(after, limit);
    return this.#page(page, after, this.touched.keys, (whose) => this.#overlay.keys(page.rows, whose));
  }

  /** After what is published: the change. After the change: nothing. */
  async changedSince(after: number, maxTouched: number): Promise<ChangeSet | null> {
    const { catalog, ...keys } = this.touched;
    if (after > this.#decidedAt) return this.#nothingMore();
    if (keys.principals.length + keys.resources.length + keys.keys.length > maxTouched) return null;
    const [rows, catalogRows] = await Promise.all([this.#source.rowsOf(keys), catalog ? this.catalog() : null]);
    this.#mustShow(rows.revision);
    const isOf = (touched: readonly string[]): ((key: string) => boolean) => {
      const set = new Set(touched);
      return (key) => set.has(key);
    };
    return {
      revision: this.#decidedAt + 1,
      catalog: catalogRows?.rows ?? null,
      principals: { keys: keys.principals, rows: this.#overlay.principals(rows.principals, isOf(keys.principals)) },
      resources: { keys: keys.resources, rows: this.#overlay.resources(rows.resources, isOf(keys.resources)) },
      keys: { keys: keys.keys, rows: this.#overlay.keys(rows.keys, isOf(keys.keys)) },
      changes: 0,
    };
  }

  #nothingMore(): ChangeSet {
    const none = { revision: this.#decidedAt + 1, catalog: null, keys: { keys: [], rows: [] }, changes: 0 };
    return { ...none, principals: { keys: [], rows: NO_PRINCIPALS }, resources: { keys: [], rows: NO_RESOURCES } };
  }

  /** A page with the touched keys that lie between its ends. A key whose rows all go stays named: it holds nothing. */
  #page<Rows>(
    { revision, keys, last }: RowPage<unknown>,
    after: string,
    touched: readonly string[],
    rowsOf: (whose: (key: string) => boolean) => Rows,
  ): RowPage<Rows> {
    this.#mustShow(revision);
    const within = (key: string): boolean =>
      (after === '' || compareCodePoints(key, after) > 0) && (last === null || compareCodePoints(key, last) <= 0);
    const all = [...new Set([...keys, ...touched.filter(within)])].sort(compareCodePoints);
    return { revision: this.#decidedAt + 1, rows: rowsOf(within), keys: all, last };
  }

  #mustShow(revision: number): void {
    if (revision !== this.#decidedAt) throw revisionMoved();
  }
}
