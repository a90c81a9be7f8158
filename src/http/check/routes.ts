/**
 * The decision face: `POST /check`, `GET /check`, `POST /check/batch`, and the same under `/orgs/<org>`.
 * Five addresses and the hottest path of all: they are told apart here by hand, and everything behind is one implementation.
 */

import type { TokenProof } from '../../authn/proof.ts';
import type { Decision } from '../../core/terms/decision.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { NOBODY } from '../../core/terms/ref.ts';
import type { CheckOptions, CheckRequest } from '../../core/terms/request.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { readQuestion } from '../common/body.ts';
import { decisionText, denial, restsOn, sessionReply } from '../common/checks/answer.ts';
import { type Asked, type AskedHandler, answerAsked, enterAndRead, SLOW_BODY_MS } from '../common/checks/asked.ts';
import { answerBatch, readBatch } from '../common/checks/batch.ts';
import { compositeText, decideComposite, isComposite } from '../common/checks/composite.ts';
import { CHECKS, type CheckServices, type Entry, enter, enterAtOnce } from '../common/checks/entry.ts';
import { withCaller } from '../common/checks/named.ts';
import { wanting } from '../common/checks/observer.ts';
import { sessionFor } from '../common/checks/opening.ts';
import { optionsFor, proveSubject } from '../common/checks/options.ts';
import { plainCheck } from '../common/checks/plain.ts';
import { Telling } from '../common/checks/telling.ts';
import type { Wanted } from '../common/checks/wants.ts';
import { answerWhy, requireExplaining } from '../common/checks/why.ts';
import { checkSchema, type Question, querySchema, type Why } from '../common/checks/wire.ts';
import { methodNotAllowed } from '../common/errors.ts';
import { questionCost } from '../common/limits/questions.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { waited } from '../common/waits.ts';
import { treeOf } from './tree.ts';

const PREFIX = '/orgs/';

/** @returns undefined when the path is none of this face's */
export function checkFace(
  services: CheckServices,
): (request: Request, path: string, life: RequestLife) => Response | Promise<Response> | undefined {
  return (request, path, life) => {
    if (path === '/check') return answer({ services, request, named: null, life }, one);
    if (path === '/check/batch') return answer({ services, request, named: null, life }, batch);
    if (!path.startsWith(PREFIX)) return undefined;
    const end = path.indexOf('/', PREFIX.length);
    const handler = end < 0 ? undefined : HANDLERS[path.slice(end)];
    if (handler === undefined) return undefined;
    return answer({ services, request, named: path.slice(PREFIX.length, end), life }, handler);
  };
}

const answer = (asked: Omit<Asked, 'requestId'>, handler: AskedHandler): Response | Promise<Response> =>
  answerAsked('check', asked, handler, denial);

/** What is at hand is not awaited: a promise costs as much as the decision. */
function one(asked: Asked): Response | Promise<Response> {
  const { services, request, named, life } = asked;
  const { method } = request;
  if (method !== 'POST' && method !== 'GET') throw methodNotAllowed(method, 'GET, POST');
  const began = services.now();
  const entry = enterAtOnce(services, request, named, life, began, CHECKS);
  return method === 'GET' && entry !== null ? answerOne(asked, entry, readCheckQuery(request, entry)) : readOne(asked, entry, began);
}

/** @param atOnce who was let in at once; null: nobody yet */
async function readOne(asked: Asked, atOnce: Entry | null, began: number): Promise<Response> {
  const { services, request, named, life } = asked;
  const first = atOnce ?? (await waited(asked, 'caller', enter(services, request, named, life, CHECKS)));
  const body = request.method === 'GET' ? readCheckQuery(request, first) : await readCheck(request, first);
  const entry = services.now() - began > SLOW_BODY_MS ? await enter(services, request, named, life, CHECKS) : first;
  return answerOne(asked, entry, body);
}

function answerOne(asked: Asked, entry: Entry, body: Question): Response | Promise<Response> {
  const { services, named, life } = asked;
  const plain = body.why === undefined && !isComposite(body);
  if (!plain) services.rateLimits.charge(entry.claim, questionCost(body), services.now(), life);
  const opened = sessionFor(services, entry, body, body.subject, named, life, body);
  if (!plain || opened instanceof Promise || body.subject_token !== undefined) return answerMore(asked, entry, body, opened);
  return decideOne(asked, entry, body, opened);
}

