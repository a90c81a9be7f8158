/**
 * The decision face for service bindings: what `/check` (also with `explain`), `/check/batch` and `/list/…` answer, as objects and without
 * HTTP.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';
import { LIMITS } from '../core/terms/limits.ts';
import type { CheckOptions } from '../core/terms/request.ts';
import type { Env } from '../env.ts';
import { answerBatch, readBatch } from '../http/common/checks/batch.ts';
import { decideComposite, isComposite } from '../http/common/checks/composite.ts';
import { CHECKS, LISTS } from '../http/common/checks/entry.ts';
import { withCaller } from '../http/common/checks/named.ts';
import { sessionFor } from '../http/common/checks/opening.ts';
import { optionsFor, proveSubject } from '../http/common/checks/options.ts';
import { plainCheck } from '../http/common/checks/plain.ts';
import { Telling } from '../http/common/checks/telling.ts';
import { answerWhy, requireExplaining } from '../http/common/checks/why.ts';
import { checkSchema, type Question } from '../http/common/checks/wire.ts';
import type { Counts } from '../http/common/counts.ts';
import { questionCost } from '../http/common/limits/questions.ts';
import { membersOf, openQuestion } from '../http/common/list-answer.ts';
import type { ListServices } from '../http/common/list-pages.ts';
import { actionsSchema, resourcesSchema, subjectsSchema } from '../http/common/list-wire.ts';
import { parseAs } from '../http/common/parse.ts';
import type { Session } from '../pdp/pdp.ts';
import {
  answered,
  type BatchAnswer,
  type ListAnswer,
  listed,
  type Provenance,
  provenance,
  type Refusal,
  type RpcError,
  type WhyAnswer,
} from './answers.ts';
import { callerOf } from './caller.ts';
import { readValue } from './values.ts';

type ListSchema = typeof subjectsSchema | typeof resourcesSchema | typeof actionsSchema;

/** Of a service binding, in the configuration of the Worker that has it. */
export interface BindingProps {
  readonly organization?: string;
  /** `service:billing`: must hold `bitgate:check` in the organization */
  readonly subject?: string;
}

/** Beside a question. */
export interface CallOptions {
  /** the whole token of an API key: then it asks, and must be of the organization that `props` name, if they do */
  readonly key?: string;
  /** a JWT of an end user: then the user asks, in the organization that `props` name */
  readonly token?: string;
  /** the one that `token` is for, where `props` name none */
  readonly organization?: string;
}

/**
 * The entrypoint `Pdp`. Another Worker of the account binds it:
 *
 *     [[services]]
 *     binding = "BITGATE"
 *     service = "bitgate"
 *     entrypoint = "Pdp"
 *     props = { organization = "acme", subject = "service:billing" }
 *
 * and asks `await env.BITGATE.check({ subject: 'user:ann', action: 'view', resource: 'dataset:d1' })`. Who asks is the subject of `props`
 * (whoever configures the binding vouches for it), or the key or the end user in the second argument, `{ key }` or `{ token }`.
 *
 * - What is asked is what the bodies of HTTP hold, judged by the same schemas, within the same limits, measured as the UTF-8 that the
 *   argument would take as JSON. A member that is `undefined` is absent. What JSON can't hold is refused. U+FFFD, which HTTP can't tell
 *   from broken UTF-8, is a character here.
 * - Answers are those of HTTP, with `age_ms` beside them.
 * - No method throws for what a caller sends or for what fails here: refusals are values with the codes of HTTP, `{ decision: false,
 *   reason?, error: { code, message, details } }`, of lists `{ error }`. Only where no answer can come at all (this Worker is not there or
 *   was stopped; the argument is nothing that RPC carries) does the call itself reject: that is no allow.
 */
export class PdpEntrypoint extends WorkerEntrypoint<Env, BindingProps> {
  // Whatever has a name is reachable over RPC: what is not for callers is `#private`, or a function of this module.
  readonly #services: () => ListServices;
  readonly #counts: Counts;

  /** @param services throws a BitgateError when there are none */
  constructor(context: ExecutionContext, env: Env, counts: Counts, services: () => ListServices) {
    super(context, env);
    this.#counts = counts;
    this.#services = services;
  }

  /**
   * May this subject do this action on this resource? Also `any_of` and `all_of` in place of `action`.
   * @param question as the body of `POST /check`
   */
  check(question: unknown, options?: CallOptions): Promise<WhyAnswer | Refusal> {
    return this.#check(question, options, false);
  }

