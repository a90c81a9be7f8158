/**
 * Names of one kind of thing (policies, roles or groups) on all levels, and what a reference in a document means.
 * A reference is an id, a name of the own project, a name of the organization, or `<project>/<name>`. It means
 * exactly one thing or nothing.
 */

/** What stands under a name. */
export interface Named {
  readonly id: string;
  /** `''` for the organization */
  readonly project: string;
  readonly name: string;
}

/** a project's id and a name, each at its longest, and the slash between */
const MAX_REFERENCE = 700;

/** Two names that differ in letter case or Unicode composition only are one name. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

export class NameIndex<T extends Named> {
  readonly #byId = new Map<string, T>();
  readonly #byName = new Map<string, Map<string, T>>();
  readonly #byFold = new Map<string, T>();

  add(item: T): void {
    this.#byId.set(item.id, item);
    const names = this.#byName.get(item.project);
    if (names === undefined) this.#byName.set(item.project, new Map([[item.name, item]]));
    else if (!names.has(item.name)) names.set(item.name, item);
    const fold = foldName(item.name);
    if (!this.#byFold.has(fold)) this.#byFold.set(fold, item);
  }

  byId(id: string): T | undefined {
    return this.#byId.get(id);
  }

  /** What `text` means where `project` is at home; more than one when it is ambiguous. */
  find(text: string, project: string): readonly T[] {
    if (text.length > MAX_REFERENCE) return [];
    const named = this.#byId.get(text) ?? (project === '' ? undefined : this.#byName.get(project)?.get(text));
    if (named !== undefined) return [named];
    const found: T[] = [];
    const own = this.#byName.get('')?.get(text);
    if (own !== undefined) found.push(own);
    for (let slash = text.indexOf('/', 1); slash !== -1; slash = text.indexOf('/', slash + 1)) {
      const item = this.#byName.get(text.slice(0, slash))?.get(text.slice(slash + 1));
      if (item !== undefined) found.push(item);
    }
    return found;
  }

  /** The reference that means `item` where `project` is at home: as short as can be, the id when every name is ambiguous. */
  referenceTo(item: T, project: string): string {
    const names = item.project === '' || item.project === project ? [item.name] : [];
    if (item.project !== '') names.push(`${item.project}/${item.name}`);
    for (const name of names) {
      const found = this.find(name, project);
      if (found.length === 1 && found[0]?.id === item.id) return name;
    }
    return item.id;
  }

  /** A name that somebody who wrote `text` may have meant: the same in another letter case. */
  similar(text: string): T | undefined {
    return text.length > MAX_REFERENCE ? undefined : this.#byFold.get(foldName(text.slice(text.lastIndexOf('/') + 1)));
  }
}
