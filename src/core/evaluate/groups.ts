/** The groups that a subject is in, directly or through groups within groups: indices of the catalog, each once. */
import type { Catalog } from '../snapshot/catalog.ts';
import { RECORD } from '../snapshot/entry-table.ts';
import { GROUPS } from '../snapshot/principal-leaf.ts';
import type { ResidentPrincipals } from '../snapshot/snapshot.ts';

export class GroupSet {
  readonly items: number[] = [];
  count = 0;
  #marks = new Uint32Array(0);
  #mark = 0;

  clear(): void {
    this.count = 0;
    this.#mark++;
    if (this.#mark === 0xffff_ffff) {
      this.#marks.fill(0);
      this.#mark = 1;
    }
  }

  /** Adds the direct groups of an entry and all above them. */
  addOf(catalog: Catalog, resident: ResidentPrincipals, entry: number): void {
    const { groupItems, keys } = resident.leaf;
    const end = keys.records[(entry + 1) * RECORD + GROUPS]!;
    let i = keys.records[entry * RECORD + GROUPS]!;
    if (i === end) return;
    resident.bind(catalog);
    for (; i < end; i++) this.add(catalog, resident.groups[groupItems[i]!]!);
  }

  /** Adds a group and all above it; -1 is no group. */
  add(catalog: Catalog, group: number): void {
    if (group < 0 || !this.#take(catalog, group)) return;
    const above = catalog.groupsAbove[group]!;
    if (above === 0) return;
    for (const ancestor of catalog.rows.list(above)) this.#take(catalog, ancestor);
  }

  has(group: number): boolean {
    return group >= 0 && this.#marks[group] === this.#mark && this.count > 0;
  }

  #take(catalog: Catalog, group: number): boolean {
    if (this.#marks.length < catalog.groups.count) {
      const marks = new Uint32Array(catalog.groups.count);
      marks.set(this.#marks);
      this.#marks = marks;
    }
    if (this.#marks[group] === this.#mark) return false;
    this.#marks[group] = this.#mark;
    this.items[this.count++] = group;
    return true;
  }
}
