/** What an import looks up and keeps. Each method is one transaction. */
import type { AssignmentRow, GroupMemberRow, ResourceOwnerRow, ResourceParentRow, ResourceRow, SubjectRow } from '../../core/terms/rows.ts';
import type { ListPage } from '../control-ports.ts';
import type { TableRows } from '../ports.ts';

export type ImportState = 'running' | 'done' | 'failed';

/** How far an import has come. Columns as in the database, times in ms since 1970. */
export interface ImportRow {
  readonly id: string;
  /** who began it */
  readonly actor: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly state: ImportState;
  /** every line up to this one is applied, none behind it */
  readonly line: number;
  /** JSON: by kind what became of its lines, see `Counts` */
  readonly counts: string;
  /** JSON of the refusal, null but for `failed` */
  readonly error: string | null;
}

/** The row of an import as it is after a chunk; written with the chunk, in one transaction. */
export interface ImportStep {
  readonly row: ImportRow;
  /** the line that the row stands at before, null when there is no row: else the step is refused, as `revision_moved` */
  readonly after: number | null;
  /** resources that lie elsewhere now: refused, as `outside_project`, when what is assigned below them and belongs to a project has left it */
  readonly moved: readonly string[];
}

/** What names in lines may mean: all that is bounded by the catalog's limits. */
export interface Names {
  readonly revision: number;
  /**
   * privileges, policies, roles with their links, groups, projects, routes and settings; of memberships those of groups, of resources those that
   * are projects; of all else nothing
   */
  readonly tables: TableRows;
}

export interface Things {
  readonly revision: number;
  readonly subjects: readonly SubjectRow[];
  readonly resources: readonly ResourceRow[];
  readonly parents: readonly ResourceParentRow[];
  readonly owners: readonly ResourceOwnerRow[];
  /** the links on every path up */
  readonly above: readonly ResourceParentRow[];
}

export interface Imports {
  /** newest first; `after` is time and id of the last one of the page before */
  page(after: readonly string[] | null, limit: number): Promise<ListPage<ImportRow>>;
  get(id: string): Promise<ImportRow | null>;
  /**
   * The row alone, when a chunk changes nothing, or is refused.
   * @throws BitgateError `revision_moved` (409) when it is not where it was
   */
  step(step: ImportStep): Promise<void>;
  names(): Promise<Names>;
  /** rows that are there of given subjects and resources, and what lies above others */
  things(wanted: {
    readonly subjects: readonly string[];
    readonly resources: readonly string[];
    readonly above: readonly string[];
  }): Promise<Things>;
  /** which of the given are there, as indices */
  links(wanted: {
    readonly members: readonly GroupMemberRow[];
    readonly assignments: readonly Omit<AssignmentRow, 'id'>[];
  }): Promise<{ readonly revision: number; readonly members: readonly number[]; readonly assignments: readonly number[] }>;
  /** how many links the longest path down from any of the resources has, over none of the others, `limit` at most */
  depthBelow(resources: readonly string[], limit: number): Promise<number>;
}
