/** One page of a list, for a caller that was let in. */
import type { CheckOptions } from '../../core/terms/request.ts';
import { listPage } from '../../pdp/list/list.ts';
import type { ListQuestion } from '../../pdp/list/question.ts';
import { type Reach, reachOf } from '../../pdp/list/reach.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import type { Entry } from './checks/entry.ts';
import { optionsFor, proveSubject } from './checks/options.ts';
import type { ListOf } from './list-cursor.ts';
import { cursorBehind, type ListServices, type OpenedPage, openPage, type PageAsked } from './list-pages.ts';
import type { AskedPage } from './list-wire.ts';

export interface OpenedQuestion<Question> extends AskedPage<Question> {
  readonly opened: OpenedPage;
  readonly options: CheckOptions | undefined;
}

/**
 * @param named the organization in the address, or null
 * @throws BitgateError `invalid_cursor` (400), `revision_dropped` (410), and whatever opening the present refuses
 */
export async function openQuestion<Question extends ListOf['question']>(
  services: ListServices,
  entry: Entry,
  page: AskedPage<Question>,
  named: string | null,
  life: RequestLife,
): Promise<OpenedQuestion<Question>> {
  const { wanted, cursor, question, subject_token: token } = page;
  const about = 'subject' in question ? question.subject : null;
  const ask = async (answering: Session) => {
    if (token === undefined) return { question, options: await optionsFor(services, entry, about, answering) };
    const proof = await proveSubject(services, entry, answering, token, life);
    const { subject } = proof;
    return { question: { ...question, subject }, options: await optionsFor(services, entry, subject, answering, proof) };
  };
  const opened = await openPage({ services, entry, named, life, about, wanted, cursor, ask });
  return { ...page, question: opened.of.question, options: opened.of.options, opened };
}

export interface ListMembers {
  readonly items: readonly string[];
  readonly total: number | null;
  readonly next_cursor: string | null;
  /** these two of subjects */
  readonly everyone?: Reach;
  readonly anyone?: Reach;
}

/** What the page says, beside what it rests on. */
export async function membersOf(
  asked: Pick<PageAsked<unknown>, 'services' | 'life'>,
  { question, limit, opened, options }: OpenedQuestion<ListQuestion>,
): Promise<ListMembers> {
  const { session, now, from } = opened;
  const page = await listPage(session, question, from, limit, now, options);
  const members = { items: page.items, total: page.total, next_cursor: await cursorBehind(asked, opened, page) };
  if (question.of !== 'subjects') return members;
  return { ...members, everyone: await reachOf(session, question, true, now), anyone: await reachOf(session, question, false, now) };
}
