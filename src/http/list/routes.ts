/** The face of lists: `POST /list/subjects`, `/list/resources`, `/list/actions`, `/list/scopes`, and the same under `/orgs/<org>`. */
import { listPage } from '../../pdp/list/list.ts';
import type { ListQuestion } from '../../pdp/list/question.ts';
import { reachOf } from '../../pdp/list/reach.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { errorReply } from '../common/errors.ts';
import { cursorBehind, type ListServices, type OpenedPage } from '../common/list-pages.ts';
import { requestIdOf } from '../common/request-id.ts';
import { type Asked, openAsked, pageReply } from './asked.ts';
import { scopes } from './scopes.ts';
import { actionsSchema, resourcesSchema, subjectsSchema } from './wire.ts';

/** of an address, the organization that it names apart */
const ADDRESS = /^(?:\/orgs\/([^/]*))?\/list\/(subjects|resources|actions|scopes)$/;

type Handler = (asked: Asked) => Promise<Response>;

const HANDLERS: Readonly<Record<string, Handler>> = {
  subjects: (asked) => list(asked, subjectsSchema),
  resources: (asked) => list(asked, resourcesSchema),
  actions: (asked) => list(asked, actionsSchema),
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
  try {
    return await handler(asked);
  } catch (error) {
    return errorReply(error, requestIdOf(asked.request));
  }
}

type ListSchema = typeof subjectsSchema | typeof resourcesSchema | typeof actionsSchema;

async function list(asked: Asked, schema: ListSchema): Promise<Response> {
  const { question, limit, opened, options } = await openAsked(asked, schema);
  const page = await listPage(opened.session, question, opened.from, limit, opened.now, options);
  const next_cursor = await cursorBehind(asked, opened, page);
  return pageReply(asked, opened, { items: page.items, total: page.total, next_cursor, ...(await publicAccess(question, opened)) });
}

async function publicAccess(question: ListQuestion, { session, now }: OpenedPage): Promise<object> {
  if (question.of !== 'subjects') return {};
  return { everyone: await reachOf(session, question, true, now), anyone: await reachOf(session, question, false, now) };
}
