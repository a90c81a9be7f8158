/** The face of lists: `POST /list/subjects`, `/list/resources`, `/list/actions`, and the same under `/orgs/<org>`. */
import { LIMITS } from '../../core/terms/limits.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { readQuestion } from '../common/body.ts';
import { sessionReply } from '../common/checks/answer.ts';
import { type Entry, enter } from '../common/checks/entry.ts';
import { errorReply, methodNotAllowed } from '../common/errors.ts';
import { answerList } from '../common/list-answer.ts';
import type { ListServices } from '../common/list-pages.ts';
import { actionsSchema, resourcesSchema, subjectsSchema } from '../common/list-wire.ts';
import { isOrganizationId, unknownOrganization } from '../common/organization.ts';
import { parseAs } from '../common/parse.ts';
import { requestIdOf } from '../common/request-id.ts';

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
  const asked = parseAs(schema, await readQuestion(request, LIMITS.checkBodyBytes), 'list');
  const entry = services.now() - began > SLOW_BODY_MS ? await enterNamed({ services, request, named, life }) : first;
  const { session, body } = await answerList(services, entry, asked, named, life);
  return sessionReply(session, JSON.stringify(body), requestId);
}

async function enterNamed({ services, request, named, life }: Asked): Promise<Entry> {
  const entry = await enter(services, request, named, life, 'bitgate:list');
  if (named !== null && !isOrganizationId(named)) throw unknownOrganization(named);
  return entry;
}
