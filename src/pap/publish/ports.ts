/** What publishing needs beside the rows: a place for pieces, a hash, and a way to let others run. */
import type { Catalog } from '../../core/snapshot/catalog.ts';
import type { Manifest } from '../../core/snapshot/manifest.ts';
import type { Problem } from '../../core/terms/problem.ts';

export interface Pieces {
  /** bytes of a stored piece; rejects when it is gone or damaged */
  load(hash: string): Promise<Uint8Array>;
  /** stores a piece under its hash; a piece that is there already costs nothing and counts for nothing */
  put(hash: string, bytes: Uint8Array): Promise<void>;
}

export interface PublishTools {
  sha256(bytes: Uint8Array): Promise<string>;
  /** lets other events run: called between slices of work */
  pause(): Promise<void>;
  /** weight above which leaves are cut; absent: the format's own. Another one gives other bytes, so one organization must keep to one */
  readonly leafWeight?: number | undefined;
}

/** Problems by the leaf key they concern, so that a later publish can replace them; `area` is `catalog` or a kind of leaf. */
export interface PlacedProblems {
  readonly area: 'catalog' | 'principals' | 'resources' | 'keys';
  /** `''` for the catalog */
  readonly key: string;
  readonly problems: readonly Problem[];
}

/** A compiled revision, stored but not yet pointed to. */
export interface CompiledRevision {
  readonly revision: number;
  /** hash of the manifest piece */
  readonly manifest: string;
  readonly opened: { readonly manifest: Manifest; readonly catalog: Catalog };
  readonly full: boolean;
  /** what could not be read and was left out; it grants nothing */
  readonly problems: readonly PlacedProblems[];
  /** leaf keys that were read again: earlier problems of theirs are over. null: all of them */
  readonly read: ReadonlySet<string> | null;
}

/** Rows that might carry a deny can't be read: nothing may be published until they can. */
export class Unpublishable extends Error {
  override readonly name = 'Unpublishable';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(
      `the organization can't be published: ${problems.length} rows that may carry a deny can't be read, first \`${problems[0]?.path}\``,
    );
    this.problems = problems;
  }
}
