/** The catalog of a compile: made of its rows in slices, and kept opened, since all keys are checked against it. */
import { catalogSteps } from '../../core/compile/catalog.ts';
import type { KnownIds } from '../../core/compile/entries.ts';
import type { Steps } from '../../core/sets/steps.ts';
import { Catalog } from '../../core/snapshot/catalog.ts';
import { encodeCatalogSteps } from '../../core/snapshot/encode-catalog.ts';
import type { CatalogRows } from '../../core/terms/rows.ts';
import type { Draft, DraftProblems } from './draft.ts';
import { knownOf } from './entries.ts';
import { type Pieces, type PublishTools, Unpublishable } from './ports.ts';

interface Opened {
  readonly hash: string;
  readonly catalog: Catalog;
  readonly known: KnownIds;
}

export class Catalogs {
  readonly #pieces: Pieces;
  readonly #tools: PublishTools;
  readonly #put: (bytes: Uint8Array) => Promise<string>;
  #opened: Opened | undefined;

  /** @param put stores a piece, and gives its hash */
  constructor(pieces: Pieces, tools: PublishTools, put: (bytes: Uint8Array) => Promise<string>) {
    this.#pieces = pieces;
    this.#tools = tools;
    this.#put = put;
  }

  /**
   * @param problems gets those of the catalog
   * @throws Unpublishable
   */
  async compile(rows: CatalogRows, problems: DraftProblems[]): Promise<Draft['catalog']> {
    const compiled = await this.#sliced(catalogSteps(rows));
    if (compiled.fatal.length > 0) throw new Unpublishable(compiled.fatal);
    if (compiled.problems.length > 0) problems.push({ area: 'catalog', key: '', problems: compiled.problems });
    const bytes = await this.#sliced(encodeCatalogSteps(compiled.model));
    const hash = await this.#put(bytes);
    this.hold(hash, new Catalog(bytes));
    return { hash, bytes: bytes.byteLength };
  }

  async #sliced<Result>(steps: Steps<Result>): Promise<Result> {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      await this.#tools.pause();
    }
  }

  hold(hash: string, catalog: Catalog): Opened {
    this.#opened = { hash, catalog, known: knownOf(catalog) };
    return this.#opened;
  }

  /** The draft's catalog, opened. */
  async open({ catalog: { hash } }: Draft): Promise<Opened> {
    return this.#opened?.hash === hash ? this.#opened : this.hold(hash, new Catalog(await this.#pieces.load(hash)));
  }
}
