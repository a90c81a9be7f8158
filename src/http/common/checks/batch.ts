/** A batch: each item judged and decided by itself, all in one session; what is wrong with one concerns no other. */
import { LIMITS } from '../../../core/terms/limits.ts';
import { BitgateError } from '../../../core/terms/problem.ts';
import { formatRef } from '../../../core/terms/ref.ts';
import type { CheckRequest, Entity } from '../../../core/terms/request.ts';
import type { Session } from '../../../pdp/pdp.ts';
import type { RequestLife } from '../../../pdp/ports.ts';
import { batchCost } from '../limits/questions.ts';
import { parseAs } from '../parse.ts';
import { decisionObject, restsOn } from './answer.ts';
import { type CompositeRequest, compositeText, decideComposite, isComposite } from './composite.ts';
import type { CheckServices, Entry } from './entry.ts';
import { defaultsWithCaller } from './named.ts';
import type { DecidingFace } from './observer.ts';
import { sessionFor } from './opening.ts';
import { type OptionsOf, optionsForAll, proveSubject } from './options.ts';
import { plainBatch, plainCheck } from './plain.ts';
import { Telling } from './telling.ts';
import type { Wanted } from './wants.ts';
import { type Batch, batchSchema, itemSchema, withDefaults } from './wire.ts';

/** of one item */
const LISTED_PROBLEMS = 10;

export type BatchItem = CheckRequest | CompositeRequest | BitgateError;

/** @throws BitgateError `invalid_batch` (400) */
export function readBatch(value: unknown): Batch {
  return plainBatch(value) ?? parseAs(batchSchema, value, 'batch');
}

/** @throws BitgateError `batch_too_large` (413) */
export function readItems(checks: readonly unknown[], defaults: object | undefined): BatchItem[] {
  if (checks.length > LIMITS.batchItems) throw tooLarge();
  const taken = defaults === undefined ? undefined : curtailed(defaults);
  const items: BatchItem[] = [];
  let extra = 0;
  for (const check of checks) {
    const item = readItem(check, taken);
    if ('actions' in item) extra += Math.max(0, item.actions.length - 1);
    if (checks.length + extra > LIMITS.batchItems) throw tooLarge();
    items.push(item);
  }
  return items;
}

/** members of a subject, a resource or an action: all that there are, and more that are unknown than are told */
const MEMBERS = 16;

/**
 * Defaults of megabytes would be looked through by each item. What is too long, or has unknown members, is refused by each just the same when it is a
 * little too long, or has some of them.
 */
function curtailed(defaults: object): object {
  return Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, key === 'context' ? value : shortened(value)]));
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, LIMITS.idUtf8Bytes + 1);
  if (Array.isArray(value)) return value.slice(0, LIMITS.compositeActions + 1).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  if (members.length > MEMBERS) members.sort(([a], [b]) => Number(KNOWN.has(b)) - Number(KNOWN.has(a))).length = MEMBERS;
  return Object.fromEntries(members.map(([key, member]) => [key, typeof member === 'string' ? shortened(member) : member]));
}

const KNOWN: ReadonlySet<string> = new Set(['type', 'id', 'name', 'properties']);

function tooLarge(): BitgateError {
  return new BitgateError(
    'batch_too_large',
    413,
    `a batch must not have more than ${LIMITS.batchItems} checks, each action counting as one`,
    {
      limit: LIMITS.batchItems,
    },
  );
}

function readItem(check: unknown, defaults: object | undefined): BatchItem {
  try {
    const whole =
      defaults === undefined || typeof check !== 'object' || check === null || Array.isArray(check) ? check : withDefaults(defaults, check);
    return plainCheck(whole) ?? parseAs(itemSchema, whole, 'check');
  } catch (error) {
    if (error instanceof BitgateError) return error;
    throw error;
  }
}

/** Not all that is wrong with it: 10,000 items of nothing but unknown keys would fill the isolate. */
function itemError({ code, message, details }: BitgateError): object {
  const { problems, ...rest } = details ?? {};
  return { code, message, details: Array.isArray(problems) ? { ...rest, problems: problems.slice(0, LISTED_PROBLEMS) } : rest };
}

