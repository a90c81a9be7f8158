/** What deciding twice needs of the rows. `storage/` implements it; tests do so in memory. */
import type { CheckOptions, CheckRequest } from '../../core/terms/request.ts';
import type { OrganizationRows } from '../../core/terms/rows.ts';

/** The rows that one question is decided from, all of one transaction. */
export interface QuestionRows {
  /** the organization's newest: that of these rows */
  readonly revision: number;
  readonly rows: OrganizationRows;
}

/** Null: they are too many to be read for one question. Rejects when they can't be read. */
export type ReadQuestion = (organization: string, request: CheckRequest, options: CheckOptions) => Promise<QuestionRows | null>;
