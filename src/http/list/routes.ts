/** The face of lists: `POST /list/subjects`, `/list/resources`, `/list/actions`, `/list/scopes`, and the same under `/orgs/<org>`. */
import type { RequestLife } from '../../pdp/ports.ts';
import { type Asked, type AskedHandler, answerAsked } from '../common/checks/asked.ts';
import { membersOf } from '../common/list-answer.ts';
import type { ListServices } from '../common/list-pages.ts';
import { actionsSchema, resourcesSchema, subjectsSchema } from '../common/list-wire.ts';
import { openAsked, pageReply } from './asked.ts';
import { scopes } from './scopes.ts';

/** of an address, the organization that it names apart */
const ADDRESS = /^(?:\/orgs\/([^/]*))?\/list\/(subjects|resources|actions|scopes)$/;

const HANDLERS: Readonly<Record<string, AskedHandler<ListServices>>> = {
  subjects: (asked) => list(asked, subjectsSchema, (body) => body),
  resources: (asked) => list(asked, resourcesSchema),
  actions: (asked) => list(asked, actionsSchema),
  scopes,
};

/** @returns undefined when the path is none of this face's */
export function listFace(
  services: ListServices,
): (request: Request, path: string, life: RequestLife) => Response | Promise<Response> | undefined {
  return (request, path, life) => {
    if (!path.includes('/list/')) return undefined;
    const [, named = null, of = ''] = ADDRESS.exec(path) ?? [];
    const handler = HANDLERS[of];
    return handler === undefined ? undefined : answerAsked('list', { services, request, named, life }, handler);
  };
}

type ListSchema = typeof subjectsSchema | typeof resourcesSchema | typeof actionsSchema;

async function list(asked: Asked<ListServices>, schema: ListSchema, complete?: (body: unknown) => unknown): Promise<Response> {
  const question = await openAsked(asked, schema, complete);
  return pageReply(asked, question.opened, await membersOf(asked, question));
}