/** What needs more than one decision, or waits. */
async function answerMore(asked: Asked, entry: Entry, body: Question, opened: Session | Promise<Session>): Promise<Response> {
  const { services, life, requestId } = asked;
  const session = opened instanceof Promise ? await waited(asked, 'snapshot', opened) : opened;
  const proof = body.subject_token === undefined ? undefined : await proveSubject(services, entry, session, body.subject_token, life);
  const question = proof === undefined ? body : { ...body, subject: proof.subject };
  if (question.why !== undefined) {
    const options = await optionsFor(services, entry, question.subject, session, proof);
    // About whom it asks by a token it asks as about somebody else, whoever that is.
    await requireExplaining(services, entry, session, body, question.why);
    return explained(asked, entry, session, question, question.why, options);
  }
  if (!isComposite(question)) return decideOne(asked, entry, question, session, proof);
  const options = await optionsFor(services, entry, question.subject, session, proof);
  const telling = new Telling(services, 'check');
  const composite = await decideComposite(session, question, session.at ?? services.now(), options, telling);
  telling.tell({ session, claim: entry.claim, wanted: body, life });
  return sessionReply(session, `{${compositeText(composite)},${restsOn(session)}}`, requestId);
}

function decideOne(
  asked: Asked,
  entry: Entry,
  question: CheckRequest & Wanted,
  session: Session,
  proof?: TokenProof,
): Response | Promise<Response> {
  const given = optionsFor(asked.services, entry, question.subject, session, proof);
  if (given instanceof Promise) return given.then((options) => decideWith(asked, entry, question, session, options));
  return decideWith(asked, entry, question, session, given);
}

function decideWith(
  asked: Asked,
  entry: Entry,
  question: CheckRequest & Wanted,
  session: Session,
  options: CheckOptions | undefined,
): Response | Promise<Response> {
  // The time of the decision is taken when nothing is waited for any more: what expired in the meantime has expired.
  const at = session.at ?? asked.services.now();
  const answered = session.decide(question, at, options);
  if (!(answered instanceof Promise)) return told(asked, entry, { question, session, at, options }, answered);
  return waited(asked, 'leaves', answered).then((decision) => told(asked, entry, { question, session, at, options }, decision));
}

interface Decided {
  readonly question: CheckRequest & Wanted;
  readonly session: Session;
  readonly at: number;
  readonly options: CheckOptions | undefined;
}

function told(
  { services, life, requestId }: Asked,
  { claim }: Entry,
  { question, session, at, options }: Decided,
  decision: Decision,
): Response {
  services.counts.decided('check', decision);
  services.counts.aged(session.ageMs);
  const watching = wanting(services.observers);
  if (watching.length > 0) {
    const telling = new Telling(services, 'check');
    telling.keep(question, at, options, decision, watching);
    telling.tellKept({ session, claim, wanted: question, life });
  }
  return sessionReply(session, `{${decisionText(decision)},${restsOn(session)}}`, requestId);
}

/** Why, or what if: as JSON, or as a text for people. */
async function explained(
  { services, request, life, requestId }: Asked,
  { claim }: Entry,
  session: Session,
  question: Question,
  why: Why,
  options: CheckOptions | undefined,
): Promise<Response> {
  const telling = new Telling(services, 'check');
  const answer = await answerWhy(session, question, why, () => session.at ?? services.now(), options, telling);
  telling.tell({ session, claim, wanted: question, life });
  if (why.explain && wantsText(request))
    return sessionReply(session, treeOf(answer, isComposite(question) ? [] : [question.action.name]), requestId, TEXT_TYPE);
  return sessionReply(session, `{${JSON.stringify(answer).slice(1, -1)},${restsOn(session)}}`, requestId);
}

const TEXT_TYPE = 'text/plain; charset=utf-8';

/** Asks for text and for no JSON. */
function wantsText(request: Request): boolean {
  const accepted = (request.headers.get('accept') ?? '').toLowerCase();
  return accepted.includes('text/plain') && !accepted.includes('json');
}

function readCheckQuery(request: Request, entry: Entry): Question {
  const query = withCaller(readQuery(request.url), entry);
  const plain = plainCheck(query);
  if (plain !== undefined) return plain;
  const { explain, subject = NOBODY, ...rest } = parseAs(querySchema, query, 'check');
  const question = { ...rest, subject };
  return explain ? { ...question, why: { explain, assume: [] } } : question;
}

async function readCheck(request: Request, entry: Entry): Promise<Question> {
  const body = withCaller(await readQuestion(request, LIMITS.checkBodyBytes), entry);
  return plainCheck(body) ?? parseAs(checkSchema, body, 'check');
}

async function batch(asked: Asked): Promise<Response> {
  const { services, request, named, life, requestId } = asked;
  if (request.method !== 'POST') throw methodNotAllowed(request.method, 'POST');
  const read = async () => readBatch(await readQuestion(request, LIMITS.batchBodyBytes));
  const { entry, body } = await enterAndRead(asked, CHECKS, read);
  const { session, text } = await answerBatch(services, entry, body, named, life, 'batch');
  return sessionReply(session, text, requestId);
}

const HANDLERS: Readonly<Record<string, AskedHandler>> = { '/check': one, '/check/batch': batch };
