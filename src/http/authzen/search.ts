/** Searches (§8): one page of a list, as AuthZEN says it. What is found is decided by `listPage`; here it is only asked for and said. */
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { CheckOptions } from '../../core/terms/request.ts';
import { listPage } from '../../pdp/list/list.ts';
import { LIST_START, type ListFrom, type ListQuestion } from '../../pdp/list/question.ts';
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

interface Page {
  readonly items: readonly string[];
  readonly total: number | null;
  /** where the next one begins; null: that was all */
  readonly after: string | null;
}

const NOTHING: Page = { items: [], total: 0, after: null };

/**
 * @param present by which it was judged who asks
 * @throws BitgateError `invalid_cursor` (400); `revision_dropped` (410)
 */
export async function answerSearch(
  services: SearchServices,
  present: Session,
  { question, page: wanted }: Search,
  options: CheckOptions | undefined,
  life: RequestLife,
): Promise<Found> {
  if (question === null) return { session: present, text: answerText(null, NOTHING, '', wanted) };
  const { organization } = present.snapshot.manifest;
  const of: TokenOf = { organization, question, options };
  const place = await placeOf(services, of, wanted);
  const limit = place?.limit ?? Math.min(wanted?.limit ?? LIMITS.listMax, LIMITS.listMax);
  const { revision } = place ?? present;
  const session = revision === present.revision ? present : await services.pdp.openKept(organization, { revision });
  const now = session.at ?? services.now();
  const page = await (place === null
    ? firstPage(session, question, limit, now, options)
    : laterPage(session, question, place, now, options));
  if (page.after === null) return { session, text: answerText(question, page, '', wanted) };
  services.pdp.keep(organization, revision, life);
  const next = await writeToken(services.cursors, of, { revision, limit, total: page.total, after: page.after });
  return { session, text: answerText(question, page, next, wanted) };
}

/** Null: from the beginning. An empty token is as good as none: clients send what they have no value for. */
async function placeOf({ cursors }: SearchServices, of: TokenOf, wanted: PageWanted): Promise<TokenPlace | null> {
  if (!wanted?.token) return null;
  const place = await readToken(cursors, of, wanted.token);
  const limit = wanted.limit ?? place.limit;
  if (Math.min(limit, LIMITS.listMax) === place.limit) return place;
  throw new BitgateError('invalid_cursor', 400, `the token is of pages of ${place.limit}: leave \`limit\` as it was`);
}

/** It alone counts everything. One that never holds anything is the only one. */
async function firstPage(session: Session, question: ListQuestion, limit: number, now: number, options?: CheckOptions): Promise<Page> {
  const { items, total, next } = await listPage(session, question, LIST_START, limit, now, options);
  return { items, total, after: limit === 0 ? null : (next?.after ?? null) };
}

/** more than there can be: nothing is counted, and a page ends the search only when nothing is behind it, whatever was counted before */
const UNCOUNTED = Number.MAX_SAFE_INTEGER;

async function laterPage(session: Session, question: ListQuestion, place: TokenPlace, now: number, options?: CheckOptions): Promise<Page> {
  const { total, after, limit } = place;
  const from: ListFrom = { after, given: 0, total: UNCOUNTED, counted: 0, upTo: null };
  // One more than wanted tells whether there is one.
  const { items, next } = await listPage(session, question, from, limit + 1, now, options);
  if (items.length <= limit) return { items, total, after: next?.after ?? null };
  const shown = items.slice(0, limit);
  return { items: shown, total, after: shown[limit - 1] ?? null };
}

/** `page` is told when it was asked for, or when there is another one. */
function answerText(question: ListQuestion | null, { items, total }: Page, next: string, wanted: PageWanted): string {
  const results = question?.of === 'actions' ? items.map((name) => ({ name })) : items.map(entityOf);
  if (!wanted && next === '') return JSON.stringify({ results });
  return JSON.stringify({ page: { next_token: next, count: items.length, ...(total === null ? {} : { total }) }, results });
}

function entityOf(key: string): { readonly type: string; readonly id: string } {
  const colon = key.indexOf(':');
  return { type: key.slice(0, colon), id: key.slice(colon + 1) };
}
