/** What history needs of the world: the log of changes, the audit's lines, and tags. `storage/` implements it. */
import type { ListPage } from '../control-ports.ts';
import type { AuditEntry, TableRows } from '../ports.ts';

/** A revision whose snapshot the Publisher keeps. */
export interface PublishedRevision {
  readonly revision: number;
  /** when it was published, ms since 1970 */
  readonly at: number;
}

/** One that is opened for reading: it stays for some minutes, whatever retention says. */
export interface HeldRevision extends PublishedRevision {
  /** hash of the manifest piece */
  readonly manifest: string;
}

/** A committed state, as the log and the audit tell of it. */
export interface RevisionRow {
  readonly revision: number;
  /** when it was committed, ms since 1970; null when neither log nor audit know any more */
  readonly at: number | null;
  /** lines of the log since the revision before it; null when the log was pruned there */
  readonly changes: number | null;
  /** of the audit's line of the write that made it; null: made by SQL */
  readonly actor: string | null;
  readonly action: string | null;
  readonly target: string | null;
  readonly request_id: string | null;
  readonly tag: string | null;
}

export interface TableCount {
  readonly table: string;
  readonly insert: number;
  readonly update: number;
  readonly delete: number;
}

/** How a number stands to the organization's revisions. */
export interface RevisionPlace {
  /** the newest revision */
  readonly newest: number;
  /** changes after it are all in the log */
  readonly floor: number;
  /** the log or the audit has it */
  readonly known: boolean;
  /** the newest of the audit's lines that has it, ms; null: none has */
  readonly auditedAt: number | null;
  readonly tag: string | null;
  /** the organization's settings, JSON; null: none */
  readonly settings: string | null;
}

/** A member that was removed from the organization or a project, or left it. */
export interface RemovedMember {
  readonly subject: string;
  /** what the audit's line says of what went with it: JSON, or null */
  readonly before: string | null;
}

/** Rows of two revisions: all roles, policies and groups, and of every other table those that differ. */
export interface RowsBetween {
  /** the newest revision when they were read */
  readonly newest: number;
  readonly before: TableRows;
  readonly after: TableRows;
  /** subjects that were deleted at least once in between, though they may be there again; those that a rollback deleted don't count */
  readonly deletedSubjects: ReadonlySet<string>;
}

/** Reads the past of one organization. Each answer about rows is read in one transaction. */
export interface History {
  /**
   * Every committed state that the Publisher or the audit knows of, newest first.
   * @param published newest first
   * @param below null for the first page
   */
  page(published: readonly PublishedRevision[], below: number | null, limit: number): Promise<ListPage<RevisionRow>>;
  place(revision: number): Promise<RevisionPlace>;
  /** the revision itself, and what of which tables its write changed (empty when the log was pruned there) */
  detail(published: readonly PublishedRevision[], revision: number): Promise<{ row: RevisionRow; tables: readonly TableCount[] }>;
  /** all rows of a revision, in no order; null when the log doesn't reach back to it */
  rowsAt(revision: number): Promise<{ readonly newest: number; readonly tables: TableRows } | null>;
  /** null when the log doesn't reach back to `from` */
  between(from: number, to: number): Promise<RowsBetween | null>;
  /** by revisions after this one, as the audit tells */
  membersRemoved(after: number): Promise<readonly RemovedMember[]>;
  /**
   * Names a revision, or takes its name (null), with a line of audit.
   * @throws BitgateError `revision_moved` (409) when the organization isn't at `expected` any more
   */
  tag(
    expected: number,
    revision: number,
    tag: string | null,
    audit: AuditEntry,
    now: number,
  ): Promise<{ readonly revision: number; readonly rows: number }>;
}
