/** What the wire forms of questions are made of: references, actions, objects of JSON. */

import * as z from 'zod';
import type { JsonObject } from '../../../core/terms/json.ts';
import { described, lazy } from '../../../core/terms/lazy.ts';
import { LIMITS } from '../../../core/terms/limits.ts';
import { BitgateError } from '../../../core/terms/problem.ts';
import { formatRef, isShort, parseRef } from '../../../core/terms/ref.ts';
import type { Entity } from '../../../core/terms/request.ts';

/** Not copied: parsed JSON is of this request alone. */
export const jsonObject = lazy(() =>
  z
    .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object')
    .meta(described(() => ({ type: 'object' }))),
);

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

export const reference = lazy(() =>
  z.string('expected `type:id` or an object').transform((text, context): Entity => judged(context, () => parseRef(text))),
);

/** `type:id`, as it is sent. */
export const referenceText = lazy(() =>
  z.string().superRefine((text, context) => {
    judged(context, () => parseRef(text));
  }),
);

const entityObject = lazy(() =>
  z.strictObject({ type: z.string(), id: z.string(), properties: jsonObject.optional() }).superRefine(({ type, id }, context) => {
    judged(context, () => formatRef(type, id));
  }),
);

export const entity = lazy(() => z.union([entityObject, reference], 'expected `type:id` or an object'));

export const actionName = lazy(() =>
  z
    .string('expected the name of a privilege or an object')
    .min(1, 'the name of an action must not be empty')
    .refine(isShort, `the name of an action must not be longer than ${LIMITS.idUtf8Bytes} bytes`),
);

export const action = lazy(() =>
  z.union(
    [z.strictObject({ name: actionName, properties: jsonObject.optional() }), actionName.transform((name) => ({ name }))],
    'expected the name of a privilege or an object',
  ),
);

export const wholeNumber = lazy(() =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'expected a whole number')
    .transform(Number),
);
