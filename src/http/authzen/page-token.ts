/**
 * Page tokens: the revision that the whole search is of, and where it goes on. Bound to organization, question and limit. Equal requests have equal
 * answers (§10), so a token holds no time: each page is decided at the time when it is asked for.
 */
import type { CheckOptions } from '../../core/terms/request.ts';
import { type ListQuestion, questionText } from '../../pdp/list/question.ts';
import type { Cursors } from '../common/cursor.ts';

/** What a token belongs to. */
export interface TokenOf {
  readonly organization: string;
  readonly question: ListQuestion;
  readonly options: CheckOptions | undefined;
}

/** A search that was begun. */
export interface TokenPlace {
  readonly revision: number;
  /** of every page */
  readonly limit: number;
  /** as the first page told it; null: it couldn't be counted */
  readonly total: number | null;
  /** everything up to here was looked at */
  readonly after: string;
}

const COLUMNS = 4;

/** @throws BitgateError `not_configured` (503) without a secret to sign with */
export function writeToken(cursors: Cursors, of: TokenOf, { revision, limit, total, after }: TokenPlace): Promise<string> {
  return cursors.write(boundTo(of), [String(revision), String(limit), String(total ?? ''), after]);
}

/** @throws BitgateError `invalid_cursor` (400) when it isn't one, was changed, or belongs to another search */
export async function readToken(cursors: Cursors, of: TokenOf, token: string): Promise<TokenPlace> {
  const [revision, limit, total, after = ''] = await cursors.read(boundTo(of), token, COLUMNS);
  return { revision: Number(revision), limit: Number(limit), total: total === '' ? null : Number(total), after };
}

function boundTo({ organization, question, options }: TokenOf): string {
  return `search ${organization} ${questionText(question, options)}`;
}
