/**
 * The wire form of checks → `CheckRequest`. Unknown keys are refused: a `ressource` that nobody reads would be decided as "no resource".
 * Of equal keys in a body the last wins, as `JSON.parse` has it.
 */

import * as z from 'zod';
import type { JsonObject } from '../../../core/terms/json.ts';
import { described, lazy } from '../../../core/terms/lazy.ts';
import { LIMITS } from '../../../core/terms/limits.ts';
import { NOBODY, ORG_SCOPE } from '../../../core/terms/ref.ts';
import type { Action, CheckRequest, Entity } from '../../../core/terms/request.ts';
import type { WantedAssumption } from '../../../pdp/assume.ts';
import { time } from '../time.ts';
import type { CompositeRequest } from './composite.ts';
import { action, actionName, entity, jsonObject, reference, referenceText } from './parts.ts';
import { queryWants, type Wanted, wants } from './wants.ts';

const actions = lazy(() =>
  z.array(action).max(LIMITS.compositeActions, `a list of actions must not be longer than ${LIMITS.compositeActions}`).optional(),
);

/** Which of them a question names, exactly one. */
const ASKS = ['action', 'any_of', 'all_of'] as const;

/** What is expected where a question says whom it is about. */
const SUBJECT = 'expected `type:id` or an object';

const subject = { description: 'of an end user who asks with a JWT it may be left out: then it is the user' };

export const subjectToken = lazy(() =>
  z
    .string('expected a JWT')
    .min(1, 'expected a JWT')
    .optional()
    .meta(
      described(() => ({
        description:
          'in place of `subject`: a JWT of the end user, who is decided about with what its claims give. For callers that may ask about others',
      })),
    ),
);

/** Whom a question is about, in one of two ways. */
export const subjects = lazy(() => ({ subject: entity.optional().meta(subject), subject_token: subjectToken }));

/** Also when something else is wrong: every bad field is told. */
const always = (): boolean => true;

export const exactlyOneSubject = { path: ['subject'], error: `${SUBJECT}, or \`subject_token\` in its place`, when: always };

export function namesOneSubject(value: unknown): boolean {
  return typeof value !== 'object' || value === null || 'subject' in value !== 'subject_token' in value;
}

const question = lazy(() => ({
  action: action.optional(),
  any_of: actions,
  all_of: actions,
  resource: entity.optional(),
  context: jsonObject.optional(),
}));

const exactlyOne = {
  path: ['action'],
  error: 'name exactly one of `action`, `any_of` and `all_of`',
  when: always,
};

function asksOne(value: unknown): boolean {
  return typeof value !== 'object' || value === null || ASKS.filter((key) => key in value).length === 1;
}

interface Parsed {
  readonly subject?: Entity | undefined;
  readonly action?: Action | undefined;
  readonly any_of?: readonly Action[] | undefined;
  readonly all_of?: readonly Action[] | undefined;
  readonly resource?: Entity | undefined;
  readonly context?: JsonObject | undefined;
}

/**
 * What was parsed names exactly one: without `action` and `any_of` it is `all_of`. Until its token is proved, a question that brings one is about
 * nobody.
 */
function asked<T extends Parsed>({ action: one, any_of: any, all_of: all, subject = NOBODY, ...others }: T) {
  const rest = { ...others, subject };
  if (one !== undefined) return { ...rest, action: one };
  const needs: CompositeRequest['needs'] = any === undefined ? 'all_of' : 'any_of';
  return { ...rest, needs, actions: any ?? all ?? [] };
}

/** Assignments that are decided with as if they were there. */
const assumption = lazy(() =>
  z
    .strictObject({
      subject: referenceText.meta(described(() => ({ description: 'a subject, `group:<name>` or a reserved group' }))),
      role: z.string().min(1).optional(),
      policy: z.string().min(1).optional(),
      scope: z.union([z.literal(ORG_SCOPE), referenceText], 'expected `org` or `type:id`'),
      not_before: time.nullish(),
      expires_at: time.nullish(),
    })
    .refine(({ role, policy }) => (role === undefined) !== (policy === undefined), 'name exactly one of `role` and `policy`')
    .transform(
      ({ not_before = null, expires_at = null, ...named }): WantedAssumption => ({
        ...named,
        notBefore: not_before,
        expiresAt: expires_at,
      }),
    ),
);

