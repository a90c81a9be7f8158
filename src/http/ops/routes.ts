/** The operator's face: is it up, is it ready. Says nothing that a stranger may not know, and no secret. */
import type { RequestLife } from '../../pdp/ports.ts';
import { errorReply, methodNotAllowed } from '../common/errors.ts';
import type { DecisionPoint } from '../common/gate.ts';
import { isOrganizationId, unknownOrganization } from '../common/organization.ts';
import { jsonReply } from '../common/reply.ts';
import { requestIdOf } from '../common/request-id.ts';
import { type BehindRecord, behindBody, readyBody } from './wire.ts';

export interface OpsServices {
  readonly pdp: DecisionPoint;
  /** asks D1 */
  behind(): Promise<readonly BehindRecord[]>;
  /** asks KV; rejects when it doesn't answer */
  askKv(): Promise<unknown>;
}

const ORGANIZATION_READY = /^\/orgs\/([^/]+)\/readyz$/;

/** Answers whatever is configured: it says that the Worker runs. */
export function healthz(request: Request): Response {
  if (!isReading(request)) return errorReply(methodNotAllowed(request.method, 'GET'), requestIdOf(request));
  return jsonReply(200, { status: 'ok' }, requestIdOf(request));
}

function isReading({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** @returns undefined when the path is none of this face's */
export function opsFace(services: OpsServices): (request: Request, path: string, life: RequestLife) => Promise<Response> | undefined {
  return (request, path, life) => {
    const organization = ORGANIZATION_READY.exec(path)?.[1];
    if (path !== '/readyz' && organization === undefined) return undefined;
    return answer(request, () =>
      organization === undefined ? ready(services, request) : organizationReady(services, request, organization, life),
    );
  };
}

async function answer(request: Request, handler: () => Promise<Response>): Promise<Response> {
  try {
    if (!isReading(request)) throw methodNotAllowed(request.method, 'GET');
    return await handler();
  } catch (error) {
    return errorReply(error, requestIdOf(request));
  }
}

/** Ready when the bindings answer. Organizations that are behind are told, and are no reason to take the Worker out of service. */
async function ready(services: OpsServices, request: Request): Promise<Response> {
  const [database, kv] = await Promise.allSettled([services.behind(), services.askKv()]);
  const up = database.status === 'fulfilled' && kv.status === 'fulfilled';
  const behind = database.status === 'fulfilled' ? database.value : [];
  return jsonReply(
    up ? 200 : 503,
    readyBody({ database: database.status === 'fulfilled', kv: kv.status === 'fulfilled' }, behind),
    requestIdOf(request),
  );
}

/** Ready when the organization has a snapshot that may answer. */
async function organizationReady(services: OpsServices, request: Request, organization: string, life: RequestLife): Promise<Response> {
  if (!isOrganizationId(organization)) throw unknownOrganization(organization);
  const session = await services.pdp.open(organization, {}, life);
  const [behind] = (await services.behind().catch(() => [])).filter(({ org }) => org === organization);
  const body = {
    status: 'ready',
    revision: session.revision,
    age_ms: Math.round(session.ageMs),
    behind: behind === undefined ? null : behindBody(behind),
  };
  return jsonReply(200, body, requestIdOf(request));
}
