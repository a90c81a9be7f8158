/** What the operations of this face have in common: who may ask, which page of what, and the form of the answer. */
import type * as z from 'zod';
import { LIMITS } from '../../core/terms/limits.ts';
import type { CheckOptions } from '../../core/terms/request.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { readQuestion } from '../common/body.ts';
import { restsOn, sessionReply } from '../common/checks/answer.ts';
import { type Entry, enter, optionsFor } from '../common/checks/entry.ts';
import { methodNotAllowed } from '../common/errors.ts';
import type { ListOf } from '../common/list-cursor.ts';
import { type ListServices, type OpenedPage, openPage } from '../common/list-pages.ts';
import { isOrganizationId, unknownOrganization } from '../common/organization.ts';
import { parseAs } from '../common/parse.ts';
import { requestIdOf } from '../common/request-id.ts';
import type { AskedPage } from './wire.ts';

/** A body may trickle in for minutes: who asks is then asked again. */
const SLOW_BODY_MS = 1_000;

export interface Asked {
  readonly services: ListServices;
  readonly request: Request;
  /** the organization in the address, or null */
  readonly named: string | null;
  readonly life: RequestLife;
}

export interface OpenedQuestion<Question> extends AskedPage<Question> {
  readonly opened: OpenedPage;
  readonly options: CheckOptions | undefined;
}

/** @throws BitgateError 400, 401, 403, 404, 405, 410 */
export async function openAsked<Question extends ListOf['question']>(
  asked: Asked,
  schema: z.ZodType<AskedPage<Question>>,
): Promise<OpenedQuestion<Question>> {
  const { services, request, named, life } = asked;
  if (request.method !== 'POST') throw methodNotAllowed(request.method, 'POST');
  const began = services.now();
  const first = await enterNamed(asked);
  const page = parseAs(schema, await readQuestion(request, LIMITS.checkBodyBytes), 'list');
  const entry = services.now() - began > SLOW_BODY_MS ? await enterNamed(asked) : first;
  const { question } = page;
  const hasProperties = 'subject' in question && question.subject.properties !== undefined;
  const options = (answering: Session) => optionsFor(services, entry, hasProperties, answering);
  const opened = await openPage({ services, entry, named, life, options, ...page });
  return { ...page, options: opened.of.options, opened };
}

async function enterNamed({ services, request, named, life }: Asked): Promise<Entry> {
  const entry = await enter(services, request, named, life, 'bitgate:list');
  if (named !== null && !isOrganizationId(named)) throw unknownOrganization(named);
  return entry;
}

export function pageReply({ request }: Asked, { session }: OpenedPage, shown: object): Response {
  return sessionReply(session, `{${restsOn(session)},${JSON.stringify(shown).slice(1)}`, requestIdOf(request));
}
