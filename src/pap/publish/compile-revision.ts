/**
 * Rows → a stored revision: only what changed since the published one, or everything. Moves no pointer.
 * No mixtures: what a revision shows was read in one transaction, or touched by none since. Everything, or many changes, is compiled in steps, each
 * of bounded size, and between any two of them the compile can be put away (see `Draft`).
 */
import type { KnownIds } from '../../core/compile/entries.ts';
import { TreeBuilder, type TreeIo, updateTree } from '../../core/compile/tree.ts';
import { CODECS, type Entries } from '../../core/snapshot/codec.ts';
import { encodeManifest, LEAF_KINDS, type LeafKind, Manifest } from '../../core/snapshot/manifest.ts';
import type { ChangeSet, RowPage, RowReader } from '../ports.ts';
import { Catalogs } from './catalogs.ts';
import { type Before, type Draft, type DraftProblems, draftFrom, emptyDraft, MAX_SKIPPED, skippedOf, skippedPlaces } from './draft.ts';
import { compileKeys, type KindRows, noteReserved } from './entries.ts';
import { type CompiledRevision, type Pieces, type PublishTools, Unpublishable } from './ports.ts';

/** More keys than this changed: compiling everything is cheaper than reading them again. */
const MAX_TOUCHED = 20_000;
/** Nor is it worth catching up with more than this part of the keys that were read: a step of the log touches nearly every leaf. */
const CATCH_UP_SHARE = 0.25;
/** A full compile begins anew when the log no longer reaches back to where it began. */
const FULL_ATTEMPTS = 5;
/** Whoever writes so much that a compile begins anew will mostly end soon; if not, the compile ends at the revision of then, however long that takes. */
const RESTARTS = 8;
/** After so many rounds of reading again what was touched meanwhile, a compile no longer runs after the newest revision: it ends at the one of then. */
const CATCH_UPS = 20;

/** Compiles one organization's present rows. */
export class RevisionCompiler {
  readonly #organization: string;
  readonly #reader: RowReader;
  readonly #pieces: Pieces;
  readonly #tools: PublishTools;
  readonly #io: TreeIo;
  readonly #sizes: { readonly keys: number; readonly changes: number };
  readonly #catalogs: Catalogs;

  /** @param sizes how many keys a page has, and how many changes a step brings in: what is held in memory at a time */
  constructor(organization: string, reader: RowReader, pieces: Pieces, tools: PublishTools, sizes = { keys: 400, changes: 2_000 }) {
    this.#organization = organization;
    this.#reader = reader;
    this.#pieces = pieces;
    this.#tools = tools;
    this.#sizes = sizes;
    this.#io = { load: (record) => pieces.load(record.hash), put: (bytes) => this.#put(bytes) };
    this.#catalogs = new Catalogs(pieces, tools, this.#io.put);
  }

  /**
   * All of it at once.
   * @param before what is published now; null, or `full`: everything is compiled
   * @returns null when nothing changed since `before`
   * @throws Unpublishable when rows that may carry a deny can't be read
   */
  async compile(before: Before | null, full: boolean): Promise<CompiledRevision | null> {
    if (before !== null && !full) {
      const little = await this.little(before);
      if (little !== 'much') return little;
    }
    const draft = await this.begin(before, full);
    for (;;) {
      const compiled = await this.advance(draft, () => true);
      if (compiled !== null) return compiled;
    }
  }

  /**
   * What changed since `before`, if that is so little that one step brings all of it in.
   * @returns null when nothing changed; `much` when it takes a draft
   * @throws Unpublishable
   */
  async little(before: Before): Promise<CompiledRevision | null | 'much'> {
    const also = skippedOf(before);
    if (also === null) return 'much';
    const { revision } = before.manifest;
    const changes = await this.#reader.changedSince(revision, MAX_TOUCHED, { changes: this.#sizes.changes, also });
    if (changes === null || changes.upTo !== undefined) return 'much';
    if (changes.revision === revision) return null;
    const draft = draftFrom(before.manifest);
    this.#catalogs.hold(before.manifest.catalogHash, before.catalog);
    await this.#apply(draft, changes);
    return this.#finish(draft);
  }

