/** The face of lists: `POST /list/subjects`, `/list/resources`, `/list/actions`, and the same under `/orgs/<org>`. */
import { LIMITS } from '../../core/terms/limits.ts';
import { listPage } from '../../pdp/list/list.ts';
import type { ListQuestion } from '../../pdp/list/question.ts';
import { reachOf } from '../../pdp/list/reach.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { readQuestion } from '../common/body.ts';
import { restsOn, sessionReply } from '../common/checks/answer.ts';
import { type Entry, enter, optionsFor } from '../common/checks/entry.ts';
import { errorReply, methodNotAllowed } from '../common/errors.ts';
import { cursorBehind, type ListServices, type OpenedPage, openPage } from '../common/list-pages.ts';
import { isOrganizationId, unknownOrganization } from '../common/organization.ts';
import { parseAs } from '../common/parse.ts';
import { requestIdOf } from '../common/request-id.ts';
import { actionsSchema, resourcesSchema, subjectsSchema } from './wire.ts';

/** of an address, the organization that it names apart */
const ADDRESS = /^(?:\/orgs\/([^/]*))?\/list\/(subjects|resources|actions)$/;
type ListSchema = typeof subjectsSchema | typeof resourcesSchema | typeof actionsSchema;
const SCHEMAS: Readonly<Record<string, ListSchema>> = {
  subjects: subjectsSchema,
  resources: resourcesSchema,
  actions: actionsSchema,
};
/** A body may trickle in for minutes: who asks is then asked again. */
const SLOW_BODY_MS = 1_000;

interface Asked {
  readonly services: ListServices;
  readonly request: Request;
  readonly named: string | null;
  readonly life: RequestLife;
}

/** @returns undefined when the path is none of this face's */
export function listFace(services: ListServices): (request: Request, path: string, life: RequestLife) => Promise<Response> | undefined {
  return (request, path, life) => {
    if (!path.includes('/list/')) return undefined;
    const [, named = null, of = ''] = ADDRESS.exec(path) ?? [];
    const schema = SCHEMAS[of];
    return schema === undefined ? undefined : answer({ services, request, named, life }, schema);
  };
}

async function answer(asked: Asked, schema: ListSchema): Promise<Response> {
  const requestId = requestIdOf(asked.request);
  try {
    return await list(asked, schema, requestId);
  } catch (error) {
    return errorReply(error, requestId);
  }
}

async function list({ services, request, named, life }: Asked, schema: ListSchema, requestId: string | null): Promise<Response> {
  if (request.method !== 'POST') throw methodNotAllowed(request.method, 'POST');
  const began = services.now();
  const first = await enterNamed({ services, request, named, life });
  const { question, limit, cursor, wanted } = parseAs(schema, await readQuestion(request, LIMITS.checkBodyBytes), 'list');
  const entry = services.now() - began > SLOW_BODY_MS ? await enterNamed({ services, request, named, life }) : first;
  const options = await optionsFor(services, entry, 'subject' in question && question.subject.properties !== undefined);
  const opened = await openPage({ services, entry, named, life, question, options, wanted, cursor });
  const page = await listPage(opened.session, question, opened.from, limit, opened.now, options);
  const next_cursor = await cursorBehind({ services, life }, opened, page);
  const shown = { items: page.items, total: page.total, next_cursor, ...(await publicAccess(question, opened)) };
  return sessionReply(opened.session, `{${restsOn(opened.session)},${JSON.stringify(shown).slice(1)}`, requestId);
}

async function publicAccess(question: ListQuestion, { session, now }: OpenedPage): Promise<object> {
  if (question.of !== 'subjects') return {};
  return { everyone: await reachOf(session, question, true, now), anyone: await reachOf(session, question, false, now) };
}

async function enterNamed({ services, request, named, life }: Asked): Promise<Entry> {
  const entry = await enter(services, request, named, life, 'bitgate:list');
  if (named !== null && !isOrganizationId(named)) throw unknownOrganization(named);
  return entry;
}
