/** Questions that name nobody: of a caller that is an end user they are about the user. */
import type { JsonObject } from '../../../core/terms/json.ts';
import type { Entry } from './entry.ts';

/**
 * @param value as it arrived, before it is judged
 * @returns the same, unless it says neither `subject` nor `subject_token`
 */
export function withCaller(value: unknown, entry: Entry): unknown {
  return 'jwt' in entry.claim && isObject(value) ? about(value, entry.claim.subject) : value;
}

/** The defaults of a batch likewise. */
export function defaultsWithCaller(defaults: object | undefined, entry: Entry): object | undefined {
  return 'jwt' in entry.claim ? about(defaults ?? {}, entry.claim.subject) : defaults;
}

function about(question: object, { type, id }: { readonly type: string; readonly id: string }): object {
  return 'subject' in question || 'subject_token' in question ? question : { ...question, subject: `${type}:${id}` };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
