/**
 * The wire form of AuthZEN's questions (Authorization API 1.0, §5 to §7). Unknown members are ignored and an optional `null` counts as absent (§10.1.1),
 * unlike everywhere else in bitgate. Any text is a valid type, id or name: what can't be one of ours is denied, not refused.
 */

import * as z from 'zod';
import type { JsonObject } from '../../core/terms/json.ts';
import { described, lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { isShort } from '../../core/terms/ref.ts';
import type { Action, CheckRequest, Entity } from '../../core/terms/request.ts';
import { jsonObject } from '../common/checks/parts.ts';
import { plainCheck } from '../common/checks/plain.ts';
import { parseAs } from '../common/parse.ts';

/** Null: names something that nothing in an organization can be named, so that it is denied before it is evaluated. */
export type Evaluation = CheckRequest | null;

const properties = lazy(() => jsonObject.nullish());

const TOO_LONG = `type and id together must not be longer than ${LIMITS.idUtf8Bytes} bytes`;

export const entitySchema = lazy(() =>
  z
    .object({ type: z.string(), id: z.string(), properties })
    .refine(({ type, id }) => isShort(`${type}:${id}`), TOO_LONG)
    .transform(({ type, id, properties: own }): Entity => ({ type, id, properties: own ?? undefined })),
);

/** What a search is for: of its id nothing is read. */
export const kindSchema = lazy(() =>
  z
    .object({ type: z.string().refine(isShort, TOO_LONG) })
    .transform(({ type }) => type)
    .meta(described(() => ({ description: 'the type that is searched; `id` is ignored' }))),
);

export const actionSchema = lazy(() =>
  z
    .object({ name: z.string().refine(isShort, `the name of an action must not be longer than ${LIMITS.idUtf8Bytes} bytes`), properties })
    .transform(({ name, properties: own }): Action => ({ name, properties: own ?? undefined })),
);

export const contextSchema = lazy(() =>
  jsonObject
    .nullish()
    .transform((context): JsonObject | undefined => context ?? undefined)
    .meta(described(() => ({ description: 'free; conditions read it' }))),
);

/** Ours, beside those of the text. Whatever is not `true` asks for nothing. */
const REASON = { description: '`true`: each answer says its reason, as `context.reason`' };

export const evaluationSchema = lazy(() =>
  z
    .object({
      subject: entitySchema,
      action: actionSchema,
      resource: entitySchema,
      context: contextSchema,
      options: z
        .unknown()
        .optional()
        .meta(described(() => ({ type: 'object', properties: { bitgate_reason: { type: 'boolean', ...REASON } } }))),
    })
    .transform(({ subject, action, resource, context }): Evaluation => {
      return isPossible(subject) && isPossible(resource) && action.name !== '' ? { subject, action, resource, context } : null;
    }),
);

/** False for what no reference can be made of. */
export function isPossible({ type, id }: { readonly type: string; readonly id: string }): boolean {
  return type !== '' && id !== '' && !type.includes(':');
}

/** @throws BitgateError `invalid_evaluation` (400) */
export function readEvaluation(value: unknown): Evaluation {
  return plainEvaluation(value) ?? parseAs(evaluationSchema, value, 'evaluation');
}

/** The ordinary evaluation without zod, as `plainCheck`; here subject, action and resource are objects, and none may be missing. */
export function plainEvaluation(value: unknown): CheckRequest | undefined {
  if (!isObject(value)) return undefined;
  return isObject(value.subject) && isObject(value.action) && isObject(value.resource) ? plainCheck(value) : undefined;
}

export const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
export type Semantic = (typeof SEMANTICS)[number];

/** Items are judged one by one, and so is a default, by the items that take it. */
export const evaluationsSchema = lazy(() =>
  z.object({
    subject: jsonObject.nullish(),
    action: jsonObject.nullish(),
    resource: jsonObject.nullish(),
    context: jsonObject.nullish(),
    evaluations: z
      .array(z.unknown())
      .nullish()
      .meta(
        described(() => ({
          description: 'each with `subject`, `action`, `resource`, `context`; what it leaves out is taken from above, whole',
        })),
      ),
    options: z
      .object({
        evaluations_semantic: z
          .enum(SEMANTICS)
          .nullish()
          .meta(described(() => ({ description: 'default: `execute_all`' }))),
        bitgate_reason: z
          .unknown()
          .optional()
          .meta(described(() => ({ type: 'boolean', ...REASON }))),
      })
      .nullish(),
  }),
);

export type Evaluations = z.output<typeof evaluationsSchema>;

/** Whether `options.bitgate_reason` is `true`. */
export function wantsReason(body: unknown): boolean {
  return isObject(body) && isObject(body.options) && body.options.bitgate_reason === true;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
