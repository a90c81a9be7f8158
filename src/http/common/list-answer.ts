/** One page of a list, for a caller that was let in. */
import { listPage } from '../../pdp/list/list.ts';
import { type Reach, reachOf } from '../../pdp/list/reach.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { type Resting, restingOn } from './checks/answer.ts';
import { type Entry, optionsFor } from './checks/entry.ts';
import { cursorBehind, type ListServices, openPage } from './list-pages.ts';
import type { AskedPage } from './list-wire.ts';

export interface ListBody extends Resting {
  readonly items: readonly string[];
  readonly total: number | null;
  readonly next_cursor: string | null;
  /** of subjects: those two */
  readonly everyone?: Reach;
  readonly anyone?: Reach;
}

/**
 * @param named the organization in the address, or null
 * @returns the answer, and the session that it comes from
 */
export async function answerList(
  services: ListServices,
  entry: Entry,
  { question, limit, cursor, wanted }: AskedPage,
  named: string | null,
  life: RequestLife,
): Promise<{ readonly session: Session; readonly body: ListBody }> {
  const options = await optionsFor(services, entry, 'subject' in question && question.subject.properties !== undefined);
  const opened = await openPage({ services, entry, named, life, question, options, wanted, cursor });
  const { session, now } = opened;
  const page = await listPage(session, question, opened.from, limit, now, options);
  const next_cursor = await cursorBehind({ services, life }, opened, page);
  const body = { ...restingOn(session), items: page.items, total: page.total, next_cursor };
  if (question.of !== 'subjects') return { session, body };
  const [everyone, anyone] = [await reachOf(session, question, true, now), await reachOf(session, question, false, now)];
  return { session, body: { ...body, everyone, anyone } };
}
