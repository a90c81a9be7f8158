/**
 * Lists: of all candidates those that a check allows. Nothing is decided here: each candidate is asked about, by the evaluator, in one revision and at
 * one time. A page that would ask too much of one request ends early and says where to go on; a leaf that can't be had is an error.
 */
import type { CheckOptions } from '../../core/terms/request.ts';
import type { Scan } from '../scan.ts';
import type { Session } from '../session.ts';
import { checkOf, type ListFrom, type ListPage, type ListQuestion } from './question.ts';
import { Tally } from './tally.ts';
import { type Visitor, type Walked, walkLeaves, walkNames } from './walk.ts';

/**
 * @param limit members on this page; 0: they are counted alone
 * @param now ms since 1970; of every page of one list the same
 * @throws BitgateError `stale` (503) when a leaf can't be loaded
 */
export async function listPage(
  session: Pick<Session, 'scan'>,
  question: ListQuestion,
  from: ListFrom,
  limit: number,
  now: number,
  options?: CheckOptions,
): Promise<ListPage> {
  const scan = session.scan();
  const tally = new Tally(from, limit);
  // What a token proves is about its subject: no candidate has it.
  const about = question.of === 'subjects' && options !== undefined ? { ...options, groups: undefined, roles: undefined } : options;
  const visitor: Visitor = {
    visit: (key) => {
      const decided = scan.decide(checkOf(question, key), now, about);
      return decided instanceof Promise ? decided.then(({ decision }) => tally.take(key, decision)) : tally.take(key, decided.decision);
    },
    pass: (key) => tally.take(key, false),
  };
  for (let start = tally.start; start !== undefined; start = tally.start) {
    const walked = await walk(scan, question, start, visitor);
    if (walked === 'end') tally.end();
    if (walked !== 'stopped') break;
  }
  return tally.page();
}

function walk(scan: Scan, question: ListQuestion, after: string | null, visitor: Visitor): Promise<Walked> {
  if (question.of === 'actions') return walkNames(scan, after, visitor);
  return walkLeaves(scan, question.of === 'subjects' ? 'principals' : 'resources', question.type, after, visitor);
}