const EXPLAIN = 'says why, too. Needs `bitgate:explain`; about itself a caller may always ask';

const why = lazy(() => ({
  explain: z
    .boolean()
    .optional()
    .meta(described(() => ({ description: EXPLAIN }))),
  assume: z
    .array(assumption)
    .max(LIMITS.assumed, `no more than ${LIMITS.assumed} assignments can be assumed`)
    .optional()
    .meta(described(() => ({ description: 'assignments that are decided with as if they were there: what if? Needs `bitgate:explain`' }))),
}));

export const checkSchema = lazy(() =>
  z
    .strictObject({ ...subjects, ...question, ...wants, ...why })
    .refine(namesOneSubject, exactlyOneSubject)
    .refine(asksOne, exactlyOne)
    .transform(({ explain, assume, ...parsed }): Question => ({ ...asked(parsed), ...whyOf(explain, assume) })),
);

export const itemSchema = lazy(() =>
  z
    .strictObject({ subject: entity, ...question })
    .refine(asksOne, exactlyOne)
    .transform((parsed): CheckRequest | CompositeRequest => asked(parsed)),
);

/** Defaults with an item over them. What the item asks for stands in the place of what the defaults ask for, in whichever form. */
export function withDefaults(defaults: object, item: object): object {
  const own = ASKS.some((key) => key in item);
  const kept = own ? Object.fromEntries(Object.entries(defaults).filter(([key]) => !ASKS.some((ask) => ask === key))) : defaults;
  return { ...kept, ...item };
}

function namesNoTwoSubjects({ subject, subject_token: token }: { readonly subject?: unknown; readonly subject_token?: unknown }): boolean {
  return token === undefined || (typeof token === 'string' && subject === undefined);
}

/** Items are judged one by one: here they are anything. */
export const batchSchema = lazy(() =>
  z.strictObject({
    defaults: z
      .partialRecord(z.enum(['subject', 'subject_token', ...ASKS, 'resource', 'context']), z.unknown())
      .refine(namesNoTwoSubjects, 'a `subject_token` is a JWT, in place of a `subject`')
      .optional(),
    checks: z
      .array(z.unknown())
      .meta(described(() => ({ description: 'each with `subject`, `action` (or `any_of`, `all_of`), `resource`, `context`' }))),
    ...wants,
  }),
);

export type Batch = z.output<typeof batchSchema>;

export const querySchema = lazy(() =>
  z
    .strictObject({
      subject: reference.optional().meta(subject),
      action: actionName.transform((name) => ({ name })),
      resource: reference.optional(),
      ...queryWants,
      explain: z
        .enum(['true', 'false'])
        .transform((text) => text === 'true')
        .optional()
        .meta(described(() => ({ description: EXPLAIN }))),
    })
    .refine((value) => 'subject' in value, { path: ['subject'], error: SUBJECT, when: always }),
);

/** What a question asks beyond its decision. */
export interface Why {
  readonly explain: boolean;
  readonly assume: readonly WantedAssumption[];
}

/** `why` is there when a question asks for more than the decision of what there is, `subject_token` when it is about that token's subject. */
export type Question = (CheckRequest | CompositeRequest) & Wanted & Tokened & { readonly why?: Why | undefined };

/** With a token the subject is nobody, until the token is proved. */
export interface Tokened {
  readonly subject_token?: string | undefined;
}

function whyOf(explain = false, assume: readonly WantedAssumption[] = []): { readonly why?: Why } {
  return explain || assume.length > 0 ? { why: { explain, assume } } : {};
}