  /** A compile to advance: of what changed since `before` if there are fewer changes than keys, else of everything. */
  async begin(before: Before | null, full: boolean): Promise<Draft> {
    if (before !== null && !full && skippedOf(before) !== null) {
      const { revision } = before.manifest;
      if ((await this.#reader.changedSince(revision, MAX_TOUCHED, { changes: 1 })) !== null) {
        const draft = draftFrom(before.manifest);
        draft.problems = skippedOf(before)!.map((place) => ({ ...place, problems: [] }));
        return draft;
      }
    }
    return this.#fromNothing(1);
  }

  /**
   * Brings a draft forward, a step at least, and until it is done or may not go on.
   * @param mayGoOn asked between steps
   * @returns null when it isn't done: to be called again
   * @throws Unpublishable; after any error the draft is of no use
   */
  async advance(draft: Draft, mayGoOn: () => boolean): Promise<CompiledRevision | null> {
    do {
      if (draft.next !== null) await this.#pages(draft, draft.next, mayGoOn);
      else if (await this.#catchUp(draft)) return this.#finish(draft);
    } while (mayGoOn());
    return null;
  }

  async #fromNothing(attempt: number): Promise<Draft> {
    const start = await this.#reader.revision();
    const problems: DraftProblems[] = [];
    const catalog = await this.#catalogs.compile((await this.#reader.catalog()).rows, problems);
    return emptyDraft(start, attempt, catalog, problems);
  }

  /** Pages through one kind of keys, from where the draft stopped, behind the leaves that it has. */
  async #pages<K extends LeafKind>(draft: Draft, { kind, after }: { readonly kind: K; readonly after: string }, mayGoOn: () => boolean) {
    const known = (await this.#catalogs.open(draft)).known;
    const problems: DraftProblems[] = [...draft.problems];
    const reserved = new Set(draft.reserved);
    const builder = new TreeBuilder<Entries[K]>(CODECS[kind], this.#io, this.#tools.leafWeight);
    for (const record of draft.leaves[kind]) await builder.leaf(record);
    let last: string | null = after;
    do {
      const page: RowPage<KindRows[K]> = await this.#page(kind, last);
      const entries = this.#entries(kind, page.keys, page.rows, known, problems);
      // Nothing was written meanwhile, so it won't be better at the end.
      if (problems.at(-1)?.fatal && (await this.#reader.revision()) === draft.seen) throw unpublishable(problems);
      noteReserved(kind, page.keys, entries, reserved);
      draft.keys += page.keys.length;
      await this.#tools.pause();
      await builder.entries(entries.filter((entry) => entry !== null));
      await this.#tools.pause();
      last = page.last;
    } while (last !== null && mayGoOn());
    draft.leaves = { ...draft.leaves, [kind]: await builder.finish() };
    draft.problems = problems;
    draft.reserved = [...reserved];
    const following = LEAF_KINDS[LEAF_KINDS.indexOf(kind) + 1];
    draft.next = last !== null ? { kind, after: last } : following === undefined ? null : { kind: following, after: '' };
  }

  #page<K extends LeafKind>(kind: K, after: string): Promise<RowPage<KindRows[K]>> {
    const { keys } = this.#sizes;
    const pages = {
      principals: () => this.#reader.principalPage(after, keys),
      resources: () => this.#reader.resourcePage(after, keys),
      keys: () => this.#reader.keyPage(after, keys),
    };
    // The three have the shape of the three kinds of leaves; only the compiler can't relate them by `kind`.
    return pages[kind]() as Promise<RowPage<KindRows[K]>>;
  }

  /**
   * Reads again what was touched since. True when the draft is one revision: that of the transaction that was read last, or its cut. What it showed when
   * the cut was made is no newer than that; so once all that was touched up to there is read as it was then, the whole is that revision's.
   */
  async #catchUp(draft: Draft): Promise<boolean> {
    const skipped = skippedPlaces(draft.problems);
    const also = skipped.length > MAX_SKIPPED ? [] : skipped;
    if (draft.restarts >= RESTARTS || draft.rounds++ >= CATCH_UPS) draft.cut ??= await this.#reader.revision();
    const most = draft.cut === undefined ? Math.max(MAX_TOUCHED, Math.floor(draft.keys * CATCH_UP_SHARE)) : Number.MAX_SAFE_INTEGER;
    const changes = await this.#reader.changedSince(draft.seen, most, { changes: this.#sizes.changes, also, at: draft.cut });
    const doubtful = changes !== null && changes.catalog !== null && also.length < skipped.length;
    if (changes === null || doubtful) {
      // Too much was touched, and the log reaches back: that is no failed attempt, and comes to an end by the cut.
      const much = changes === null && (await this.#reader.changedSince(draft.seen, Number.MAX_SAFE_INTEGER, { changes: 1 })) !== null;
      if (!much && draft.attempts === FULL_ATTEMPTS)
        throw new Error(`the organization changed during each of ${FULL_ATTEMPTS} full compiles`);
      const restarts = draft.restarts + (much ? 1 : 0);
      Object.assign(draft, await this.#fromNothing(draft.attempts + (much ? 0 : 1)), { restarts });
      return false;
    }
    await this.#apply(draft, changes);
    return changes.upTo === undefined;
  }

  /** Brings the draft to what the changes show. */
  async #apply(draft: Draft, changes: ChangeSet): Promise<void> {
    const again = {
      catalog: new Set(changes.catalog === null ? [] : ['']),
      principals: new Set(changes.principals.keys),
      resources: new Set(changes.resources.keys),
      keys: new Set(changes.keys.keys),
    };
    const problems = draft.problems.filter(({ area, key }) => !again[area].has(key));
    if (changes.catalog !== null) draft.catalog = await this.#catalogs.compile(changes.catalog, problems);
    const known = (await this.#catalogs.open(draft)).known;
    const reserved = new Set(draft.reserved);
    for (const kind of LEAF_KINDS) {
      await this.#update(kind, draft, changes, known, problems, reserved);
      draft.keys += changes[kind].keys.length;
    }
    draft.seen = changes.upTo ?? changes.revision;
    draft.reserved = [...reserved];
    draft.problems = problems;
    if (draft.read === null) return;
    const places = Object.entries(again).flatMap(([area, keys]) => [...keys].map((key) => `${area}:${key}`));
    draft.read = [...new Set([...draft.read, ...places])];
  }

  async #update<K extends LeafKind>(
    kind: K,
    draft: Draft,
    changes: ChangeSet,
    known: KnownIds,
    problems: DraftProblems[],
    reserved: Set<string>,
  ): Promise<void> {
    // As above: by `kind` the shapes are the same.
    const { keys, rows } = changes[kind] as { readonly keys: readonly string[]; readonly rows: KindRows[K] };
    if (keys.length === 0) return;
    const entries = this.#entries(kind, keys, rows, known, problems);
    noteReserved(kind, keys, entries, reserved);
    await this.#tools.pause();
    const edits = keys.map((key, i) => ({ key, entry: entries[i]! }));
    const leaves = await updateTree<Entries[K]>(CODECS[kind], draft.leaves[kind], edits, this.#io, this.#tools.leafWeight);
    draft.leaves = { ...draft.leaves, [kind]: leaves };
  }

  #entries<K extends LeafKind>(
    kind: K,
    keys: readonly string[],
    rows: KindRows[K],
    known: KnownIds,
    problems: DraftProblems[],
  ): readonly (Entries[K] | null)[] {
    const { entries, placed } = compileKeys(kind, keys, rows, known);
    for (const each of placed) problems.push(each);
    return entries;
  }

  /** @throws Unpublishable */
  async #finish(draft: Draft): Promise<CompiledRevision> {
    if (draft.problems.some(({ fatal }) => fatal)) throw unpublishable(draft.problems);
    const bytes = encodeManifest({
      organization: this.#organization,
      revision: draft.seen,
      catalog: draft.catalog,
      reserved: draft.reserved,
      leaves: draft.leaves,
    });
    // Opened before anybody is told of it: what can't be read must not be published.
    const opened = { manifest: new Manifest(bytes), catalog: (await this.#catalogs.open(draft)).catalog };
    const manifest = await this.#put(bytes);
    const read = draft.read === null ? null : new Set(draft.read);
    const problems = draft.problems.filter((placed) => placed.problems.length > 0);
    return { revision: draft.seen, manifest, opened, full: draft.full, problems, read };
  }

  async #put(bytes: Uint8Array): Promise<string> {
    const hash = await this.#tools.sha256(bytes);
    await this.#pieces.put(hash, bytes);
    await this.#tools.pause();
    return hash;
  }
}

function unpublishable(problems: readonly DraftProblems[]): Unpublishable {
  return new Unpublishable(problems.flatMap((placed) => (placed.fatal ? placed.problems : [])));
}
