/**
 * Recognizes the ordinary check without zod, which costs more than the decision. Invariant: what is recognized here, the schemas of `wire.ts` accept
 * with an equal result; whatever is not is for them to judge, so that each refusal has one author.
 */
import type { JsonObject } from '../../../core/terms/json.ts';
import { LIMITS } from '../../../core/terms/limits.ts';
import type { Action, CheckRequest, Entity } from '../../../core/terms/request.ts';

/** so many UTF-16 units never make more bytes of UTF-8 than an id may have */
const SURELY_SHORT = Math.floor(LIMITS.idUtf8Bytes / 3) - 1;

/**
 * @param value parsed from a text in which no surrogate stands alone
 * @returns undefined for everything out of the ordinary, right or wrong: long ids, freshness, organizations, unknown keys
 */
export function plainCheck(value: unknown): CheckRequest | undefined {
  if (!isObject(value)) return undefined;
  let subject: Entity | undefined;
  let action: Action | undefined;
  let resource: Entity | undefined;
  let context: JsonObject | undefined;
  for (const key in value) {
    const member = value[key];
    if (key === 'subject') subject = plainEntity(member);
    else if (key === 'action') action = plainAction(member);
    else if (key === 'resource') {
      resource = plainEntity(member);
      if (resource === undefined) return undefined;
    } else if (key === 'context' && isObject(member)) context = member;
    else return undefined;
  }
  return subject === undefined || action === undefined ? undefined : { subject, action, resource, context };
}

/** A batch that says nothing but its checks, in the same way: they are judged one by one, elsewhere. */
export function plainBatch(value: unknown): { checks: unknown[] } | undefined {
  if (!isObject(value) || !Array.isArray(value.checks)) return undefined;
  for (const key in value) if (key !== 'checks') return undefined;
  return { checks: value.checks };
}

function plainEntity(value: unknown): Entity | undefined {
  if (typeof value === 'string') {
    const colon = value.indexOf(':');
    if (colon <= 0 || colon === value.length - 1 || value.length > SURELY_SHORT) return undefined;
    return { type: value.slice(0, colon), id: value.slice(colon + 1) };
  }
  if (!isObject(value)) return undefined;
  const { type, id, properties } = value;
  if (typeof type !== 'string' || typeof id !== 'string' || type === '' || id === '') return undefined;
  if (type.length + id.length > SURELY_SHORT || type.includes(':')) return undefined;
  if (properties !== undefined && !isObject(properties)) return undefined;
  for (const key in value) if (key !== 'type' && key !== 'id' && key !== 'properties') return undefined;
  return { type, id, properties };
}

function plainAction(value: unknown): Action | undefined {
  if (typeof value === 'string') return isName(value) ? { name: value } : undefined;
  if (!isObject(value)) return undefined;
  const { name, properties } = value;
  if (typeof name !== 'string' || !isName(name) || (properties !== undefined && !isObject(properties))) return undefined;
  for (const key in value) if (key !== 'name' && key !== 'properties') return undefined;
  return { name, properties };
}

function isName(text: string): boolean {
  return text !== '' && text.length <= SURELY_SHORT;
}

/** Parsed JSON holds no objects of other kinds. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
