/**
 * Rows → a stored revision: only what changed since the published one, or everything. Moves no pointer.
 * No mixtures: what a revision shows was read in one transaction. A full compile pages through, then reads again, in one
 * transaction, all that changed meanwhile: after that its rows are those of that transaction's revision.
 */
import { compileCatalog } from '../../core/compile/catalog.ts';
import type { KnownIds } from '../../core/compile/entries.ts';
import { TreeBuilder, type TreeIo, updateTree } from '../../core/compile/tree.ts';
import { Catalog } from '../../core/snapshot/catalog.ts';
import { CODECS, type Entries } from '../../core/snapshot/codec.ts';
import { encodeCatalog } from '../../core/snapshot/encode-catalog.ts';
import { encodeManifest, type LeafKind, type LeafRecord, Manifest, type ManifestModel } from '../../core/snapshot/manifest.ts';
import { isReservedGroup } from '../../core/terms/ref.ts';
import type { CatalogRows } from '../../core/terms/rows.ts';
import type { ChangeSet, RowReader } from '../ports.ts';
import { compileKeys, type KindRows, knownOf } from './entries.ts';
import { type CompiledRevision, type Pieces, type PlacedProblems, type PublishTools, Unpublishable } from './ports.ts';

/** More keys than this changed: compiling everything is cheaper than reading them again. */
const MAX_TOUCHED = 20_000;
const PAGE_KEYS = 1_000;
/** a full compile starts over when a row named something newer than the catalog it had read */
const FULL_ATTEMPTS = 5;

/** The published revision that an incremental compile starts from. */
export interface Before {
  readonly manifest: Manifest;
  readonly catalog: Catalog;
  /**
   * Some rows of leaves were skipped. Whether such a row may be skipped depends on the catalog (its role may deny by now), so while there are any,
   * everything is read.
   */
  readonly skipped: boolean;
}

interface Draft {
  revision: number;
  catalog: Catalog;
  catalogHash: string;
  catalogBytes: number;
  reserved: Set<string>;
  leaves: Record<LeafKind, readonly LeafRecord[]>;
  problems: PlacedProblems[];
  read: Set<string> | null;
}

/** Compiles one organization's present rows. */
export class RevisionCompiler {
  readonly #organization: string;
  readonly #reader: RowReader;
  readonly #pieces: Pieces;
  readonly #tools: PublishTools;
  readonly #io: TreeIo;

  constructor(organization: string, reader: RowReader, pieces: Pieces, tools: PublishTools) {
    this.#organization = organization;
    this.#reader = reader;
    this.#pieces = pieces;
    this.#tools = tools;
    this.#io = { load: (record) => pieces.load(record.hash), put: (bytes) => this.#put(bytes) };
  }

  /**
   * @param before what is published now; null, or `full`: everything is compiled
   * @returns null when nothing changed since `before`
   * @throws Unpublishable when rows that may carry a deny can't be read
   */
  async compile(before: Before | null, full: boolean): Promise<CompiledRevision | null> {
    if (before !== null && !full && !before.skipped) {
      const changes = await this.#reader.changedSince(before.manifest.revision, MAX_TOUCHED);
      if (changes !== null) {
        if (changes.revision === before.manifest.revision) return null;
        const draft = draftOf(before);
        await this.#apply(draft, changes);
        return this.#store(draft, false);
      }
    }
    return this.#store(await this.#everything(), true);
  }

  async #everything(): Promise<Draft> {
    for (let attempt = 1; ; attempt++) {
      const start = await this.#reader.revision();
      try {
        const draft = await this.#pageThrough(start);
        const changes = await this.#reader.changedSince(start, Number.MAX_SAFE_INTEGER);
        // Rows were skipped by a catalog that is no longer the newest: they are to be read again.
        const doubtful = changes?.catalog !== null && skipsRows(draft.problems);
        if (changes !== null && !doubtful) {
          await this.#apply(draft, changes);
          draft.read = null;
          return draft;
        }
      } catch (error) {
        const moved = error instanceof Unpublishable && (await this.#reader.revision()) !== start;
        if (!moved) throw error;
      }
      if (attempt === FULL_ATTEMPTS) throw new Error(`the organization changed during each of ${FULL_ATTEMPTS} full compiles`);
    }
  }

