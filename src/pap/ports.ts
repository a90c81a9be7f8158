/** What the control plane needs of the world, as interfaces. `storage/` implements them; tests may implement them in memory. */
import type { ApiKeyRow, CatalogRows, PrincipalRows, ResourceRows, StoredRows, TableName } from '../core/terms/rows.ts';
import type { ProposalDecision, ProposalRow } from './gate/rows.ts';
import type { ImportStep } from './import/ports.ts';
import type { InvitationRow } from './invitations/rows.ts';
import type { PresetPart } from './preset/parts.ts';

/** A page of rows in key order, read in one transaction. `last` is the last key of the page, null when there is no further page. */
export interface RowPage<Rows> {
  readonly revision: number;
  readonly rows: Rows;
  /** the keys of this page in order by code point (as SQLite's BINARY sorts UTF-8), each once */
  readonly keys: readonly string[];
  readonly last: string | null;
}

/** What changed after a revision, and the present rows of all that it touched: everything read in one transaction. */
export interface ChangeSet {
  /** the newest revision when the rows were read, or the one that was asked for */
  readonly revision: number;
  /** keys touched after this one are not among them; absent: all that were touched up to `revision` are */
  readonly upTo?: number | undefined;
  /** present when anything changed that the catalog blob is made of */
  readonly catalog: CatalogRows | null;
  /** keys touched, each once, in key order; a key without rows is gone */
  readonly principals: { readonly keys: readonly string[]; readonly rows: PrincipalRows };
  readonly resources: { readonly keys: readonly string[]; readonly rows: ResourceRows };
  readonly keys: { readonly keys: readonly string[]; readonly rows: readonly ApiKeyRow[] };
  /** log rows read */
  readonly changes: number;
}

/** A key of one kind of leaf. */
export interface LeafPlace {
  readonly area: 'principals' | 'resources' | 'keys';
  readonly key: string;
}

/** How a part of the changes is asked for. */
export interface ChangePart {
  /** what this many rows of the log touched, the oldest ones, and fewer when that would be too much to hold: then `upTo` says how far it goes */
  readonly changes: number;
  /** keys to read too if the catalog changed, touched or not */
  readonly also?: readonly LeafPlace[] | undefined;
  /** a revision not before `after`: changes up to it, and rows as they were then; absent: as they are now */
  readonly at?: number | undefined;
}

/** Reads one organization. Every method is one transaction. */
export interface RowReader {
  /** 0 when nothing was ever written for the organization */
  revision(): Promise<number>;
  catalog(): Promise<{ readonly revision: number; readonly rows: CatalogRows }>;
  /**
   * Principals: every subject, and every group or reserved group that holds an assignment (as `group:…`). Pages hold fewer keys than `limit` where
   * those have many rows.
   */
  principalPage(after: string, limit: number): Promise<RowPage<PrincipalRows>>;
  resourcePage(after: string, limit: number): Promise<RowPage<ResourceRows>>;
  keyPage(after: string, limit: number): Promise<RowPage<readonly ApiKeyRow[]>>;
  /**
   * @param part absent: all that changed
   * @returns null when more than `maxTouched` keys changed since `after`, in the part or not, or when the log no longer reaches back that far, or not
   *   to the revision asked for: compile in full instead
   */
  changedSince(after: number, maxTouched: number, part?: ChangePart): Promise<ChangeSet | null>;
}

/** Rows to insert, to update (by primary key, every column given) and to delete (by primary key). */
export interface TableChange<Row> {
  readonly insert: readonly Row[];
  /** both of one key: what is there, and what it shall be */
  readonly update: readonly { readonly before: Row; readonly after: Row }[];
  readonly delete: readonly Row[];
}

/** A new secret, made where tokens are known. */
export interface Credential {
  readonly id: string;
  /** shown once */
  readonly token: string;
  /** SHA-256 of the whole token, 64 hex digits */
  readonly hash: string;
}

/** Changes to what lies beside the model: it is neither compiled nor logged, and committed in the same transaction. */
export interface BesideChanges {
  /** an update is refused, as `revision_moved`, when the row isn't any more what it was */
  readonly invitations?: Omit<TableChange<InvitationRow>, 'delete'>;
  /** whose the new keys are */
  readonly keyOwners?: readonly { readonly id: string; readonly owner: string }[];
  /** what the organization's preset gave it */
  readonly presetParts?: readonly PresetPart[];
  /** how far an import comes with this write */
  readonly importStep?: ImportStep | undefined;
  /** a decision is refused, as `revision_moved`, when the proposal isn't pending any more */
  readonly proposals?: { readonly insert?: readonly ProposalRow[]; readonly decide?: readonly ProposalDecision[] };
}

export type RowChanges = { readonly [T in TableName]?: TableChange<StoredRows[T]> };

/** One line of the audit, written in the transaction of the change that it tells of. */
export interface AuditEntry {
  /** `root` or the subject that wrote, `api_key:…` or `user:…` */
  readonly actor: string;
  /** stable name of what was done: `manifest.put`, `assignment.create` … */
  readonly action: string;
  /** what it was done to: `organization`, `assignment:<id>` … */
  readonly target: string;
  readonly requestId: string;
  /** JSON; never holds a secret */
  readonly before: string | null;
  readonly after: string | null;
}

/** Every stored row of one organization, table by table, all from one transaction. */
export type TableRows = { readonly [T in TableName]: readonly StoredRows[T][] };

export interface OrganizationRecord {
  readonly id: string;
  readonly name: string;
  readonly preset: string;
  readonly createdAt: number;
}

/** Writes one organization. Every method is one transaction, all or nothing. */
export interface RowWriter {
  /** everything but nothing more than one organization, with the revision that it shows */
  load(): Promise<{ readonly revision: number; readonly tables: TableRows }>;
  /**
   * Applies the changes and the audit line, if the organization's revision is still `expected`.
   * @returns the new revision (the present one when nothing changed)
   * @throws BitgateError `revision_moved` (409) when somebody else wrote in between: nothing was written, decide again
   * @throws BitgateError `conflict` (409) when the database's own constraints refuse a row
   */
  apply(
    expected: number,
    changes: RowChanges,
    audit: AuditEntry,
    now: number,
    beside?: BesideChanges,
  ): Promise<{ readonly revision: number; readonly rows: number }>;
}
