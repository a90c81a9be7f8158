/**
 * The wire form of checks → `CheckRequest`. Unknown keys are refused: a `ressource` that nobody reads would be decided as "no resource".
 * Of equal keys in a body the last wins, as `JSON.parse` has it.
 */
import { z } from 'zod';
import type { JsonObject } from '../../core/terms/json.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, parseRef, utf8Length } from '../../core/terms/ref.ts';
import type { CheckRequest, Entity } from '../../core/terms/request.ts';
import type { Want } from '../../pdp/pdp.ts';
import { organizationId } from '../common/organization.ts';

/** Not copied: parsed JSON is of this request alone. */
const jsonObject = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object')
  .meta({ type: 'object' });

/** What a thrower of BitgateErrors says becomes an issue at this place. */
function judged<T>(context: z.RefinementCtx, judge: () => T): T | typeof z.NEVER {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
}

const reference = z.string('expected `type:id` or an object').transform((text, context): Entity => judged(context, () => parseRef(text)));

const entityObject = z
  .strictObject({ type: z.string(), id: z.string(), properties: jsonObject.optional() })
  .superRefine(({ type, id }, context) => {
    judged(context, () => formatRef(type, id));
  });

const entity = z.union([entityObject, reference], 'expected `type:id` or an object');

const actionName = z
  .string('expected the name of a privilege or an object')
  .min(1, 'the name of an action must not be empty')
  .refine((name) => utf8Length(name) <= LIMITS.idUtf8Bytes, `the name of an action must not be longer than ${LIMITS.idUtf8Bytes} bytes`);

const action = z.union(
  [z.strictObject({ name: actionName, properties: jsonObject.optional() }), actionName.transform((name) => ({ name }))],
  'expected the name of a privilege or an object',
);

const wants = {
  org: organizationId.optional().meta({ description: 'for the root token: the organization that is asked' }),
  min_revision: z.int().min(0).optional().meta({ description: 'not answered from an older one' }),
  max_age_ms: z.int().min(0).optional().meta({ description: 'how old the knowledge may be that this is the newest revision' }),
};

const question = { subject: entity, action, resource: entity.optional(), context: jsonObject.optional() };

export const checkSchema = z.strictObject({ ...question, ...wants });

export const itemSchema = z.strictObject(question);

/** Items are judged one by one: here they are anything. */
export const batchSchema = z.strictObject({
  defaults: z.partialRecord(z.enum(['subject', 'action', 'resource', 'context']), z.unknown()).optional(),
  checks: z.array(z.unknown()).meta({ description: 'each with `subject`, `action`, `resource`, `context`' }),
  ...wants,
});

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, 'expected a whole number')
  .transform(Number);

export const querySchema = z.strictObject({
  subject: reference,
  action: actionName.transform((name) => ({ name })),
  resource: reference.optional(),
  org: organizationId.optional(),
  min_revision: wholeNumber.optional(),
  max_age_ms: wholeNumber.optional(),
});

/** The part of a question that says where and how fresh. */
export interface Wanted {
  readonly org?: string | undefined;
  readonly min_revision?: number | undefined;
  readonly max_age_ms?: number | undefined;
}

/** Null when the caller takes what is at hand. */
export function wantOf({ min_revision, max_age_ms }: Wanted): Want | null {
  if (min_revision === undefined && max_age_ms === undefined) return null;
  return {
    ...(min_revision === undefined ? {} : { minRevision: min_revision }),
    ...(max_age_ms === undefined ? {} : { maxAgeMs: max_age_ms }),
  };
}

export type Question = CheckRequest & Wanted;
