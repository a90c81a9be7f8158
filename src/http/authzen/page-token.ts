/**
 * Page tokens: the revision that the whole search is of, and where it goes on. Bound to organization, question and limit. Equal requests have equal
 * answers (§10), so a token holds no time: each page is of the time when it is asked for, and is counted anew from where it begins.
 */
import type { CheckOptions } from '../../core/terms/request.ts';
import { type ListFrom, type ListQuestion, questionText } from '../../pdp/list/question.ts';
import type { Cursors } from '../common/cursor.ts';

/** What a token belongs to. */
export interface TokenOf {
  readonly organization: string;
  readonly question: ListQuestion;
  readonly options: CheckOptions | undefined;
}

export interface TokenPlace {
  readonly revision: number;
  readonly limit: number;
  readonly from: ListFrom;
}

const COLUMNS = 4;

/** @throws BitgateError `not_configured` (503) without a secret to sign with */
export function writeToken(cursors: Cursors, of: TokenOf, { revision, limit, from }: TokenPlace): Promise<string> {
  return cursors.write(boundTo(of), [String(revision), String(limit), String(from.given), from.after ?? '']);
}

/** @throws BitgateError `invalid_cursor` (400) when it isn't one, was changed, or belongs to another search */
export async function readToken(cursors: Cursors, of: TokenOf, token: string): Promise<TokenPlace> {
  const [revision, limit, given, last] = await cursors.read(boundTo(of), token, COLUMNS);
  const after = last || null;
  return {
    revision: Number(revision),
    limit: Number(limit),
    // What was counted at another time may be otherwise now: a page ends the search only if nothing is left behind it.
    from: { after, given: Number(given), total: null, counted: Number(given), upTo: after },
  };
}

function boundTo({ organization, question, options }: TokenOf): string {
  return `search ${organization} ${questionText(question, options)}`;
}
