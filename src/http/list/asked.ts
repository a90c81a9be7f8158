/** What the operations of this face have in common: who may ask, which page of what, and the form of the answer. */
import type * as z from 'zod';
import { LIMITS } from '../../core/terms/limits.ts';
import { readQuestion } from '../common/body.ts';
import { restsOn, sessionReply } from '../common/checks/answer.ts';
import { type Asked, enterAndRead } from '../common/checks/asked.ts';
import { type Entry, LISTS } from '../common/checks/entry.ts';
import { withCaller } from '../common/checks/named.ts';
import { methodNotAllowed } from '../common/errors.ts';
import { type OpenedQuestion, openQuestion } from '../common/list-answer.ts';
import type { ListOf } from '../common/list-cursor.ts';
import type { ListServices, OpenedPage } from '../common/list-pages.ts';
import type { AskedPage } from '../common/list-wire.ts';
import { parseAs } from '../common/parse.ts';

/**
 * @param complete what is left out of a body that says nothing of it
 * @throws BitgateError 400, 401, 403, 404, 405, 410
 */
export async function openAsked<Question extends ListOf['question']>(
  asked: Asked<ListServices>,
  schema: z.ZodType<AskedPage<Question>>,
  complete: (body: unknown, entry: Entry) => unknown = withCaller,
): Promise<OpenedQuestion<Question>> {
  const { services, request, named, life } = asked;
  if (request.method !== 'POST') throw methodNotAllowed(request.method, 'POST');
  const read = async (entry: Entry): Promise<AskedPage<Question>> => {
    const body = await readQuestion(request, LIMITS.checkBodyBytes);
    return parseAs(schema, complete(body, entry), 'list');
  };
  const { entry, body } = await enterAndRead(asked, LISTS, read);
  return openQuestion(services, entry, body, named, life);
}

export function pageReply({ requestId }: Asked<ListServices>, { session }: OpenedPage, shown: object): Response {
  return sessionReply(session, `{${restsOn(session)},${JSON.stringify(shown).slice(1)}`, requestId);
}
