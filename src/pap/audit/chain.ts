/**
 * The chain of an organization's audit, as texts to be hashed with SHA-256 (64 hex digits each).
 *
 * A row's `hash` is that of all its columns but `revision`, which only the transaction that inserts it knows. Its seal is the hash of `hash` and
 * `revision`, and the next row's `prev_hash` is that seal. So the seal of the last row, the head, stands for every column of every row.
 * There is no key in it: who can write to the database can compute the chain anew, but not one with a head that was noted elsewhere before.
 */
import { canonicalJson } from '../../core/sets/canonical-json.ts';

export interface AuditRow {
  readonly org: string;
  /** 1, 2, 3 … within the organization, without gaps */
  readonly id: number;
  /** ms since 1970 */
  readonly at: number;
  /** that the change made */
  readonly revision: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly request_id: string;
  /** JSON, or null when there was nothing */
  readonly before: string | null;
  readonly after: string | null;
  /** seal of the row before, null in the first */
  readonly prev_hash: string | null;
  readonly hash: string;
}

/** SHA-256 of a text's UTF-8 bytes, 64 hex digits. */
export type Digest = (text: string) => Promise<string>;

/** What `hash` is the hash of. An array of fixed length in JSON: no two rows give the same text. */
export function rowText(row: Omit<AuditRow, 'revision' | 'hash'>): string {
  const { org, id, at, actor, action, target, request_id, before, after, prev_hash } = row;
  return canonicalJson(['bitgate audit row 1', org, id, at, actor, action, target, request_id, before, after, prev_hash]);
}

/** What the seal is the hash of. */
export function sealText({ hash, revision }: Pick<AuditRow, 'hash' | 'revision'>): string {
  return canonicalJson(['bitgate audit seal 1', hash, revision]);
}
