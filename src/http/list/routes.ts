/** The face of lists: `POST /list/subjects`, `/list/resources`, `/list/actions`, `/list/scopes`, and the same under `/orgs/<org>`. */
import { listPage } from '../../pdp/list/list.ts';
import type { ListPage, ListQuestion } from '../../pdp/list/question.ts';
import { reachOf } from '../../pdp/list/reach.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { sessionReply } from '../common/checks/answer.ts';
import { optionsFor } from '../common/checks/entry.ts';
import { errorReply } from '../common/errors.ts';
import { cursorBehind, type ListServices, type OpenedPage, openPage } from '../common/list-pages.ts';
import { requestIdOf } from '../common/request-id.ts';
import { type Asked, readAsked } from './asked.ts';
import { scopes } from './scopes.ts';
import { actionsSchema, resourcesSchema, subjectsSchema } from './wire.ts';

/** of an address, the organization that it names apart */
const ADDRESS = /^(?:\/orgs\/([^/]*))?\/list\/(subjects|resources|actions|scopes)$/;

type Handler = (asked: Asked, requestId: string | null) => Promise<Response>;

const HANDLERS: Readonly<Record<string, Handler>> = {
  subjects: listOf(subjectsSchema),
  resources: listOf(resourcesSchema),
  actions: listOf(actionsSchema),
  scopes,
};

/** @returns undefined when the path is none of this face's */
export function listFace(services: ListServices): (request: Request, path: string, life: RequestLife) => Promise<Response> | undefined {
  return (request, path, life) => {
    if (!path.includes('/list/')) return undefined;
    const [, named = null, of = ''] = ADDRESS.exec(path) ?? [];
    const handler = HANDLERS[of];
    return handler === undefined ? undefined : answer({ services, request, named, life }, handler);
  };
}

async function answer(asked: Asked, handler: Handler): Promise<Response> {
  const requestId = requestIdOf(asked.request);
  try {
    return await handler(asked, requestId);
  } catch (error) {
    return errorReply(error, requestId);
  }
}

function listOf(schema: typeof subjectsSchema | typeof resourcesSchema | typeof actionsSchema): Handler {
  return async (asked, requestId) => {
    const { services, named, life } = asked;
    const { entry, body: asks } = await readAsked(asked, schema);
    const { question, limit, cursor, wanted } = asks;
    const options = await optionsFor(services, entry, 'subject' in question && question.subject.properties !== undefined);
    const opened = await openPage({ services, entry, named, life, question, options, wanted, cursor });
    const page = await listPage(opened.session, question, opened.from, limit, opened.now, options);
    const next_cursor = await cursorBehind({ services, life }, opened, page);
    return sessionReply(opened.session, JSON.stringify(await body(question, opened, page, next_cursor)), requestId);
  };
}

async function body(
  question: ListQuestion,
  { session, now }: OpenedPage,
  { items, total }: ListPage,
  next_cursor: string | null,
): Promise<object> {
  const shown = { revision: session.revision, items, total, next_cursor };
  if (question.of !== 'subjects') return shown;
  return { ...shown, everyone: await reachOf(session, question, true, now), anyone: await reachOf(session, question, false, now) };
}