/**
 * A whole batch for a caller that was let in. Without the right to ask about others it may hold items about the caller alone: one about somebody else, or
 * none at all, and the batch is refused.
 * @param named the organization in the address, or null
 * @param face where it was asked
 * @returns the answer's text, and the session that it comes from
 */
export async function answerBatch(
  services: CheckServices,
  entry: Entry,
  body: Batch,
  named: string | null,
  life: RequestLife,
  face: DecidingFace,
): Promise<{ readonly session: Session; readonly text: string }> {
  const { subject_token: token, ...defaults } = body.defaults ?? {};
  if (typeof token === 'string') return answerForToken(services, entry, { ...body, defaults }, token, named, life, face);
  const items = readItems(body.checks, defaultsWithCaller(body.defaults, entry));
  services.rateLimits.charge(entry.claim, batchCost(items), services.now(), life);
  const subjects = subjectsOf(items);
  const session = await sessionFor(services, entry, body, subjects, named, life);
  const optionsOf = await optionsForAll(services, entry, subjects, session);
  return decideTelling(services, entry, { session, items, optionsOf, wanted: body, face, life });
}

/** Whom it is about is known when the token is proved, and a token is proved for whoever may ask about others. */
async function answerForToken(
  services: CheckServices,
  entry: Entry,
  { defaults, checks, ...wanted }: Batch,
  token: string,
  named: string | null,
  life: RequestLife,
  face: DecidingFace,
): ReturnType<typeof answerBatch> {
  const session = await sessionFor(services, entry, wanted, null, named, life);
  const proof = await proveSubject(services, entry, session, token, life);
  const items = readItems(checks, { ...defaults, subject: formatRef(proof.subject.type, proof.subject.id) });
  services.rateLimits.charge(entry.claim, batchCost(items), services.now(), life);
  const optionsOf = await optionsForAll(services, entry, subjectsOf(items), session, proof);
  return decideTelling(services, entry, { session, items, optionsOf, wanted, face, life });
}

interface Deciding {
  readonly session: Session;
  readonly items: readonly BatchItem[];
  readonly optionsOf: OptionsOf;
  readonly wanted: Wanted;
  readonly face: DecidingFace;
  readonly life: RequestLife;
}

async function decideTelling(
  services: CheckServices,
  { claim }: Entry,
  { session, items, optionsOf, wanted, face, life }: Deciding,
): ReturnType<typeof answerBatch> {
  const telling = new Telling(services, face);
  const text = await decideBatch(session, items, session.at ?? services.now(), optionsOf, telling);
  telling.tell({ session, claim, wanted, life });
  return { session, text };
}

function subjectsOf(items: readonly BatchItem[]): Entity[] {
  const subjects: Entity[] = [];
  for (const item of items) if ('subject' in item) subjects.push(item.subject);
  return subjects;
}

/** @returns the answer's text, results in the order of the items */
async function decideBatch(
  session: Session,
  items: readonly BatchItem[],
  now: number,
  optionsOf: OptionsOf,
  telling: Telling,
): Promise<string> {
  const results: string[] = [];
  for (const item of items) {
    if (item instanceof BitgateError) {
      results.push(`{"decision":false,"error":${JSON.stringify(itemError(item))}}`);
      continue;
    }
    const options = optionsOf(item.subject);
    if (isComposite(item)) {
      results.push(`{${compositeText(await decideComposite(session, item, now, options, telling))}}`);
      continue;
    }
    const answered = session.decide(item, now, options);
    // Awaited only where leaves have to be fetched: a promise for each of 10,000 items costs more than the items.
    const decision = answered instanceof Promise ? await answered : answered;
    telling.add(item, now, options, decision);
    results.push(decisionObject(decision));
  }
  // Joined once: a sum would be a tree of parts, walked when it is sent.
  return `{${restsOn(session)},"results":[${results.join(',')}]}`;
}
