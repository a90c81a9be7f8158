/**
 * Cursors of lists of who may what: the revision and the time that the whole list is of, and where it goes on. Bound to the organization and to the
 * question, not to the length of a page.
 */
import type { CheckOptions } from '../../core/terms/request.ts';
import { type ListFrom, type ListQuestion, questionText } from '../../pdp/list/question.ts';
import type { ScopesQuestion } from '../../pdp/scopes/question.ts';
import type { Cursors } from './cursor.ts';

/** What a cursor belongs to. */
export interface ListOf<Question = ListQuestion | ScopesQuestion> {
  readonly organization: string;
  readonly question: Question;
  readonly options: CheckOptions | undefined;
  /** the revision or the time (ms since 1970) that was asked about */
  readonly past: { readonly at_revision?: number | undefined; readonly at_time?: number | undefined };
}

/** A list that was begun. */
export interface ListPlace {
  readonly revision: number;
  /** of every decision of the list, ms since 1970 */
  readonly at: number;
  readonly from: ListFrom;
}

const COLUMNS = 7;
/** for null: no key and no number is empty */
const NONE = '';

/** @throws BitgateError `not_configured` (503) without a secret to sign with */
export function writeListCursor(cursors: Cursors, of: ListOf, { revision, at, from }: ListPlace): Promise<string> {
  const { after, given, total, counted, upTo } = from;
  const place = [revision, at, after ?? NONE, given, total ?? NONE, counted, upTo ?? NONE];
  return cursors.write(boundTo(of), place.map(String));
}

/** @throws BitgateError `invalid_cursor` (400) when it isn't one, was changed, or belongs to another list */
export async function readListCursor(cursors: Cursors, of: ListOf, cursor: string): Promise<ListPlace> {
  const [revision, at, after, given, total, counted, upTo] = await cursors.read(boundTo(of), cursor, COLUMNS);
  return {
    revision: Number(revision),
    at: Number(at),
    from: {
      after: after || null,
      given: Number(given),
      total: total === NONE ? null : Number(total),
      counted: Number(counted),
      upTo: upTo || null,
    },
  };
}

function boundTo({ organization, question, options, past }: ListOf): string {
  return `list ${organization} ${past.at_revision ?? NONE} ${past.at_time ?? NONE} ${questionText(question, options)}`;
}
