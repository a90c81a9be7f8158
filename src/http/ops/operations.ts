/** The operator's face as the description of the API tells it. */

import * as z from 'zod';
import { described, lazy } from '../../core/terms/lazy.ts';
import type { Operation } from '../common/operation.ts';

const behind = lazy(() =>
  z.strictObject({
    org: z.string(),
    revision: z.int().min(0),
    published: z.int().min(0),
    since: z.string().meta(described(() => ({ format: 'date-time' }))),
    why: z.enum(['unpublished', 'unreadable_rows', 'publisher_unreachable']).meta(
      described(() => ({
        description: '`unreadable_rows`: rows that may carry a deny can not be read, and stop the publish until they are mended',
      })),
    ),
  }),
);

const state = lazy(() => z.enum(['ok', 'unreachable']));

const shared = { method: 'GET', tag: 'readiness', open: true } as const;

export const OPS_OPERATIONS: readonly Operation[] = [
  {
    ...shared,
    path: '/healthz',
    id: 'health',
    summary: 'Does the Worker run?',
    answer: z.strictObject({ status: z.literal('ok') }),
    answerExample: { status: 'ok' },
  },
  {
    ...shared,
    path: '/readyz',
    id: 'ready',
    summary: 'Do the bindings answer, and how many organizations are behind?',
    description: 'With the root token or the one for metrics, also which and why. The answer may be a second old.',
    alsoStatus: [503],
    answer: z.strictObject({
      status: z.enum(['ready', 'not_ready']),
      bindings: z.strictObject({ DB: state, KV: state, PUBLISHER: state }),
      organizations_behind: z
        .int()
        .min(0)
        .nullable()
        .meta({ description: 'with changes that are not published; null: `DB` can not be asked' }),
      behind: z.array(behind).optional(),
    }),
    answerExample: { status: 'ready', bindings: { DB: 'ok', KV: 'ok', PUBLISHER: 'ok' }, organizations_behind: 0 },
  },
  {
    ...shared,
    path: '/orgs/:org/readyz',
    id: 'organizationReady',
    summary: 'Has the organization a snapshot that may answer?',
    description: '503 when it has none within its bound of staleness; the error says why.',
    answer: z.strictObject({
      status: z.literal('ready'),
      revision: z.int().min(0),
      age_ms: z.int().min(0).meta({ description: 'since it was known to be the newest' }),
      behind: behind
        .nullable()
        .optional()
        .meta({ description: 'absent: `DB` can not be asked, or neither the root token nor the one for metrics was sent' }),
    }),
    answerExample: { status: 'ready', revision: 42, age_ms: 120, behind: null },
  },
  {
    method: 'GET',
    path: '/metrics',
    id: 'metrics',
    tag: 'readiness',
    summary: 'What the isolate that answers has counted, for Prometheus',
    description:
      'Text exposition format 0.0.4. Needs the root token or the one for metrics. Each isolate counts for itself, and labels what it says with its name.',
    refuses: [401],
    answer: z.string(),
    answerExample: '# HELP bitgate_isolate_info …',
    answerTypes: ['text/plain'],
  },
];
