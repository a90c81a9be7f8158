/** The decision face as the description of the API tells it. */

import * as z from 'zod';
import { REASONS } from '../../core/terms/decision.ts';
import { described, lazy } from '../../core/terms/lazy.ts';
import { batchSchema, checkSchema, querySchema } from '../common/checks/wire.ts';
import type { Operation } from '../common/operation.ts';
import { explanationAnswer, explanationExample } from './explanation-wire.ts';

const reason = lazy(() => z.enum(REASONS));
const revision = lazy(() =>
  z
    .int()
    .min(0)
    .meta(described(() => ({ description: 'that the answer comes from' }))),
);

const ofAction = lazy(() => z.strictObject({ action: z.string(), decision: z.boolean(), reason }));

/** Of `any_of` and `all_of` alone. */
const actions = lazy(() =>
  z
    .array(ofAction)
    .optional()
    .meta(described(() => ({ description: 'of `any_of` and `all_of`: what each action by itself is answered' }))),
);

const explanation = lazy(() =>
  explanationAnswer.optional().meta(described(() => ({ description: 'of `explain`; of several actions each has its own' }))),
);

const at = lazy(() =>
  z
    .string()
    .optional()
    .meta(described(() => ({ format: 'date-time', description: 'of `at_time`: as of when' }))),
);

const checkAnswer = lazy(() =>
  z.strictObject({
    decision: z.boolean(),
    reason,
    actions: z
      .array(ofAction.extend({ explanation }))
      .optional()
      .meta(described(() => ({ description: 'of `any_of` and `all_of`: what each action by itself is answered' }))),
    assumed: z
      .literal(true)
      .optional()
      .meta(described(() => ({ description: 'of `assume`: decided as if that were there' }))),
    explanation,
    revision,
    at_time: at,
  }),
);

const ANSWER_TYPES = ['application/json', 'text/plain'];
const OWN = 'About itself a caller may always ask, about others it needs `bitgate:check`.';
const WHY = 'With `explain` the answer says why, too; as a text for people with `accept: text/plain`.';

const batchAnswer = lazy(() =>
  z.strictObject({
    revision,
    at_time: at,
    results: z.array(
      z.union([
        z.strictObject({ decision: z.boolean(), reason, actions }),
        z.strictObject({
          decision: z.literal(false),
          error: z.strictObject({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()) }),
        }),
      ]),
    ),
  }),
);

const granted = { decision: true, reason: 'granted', revision: 42 };
const example = { subject: 'user:alice', action: 'EDIT_ENTITY_TAGS', resource: 'dataset:orders' };

const one = {
  method: 'POST',
  tag: 'checks',
  description:
    'In place of `action`: `any_of` or `all_of`, a list of actions. Allowed iff any one of them is, or every one; the reason is that of the first ' +
    `action that decides. An empty list is denied. ${OWN} ${WHY} With \`assume\` it decides as if some assignments were there.`,
  body: checkSchema,
  bodyExample: { ...example, context: { ip: '10.0.0.1' }, min_revision: 42 },
  alsoRefuses: [410, 422],
  answer: checkAnswer,
  answerExample: { decision: false, reason: 'no_grant', explanation: explanationExample, revision: 42 },
  answerTypes: ANSWER_TYPES,
} as const;

const byQuery = {
  method: 'GET',
  tag: 'checks',
  description: `${OWN} ${WHY}`,
  answerTypes: ANSWER_TYPES,
  query: querySchema,
  queryExample: example,
  alsoRefuses: [410, 413],
  answer: checkAnswer,
  answerExample: granted,
} as const;

const batch = {
  method: 'POST',
  tag: 'checks',
  description:
    'Up to 10,000, all at one revision, in the order they were asked. What is wrong with one concerns no other; but without `bitgate:check` all of them must be about the caller itself.',
  body: batchSchema,
  bodyExample: {
    defaults: { subject: 'user:alice' },
    checks: [
      { action: 'EDIT_ENTITY_TAGS', resource: 'dataset:orders' },
      { action: 'EDIT_ENTITY_TAGS', resource: 'dataset:salaries' },
    ],
  },
  alsoRefuses: [410],
  answer: batchAnswer,
  answerExample: {
    revision: 42,
    results: [
      { decision: true, reason: 'granted' },
      { decision: false, reason: 'no_grant' },
    ],
  },
} as const;

/** Root names the organization in the address or as `org`; a key is of one already. */
const NAMED = '/orgs/:org';

export const CHECK_OPERATIONS: readonly Operation[] = [
  { ...one, path: '/check', id: 'check', summary: 'May this subject do this action on this resource?' },
  { ...byQuery, path: '/check', id: 'checkByQuery', summary: 'The same question in the address, for shells and probes' },
  { ...batch, path: '/check/batch', id: 'checkBatch', summary: 'Many questions at once' },
  { ...one, path: `${NAMED}/check`, id: 'checkInOrganization', summary: 'A question to the organization that is named' },
  {
    ...byQuery,
    path: `${NAMED}/check`,
    id: 'checkByQueryInOrganization',
    summary: 'A question in the address, to the organization that is named',
  },
  { ...batch, path: `${NAMED}/check/batch`, id: 'checkBatchInOrganization', summary: 'Many questions to the organization that is named' },
];
