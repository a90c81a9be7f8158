/** The operator's face: is it up, is it ready, what has been counted. To a stranger it says nothing of whose organizations there are, and to nobody a secret. */
import { invalidCredentials } from '../../authn/authorization.ts';
import type { Callers } from '../../authn/callers.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { DecisionLog } from '../../pdp/decision-log/decision-log.ts';
import type { Pdp, Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import type { Counts } from '../common/counts.ts';
import { errorReply, type Failures, methodNotAllowed } from '../common/errors.ts';
import { isOrganizationId, unknownOrganization } from '../common/organization.ts';
import { baseHeaders, jsonReply } from '../common/reply.ts';
import { requestIdOf } from '../common/request-id.ts';
import { EXPOSITION_TYPE } from './exposition.ts';
import { metricsText } from './metrics.ts';
import { isOperator } from './operator.ts';
import { type Bindings, Readiness } from './readiness.ts';
import { type BehindRecord, behindBody, isReady, readyBody } from './wire.ts';

export interface OpsServices extends Bindings {
  readonly pdp: Pick<Pdp, 'open' | 'metrics' | 'cachedBytes' | 'pastBytes'>;
  readonly counts: Counts;
  readonly callers: Callers;
  readonly decisionLog: DecisionLog;
  /** null: metrics are for root alone */
  readonly metricsToken: string | null;
}

interface Asked {
  readonly services: OpsServices;
  readonly readiness: Readiness;
  readonly request: Request;
  readonly life: RequestLife;
}

const ORGANIZATION_READY = /^\/orgs\/([^/]+)\/readyz$/;

/** Answers whatever is configured: it says that the Worker runs. */
export function healthz(request: Request, counts: Failures): Response {
  if (!isReading(request)) return errorReply(counts, methodNotAllowed(request.method, 'GET'), requestIdOf(request));
  return jsonReply(200, { status: 'ok' }, requestIdOf(request));
}

function isReading({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** @returns undefined when the path is none of this face's */
export function opsFace(services: OpsServices): (request: Request, path: string, life: RequestLife) => Promise<Response> | undefined {
  const readiness = new Readiness(services);
  return (request, path, life) => {
    const asked = { services, readiness, request, life };
    if (path === '/readyz') return answer(asked, () => ready(asked));
    if (path === '/metrics') return answer(asked, () => metrics(asked));
    const organization = ORGANIZATION_READY.exec(path)?.[1];
    return organization === undefined ? undefined : answer(asked, () => organizationReady(asked, organization));
  };
}

async function answer({ services, request }: Asked, handler: () => Promise<Response>): Promise<Response> {
  try {
    if (!isReading(request)) throw methodNotAllowed(request.method, 'GET');
    return await handler();
  } catch (error) {
    return errorReply(services.counts, error, requestIdOf(request));
  }
}

function mayName({ services, request }: Asked): Promise<boolean> {
  return isOperator(request.headers.get('authorization'), services.callers, services.metricsToken);
}

/** Ready when the bindings answer. Organizations that are behind are told, and are no reason to take the Worker out of service. */
async function ready(asked: Asked): Promise<Response> {
  const named = await mayName(asked);
  const state = await asked.readiness.state();
  return jsonReply(isReady(state) ? 200 : 503, readyBody(state, named), requestIdOf(asked.request));
}

/** @throws BitgateError `invalid_credentials` (401) */
async function metrics(asked: Asked): Promise<Response> {
  if (!(await mayName(asked))) throw invalidCredentials();
  const { services, readiness, request } = asked;
  const { behind } = await readiness.state();
  const text = metricsText({
    counts: services.counts,
    pdp: services.pdp,
    outlets: services.decisionLog.outlets,
    behind,
    now: services.now(),
  });
  return new Response(text, { headers: baseHeaders(requestIdOf(request), EXPOSITION_TYPE) });
}

/** Ready when the organization has a snapshot that may answer. What it is behind with is for whom `/readyz` tells it, and strangers have nobody asked for it. */
async function organizationReady(asked: Asked, organization: string): Promise<Response> {
  const { services, readiness, request, life } = asked;
  if (!isOrganizationId(organization)) throw unknownOrganization(organization);
  const opened = await openOrRefusal(services, organization, life);
  if (opened instanceof BitgateError && opened.code !== 'stale') throw opened;
  const behind = (await mayName(asked)) ? (await readiness.state()).behind : null;
  const record = behind?.find(({ org }) => org === organization);
  const shown = behind === null ? {} : { behind: shownOf(record) };
  if (opened instanceof BitgateError) throw new BitgateError(opened.code, opened.status, opened.message, { ...opened.details, ...shown });
  const body = { status: 'ready', revision: opened.revision, age_ms: Math.round(opened.ageMs), ...shown };
  return jsonReply(200, body, requestIdOf(request));
}

function shownOf(record: BehindRecord | undefined): object | null {
  return record === undefined ? null : behindBody(record);
}

async function openOrRefusal({ pdp }: OpsServices, organization: string, life: RequestLife): Promise<Session | BitgateError> {
  try {
    return await pdp.open(organization, {}, life);
  } catch (error) {
    if (error instanceof BitgateError) return error;
    throw error;
  }
}
