/** Pages of one list: the first is of the present (or of the time that is asked about), every later one of the revision and the time of the first. */
import type { CheckOptions } from '../../core/terms/request.ts';
import { LIST_START, type ListFrom, type ListPage } from '../../pdp/list/question.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import type { CheckServices, Entry } from './checks/entry.ts';
import { type About, sessionFor } from './checks/opening.ts';
import type { Wanted } from './checks/wants.ts';
import type { Cursors } from './cursor.ts';
import { COSTS } from './limits/costs.ts';
import { type ListOf, readListCursor, writeListCursor } from './list-cursor.ts';

export interface ListServices extends CheckServices {
  readonly cursors: Cursors;
}

/** Who asks for a page, and of what. */
export interface PageAsked<Question> {
  readonly services: ListServices;
  readonly entry: Entry;
  readonly named: string | null;
  readonly life: RequestLife;
  /** of whom candidates are sought; null: candidates are subjects, or who it is isn't known yet */
  readonly about: About;
  /** what is asked, and with what beside it, where the answer is of this revision */
  ask(answering: Session): Promise<{ readonly question: Question; readonly options: CheckOptions | undefined }>;
  readonly wanted: Wanted;
  /** undefined: the first page */
  readonly cursor: string | undefined;
}

/** A page that is about to be read. */
export interface OpenedPage<Question = ListOf['question']> {
  readonly session: Session;
  /** of every decision, ms since 1970 */
  readonly now: number;
  readonly from: ListFrom;
  readonly of: ListOf<Question>;
}

/** @throws BitgateError `invalid_cursor` (400), `revision_dropped` (410), and whatever opening the present refuses */
export async function openPage<Question extends ListOf['question']>({
  services,
  entry,
  named,
  life,
  about,
  wanted,
  cursor,
  ask,
}: PageAsked<Question>): Promise<OpenedPage<Question>> {
  const { org, at_revision, at_time } = wanted;
  services.rateLimits.charge(entry.claim, COSTS.page, services.now(), life);
  // Who asks is judged by the present, on every page.
  const session = await sessionFor(services, entry, cursor === undefined ? wanted : { org }, about, named, life);
  const { organization } = session.snapshot.manifest;
  const { question, options } = await ask(session);
  const of = { organization, question, options, past: { at_revision, at_time } };
  if (cursor === undefined) return { session, now: session.at ?? services.now(), from: LIST_START, of };
  const { revision, at, from } = await readListCursor(services.cursors, of, cursor);
  if (session.revision === revision && at_time === undefined) return { session, now: at, from, of };
  const pinned = await services.pdp.openKept(organization, at_time === undefined ? { revision } : { revision, time: at });
  return { session: pinned, now: at, from, of };
}

/** The cursor of the page behind `page`, for which the revision is kept; null: that was all. */
export async function cursorBehind(
  { services, life }: Pick<PageAsked<unknown>, 'services' | 'life'>,
  { session, now, of }: OpenedPage,
  { next }: Pick<ListPage, 'next'>,
): Promise<string | null> {
  if (next === null) return null;
  services.pdp.keep(of.organization, session.revision, life);
  return writeListCursor(services.cursors, of, { revision: session.revision, at: now, from: next });
}
