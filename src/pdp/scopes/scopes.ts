/**
 * What an application needs to filter its own rows: the scopes that give something else than the default, and the rows that differ from what their
 * parents give. Nothing is decided here: scopes and rows are asked about, by the evaluator, in one revision and at one time. A page that would ask
 * too much of one request ends early and says where to go on.
 */
import { inherited, type Outcomes } from '../../client/scopes.ts';
import { parentsOf } from '../../core/evaluate/chain.ts';
import type { CheckOptions } from '../../core/terms/request.ts';
import type { Scan } from '../scan.ts';
import type { Session } from '../session.ts';
import { type Candidates, walkCandidates } from './candidates.ts';
import { Page } from './page.ts';
import { type Asking, checkOn, type ScopesFrom, type ScopesQuestion, type Surveyed } from './question.ts';
import { Survey } from './survey.ts';

/**
 * @param limit scopes and rows on this page, 1 at least
 * @param now ms since 1970; of every page of one answer the same
 * @throws BitgateError `stale` (503) when a leaf can't be loaded
 */
export async function scopesPage(
  session: Pick<Session, 'scan'>,
  question: ScopesQuestion,
  from: ScopesFrom,
  limit: number,
  now: number,
  options?: CheckOptions,
): Promise<Surveyed> {
  const scan = session.scan();
  const asking: Asking = { question, now, options };
  const survey = await Survey.of(scan, asking);
  const page = new Page(limit);
  let next: ScopesFrom | null = from;
  if (next.part === 'scopes') next = await go(scan, next, page, scopesOf(survey, page));
  if (next?.part === 'rows' && !page.full) next = await go(scan, next, page, rowsOf(scan, asking, survey, page));
  return page.surveyed(question, survey.default, next);
}

/** @returns where to go on; null: nowhere */
async function go(scan: Scan, { part, after }: ScopesFrom, page: Page, candidates: Candidates): Promise<ScopesFrom | null> {
  const reached = await walkCandidates(scan, candidates, after, page);
  if (reached !== undefined) return { part, after: reached };
  return part === 'scopes' ? { part: 'rows', after: null } : null;
}

/** Rows may lie below anything that is registered, and below what grants name. */
function scopesOf(survey: Survey, page: Page): Candidates {
  const take = (scope: string, outcomes: Outcomes | undefined): void => {
    if (outcomes !== undefined) page.scope(scope, outcomes);
  };
  const look = (scope: string): void | Promise<void> => {
    if (!survey.lists(scope)) return undefined;
    const outcomes = survey.scope(scope);
    return outcomes instanceof Promise ? outcomes.then((found) => take(scope, found)) : take(scope, outcomes);
  };
  return { type: undefined, named: survey.named(), registered: look, unregistered: async (scope) => look(scope) };
}

function rowsOf(scan: Scan, asking: Asking, survey: Survey, page: Page): Candidates {
  const { question, now, options } = asking;
  const { type } = question;
  const prefix = `${type}:`;
  const registered = async (key: string): Promise<void> => {
    const id = key.slice(prefix.length);
    const parents = storedParents(scan, key);
    const expected = inherited(await survey.inheritance(parents), { id, parents });
    const { decision } = await scan.decide(checkOn(question, { type, id }), now, options);
    const decided = decision ? 'allow' : 'deny';
    if (decided !== expected) page.exception(id, decided);
  };
  const unregistered = async (key: string): Promise<void> => {
    const outcomes = await survey.row(key);
    if (outcomes !== undefined) page.row(key.slice(prefix.length), outcomes);
  };
  return { type, named: survey.named().filter((key) => key.startsWith(prefix)), registered, unregistered };
}

/** Of a resource whose leaf is at hand. */
function storedParents({ snapshot }: Scan, key: string): string[] {
  const resident = snapshot.resources[snapshot.manifest.directories.resources.find(key)]!;
  return parentsOf(resident, resident.leaf.keys.indexOf(key));
}
