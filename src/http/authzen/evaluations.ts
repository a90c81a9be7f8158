/** Access Evaluations (§7): defaults, items judged and decided one by one, and where the answer ends. */

import type { JsonObject } from '../../core/terms/json.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { Entity } from '../../core/terms/request.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { About } from '../common/checks/opening.ts';
import type { OptionsOf } from '../common/checks/options.ts';
import type { Telling } from '../common/checks/telling.ts';
import { decide, evaluationText } from './decide.ts';
import { type Evaluation, type Evaluations, isObject, readEvaluation, type Semantic } from './wire.ts';

/** What an entity of an item may take from the default of the same key; properties never. */
const NAMING = { subject: ['type', 'id'], action: ['name'], resource: ['type', 'id'], context: [] } as const;
const KEYS = ['subject', 'action', 'resource', 'context'] as const;

/** @throws BitgateError `batch_too_large` (413) */
export function refuseTooMany({ length }: readonly unknown[]): void {
  if (length <= LIMITS.batchItems) return;
  throw new BitgateError('batch_too_large', 413, `\`evaluations\` must not have more than ${LIMITS.batchItems} items`, {
    limit: LIMITS.batchItems,
  });
}

type Item = Evaluation | BitgateError;

/** Items with what they take from the defaults, each judged by itself. */
export function readItems({ evaluations, options: _, ...defaults }: Evaluations): readonly Item[] {
  const taken = withoutUnknown(defaults);
  return (evaluations ?? []).map((item) => readItem(item, taken));
}

export function subjectsOf(items: readonly Item[]): readonly Entity[] {
  return items.flatMap((item) => (item === null || item instanceof BitgateError ? [] : [item.subject]));
}

/** Whom they are about; null when it is somebody whom nothing can name. */
export function aboutAll(items: readonly Item[]): About {
  return items.includes(null) ? null : subjectsOf(items);
}

/**
 * @param now ms since 1970
 * @param telling takes what the rule decided
 * @returns the answer's text, in the order of the items, up to the one that ends it
 */
export async function decideAll(
  session: Session,
  items: readonly Item[],
  options: Evaluations['options'],
  now: number,
  optionsOf: OptionsOf,
  telling: Telling,
): Promise<string> {
  const ends = ENDS[options?.evaluations_semantic ?? 'execute_all'];
  const withReason = options?.bitgate_reason === true;
  const answers: string[] = [];
  for (const evaluation of items) {
    if (evaluation instanceof BitgateError) {
      answers.push(errorText(evaluation));
      if (ends === false) break;
      continue;
    }
    const options = evaluation === null ? undefined : optionsOf(evaluation.subject);
    const answered = decide(session, evaluation, now, options);
    // Awaited only where leaves have to be fetched: a promise for each of 10,000 items costs more than the items.
    const decision = answered instanceof Promise ? await answered : answered;
    telling.add(evaluation, now, options, decision);
    answers.push(evaluationText(decision, withReason));
    if (decision.decision === ends) break;
  }
  return `{"evaluations":[${answers.join(',')}]}`;
}

/** The decision after which nothing is answered any more (§7.1.2.1); an item that is refused counts as denied. */
const ENDS: Readonly<Record<Semantic, boolean | null>> = {
  execute_all: null,
  deny_on_first_deny: false,
  permit_on_first_permit: true,
};

type Defaults = Pick<Evaluations, (typeof KEYS)[number]>;

const PROPERTIES = 'properties';

/** What no item reads is left out once, not by each of them: a default may have as many members as a body holds. */
function withoutUnknown(defaults: Defaults): Defaults {
  const known: Record<string, JsonObject> = {};
  for (const key of KEYS) {
    const value = defaults[key];
    if (value) known[key] = key === 'context' ? value : only(value, [...NAMING[key], PROPERTIES]);
  }
  return known;
}

function only(value: JsonObject, members: readonly string[]): JsonObject {
  return Object.fromEntries(members.flatMap((member) => (Object.hasOwn(value, member) ? [[member, value[member]!]] : [])));
}

function readItem(item: unknown, defaults: Defaults): Item {
  try {
    return readEvaluation(isObject(item) ? withDefaults(item, defaults) : item);
  } catch (error) {
    if (error instanceof BitgateError) return error;
    throw error;
  }
}

/** Each key of the item's own replaces the default, whole. */
function withDefaults(item: Readonly<Record<string, unknown>>, defaults: Defaults): object {
  const whole: Record<string, unknown> = {};
  for (const key of KEYS) {
    const value = item[key] ?? undefined;
    const taken = value === undefined ? defaults[key] : named(value, defaults[key], NAMING[key]);
    if (taken !== undefined && taken !== null) whole[key] = taken;
  }
  return whole;
}

/** The one exception: who names only the id means the type of the default. */
function named(value: unknown, base: Defaults['subject'], members: readonly string[]): unknown {
  if (!isObject(value) || !base) return value;
  let whole = value;
  for (const member of members) if (!(member in whole) && member in base) whole = { ...whole, [member]: base[member] };
  return whole;
}

function errorText({ status, message }: BitgateError): string {
  return `{"decision":false,"context":{"error":{"status":${status},"message":${JSON.stringify(message)}}}}`;
}