  /**
   * The same, and why. The caller needs `bitgate:explain` unless it asks about itself.
   * @param question as the body of `POST /check`; `explain: true` needn't be said
   */
  explain(question: unknown, options?: CallOptions): Promise<WhyAnswer | Refusal> {
    return this.#check(question, options, true);
  }

  #check(question: unknown, options: unknown, explain: boolean): Promise<WhyAnswer | Refusal> {
    return answered(this.#counts, async () => {
      const services = this.#services();
      const { entry, named } = await callerOf(services, this.ctx.props, options, this.ctx, CHECKS);
      const body = readCheck(withCaller(readValue(question, LIMITS.checkBodyBytes), entry), explain);
      services.rateLimits.charge(entry.claim, questionCost(body), services.now(), this.ctx);
      const session = await sessionFor(services, entry, body, body.subject, named, this.ctx, body);
      const token = body.subject_token;
      const proof = token === undefined ? undefined : await proveSubject(services, entry, session, token, this.ctx);
      const asked = proof === undefined ? body : { ...body, subject: proof.subject };
      const more = await optionsFor(services, entry, asked.subject, session, proof);
      const now = (): number => session.at ?? services.now();
      const telling = new Telling(services, 'rpc');
      if (asked.why !== undefined) await requireExplaining(services, entry, session, body, asked.why);
      const answer = await decide(session, asked, now, more, telling);
      telling.tell({ session, claim: entry.claim, wanted: body, life: this.ctx });
      return { ...answer, ...provenance(session) };
    });
  }

  /**
   * Many questions at one revision; what is wrong with one concerns no other.
   * @param batch as the body of `POST /check/batch`
   */
  checkBatch(batch: unknown, options?: CallOptions): Promise<BatchAnswer | Refusal> {
    return answered(this.#counts, async () => {
      const services = this.#services();
      const { entry, named } = await callerOf(services, this.ctx.props, options, this.ctx, CHECKS);
      const body = readBatch(readValue(batch, LIMITS.batchBodyBytes));
      const { session, text } = await answerBatch(services, entry, body, named, this.ctx, 'rpc');
      // `as`: written by `decideBatch`, the one author of what items are answered
      return { ...(JSON.parse(text) as Pick<BatchAnswer, 'revision' | 'results'>), ...provenance(session) };
    });
  }

  /** Who may do this? @param question as the body of `POST /list/subjects` */
  listSubjects(question: unknown, options?: CallOptions): Promise<ListAnswer | RpcError> {
    return this.#list(subjectsSchema, question, options);
  }

  /** On what may this subject do this? @param question as the body of `POST /list/resources` */
  listResources(question: unknown, options?: CallOptions): Promise<ListAnswer | RpcError> {
    return this.#list(resourcesSchema, question, options);
  }

  /** What may this subject do here? @param question as the body of `POST /list/actions` */
  listActions(question: unknown, options?: CallOptions): Promise<ListAnswer | RpcError> {
    return this.#list(actionsSchema, question, options);
  }

  #list(schema: ListSchema, question: unknown, options: unknown): Promise<ListAnswer | RpcError> {
    return listed(this.#counts, async () => {
      const services = this.#services();
      const { entry, named } = await callerOf(services, this.ctx.props, options, this.ctx, LISTS);
      const value = readValue(question, LIMITS.checkBodyBytes);
      const asked = parseAs(schema, schema === subjectsSchema ? value : withCaller(value, entry), 'list');
      const opened = await openQuestion(services, entry, asked, named, this.ctx);
      return { ...(await membersOf({ services, life: this.ctx }, opened)), ...provenance(opened.opened.session) };
    });
  }
}

async function decide(
  session: Session,
  asked: Question,
  now: () => number,
  options: CheckOptions | undefined,
  telling: Telling,
): Promise<Omit<WhyAnswer, keyof Provenance>> {
  if (asked.why !== undefined) return answerWhy(session, asked, asked.why, now, options, telling);
  const at = now();
  if (isComposite(asked)) return decideComposite(session, asked, at, options, telling);
  const decision = await session.decide(asked, at, options);
  telling.add(asked, at, options, decision);
  return decision;
}

function readCheck(value: unknown, explain: boolean): Question {
  const plain = explain ? undefined : plainCheck(value);
  if (plain !== undefined) return plain;
  const whole = explain && typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value, explain } : value;
  return parseAs(checkSchema, whole, 'check');
}
