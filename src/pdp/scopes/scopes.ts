/**
 * What an application needs to filter its own rows: the scopes that give something else than the default, and the rows that differ from what their
 * parents give. Nothing is decided here: scopes and rows are asked about, by the evaluator, in one revision and at one time. A page that would ask
 * too much of one request ends early and says where to go on.
 */
import type { CheckOptions } from '../../core/terms/request.ts';
import { walkLeaves } from '../list/walk.ts';
import type { Session } from '../session.ts';
import { Page } from './page.ts';
import { type Asking, SCOPES_START, type ScopesFrom, type ScopesQuestion, type Surveyed } from './question.ts';
import { RowVisitor } from './rows.ts';
import { Survey } from './survey.ts';
import { type KeyVisitor, ScopeVisitor } from './visitors.ts';

/**
 * @param limit scopes and rows on this page, 1 at least
 * @param now ms since 1970; of every page of one answer the same
 * @throws BitgateError `stale` (503) when a leaf can't be loaded
 */
export async function scopesPage(
  session: Pick<Session, 'scan'>,
  question: ScopesQuestion,
  from: ScopesFrom = SCOPES_START,
  limit: number,
  now: number,
  options?: CheckOptions,
): Promise<Surveyed> {
  const scan = session.scan();
  const asking: Asking = { question, now, options };
  const survey = await Survey.of(scan, asking);
  const page = new Page(limit, from);
  if (page.from.part === 'scopes') {
    const done = await walk(scan, undefined, page, new ScopeVisitor(scan, survey, page));
    if (!done) return page.surveyed(question.type, survey.default);
    page.begin('rows');
  }
  if (await walk(...)) page.end();
}
