/**
 * The face for OpenID AuthZEN, Authorization API 1.0: evaluations and searches at the root and under `/orgs/<org>`, metadata and keys.
 * It asks the way `/check` asks; only what is said, and how, is AuthZEN's. An error is no decision: it never says `decision`.
 */
import type * as z from 'zod';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { Entity } from '../../core/terms/request.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { readUntyped } from '../common/body.ts';
import { sessionReply } from '../common/checks/answer.ts';
import { type AskedHandler, type Asked as AskedOf, answerAsked, enterAndRead } from '../common/checks/asked.ts';
import { type Asking, CHECKS, type CheckServices, type Entry, LISTS } from '../common/checks/entry.ts';
import { sessionFor } from '../common/checks/opening.ts';
import { optionsFor, optionsForAll } from '../common/checks/options.ts';
import { Telling } from '../common/checks/telling.ts';
import type { Cursors } from '../common/cursor.ts';
import { methodNotAllowed } from '../common/errors.ts';
import { COSTS } from '../common/limits/costs.ts';
import { isOrganizationId, unknownOrganization } from '../common/organization.ts';
import { parseAs } from '../common/parse.ts';
import { jsonReply } from '../common/reply.ts';
import type { Signer } from '../common/signing.ts';
import { decide, evaluationText } from './decide.ts';
import { aboutAll, decideAll, readItems, refuseTooMany, subjectsOf } from './evaluations.ts';
import { JWKS_CACHE, METADATA_CACHE, metadataOf } from './metadata.ts';
import { answerSearch } from './search.ts';
import { actionSearchSchema, resourceSearchSchema, type Search, subjectSearchSchema } from './search-wire.ts';
import { evaluationsSchema, readEvaluation, wantsReason } from './wire.ts';

export interface AuthzenServices extends CheckServices {
  readonly signer: Signer;
  readonly cursors: Cursors;
}

const ACCESS = /^(?:\/orgs\/([^/]+))?(\/access\/v1\/.+)$/;
const METADATA = /^\/\.well-known\/authzen-configuration(?:\/orgs\/([^/]+))?$/;
const JWKS = '/.well-known/jwks.json';
type Handler = AskedHandler<AuthzenServices>;
type Asked = AskedOf<AuthzenServices>;

/** @returns undefined when the path is none of this face's */
export function authzenFace(
  services: AuthzenServices,
): (request: Request, path: string, life: RequestLife) => Response | Promise<Response> | undefined {
  return (request, path, life) => {
    const found = find(path);
    return found && answerAsked('authzen', { services, request, named: found.named, life }, found.handler);
  };
}

function find(path: string): { readonly handler: Handler; readonly named: string | null } | undefined {
  const access = ACCESS.exec(path);
  const handler = access === null ? undefined : HANDLERS[access[2] ?? ''];
  if (handler !== undefined) return { handler, named: access?.[1] ?? null };
  const metadata = METADATA.exec(path);
  if (metadata !== null) return { handler: describe, named: metadata[1] ?? null };
  return path === JWKS ? { handler: keys, named: null } : undefined;
}

async function evaluation(asked: Asked): Promise<Response> {
  const { entry, body } = await enterWithBody(asked, CHECKS, LIMITS.checkBodyBytes);
  return evaluateOne(asked, entry, body);
}

async function evaluateOne({ services, named, life, requestId }: Asked, entry: Entry, body: unknown): Promise<Response> {
  const asked = readEvaluation(body);
  const subject = asked?.subject ?? null;
  const opened = sessionFor(services, entry, {}, subject, named, life, asked ?? undefined);
  const session = opened instanceof Promise ? await opened : opened;
  const given = optionsFor(services, entry, subject, session);
  const options = given instanceof Promise ? await given : given;
  // The time of the decision is taken when nothing is waited for any more: what expired in the meantime has expired.
  const at = session.at ?? services.now();
  const answered = decide(session, asked, at, options);
  const decision = answered instanceof Promise ? await answered : answered;
  const telling = new Telling(services, 'authzen');
  telling.add(asked, at, options, decision);
  telling.tell({ session, claim: entry.claim, life });
  return sessionReply(session, evaluationText(decision, wantsReason(body)), requestId);
}

