/** Searches (§8): one page of a list, as AuthZEN says it. What is found is decided by `listPage`; here it is only asked for and said. */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { CheckOptions } from '../../core/terms/request.ts';
import { listPage } from '../../pdp/list/list.ts';
import { LIST_START, type ListPage, type ListQuestion } from '../../pdp/list/question.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import type { Cursors } from '../common/cursor.ts';
import type { DecisionPoint } from '../common/gate.ts';
import { readToken, type TokenOf, type TokenPlace, writeToken } from './page-token.ts';
import type { PageWanted, Search } from './search-wire.ts';

/** What a search needs of the request that asks it. */
export interface SearchServices {
  readonly cursors: Cursors;
  readonly pdp: Pick<DecisionPoint, 'openKept' | 'keep'>;
  /** ms since 1970 */
  now(): number;
}

export interface Found {
  readonly session: Session;
  /** the answer's text */
  readonly text: string;
}

const NOTHING: ListPage = { items: [], total: 0, next: null };

/**
 * @param present by which it was judged who asks
 * @throws BitgateError `invalid_cursor` (400); `revision_dropped` (410)
 */
export async function answerSearch(
  services: SearchServices,
  present: Session,
  { question, page }: Search,
  options: CheckOptions | undefined,
  life: RequestLife,
): Promise<Found> {
  if (question === null) return { session: present, text: answerText(null, NOTHING, '', page) };
  const { organization } = present.snapshot.manifest;
  const of: TokenOf = { organization, question, options };
  const place = await placeOf(services, of, page);
  const limit = place?.limit ?? Math.min(page?.limit ?? LIMITS.listMax, LIMITS.listMax);
  const session =
    place === null || place.revision === present.revision
      ? present
      : await services.pdp.openKept(organization, { revision: place.revision });
  const listed = await listPage(session, question, place?.from ?? LIST_START, limit, session.at ?? services.now(), options);
  // A page that never holds anything is the only one.
  if (limit === 0 || listed.next === null) return { session, text: answerText(question, listed, '', page) };
  services.pdp.keep(organization, session.revision, life);
  const next = await writeToken(services.cursors, of, { revision: session.revision, limit, from: listed.next });
  return { session, text: answerText(question, listed, next, page) };
}

/** Null: from the beginning. An empty token is as good as none: clients send what they have no value for. */
async function placeOf({ cursors }: SearchServices, of: TokenOf, page: PageWanted): Promise<TokenPlace | null> {
  if (!page?.token) return null;
  const place = await readToken(cursors, of, page.token);
  if (page.limit === undefined || page.limit === null || Math.min(page.limit, LIMITS.listMax) === place.limit) return place;
  throw new BitgateError('invalid_cursor', 400, `the token is of pages of ${place.limit}: leave \`limit\` as it was`);
}

/** `page` is told when it was asked for, or when there is another one. */
function answerText(question: ListQuestion | null, { items, total }: ListPage, next: string, asked: PageWanted): string {
  const results = question?.of === 'actions' ? items.map((name) => ({ name })) : items.map(entityOf);
  if (!asked && next === '') return JSON.stringify({ results });
  return JSON.stringify({ page: { next_token: next, count: items.length, ...(total === null ? {} : { total }) }, results });
}

function entityOf(key: string): { readonly type: string; readonly id: string } {
  const colon = key.indexOf(':');
  return { type: key.slice(0, colon), id: key.slice(colon + 1) };
}
