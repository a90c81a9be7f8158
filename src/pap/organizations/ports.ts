/** What the use cases of organizations need beside the rows of one. */
import type { AuditEntry, OrganizationRecord } from '../ports.ts';

/** The life of one organization after it was made. Every method is one transaction, and is refused if somebody wrote since `expected`. */
export interface OrganizationLife {
  /** @throws BitgateError `revision_moved` (409) */
  rename(expected: number, record: OrganizationRecord, audit: AuditEntry, now: number): Promise<{ readonly revision: number }>;
  /**
   * From then on there is no such organization; its rows are still there, and its id taken, until they are swept.
   * @throws BitgateError `revision_moved` (409)
   */
  end(expected: number, audit: AuditEntry, now: number): Promise<{ readonly revision: number }>;
  /**
   * Deletes rows of the organization if it has ended, so many as one invocation may, and at last the organization itself; the audit stays.
   * @returns whether nothing is left
   */
  sweep(): Promise<boolean>;
}