  async #pageThrough(start: number): Promise<Draft> {
    const problems: PlacedProblems[] = [];
    const { catalog, hash, bytes } = await this.#catalog((await this.#reader.catalog()).rows, problems);
    const known = knownOf(catalog);
    const reserved = new Set<string>();
    const leaves = {
      principals: await this.#build('principals', known, problems, (after) => this.#reader.principalPage(after, PAGE_KEYS), reserved),
      resources: await this.#build('resources', known, problems, (after) => this.#reader.resourcePage(after, PAGE_KEYS), reserved),
      keys: await this.#build('keys', known, problems, (after) => this.#reader.keyPage(after, PAGE_KEYS), reserved),
    };
    return { revision: start, catalog, catalogHash: hash, catalogBytes: bytes, reserved, leaves, problems, read: null };
  }

  async #build<K extends LeafKind>(
    kind: K,
    known: KnownIds,
    problems: PlacedProblems[],
    page: (after: string) => Promise<{ readonly keys: readonly string[]; readonly rows: KindRows[K]; readonly last: string | null }>,
    reserved: Set<string>,
  ): Promise<LeafRecord[]> {
    const builder = new TreeBuilder<Entries[K]>(CODECS[kind], this.#io, this.#tools.leafWeight);
    for (let after: string | null = ''; after !== null; ) {
      const { keys, rows, last }: { readonly keys: readonly string[]; readonly rows: KindRows[K]; readonly last: string | null } =
        await page(after);
      const entries = compileKeys(kind, keys, rows, known, problems);
      noteReserved(kind, keys, entries, reserved);
      await builder.entries(entries.filter((entry) => entry !== null));
      await this.#tools.pause();
      after = last;
    }
    return builder.finish();
  }

  /** Brings the draft to the revision that the changes show. */
  async #apply(draft: Draft, changes: ChangeSet): Promise<void> {
    const read = draft.read ?? new Set<string>();
    const problems = draft.problems.filter(
      ({ area, key }) => !(area === 'catalog' ? changes.catalog !== null : changes[area].keys.includes(key)),
    );
    if (changes.catalog !== null) {
      const { catalog, hash, bytes } = await this.#catalog(changes.catalog, problems);
      draft.catalog = catalog;
      draft.catalogHash = hash;
      draft.catalogBytes = bytes;
      read.add('catalog:');
    }
    const known = knownOf(draft.catalog);
    for (const kind of ['principals', 'resources', 'keys'] as const) {
      draft.leaves[kind] = await this.#update(kind, draft, changes, known, problems);
      for (const key of changes[kind].keys) read.add(`${kind}:${key}`);
      await this.#tools.pause();
    }
    draft.revision = changes.revision;
    draft.problems = problems;
    draft.read = read;
  }

  async #update<K extends LeafKind>(
    kind: K,
    draft: Draft,
    changes: ChangeSet,
    known: KnownIds,
    problems: PlacedProblems[],
  ): Promise<readonly LeafRecord[]> {
    // The three parts of a change set have the shape of the three kinds of leaves; only the compiler can't relate them by `kind`.
    const { keys, rows } = changes[kind] as { readonly keys: readonly string[]; readonly rows: KindRows[K] };
    if (keys.length === 0) return draft.leaves[kind];
    const entries = compileKeys(kind, keys, rows, known, problems);
    noteReserved(kind, keys, entries, draft.reserved);
    const edits = keys.map((key, i) => ({ key, entry: entries[i]! }));
    return updateTree<Entries[K]>(CODECS[kind], draft.leaves[kind], edits, this.#io, this.#tools.leafWeight);
  }

  async #catalog(rows: CatalogRows, problems: PlacedProblems[]): Promise<{ catalog: Catalog; hash: string; bytes: number }> {
    const compiled = compileCatalog(rows);
    if (compiled.fatal.length > 0) throw new Unpublishable(compiled.fatal);
    if (compiled.problems.length > 0) problems.push({ area: 'catalog', key: '', problems: compiled.problems });
    await this.#tools.pause();
    const bytes = encodeCatalog(compiled.model);
    return { catalog: new Catalog(bytes), hash: await this.#put(bytes), bytes: bytes.byteLength };
  }

  async #store(draft: Draft, full: boolean): Promise<CompiledRevision> {
    const model: ManifestModel = {
      organization: this.#organization,
      revision: draft.revision,
      catalog: { hash: draft.catalogHash, bytes: draft.catalogBytes },
      reserved: [...draft.reserved].sort(),
      leaves: draft.leaves,
    };
    const bytes = encodeManifest(model);
    // Opened before anybody is told of it: what can't be read must not be published.
    new Manifest(bytes);
    const manifest = await this.#put(bytes);
    return { revision: draft.revision, manifest, full, problems: draft.problems, read: draft.read };
  }

  async #put(bytes: Uint8Array): Promise<string> {
    const hash = await this.#tools.sha256(bytes);
    await this.#pieces.put(hash, bytes);
    return hash;
  }
}

/** Were rows of leaves skipped? */
export function skipsRows(problems: readonly PlacedProblems[]): boolean {
  return problems.some(({ area }) => area !== 'catalog');
}

function draftOf(before: Before): Draft {
  const model = before.manifest.model();
  return {
    revision: model.revision,
    catalog: before.catalog,
    catalogHash: model.catalog.hash,
    catalogBytes: model.catalog.bytes,
    reserved: new Set(model.reserved),
    leaves: { ...model.leaves },
    problems: [],
    read: new Set(),
  };
}

/** Keeps the list of reserved groups that hold anything. */
function noteReserved(kind: LeafKind, keys: readonly string[], entries: readonly unknown[], reserved: Set<string>): void {
  if (kind !== 'principals') return;
  keys.forEach((key, i) => {
    if (!isReservedGroup(key)) return;
    if (entries[i] === null) reserved.delete(key);
    else reserved.add(key);
  });
}