async function evaluations(asked: Asked): Promise<Response> {
  const { services, named, life, requestId } = asked;
  const { entry, body } = await enterWithBody(asked, CHECKS, LIMITS.batchBodyBytes);
  const question = parseAs(evaluationsSchema, body, 'evaluations');
  const items = question.evaluations ?? [];
  if (items.length === 0) return evaluateOne(asked, entry, body);
  refuseTooMany(items);
  services.rateLimits.charge(entry.claim, (items.length - 1) * COSTS.decision, services.now(), life);
  const evaluations = readItems(question);
  const session = await sessionFor(services, entry, {}, aboutAll(evaluations), named, life);
  const optionsOf = await optionsForAll(services, entry, subjectsOf(evaluations), session);
  const telling = new Telling(services, 'authzen');
  const text = await decideAll(session, evaluations, question.options, session.at ?? services.now(), optionsOf, telling);
  telling.tell({ session, claim: entry.claim, life });
  return sessionReply(session, text, requestId);
}

function search(schema: z.ZodType<Search>): Handler {
  return async (asked) => {
    const { services, named, life, requestId } = asked;
    const { entry, body } = await enterWithBody(asked, LISTS, LIMITS.checkBodyBytes);
    const question = parseAs(schema, body, 'search');
    services.rateLimits.charge(entry.claim, COSTS.page, services.now(), life);
    const subject = subjectOf(question);
    const present = await sessionFor(services, entry, {}, subject, named, life);
    const options = await optionsFor(services, entry, subject, present);
    const { session, text } = await answerSearch(services, present, question, options, life);
    return sessionReply(session, text, requestId);
  };
}

/** Null: subjects are sought, or it is none that could be asked about. */
function subjectOf({ question }: Search): Entity | null {
  return question === null || question.of === 'subjects' ? null : question.subject;
}

async function enterWithBody(
  asked: Asked,
  needs: readonly Asking[],
  limit: number,
): Promise<{ readonly entry: Entry; readonly body: unknown }> {
  const { request, named } = asked;
  if (request.method !== 'POST') throw methodNotAllowed(request.method, 'POST');
  const read = (): Promise<unknown> => {
    requireJson(request);
    return readUntyped(request, limit);
  };
  const { entry, body } = await enterAndRead(asked, needs, read);
  if (entry.claim.root && named === null)
    throw new BitgateError('missing_organization', 400, 'the root token must name the organization: ask at `/orgs/<org>`');
  return { entry, body };
}

/** What a parameter says of it doesn't matter: JSON is UTF-8 (RFC 8259 §8.1). A wrong type is 400 here, not 415 (§10.1). */
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

function requireJson(request: Request): void {
  if (JSON_TYPE.test(request.headers.get('content-type') ?? '')) return;
  throw new BitgateError('malformed_body', 400, 'send the body with `content-type: application/json`');
}

async function describe({ services, request, named, requestId }: Asked): Promise<Response> {
  requireReading(request);
  if (named !== null && !isOrganizationId(named)) throw unknownOrganization(named);
  const metadata = await metadataOf(request.url, named, services.signer);
  return jsonReply(200, metadata, requestId, { 'cache-control': METADATA_CACHE });
}

async function keys({ services, request, requestId }: Asked): Promise<Response> {
  requireReading(request);
  return jsonReply(200, await services.signer.jwks(), requestId, { 'cache-control': JWKS_CACHE });
}

function requireReading({ method }: Request): void {
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, 'GET');
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  '/access/v1/evaluation': evaluation,
  '/access/v1/evaluations': evaluations,
  '/access/v1/search/subject': search(subjectSearchSchema),
  '/access/v1/search/resource': search(resourceSearchSchema),
  '/access/v1/search/action': search(actionSearchSchema),
};
